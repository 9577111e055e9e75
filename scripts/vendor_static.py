#!/usr/bin/env python3
"""Fetches the style sheets and scripts of others that the pages use, and checks those that lie here.

    python3 scripts/vendor_static.py            fetch again with the `npm pack` client (network)
    python3 scripts/vendor_static.py --check    compare static/vendor with VENDORED.json (no network)

The tree is kept small: of the design system's font only four faces in WOFF2, of the fonts of other scripts two each, of
the images only those that the trimmed style sheet names, and no source maps (the manifest storage refuses references
to files that aren't there, so the references go too). Everything else is byte for byte what the package holds. To take
a newer version, change PACKAGES, delete the package's entry in VENDORED.json, run, look at the pages, commit.
"""

import argparse
import base64
import hashlib
import json
import re
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Callable
from pathlib import Path

VENDOR = Path(__file__).resolve().parent.parent / "static" / "vendor"
RECORD = VENDOR / "VENDORED.json"
PACKAGES = {
    "dkfds": "11.2.0",
    "htmx.org": "2.0.11",
    # scripts that the design system's font does not have (static/css/fonts.css and paper.css use them)
    "@fontsource/ibm-plex-sans-arabic": "5.3.0",
    "@fontsource/noto-nastaliq-urdu": "5.3.0",
    "@fontsource/noto-sans-ethiopic": "5.3.0",
}
FACES = ("Regular", "Italic", "SemiBold", "Bold")  # the weights 400, 400 italic, 600 and 700
FONT_FOLDER = "fonts/IBMPlexSans/complete/woff2"


def packed(name: str, version: str) -> tuple[dict[str, bytes], str]:
    """The files of a package (path inside it -> content) and the tarball's sha512 as npm writes it."""
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run(["npm", "pack", f"{name}@{version}", "--silent", "--pack-destination", folder], check=True)
        (tarball,) = Path(folder).glob("*.tgz")
        digest = "sha512-" + base64.b64encode(hashlib.sha512(tarball.read_bytes()).digest()).decode()
        files = {}
        with tarfile.open(tarball) as archive:
            for member in archive.getmembers():
                content = archive.extractfile(member)
                if content is not None:
                    files[member.name.removeprefix("package/")] = content.read()
    return files, digest


def trimmed(css: str) -> str:
    """The style sheet without fonts, logos and icon classes that we don't carry (icons come from the sprite)."""

    def face(rule: re.Match[str]) -> str:
        for name in FACES:
            file = f"IBMPlexSans-{name}.woff2"
            if f"/{file}" in rule[0]:
                return re.sub(r"src:[^;]*;", f'src:url("../{FONT_FOLDER}/{file}") format("woff2");', rule[0])
        return ""

    css = re.sub(r"@font-face\{[^}]*url\([^}]*\}\n?", face, css)
    css = re.sub(r"^\.icon[\w.-]*(?::not\(a\))?\{\s*background-image:url\([^)]*\);?\s*\}\n?", "", css, flags=re.M)
    return re.sub(r"\s*background-image:url\([^)]*/logo[^)]*\);", "", css)


def without_map(script: bytes) -> bytes:
    return re.sub(rb"\n?//# sourceMappingURL=\S+", b"", script)


def dkfds(package: dict[str, bytes]) -> dict[str, bytes]:
    css = trimmed(package["dist/css/dkfds.css"].decode())
    files = {
        "LICENSE.md": package["LICENSE.md"],
        "css/dkfds.css": css.encode(),
        "js/dkfds.min.js": without_map(package["dist/js/dkfds.min.js"]),
        "img/all-svg-icons.svg": package["dist/img/all-svg-icons.svg"],
        f"{FONT_FOLDER}/license.txt": package[f"dist/{FONT_FOLDER}/license.txt"],
    }
    for path in sorted(set(re.findall(r"url\(\"?\.\./([^)\"]+)\"?\)", css))):
        files[path] = package[f"dist/{path}"]
    return files


def htmx(package: dict[str, bytes]) -> dict[str, bytes]:
    return {"LICENSE": package["LICENSE"], "htmx.min.js": without_map(package["dist/htmx.min.js"])}


def two_weights(name: str, script: str) -> Callable[[dict[str, bytes]], dict[str, bytes]]:
    """Regular and bold of the part of a font that holds one script."""

    def choose(package: dict[str, bytes]) -> dict[str, bytes]:
        faces = [f"{name}-{script}-{weight}-normal.woff2" for weight in (400, 700)]
        return {"LICENSE": package["LICENSE"]} | {face: package[f"files/{face}"] for face in faces}

    return choose


CHOOSE = {
    "dkfds": ("dkfds", dkfds),
    "htmx.org": ("htmx", htmx),
    "@fontsource/ibm-plex-sans-arabic": ("ibm-plex-sans-arabic", two_weights("ibm-plex-sans-arabic", "arabic")),
    "@fontsource/noto-nastaliq-urdu": ("noto-nastaliq-urdu", two_weights("noto-nastaliq-urdu", "arabic")),
    "@fontsource/noto-sans-ethiopic": ("noto-sans-ethiopic", two_weights("noto-sans-ethiopic", "ethiopic")),
}


def fetch() -> None:
    recorded = json.loads(RECORD.read_text()) if RECORD.exists() else {}
    record = {}
    for name, version in PACKAGES.items():
        package, digest = packed(name, version)
        old = recorded.get(name)
        if old and old["version"] == version and old["tarball"] != digest:
            raise SystemExit(f"{name} {version} is not the tarball that was recorded ({old['tarball']}).")
        folder, choose = CHOOSE[name]
        hashes = {}
        for path, content in sorted(choose(package).items()):
            target = VENDOR / folder / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(content)
            hashes[f"{folder}/{path}"] = hashlib.sha256(content).hexdigest()
        licence = json.loads(package["package.json"])["license"]
        record[name] = {"version": version, "license": licence, "tarball": digest, "files_sha256": hashes}
    RECORD.write_text(json.dumps(record, indent=2) + "\n")


def problems(vendor: Path = VENDOR) -> list[str]:
    """What in the vendored tree differs from its record: changed, missing and unrecorded files."""
    record = json.loads((vendor / RECORD.name).read_text())
    wanted = {path: digest for package in record.values() for path, digest in package["files_sha256"].items()}
    there = {str(path.relative_to(vendor)): path for path in vendor.rglob("*") if path.is_file()}
    there.pop(RECORD.name)
    found = [f"not recorded: {path}" for path in sorted(there.keys() - wanted.keys())]
    found += [f"missing: {path}" for path in sorted(wanted.keys() - there.keys())]
    for path in sorted(wanted.keys() & there.keys()):
        if hashlib.sha256(there[path].read_bytes()).hexdigest() != wanted[path]:
            found.append(f"changed: {path}")
    return found


def main() -> int:
    parser = argparse.ArgumentParser(description="Fetch or check static/vendor.")
    parser.add_argument("--check", action="store_true", help="only compare with VENDORED.json")
    if not parser.parse_args().check:
        fetch()
    found = problems()
    print("\n".join(found) or "static/vendor is as recorded.")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
