"""Data files that people bring: CSV or Parquet, told apart by their first bytes, every cell as text until it is known
what a column is. What is wrong is said by row and column, never with the value."""

import csv
from collections.abc import Collection, Iterator
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.csv as pc
import pyarrow.parquet as pq

from .texts import Refused, Text

EMPTY = ["", "NA", "NaN", "nan", "NULL", "."]  # what statistics programs write for missing
TRUE, FALSE = {"1", "true", "yes", "ja"}, {"0", "false", "no", "nej"}
LONGEST_HEADING = 1 << 20
_NUMBER = r"[+-]?([0-9]+([.][0-9]*)?|[.][0-9]+)([eE][+-]?[0-9]+)?"


def columns_of(path: Path) -> list[str]:
    """The names of a file's columns. Raises Refused."""
    if is_parquet(path):
        with speaking(path):
            return pq.read_schema(path).names
    return _heading(path)[0]


def is_parquet(path: Path) -> bool:
    """Raises Refused when there is no such file."""
    try:
        with path.open("rb") as stream:
            return stream.read(4) == b"PAR1"
    except OSError:
        raise Refused(
            {str(path): ("Filen findes ikke eller kan ikke læses.", "There is no such file to read.")}
        ) from None


def schema_of(path: Path) -> pa.Schema:
    """Of a Parquet file. Raises Refused."""
    with speaking(path):
        return pq.read_schema(path)


def read_table(path: Path, wanted: Collection[str] | None = None) -> pa.Table:
    """The wanted columns, or all, in the order of the file. Columns of CSV are text; those of Parquet have their types.
    Raises Refused."""
    names = [name for name in columns_of(path) if wanted is None or name in wanted]
    kept = list(batches(path, names))
    if kept:
        return pa.Table.from_batches(kept)
    return pa.table({name: pa.array([], pa.string()) for name in names})


def batches(path: Path, wanted: Collection[str]) -> Iterator[pa.RecordBatch]:
    """The same, some rows at a time.

    CSV: a heading, then rows; ; or , or tab; UTF-8 with or without byte order mark, or Windows-1252.
    """
    if is_parquet(path):
        with speaking(path):
            yield from pq.ParquetFile(path).iter_batches(columns=list(wanted))
        return
    names, delimiter, encoding = _heading(path)
    bad: list[int] = []

    def remember(row: pc.InvalidRow) -> str:
        bad.append(row.number or 0)
        return "skip"

    if not _has_rows(path, encoding):
        return
    with speaking(path):
        reader = pc.open_csv(
            path,
            pc.ReadOptions(use_threads=False, encoding=encoding, column_names=names, skip_rows=1, block_size=1 << 24),
            pc.ParseOptions(delimiter=delimiter, newlines_in_values=True, invalid_row_handler=remember),
            pc.ConvertOptions(
                column_types=dict.fromkeys(names, pa.string()),
                null_values=EMPTY,
                strings_can_be_null=True,
                include_columns=[name for name in names if name in wanted],
            ),
        )
        for batch in reader:
            if bad:
                break
            yield batch
    if bad:
        text = (
            f"Række {bad[0]} har ikke lige så mange felter som overskriften.",
            f"Row {bad[0]} doesn't have as many fields as the heading.",
        )
        raise Refused({str(path): text})


def _has_rows(path: Path, encoding: str) -> bool:
    """A file of nothing but its heading is no fault to pyarrow's reader, but an error."""
    with path.open(encoding=encoding, errors="replace", newline="") as text:
        text.readline(LONGEST_HEADING)
        return any(line.strip() for line in text)


class speaking:
    """What pyarrow finds wrong quotes the row: said without it."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __enter__(self) -> None: ...

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, traceback: object) -> None:
        if isinstance(error, pa.ArrowException | OSError | UnicodeError):
            text = ("Filen kan ikke læses: den er beskadiget.", "The file can't be read: it is damaged.")
            raise Refused({str(self.path): text}) from None


def _heading(path: Path) -> tuple[list[str], str, str]:
    """Names, delimiter and encoding of a CSV."""
    encoding = "utf-8-sig"
    try:
        with path.open(encoding=encoding, newline="") as text:
            for _ in iter(lambda: text.read(1 << 20), ""):
                pass
    except UnicodeDecodeError:
        encoding = "cp1252"
    with path.open(encoding=encoding, errors="replace", newline="") as text:
        heading = text.readline(LONGEST_HEADING)
    delimiter = max(";,\t", key=heading.count)
    names = next(csv.reader([heading], delimiter=delimiter), [])
    names = [name.strip() for name in names]
    if not any(names):
        raise Refused({str(path): ("Filen er tom.", "The file is empty.")})
    if twice := sorted({name for name in names if names.count(name) > 1}):
        text_ = (f"Kolonnen {twice[0]} står to gange.", f"The column {twice[0]} stands twice.")
        raise Refused({str(path): text_})
    return names, delimiter, encoding.removesuffix("-sig")


# --- From text to values ---------------------------------------------------------------------------------


def numbers_of(values: pd.Series) -> pd.Series | None:
    """As floats, NaN where missing; decimal comma is taken too. None when a value is no number."""
    if pd.api.types.is_bool_dtype(values.dtype):
        return values.astype(float)
    if pd.api.types.is_numeric_dtype(values.dtype):
        return values.astype(float)
    texts = _texts(values)
    if not texts.dropna().str.fullmatch(_NUMBER).all():
        texts = texts.str.replace(",", ".", regex=False)
        if not texts.dropna().str.fullmatch(_NUMBER).all():
            return None
    found = pd.to_numeric(texts, errors="coerce").astype(float)
    return found if np.isfinite(found.dropna()).all() else None


def thousands_in(values: pd.Series) -> pd.Series:
    """Where a point may stand for thousands as well as for decimals (1.000): in a column whose points all may."""
    if pd.api.types.is_numeric_dtype(values.dtype):
        return pd.Series(False, index=values.index)
    texts = _texts(values).fillna("")
    may = texts.str.fullmatch(r"[+-]?[1-9][0-9]{0,2}([.][0-9]{3})+")
    return may & bool((may | ~texts.str.contains(".", regex=False)).all())


def truths_of(values: pd.Series, true: Collection[str] = TRUE, false: Collection[str] = FALSE) -> pd.Series | None:
    """As 1.0 and 0.0, NaN where missing. None when a value is neither."""
    texts = _texts(values).str.lower().str.replace(r"^([01])[.,]0+$", r"\1", regex=True)
    known = texts.isin(list(true)) | texts.isin(list(false)) | texts.isna()
    return texts.isin(list(true)).astype(float).where(texts.notna()) if known.all() else None


def codes_of(values: pd.Series) -> pd.Series:
    """As text, missing where missing; whole floats without their ".0"."""
    if pd.api.types.is_float_dtype(values.dtype) and (values.dropna() % 1 == 0).all():
        values = values.astype("Int64")
    return _texts(values)


def _texts(values: pd.Series) -> pd.Series:
    texts = values.astype("str").where(values.notna()).str.strip()
    return texts.mask(texts == "")


def fault(path: Path, faulty: pd.Series, column: str, text: Text) -> Refused:
    """What is wrong with a column, and the first row where it is (`faulty` has a True). Rows count as a spreadsheet
    does: the heading is row 1; in Parquet the first row is row 1."""
    row = int(np.flatnonzero(faulty.to_numpy())[0]) + (1 if is_parquet(path) else 2)
    return Refused({str(path): (f"{column}, række {row}: {text[0]}", f"{column}, row {row}: {text[1]}")})
