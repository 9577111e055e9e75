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
# Folders whose texts users see.
SOURCES = ("accounts", "audit", "collection", "config", "consent", "crypto", "exports", "templates")


def extract(folder: Path) -> None:
    """Runs makemessages on what lies in `folder`, into its catalogue."""
    subprocess.run(
        [sys.executable, "-m", "django", "makemessages", "--locale=en", "--add-location=file", "--no-obsolete"],
        cwd=folder, check=True, capture_output=True, env={**os.environ, "DJANGO_SETTINGS_MODULE": ""},
    )  # fmt: skip


def compile_to(target: Path, catalogue: Path) -> None:
    subprocess.run(["msgfmt", "--check-format", "-o", target, catalogue], check=True)


def texts(compiled: Path) -> dict:
    with compiled.open("rb") as file:
        return dict(gettext.GNUTranslations(file)._catalog)


def problems() -> list[str]:
    if not (ROOT / CATALOGUE).exists():
        return [f"{CATALOGUE} is missing."]
    with tempfile.TemporaryDirectory() as name:
        copy = Path(name)
        for source in SOURCES:
            shutil.copytree(ROOT / source, copy / source, ignore=shutil.ignore_patterns("__pycache__"))
        (copy / CATALOGUE).parent.mkdir(parents=True)
        extract(copy)
        compared = subprocess.run(
            ["msgcmp", ROOT / CATALOGUE, copy / CATALOGUE],
            capture_output=True, text=True, env={**os.environ, "LC_ALL": "C.UTF-8", "LANGUAGE": "C"},
        )  # fmt: skip
        found = [line.replace(f"{copy}/", "") for line in compared.stderr.splitlines() if ": " in line]
        compiled = (ROOT / CATALOGUE).with_suffix(".mo")
        compile_to(copy / "fresh.mo", ROOT / CATALOGUE)
        if not compiled.exists() or texts(compiled) != texts(copy / "fresh.mo"):
            found.append(f"{compiled.relative_to(ROOT)} is not compiled from its source.")
    return found


def main() -> int:
    if "--update" in sys.argv:
        (ROOT / CATALOGUE).parent.mkdir(parents=True, exist_ok=True)
        extract(ROOT)
        compile_to((ROOT / CATALOGUE).with_suffix(".mo"), ROOT / CATALOGUE)
    found = problems()
    print(
        "\n".join([*found, "Run make messages, then translate what is empty."]) if found else "Translations: complete"
    )
    return bool(found)


if __name__ == "__main__":
    sys.exit(main())
