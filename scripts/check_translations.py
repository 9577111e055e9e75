"""Every text of the interface has an English translation, and the compiled catalogue is that of its source.

`--update` takes new texts from the sources into the catalogue and compiles it, which is how one adds a translation.
"""

import gettext
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
CATALOGUE = Path("locale/en/LC_MESSAGES/django.po")
SHOWN = 20
# Folders whose texts users see.
SOURCES = ("accounts", "audit", "collection", "config", "consent", "crypto", "exports", "templates")


def extract(folder: Path) -> None:
    """Runs makemessages on what lies in `folder`, into its catalogue."""
    subprocess.run(
        [sys.executable, "-m", "django", "makemessages", "--locale=en", "--add-location=file", "--no-obsolete"],
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
    catalogue, compiled = ROOT / CATALOGUE, (ROOT / CATALOGUE).with_suffix(".mo")
    if not catalogue.exists():
        return [f"{CATALOGUE} is missing."]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for source in SOURCES:
            shutil.copytree(ROOT / source, folder / source, ignore=shutil.ignore_patterns("__pycache__"))
        (folder / CATALOGUE).parent.mkdir(parents=True)
        extract(folder)
        wanted, known = texts(folder / CATALOGUE, folder), texts(catalogue, folder)
        compile_to(folder / "fresh.mo", catalogue)
        translated = read(folder / "fresh.mo")  # without what is empty or fuzzy
    found = [f"not translated: {text!r}" for text in wanted if text not in translated]
    found += [f"no longer used: {text!r}" for text in known if text not in wanted]
    if not compiled.exists() or read(compiled) != translated:
        found.append(f"{compiled.relative_to(ROOT)} is not compiled from its source.")
    return found


def main() -> int:
    if "--update" in sys.argv:
        (ROOT / CATALOGUE).parent.mkdir(parents=True, exist_ok=True)
        extract(ROOT)
        compile_to((ROOT / CATALOGUE).with_suffix(".mo"), ROOT / CATALOGUE)
    found = problems()
    if found:
        print(*found[:SHOWN], f"{len(found)} problems. Run make messages, then translate what is empty.", sep="\n")
    else:
        print("Translations: complete")
    return bool(found)


if __name__ == "__main__":
    sys.exit(main())
