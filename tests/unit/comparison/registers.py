"""Drawing groups from the folder of an invented register."""

import re
from pathlib import Path

import pandas as pd
import pyarrow.parquet as pq

from exports.comparison.runner.drawing import Selection, select_from_registers

STARTS = {"PNR": "person", "AKTIVITETSTYPE": "activity_type", "AAR": "year", "PLAN": "plan"}
AREAS = {"AFDELING": "department", "PLAN": "plan", "KOM": "municipality_code", "REGION": "region"}


def drawn(folder: Path, definition, **options) -> Selection:
    files: dict[str, dict[int, Path]] = {}
    for path in sorted(folder.iterdir()):
        found = re.fullmatch(r"([A-Z_]+)(\d{4})?", path.stem)
        assert found is not None
        files.setdefault(found[1], {})[int(found[2] or 0)] = path
    starts, areas = (list_of(files.pop(name)[0], names) for name, names in (("STARTER", STARTS), ("OMRAADER", AREAS)))
    return select_from_registers(definition, files, departments=areas, starts=starts, **options)


def list_of(path: Path, names: dict[str, str]) -> pd.DataFrame:
    return pq.read_table(path).to_pandas().rename(columns=names)
