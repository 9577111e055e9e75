"""Makes the pictures of the guides anew, from the pages as they are now.

    .venv/bin/python scripts/guide_pictures.py        # docs/guides/pictures/NAME.png, some three minutes

It runs the walks of tests/browser/test_guides*.py on a site of their own, with invented people on an invented day, so
the pictures change only when the pages do: look at those that did. Debian's chromium-l10n must be installed, or the
browser's own buttons are in English.
"""

import shutil
import subprocess
import sys
from pathlib import Path

from PIL import Image

ROOT = Path(__file__).resolve().parents[1]
TAKEN, KEPT = ROOT / "build" / "guide-pictures", ROOT / "docs" / "guides" / "pictures"
COLOURS = 64
DANISH_BROWSER = ("lib/chromium/locales/da.pak", "lib/chromium-browser/locales/da.pak")


def main() -> None:
    if not any((Path("/usr") / pack).exists() for pack in DANISH_BROWSER):
        sys.exit("Install Debian's chromium-l10n first: sudo apt-get install --no-install-recommends chromium-l10n")
    shutil.rmtree(TAKEN, ignore_errors=True)
    walks = [
        sys.executable,
        "-m",
        "pytest",
        "-q",
        "-n",
        "0",
        "-m",
        "slow",
        *map(str, sorted(ROOT.glob("tests/browser/test_guides*.py"))),
        "--tb=short",
        "--show-capture=no",
    ]
    if subprocess.run(walks, cwd=ROOT).returncode:
        sys.exit("A walk failed, so the pictures are as they were. The guide may no longer be true.")
    KEPT.mkdir(exist_ok=True)
    for old in KEPT.glob("*.png"):
        old.unlink()
    for taken in sorted(TAKEN.glob("*.png")):
        with Image.open(taken) as picture:
            small = picture.convert("RGB").quantize(COLOURS, dither=Image.Dither.NONE)
        small.save(KEPT / taken.name, optimize=True)
        print(f"{(KEPT / taken.name).stat().st_size / 1000:5.0f} kB  {taken.name}")


if __name__ == "__main__":
    main()
