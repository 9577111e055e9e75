"""What a resident list must be like: each fault by row and column in plain words, never with the value in it."""

from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from functools import cache

import dst_fsv
import numpy as np
import pandas as pd
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from exports.comparison.runner.registers import TABLES

MOST_FAULTS = 50  # listed by row and column; the others are counted
PERSON = ("PNR", "FAMILIE_ID", "FOED_DAG", "AAR")
BY_DEPARTMENT = ("ORG_NR", "AFD_NR")
BY_ADDRESS = ("KOM", "VEJKODE", "HUSNR")
EARLIEST_BIRTH = np.datetime64("1850-01-01")

HARMLESS = ("STARTER", "OMRAADER", "PERBOLIG", "BOLIG", "BBRENHED")  # columns of these are merely not read

Text = str | Promise

# Columns that may be there: what they become, the shape of a value, what is said of another one.
CODES: dict[str, tuple[str, str, Text]] = {
    "KOEN": ("sex", "[12]", _("Køn skal være 1 (mand) eller 2 (kvinde).")),
    "IE_TYPE": ("ie_type", "[123]", _("Herkomst skal være 1 (dansk), 2 (indvandrer) eller 3 (efterkommer).")),
    "OPR_LAND": ("country", "0|[0-9]{4}", _("Oprindelseslandet skal være CPR's landekode på fire cifre.")),
    "PLADS": ("place", "[123]", _("Pladsen i familien skal være 1 eller 2 (voksen) eller 3 (barn).")),
}


@dataclass(frozen=True)
class Fault:
    """One fault. `row` counts as a spreadsheet does (the heading is row 1); in Parquet the first resident is row 1."""

    row: int
    column: str
    text: Text


@dataclass
class Faults:
    """The first faults by row, and how many there are in all."""

    listed: list[Fault] = field(default_factory=list)
    count: int = 0
    _pending: list[Fault] = field(default_factory=list)

    def add(self, rows: np.ndarray, column: str, text: Text) -> None:
        self.count += len(rows)
        self._pending += [Fault(int(row), column, text) for row in rows[:MOST_FAULTS]]

    def end_of_chunk(self) -> None:
        """Sort what this chunk brought and let go of what is too much."""
        self.listed = (self.listed + sorted(self._pending, key=lambda fault: fault.row))[:MOST_FAULTS]
        self._pending = []


class ListRefused(Exception):
    """The list has faults: nothing of it was kept. `faults` are the first of `count`."""

    def __init__(self, faults: list[Fault], count: int) -> None:
        super().__init__(f"The resident list has {count} faults.")
        self.faults, self.count = faults, count

    @property
    def problems(self) -> list[dict[str, object]]:
        """As plain JSON: row, column, text (in the language of this moment; pages translate from Danish)."""
        return [{"row": fault.row, "column": fault.column, "text": str(fault.text)} for fault in self.faults]


def missing_columns(columns: Collection[str]) -> list[Fault]:
    """Faults of the heading."""
    faults = [Fault(1, name, _("Kolonnen mangler.")) for name in PERSON if name not in columns]
    if place_columns(columns) is None:
        text = _("Listen skal have enten ORG_NR og AFD_NR eller KOM, VEJKODE og HUSNR.")
        faults.append(Fault(1, ", ".join(BY_DEPARTMENT), text))
    return faults


def columns_not_held_here(columns: Collection[str]) -> list[Fault]:
    """Faults of a heading with variables of registers that the site doesn't hold: health, crime, income, education."""
    text = _(
        "Kolonnen hører til registret %s. Listen må kun have oplysninger om alder, køn, herkomst og bolig. Slet den."
    )
    return [Fault(1, name, text % register) for name, register in _elsewhere().items() if name in columns]


@cache
def _elsewhere() -> dict[str, str]:
    """Variables that the population register doesn't have, and the register that has them."""
    held = {row["variable"] for row in dst_fsv.variables("BEF")} | {*PERSON, *BY_DEPARTMENT, *BY_ADDRESS}
    names: dict[str, str] = {}
    for table in TABLES.values():
        if not table.demographic and table.name not in HARMLESS:
            variables = {column.name for column in table.columns}
            variables |= {row["variable"] for row in dst_fsv.variables(table.name)}
            names |= dict.fromkeys(sorted(variables - held), table.name)
    return names


