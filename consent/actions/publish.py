"""Publishing consent texts from a folder: `texts.json` and the Markdown files that it names.

A published text never changes. Publishing the same folder again does nothing; other words under a number that is
published already are refused.
"""

import json
from datetime import UTC, datetime
from pathlib import Path

from accounts.models import User
from audit.recording import audited
from consent.models import Audience, Document, Purpose, Text, Version
from consent.models.texts import LANGUAGES

EXAMPLES = Path(__file__).resolve().parents[1] / "reference"
PURPOSES = {"evaluation": ("Statistik og evaluering", "Statistics and evaluation")}


class TextsRefused(Exception):
    """A folder of texts that can't be published; the message says which text and why."""


def publish_examples(by: User | None) -> int:
    """Publishes the example texts of the project, which the data controller is to replace."""
    return publish_folder(by=by, folder=EXAMPLES, is_example=True)


def publish_folder(*, by: User | None, folder: Path, is_example: bool = False, end_earlier: bool = False) -> int:
    """Publishes every text of a folder that isn't published yet; returns how many there were.

    `texts.json`: a list of {purpose, audience, version, language, title, file}. The first text of the
    controller's own ends the examples for the same audience; earlier versions of their own are still offered unless
    `end_earlier`. What an ended text has consented to stays valid. Raises TextsRefused, and writes nothing then.
    """
    with audited(by=by) as log:
        return sum(_publish(entry, folder, is_example, end_earlier, log) for entry in _entries(folder))


def _entries(folder: Path) -> list[dict]:
    try:
        return json.loads((folder / "texts.json").read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise TextsRefused(f"texts.json: {error}") from None


def _publish(entry: dict, folder: Path, is_example: bool, end_earlier: bool, log) -> bool:
    try:
        purpose, audience, language = entry["purpose"], entry["audience"], entry["language"]
        number, title = int(entry["version"]), entry["title"]
        body = (folder / entry["file"]).read_text(encoding="utf-8")
    except (OSError, KeyError, ValueError) as error:
        raise TextsRefused(f"{entry}: {type(error).__name__} {error}") from None
    name = f"{purpose}, {audience}, {language}, version {number}"
    if purpose not in PURPOSES or audience not in Audience.values or language not in LANGUAGES:
        raise TextsRefused(f"{name}: unknown purpose, audience or language.")
    name_da, name_en = PURPOSES[purpose]
    Purpose.objects.get_or_create(code=purpose, defaults={"name_da": name_da, "name_en": name_en})
    document, _ = Document.objects.get_or_create(purpose_id=purpose, audience=audience)
    now = datetime.now(UTC)
    version, new = Version.objects.get_or_create(
        document=document, number=number, defaults={"is_example": is_example, "published_at": now}
    )
    digest = Text.hash_of(title, body)
    known = Text.objects.filter(version=version, language=language).first()
    if known is not None and known.sha256 == digest:
        return False
    if known is not None or version.is_example != is_example:
        raise TextsRefused(f"{name}: published with other words. Give the new words a higher version number.")
    text = Text.objects.create(version=version, language=language, title=title, body=body, sha256=digest)
    log("text.published", text, purpose=purpose, audience=audience, language=language, version=number)
    if new and not is_example:
        earlier = Version.objects.filter(document=document, number__lt=number, ended_at__isnull=True)
        for old in earlier if end_earlier else earlier.filter(is_example=True):
            Version.objects.filter(pk=old.pk).update(ended_at=now)
            log("text.ended", old, purpose=purpose, audience=audience, version=old.number)
    return True
