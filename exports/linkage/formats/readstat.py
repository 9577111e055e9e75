"""SAS transport (version 8), Stata (14 and later) and SPSS files, written by ReadStat through pyreadstat.

Nothing clear touches the disk: pyreadstat wants a path, so it writes to a file in memory (memfd, Linux only; in the
memory of the process's group, not in its resident size) of 50 to 110 bytes a row, which is gone when it is closed.
It goes through the rows in Python, a value at a time, and takes one frame: a table of Arrow's text columns and of
numpy's integers, some 50 bytes a row more.

ReadStat writes the time into the head of a file. The delivery's day stands there instead, so that the same rows give
the same bytes.
"""

import os
import re
import shutil
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import date
from typing import Any

import pandas as pd
import pyarrow as pa
import pyreadstat

from exports.linkage.files import ByteSink
from exports.linkage.formats.labels import fitted, size_in_utf8, unlabelled_in_stata
from exports.linkage.schema import Kind, Klass, Layout, Variable

# The most that each format takes: of a variable's label, and of a value's.
XPT_LABEL = SAV_LABEL = 256  # bytes
DTA_LABEL = 80  # characters
SAV_VALUE_LABEL = 120  # bytes
STATA_14 = 14  # pyreadstat's default, 15, is a form for more than 32,767 variables that only Stata/MP opens

_MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
_HEAD = 640  # bytes in which the time stands
_TIMES = {  # what the time looks like, and how often it stands there
    "xpt": (re.compile(rb"\d\d[A-Z]{3}\d\d:\d\d:\d\d:\d\d"), 4),
    "dta": (re.compile(rb"(?<=<timestamp>\x11)\d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d(?=</timestamp>)"), 1),
    "sav": (re.compile(rb"\d\d [A-Z][a-z]{2} \d{4}:\d\d:\d\d"), 1),
}


def frame_of(table: pa.Table) -> pd.DataFrame:
    """The table for pyreadstat: text as it lies in Arrow, integers small, and nullable only where one is missing."""
    columns = {}
    for name, column in zip(table.column_names, table.columns, strict=True):
        if pa.types.is_string(column.type):
            columns[name] = pd.Series(column.to_pandas(types_mapper=pd.ArrowDtype))
        elif column.null_count:
            columns[name] = column.to_pandas(types_mapper={pa.int16(): pd.Int16Dtype()}.get)
        else:
            columns[name] = pd.Series(column.to_numpy())
    return pd.DataFrame(columns, copy=False)


def write_xpt(out: ByteSink, layout: Layout, frame: pd.DataFrame, *, title: str, day: date, dataset: str) -> None:
    """SAS transport, version 8: names of up to 32 characters. It has no value labels."""
    with _in_memory(out, "xpt", day) as path:
        pyreadstat.write_xport(
            frame,
            path,
            file_label=title,
            table_name=dataset,
            file_format_version=8,
            column_labels=_labels(layout, XPT_LABEL),
        )


def write_dta(out: ByteSink, layout: Layout, frame: pd.DataFrame, *, title: str, day: date) -> None:
    """Stata. Text has no value labels there."""
    without = unlabelled_in_stata(layout)
    with _in_memory(out, "dta", day) as path:
        pyreadstat.write_dta(
            frame,
            path,
            file_label=title,
            version=STATA_14,
            column_labels=_labels(layout, DTA_LABEL, len),
            variable_value_labels=_value_labels(v for v in layout.variables if v.name not in without),
        )


def write_sav(out: ByteSink, layout: Layout, frame: pd.DataFrame, *, title: str, day: date) -> None:
    """SPSS, with its usual compression of rows."""
    with _in_memory(out, "sav", day) as path:
        pyreadstat.write_sav(
            frame,
            path,
            file_label=title,
            row_compress=True,
            column_labels=_labels(layout, SAV_LABEL),
            variable_value_labels=_value_labels(layout.variables, SAV_VALUE_LABEL),
            variable_measure={v.name: _measure(v) for v in layout.variables},
            variable_format={v.name: "F6.0" for v in layout.variables if v.kind is Kind.INTEGER},
        )


def _measure(v: Variable) -> str:
    return "scale" if v.bounds and v.klass is not Klass.KEY else "nominal"


def _labels(layout: Layout, most: int, size: Callable[[str], int] = size_in_utf8) -> list[str | None]:
    return [fitted(v.label_da, most, size) for v in layout.variables]


def _value_labels(variables: Iterable[Variable], most: int = 32_000) -> dict[str, dict[Any, str]]:
    return {
        v.name: {code: fitted(danish, most) for code, (danish, _) in v.values.items()} for v in variables if v.values
    }


@contextmanager
def _in_memory(out: ByteSink, kind: str, day: date) -> Iterator[str]:
    """The path of a file in memory, whose bytes go to `out` in the end, dated `day`."""
    descriptor = os.memfd_create(kind)
    try:
        yield f"/proc/self/fd/{descriptor}"
        _date_head(descriptor, kind, day)
        os.lseek(descriptor, 0, os.SEEK_SET)
        with open(descriptor, "rb", closefd=False) as file:
            shutil.copyfileobj(file, out, 1 << 20)
    finally:
        os.close(descriptor)


def _date_head(descriptor: int, kind: str, day: date) -> None:
    month = _MONTHS[day.month - 1]
    stamp = {
        "xpt": f"{day:%d}{month.upper()}{day:%y}:00:00:00",
        "dta": f"{day:%d} {month} {day:%Y} 00:00",
        "sav": f"{day:%d} {month} {day:%y}00:00:00",
    }[kind].encode("ascii")
    time, often = _TIMES[kind]
    places = [found.start() for found in time.finditer(os.pread(descriptor, _HEAD, 0))]
    if len(places) != often:
        raise RuntimeError(f"ReadStat writes the head of a {kind} file in a form that is not known here.")
    for place in places:
        os.pwrite(descriptor, stamp, place)
