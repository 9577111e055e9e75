"""The definition package: all that somebody needs to draw a group where the registers are, and nobody's identity.

A zip with the definition (JSON and words), the areas and their addresses, the SQL as it runs for this definition, the
runner's own source, the codebook of characteristics, the registers that are needed, a guide in two languages and a
manifest. Who took part is not in it: that comes with the linked data, as a table that Statistics Denmark has given its
own person ids. The same definition and areas give the same bytes.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

import pandas as pd

from exports.comparison import runner
from exports.comparison.package_readme import NAMES, readme
from exports.comparison.package_sql import sql_texts
from exports.comparison.runner import codebook
from exports.comparison.runner.definition import CHOSEN, Definition, to_json
from exports.comparison.runner.definition_words import paragraphs
from exports.comparison.runner.results import csv_bytes
from exports.linkage.files import Archive, ByteSink

FORMAT = "deltagerdata-package-1"
PACKAGES = ("duckdb", "matplotlib", "numpy", "pandas", "pyarrow", "scipy")
SOURCES = {".py", ".sql", ".json"}
AREA_COLUMNS = ["AFDELING", "PLAN", "KOM", "REGION"]
ADDRESS_COLUMNS = ["AFDELING", "KOM", "VEJKODE", "HUSNR_FRA", "HUSNR_TIL"]


@dataclass(frozen=True, kw_only=True)
class Package:
    """project      its name
    activities   code of an activity type -> its name
    areas        AREA_COLUMNS, a row for each plan of a department
    addresses    ADDRESS_COLUMNS, a row for each range of house numbers
    """

    project: str
    definition: Definition
    activities: Mapping[str, str]
    areas: pd.DataFrame
    addresses: pd.DataFrame


def write_package(out: ByteSink, package: Package) -> None:
    definition, pinned = package.definition, versions()
    areas = _here(package.areas, definition)[AREA_COLUMNS]
    with Archive(out) as archive:
        for language, name in enumerate(NAMES):
            archive.text(name, readme(package.project, definition, pinned, language))
        archive.text("definition.json", _json(to_json(definition)))
        for language, name in enumerate(("definition.txt", "definition.en.txt")):
            told = paragraphs(definition, package.activities)
            archive.text(name, "\n\n".join(text[language] for text in told) + "\n")
        archive.text("omraader.csv", _table(areas))
        archive.text("adresser.csv", _table(_here(package.addresses, definition)[ADDRESS_COLUMNS]))
        archive.text("kodebog.csv", _table(codebook.catalogue()))
        archive.text("registre.csv", _table(codebook.registers(definition)))
        for name, text in sql_texts(definition, areas).items():
            archive.text(f"sql/{name}", text)
        for name, text in sources():
            archive.text(f"runner/{name}", text)
        archive.text("requirements.txt", "".join(f"{name}=={number}\n" for name, number in pinned.items()))
        files = [{"name": each.name, "size": each.size, "sha256": each.sha256} for each in archive.members]
        archive.text("manifest.json", _json({"format": FORMAT, "project": package.project, "files": files}))


def versions() -> dict[str, str]:
    """What the runner needs, as it is installed here."""
    return {name: version(name) for name in PACKAGES}


def sources() -> Iterator[tuple[str, str]]:
    """The runner's files, by their path in it."""
    folder = Path(runner.__file__).parent
    for path in sorted(folder.rglob("*")):
        if path.suffix in SOURCES and "__pycache__" not in path.parts:
            yield path.relative_to(folder).as_posix(), path.read_text(encoding="utf-8")


def _here(frame: pd.DataFrame, definition: Definition) -> pd.DataFrame:
    """The chosen departments' rows; all, where the participants say which areas count."""
    if definition.areas == CHOSEN:
        frame = frame[frame["AFDELING"].isin(definition.chosen_departments)]
    return frame.sort_values(list(frame.columns), ignore_index=True)


def _table(frame: pd.DataFrame) -> str:
    return csv_bytes(frame).decode()


def _json(content: object) -> str:
    return json.dumps(content, ensure_ascii=False, indent=2) + "\n"