def place_columns(columns: Collection[str]) -> tuple[str, ...] | None:
    """The columns that say where a resident lives: the department's numbers if they are there, else the address key."""
    for names in (BY_DEPARTMENT, BY_ADDRESS):
        if all(name in columns for name in names):
            return names
    return None


def check_persons(chunk: pd.DataFrame, rows: np.ndarray, faults: Faults) -> pd.DataFrame:
    """Check PNR, FAMILIE_ID, FOED_DAG and AAR.

    `chunk` has text columns without missing values, `rows` its row numbers. Returns a frame with the columns
    pnr (ten digits), family (text), birth (datetime64[D]), year (int16), meaningful only where there was no fault.
    """
    birth, has_birth = _dates(chunk["FOED_DAG"], rows, faults)
    year, has_year = _years(chunk["AAR"], rows, faults)
    family = chunk["FAMILIE_ID"].str.strip()
    faults.add(rows[(family == "").to_numpy()], "FAMILIE_ID", _("Familiens nummer mangler."))
    day_after = (year.astype("int64") - 1969).astype("datetime64[Y]").astype("datetime64[D]")  # 1 January of year + 1
    late = has_birth & has_year & (birth >= day_after)
    faults.add(rows[late], "FOED_DAG", _("Fødselsdatoen ligger efter listens år."))
    persons = {"pnr": _numbers(chunk["PNR"], rows, faults), "family": family, "birth": birth, "year": year}
    return pd.DataFrame(
        persons | {name: _code(chunk, column, rows, faults) for column, (name, *_rule) in CODES.items()}
    )


def _code(chunk: pd.DataFrame, column: str, rows: np.ndarray, faults: Faults) -> pd.Series:
    """A whole number of a column that may be left out, or empty in a row."""
    if column not in chunk.columns:
        return pd.Series(pd.NA, index=chunk.index, dtype="Int64")
    _name, shape, text = CODES[column]
    cells = chunk[column].str.strip()
    right = cells.str.fullmatch(shape).to_numpy(dtype=bool)
    faults.add(rows[~right & (cells != "").to_numpy(dtype=bool)], column, text)
    return pd.to_numeric(cells.where(right), errors="coerce").astype("Int64")


def _numbers(column: pd.Series, rows: np.ndarray, faults: Faults) -> pd.Series:
    text = column.str.strip()
    text = text.str.replace(r"^([0-9]{6})-([0-9]{4})$", r"\1\2", regex=True)
    right = text.str.fullmatch(r"[0-9]{10}").to_numpy(dtype=bool)
    if right.all():
        return text
    nine = text.str.fullmatch(r"[0-9]{9}").to_numpy(dtype=bool)
    spoilt = text.str.fullmatch(r"[0-9]+([.,][0-9]+)?[eE][+]?[0-9]+|[0-9]{9,10}[.,]0+").to_numpy(dtype=bool)
    empty = (text == "").to_numpy(dtype=bool)
    faults.add(rows[empty], "PNR", _("Nummeret mangler."))
    faults.add(
        rows[nine],
        "PNR",
        _("Nummeret har 9 cifre: nullet foran er nok gået tabt. Gem kolonnen som tekst, og indlæs listen igen."),
    )
    faults.add(
        rows[spoilt],
        "PNR",
        _("Regnearket har lavet nummeret om til et tal. Gem kolonnen som tekst, og indlæs listen igen."),
    )
    faults.add(rows[~(right | nine | spoilt | empty)], "PNR", _("Nummeret skal have ti cifre."))
    return text


def _dates(column: pd.Series, rows: np.ndarray, faults: Faults) -> tuple[np.ndarray, np.ndarray]:
    text = column.str.strip()
    text = text.str.replace(r"^([0-9]{2})-([0-9]{2})-([0-9]{4})$", r"\3-\2-\1", regex=True)
    shaped = text.str.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}").to_numpy(dtype=bool)
    days = pd.to_datetime(text.where(shaped), format="%Y-%m-%d", errors="coerce").to_numpy().astype("datetime64[D]")
    faults.add(rows[~shaped], "FOED_DAG", _("Datoen skal skrives ÅÅÅÅ-MM-DD eller DD-MM-ÅÅÅÅ."))
    faults.add(rows[shaped & np.isnat(days)], "FOED_DAG", _("Datoen findes ikke."))
    faults.add(rows[days < EARLIEST_BIRTH], "FOED_DAG", _("Fødselsdatoen ligger før 1850."))
    return days, ~np.isnat(days)


