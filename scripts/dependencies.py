"""Writes docs/dependencies.md: each package that a site installs, its licence, and why it is there.

    python scripts/dependencies.py            writes the page
    python scripts/dependencies.py --check    fails when the page is not what it should be

Versions are those of requirements.txt, reasons those of requirements.in, and licences what the installed packages say
of themselves. A licence that nobody has judged fails.
"""

import re
import sys
from importlib.metadata import PackageNotFoundError, metadata
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs" / "dependencies.md"

# Judged: each may be used, unaltered, as a library of a program under any licence. SPDX identifiers.
PERMISSIVE = {
    "0BSD",
    "Apache-2.0",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "CC0-1.0",
    "MIT",
    "MIT-0",
    "MIT-CMU",
    "PSF-2.0",
    "Zlib",
}
# Their own source, altered, must be given on; what uses them need not be.
WEAK_COPYLEFT = {"LGPL-2.1-or-later", "LGPL-3.0-only", "MPL-1.1", "MPL-2.0"}

# How packages that name no SPDX identifier say it.
SPELLINGS = {
    "Apache Software License": "Apache-2.0",
    "BSD": "BSD-3-Clause",
    "BSD License": "BSD-3-Clause",
    "GNU Lesser General Public License v2 or later (LGPLv2+)": "LGPL-2.1-or-later",
    "MIT License": "MIT",
    "Mozilla Public License 2.0 (MPL 2.0)": "MPL-2.0",
    "New BSD": "BSD-3-Clause",
    "PSFL": "PSF-2.0",
    "Python Software Foundation License": "PSF-2.0",
}
# Read in their licence files: they say nothing, several things, or are not installed everywhere.
READ = {
    "async-timeout": "Apache-2.0",
    "brotlicffi": "MIT",
    "colorama": "BSD-3-Clause",
    "fido2": "BSD-2-Clause",  # with a list of suffixes under MPL-2.0
    "pyphen": "MPL-1.1",  # or GPL-2.0-or-later, or LGPL-2.1-or-later: ours is the choice
    "pyrage": "MIT",
    "python-dateutil": "Apache-2.0",  # or BSD-3-Clause
    "qrcode": "BSD-3-Clause",
    "tzdata": "Apache-2.0",
}

TOP = """# What a site installs

Written by `make dependencies`. Each package is locked with the hashes of its files in requirements.txt; nothing else
is installed. `make sbom` writes the same as a bill of materials (CycloneDX); `make vulnerabilities` asks the public
database of known weaknesses.

Each licence lets the package be used unaltered as a library of a program under any licence. Who gives on an altered
LGPL or MPL package must give on its source too.

| package | version | licence | why |
|---|---|---|---|
"""


class UnknownLicence(Exception):
    """A package's licence has not been judged."""


def normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def locked(text: str) -> dict[str, tuple[list[str], list[str]]]:
    """Of a lock: name -> (its versions, by Python's version; the packages that ask for it)."""
    found: dict[str, tuple[list[str], list[str]]] = {}
    current: list[str] = []
    for line in text.splitlines():
        if pinned := re.match(r"([a-z0-9][a-z0-9._-]*)==([^ ;\\]+)", line):
            versions, current = found.setdefault(pinned[1], ([], []))
            versions.append(pinned[2])
        asked = re.match(r" +# (?:via )? *([a-z0-9][a-z0-9._-]*)(?:\[.*\])?$", line)
        if asked and asked[1] not in (*current, "via"):
            current.append(asked[1])
    return found


def reasons(text: str) -> dict[str, str]:
    """Of a requirements.in: name -> what stands beside it."""
    lines = re.finditer(r"^([A-Za-z0-9._-]+)[^#\n]*#\s*(.+)$", text, re.MULTILINE)
    return {normal(each[1]): each[2] for each in lines}


def licence(name: str) -> str:
    """An SPDX expression. Raises UnknownLicence."""
    if name in READ:
        return READ[name]
    try:
        about: Any = metadata(name)  # an email.message.Message, which its type does not say
    except PackageNotFoundError:
        raise UnknownLicence(name) from None
    said = about.get("License-Expression")
    if not said:
        classifiers = [each.split(" :: ")[-1] for each in about.get_all("Classifier") or [] if "License ::" in each]
        spoken = classifiers[0] if len(classifiers) == 1 else (about.get("License") or "")
        said = SPELLINGS.get(spoken, spoken)
    if not set(re.split(r" (?:AND|OR) ", said)) <= PERMISSIVE | WEAK_COPYLEFT:
        raise UnknownLicence(f"{name}: {said[:60]}")
    return said


def page() -> str:
    """Raises UnknownLicence."""
    why = reasons((ROOT / "requirements.in").read_text())
    lines = []
    for name, (versions, asked_by) in sorted(locked((ROOT / "requirements.txt").read_text()).items()):
        reason = why.get(normal(name)) or "needed by " + ", ".join(asked_by)
        lines.append(f"| {name} | {', '.join(versions)} | {licence(name)} | {reason} |\n")
    return TOP + "".join(lines)


def main() -> int:
    if "--check" not in sys.argv:
        PAGE.write_text(page())
    elif PAGE.read_text() != page():
        print("docs/dependencies.md is not what requirements.txt says. Run make dependencies.")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
