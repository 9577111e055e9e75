"""Consent texts in a folder: `texts.json`, a list of {purpose, audience, version, language, title, file}, and the
Markdown files that it names. The project's own folder of examples is one."""

import json
import re
from pathlib import Path
from typing import NamedTuple

from consent.models import Audience
from consent.models.texts import LANGUAGES, PURPOSES

EXAMPLES = Path(__file__).resolve().parent / "reference"
_NOTICE = re.compile(r"\A(?:>.*\n)+\n*")


class TextsRefused(Exception):
    """A folder of texts that can't be published; the message says which text and why."""


class FolderText(NamedTuple):
    purpose: str
    audience: str
    number: int
    language: str
    title: str
    body: str

    def __str__(self) -> str:
        return f"{self.purpose}, {self.audience}, {self.language}, version {self.number}"


def read_folder(folder: Path) -> list[FolderText]:
    try:
        entries = json.loads((folder / "texts.json").read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise TextsRefused(f"texts.json: {error}") from None
    return [_read(entry, folder) for entry in entries]


def _read(entry: dict, folder: Path) -> FolderText:
    try:
        body = (folder / entry["file"]).read_text(encoding="utf-8")
        text = FolderText(
            entry["purpose"], entry["audience"], int(entry["version"]), entry["language"], entry["title"], body
        )
    except (OSError, KeyError, TypeError, ValueError) as error:
        raise TextsRefused(f"{entry}: {type(error).__name__} {error}") from None
    if text.purpose not in PURPOSES or text.audience not in Audience.values or text.language not in LANGUAGES:
        raise TextsRefused(f"{text}: unknown purpose, audience or language.")
    return text


def without_notice(body: str) -> str:
    """An example's body without the quoted notice on top that it is one."""
    return _NOTICE.sub("", body, count=1)
