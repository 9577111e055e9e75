"""The tables that groups are drawn from, with the names that Statistics Denmark gives them.

Registers and variables are called as in Statistics Denmark's catalogue (dst-fsv 0.1.0); a test holds them against it.
Person numbers are whatever the place uses: Statistics Denmark's own ids there, keys of a run on the site.
"""

from dataclasses import dataclass

from .texts import Text

TEXT, INTEGER, NUMBER, DAY = "text", "integer", "number", "day"
YEARLY, SPELLS = "yearly", "spells"  # one file for each year; one file with all events


@dataclass(frozen=True)
class Column:
    """kind: TEXT, INTEGER, NUMBER or DAY (YYYY-MM-DD). `needed`: the file is refused without it."""

    name: str
    kind: str
    label: Text
    needed: bool = True


@dataclass(frozen=True)
class Table:
    """A register. `demographic`: the site may hold it (a resident list is BEF with an address); the others are read
    where the registers are, by the runner only. `key`: the columns that together name a row (per year, when YEARLY)."""

    name: str
    label: Text
    span: str
    key: tuple[str, ...]
    columns: tuple[Column, ...]
    demographic: bool = False


_PNR = Column("PNR", TEXT, ("Personnummer eller nøgle", "Person number or key"))

TABLES: dict[str, Table] = {
    table.name: table
    for table in (
        Table(
            "BEF",
            ("Befolkningen 31. december", "Population on 31 December"),
            YEARLY,
            ("PNR",),
            (
                _PNR,
                Column("FAMILIE_ID", TEXT, ("E-familie", "E-family")),
                Column("FOED_DAG", DAY, ("Fødselsdag", "Date of birth")),
                Column("KOEN", INTEGER, ("Køn: 1 mand, 2 kvinde", "Sex: 1 male, 2 female"), needed=False),
                Column("KOM", TEXT, ("Kommune", "Municipality"), needed=False),
                Column("VEJKODE", TEXT, ("Vejkode", "Street code"), needed=False),
                Column("HUSNR", TEXT, ("Husnummer", "House number"), needed=False),
                Column("ADRESSE_ID", TEXT, ("Adressens nøgle", "Key of the address"), needed=False),
                Column("AFDELING", TEXT, ("Boligafdeling (ORG_NR-AFD_NR)", "Department"), needed=False),
                Column("PLADS", INTEGER, ("Plads: 1-2 voksen, 3 barn", "Place: 1-2 adult, 3 child"), needed=False),
                Column("IE_TYPE", INTEGER, ("Herkomst", "1 Danish, 2 immigrant, 3 descendant"), needed=False),
                Column("OPR_LAND", TEXT, ("Oprindelsesland", "Country of origin"), needed=False),
            ),
            demographic=True,
        ),
    )
}  # fmt: skip
