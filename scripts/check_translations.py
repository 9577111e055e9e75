"""Every text of the interface has an English translation, and the compiled catalogues are those of their sources.

The texts themselves are Danish, so the Danish catalogue only holds sentences of Django's own, worded anew.
`--update` takes new texts from the sources into the English catalogue and compiles both, which is how one adds a
translation.
"""

import gettext
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import django

ROOT = Path(__file__).resolve().parents[1]
CATALOGUE = Path("locale/en/LC_MESSAGES/django.po")
OVERRIDES = Path("locale/da/LC_MESSAGES/django.po")
# Where Django keeps the sentences that OVERRIDES may reword.
OVERRIDDEN = ("conf/locale/da/LC_MESSAGES/django.mo", "contrib/auth/locale/da/LC_MESSAGES/django.mo")
SHOWN = 20
# Folders whose texts users see.
SOURCES = (
    *("accounts", "audit", "collection", "config", "consent", "crypto", "exports", "spreadsheets", "rights"),
    *("operations", "templates"),
)


def extract(folder: Path) -> None:
    """Runs makemessages on what lies in `folder`, into its catalogue."""
    subprocess.run(
        [
            *(sys.executable, "-m", "django", "makemessages", "--locale=en", "--add-location=file", "--no-obsolete"),
            "--ignore=build/*",  # other packages' environments lie there
        ],
        cwd=folder, check=True, capture_output=True, env={**os.environ, "DJANGO_SETTINGS_MODULE": ""},
    )  # fmt: skip


def compile_to(target: Path, catalogue: Path) -> None:
    """Raises SystemExit when a translation lacks a placeholder of its text; msgfmt has said which."""
    if subprocess.run(["msgfmt", "--check-format", "-o", target, catalogue]).returncode:
        sys.exit(1)


def read(compiled: Path) -> dict:
    """A compiled catalogue: texts to translations (plural forms under keys of their own)."""
    with compiled.open("rb") as file:
        found = dict(gettext.GNUTranslations(file)._catalog)
    found.pop("", None)
    return found


def texts(catalogue: Path, folder: Path) -> dict:
    """All texts of a catalogue, translated or not. (msgen fills each in with itself, so that msgfmt keeps it.)"""
    subprocess.run(["msgen", "-o", folder / "all.po", catalogue], check=True)
    subprocess.run(["msgfmt", "-o", folder / "all.mo", folder / "all.po"], check=True)
    return read(folder / "all.mo")


def problems() -> list[str]:
    with tempfile.TemporaryDirectory() as name:
        return [*translation_problems(Path(name)), *override_problems(Path(name))]


def translation_problems(folder: Path) -> list[str]:
    if not (ROOT / CATALOGUE).exists():
        return [f"{CATALOGUE} is missing."]
    for source in SOURCES:
        shutil.copytree(ROOT / source, folder / source, ignore=shutil.ignore_patterns("__pycache__"))
    (folder / CATALOGUE).parent.mkdir(parents=True)
    extract(folder)
    wanted, known = texts(folder / CATALOGUE, folder), texts(ROOT / CATALOGUE, folder)
    translated, stale = compiled(CATALOGUE, folder)
    found = [f"not translated: {text!r}" for text in wanted if text not in translated]
    found += [f"no longer used: {text!r}" for text in known if text not in wanted]
    return found + stale


def override_problems(folder: Path) -> list[str]:
    known = {text for source in OVERRIDDEN for text in read(Path(django.__file__).parent / source)}
    overridden, stale = compiled(OVERRIDES, folder)
    empty = texts(ROOT / OVERRIDES, folder).keys() - overridden.keys()
    return [
        *(f"not translated: {text!r}" for text in sorted(empty, key=str)),
        *(f"not a sentence of Django: {text!r}" for text in overridden if text not in known),
        *stale,
    ]


def compiled(catalogue: Path, folder: Path) -> tuple[dict, list[str]]:
    """What the catalogue translates, without what is empty or fuzzy; and whether its compiled file is another."""
    compile_to(folder / "fresh.mo", ROOT / catalogue)
    translated, committed = read(folder / "fresh.mo"), (ROOT / catalogue).with_suffix(".mo")
    if committed.exists() and read(committed) == translated:
        return translated, []
    return translated, [f"{catalogue.with_suffix('.mo')} is not compiled from its source."]


def main() -> int:
    if "--update" in sys.argv:
        (ROOT / CATALOGUE).parent.mkdir(parents=True, exist_ok=True)
        extract(ROOT)
        for catalogue in (CATALOGUE, OVERRIDES):
            compile_to((ROOT / catalogue).with_suffix(".mo"), ROOT / catalogue)
    found = problems()
    if found:
        print(*found[:SHOWN], f"{len(found)} problems. Run make messages, then translate what is empty.", sep="\n")
    else:
        print("Translations: complete")
    return bool(found)


if __name__ == "__main__":
    sys.exit(main())