def _years(column: pd.Series, rows: np.ndarray, faults: Faults) -> tuple[np.ndarray, np.ndarray]:
    text = column.str.strip()
    right = text.str.fullmatch(r"19[89][0-9]|20[0-9]{2}").to_numpy(dtype=bool)
    faults.add(rows[~right], "AAR", _("Året skal have fire cifre, fra 1980 til 2099."))
    return text.where(right, "1980").to_numpy(dtype=object).astype("int16"), right


def repeated(keys: np.ndarray, years: np.ndarray, rows: np.ndarray) -> np.ndarray:
    """The rows whose person already stood in an earlier row of the same year, in order.

    `keys` is a structured array of two u8 (the 16 bytes of each person key), `years` int16, `rows` row numbers.
    """
    order = np.lexsort((rows, keys["b"], keys["a"], years))
    same = (keys[order][1:] == keys[order][:-1]) & (years[order][1:] == years[order][:-1])
    return np.sort(rows[order][1:][same])


# --- Where a resident lives ---------------------------------------------------------------------------

Place = Callable[[pd.DataFrame, np.ndarray, Faults], pd.Series]


def by_department(known: Collection[str]) -> Place:
    """Departments from ORG_NR and AFD_NR. One that is not among the `known` codes is a fault.

    A fault and not "elsewhere": it is a slip of the pen, or people whom the list should not hold at all.
    """
    known = set(known)

    def place(chunk: pd.DataFrame, rows: np.ndarray, faults: Faults) -> pd.Series:
        numbers = {}
        whole = np.ones(len(chunk), dtype=bool)
        for name in BY_DEPARTMENT:
            text = chunk[name].str.strip()
            right = text.str.fullmatch(r"[0-9]{1,9}").to_numpy(dtype=bool)
            faults.add(rows[~right], name, _("Nummeret skal være et helt tal."))
            numbers[name] = text.str.lstrip("0").where(text.str.strip("0") != "", "0")
            whole &= right
        codes = numbers["ORG_NR"] + "-" + numbers["AFD_NR"]
        unknown = whole & ~codes.isin(known).to_numpy(dtype=bool)
        faults.add(
            rows[unknown],
            "AFD_NR",
            _("Boligafdelingen er ikke kendt her. Ret nummeret, opret afdelingen, eller tag beboeren ud af listen."),
        )
        return codes

    return place


def by_address(ranges: pd.DataFrame) -> Place:
    """Departments from KOM, VEJKODE and HUSNR (a letter after the number is allowed).

    `ranges` has the columns municipality_code, street_code (text), house_from, house_to (int, both included) and
    department (code). An address in none of them lies elsewhere: no fault, the result is missing. One in several is
    given to the department whose code comes first.
    """
    known = pd.DataFrame(
        {
            "street": ranges["municipality_code"].astype("int64") * 10_000 + ranges["street_code"].astype("int64"),
            "house_from": ranges["house_from"].astype("int64"),
            "house_to": ranges["house_to"].astype("int64"),
            "department": ranges["department"].astype("str"),
        }
    )

    def place(chunk: pd.DataFrame, rows: np.ndarray, faults: Faults) -> pd.Series:
        numbers = {}
        shapes = {"KOM": r"([0-9]{3,4})", "VEJKODE": r"([0-9]{1,4})", "HUSNR": r"([0-9]{1,3})[ ]?[A-Za-zÆØÅæøå]?"}
        for name, shape in shapes.items():
            found = chunk[name].str.strip().str.extract(f"^{shape}$", expand=False)
            faults.add(rows[found.isna().to_numpy()], name, _("Koden skal bestå af cifre."))
            numbers[name] = found.fillna("0").astype("int64")
        street = (numbers["KOM"] * 10_000 + numbers["VEJKODE"]).to_numpy()
        asked = pd.DataFrame({"line": np.arange(len(chunk)), "street": street, "house": numbers["HUSNR"].to_numpy()})
        hits = asked.merge(known, on="street")
        hits = hits[(hits["house"] >= hits["house_from"]) & (hits["house"] <= hits["house_to"])]
        return hits.groupby("line")["department"].min().reindex(asked["line"])

    return place
