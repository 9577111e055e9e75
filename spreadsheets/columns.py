"""The columns that a spreadsheet may have, what people call them, and guessing which is which."""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

ENOUGH = 3  # known headings that make a row one of headings
LOOKED_AT = 20  # first rows in which the headings are looked for


@dataclass(frozen=True)
class Column:
    """`headings`: what people write over it, as `plain` leaves it; `private`: part of an identity."""

    key: str
    label: str | Promise
    hint: str | Promise
    headings: tuple[str, ...]
    private: bool = False


COLUMNS = (
    Column(
        "activity",
        _("Aktivitet"),
        _("Aktivitetens navn, som det står under Aktiviteter"),
        ("aktivitet", "aktivitetens navn", "aktivitetsnavn", "indsats", "forløb", "hold", "projekt", "activity"),
    ),
    Column(
        "cpr",
        _("CPR-nummer"),
        _("Ti cifre. Gør kolonnen til tekst, så foranstillede nuller bliver stående"),
        ("cpr", "cpr nummer", "cprnummer", "cpr nr", "cprnr", "personnummer", "pnr", "cpr no", "person nr"),
        private=True,
    ),
    Column(
        "name",
        _("Navn"),
        _("Fulde navn. Sammen med et CPR-nummer er det nok med et kaldenavn"),
        ("navn", "fulde navn", "kaldenavn", "deltager", "deltagers navn", "deltagernavn", "borger", "name")
        + ("for og efternavn", "fornavn og efternavn", "personens navn"),
        private=True,
    ),
    Column(
        "birth_date",
        _("Fødselsdato"),
        _("Kun nødvendig uden CPR-nummer"),
        ("fødselsdato", "fødselsdag", "født", "født den", "fødseldato", "fødsels dato", "f dato", "birth date"),
        private=True,
    ),
    Column(
        "address",
        _("Adresse"),
        _("Vej, nummer, etage, postnummer og by. Kun nødvendig uden CPR-nummer"),
        ("adresse", "bopæl", "bopælsadresse", "gade", "vej", "address", "adr"),
        private=True,
    ),
    Column(
        "residence_date",
        _("Dato for bopæl"),
        _("En dag, hvor personen boede på adressen. Kun nødvendig uden CPR-nummer"),
        ("dato for bopæl", "bopælsdato", "boede på adressen den", "boede der den", "bopæl dato", "residence date"),
        private=True,
    ),
    Column(
        "role",
        _("Rolle i familien"),
        _("Mor, far, anden værge, barn eller anden"),
        ("rolle", "rolle i familien", "familierolle", "relation til barn", "role"),
    ),
    Column(
        "start",
        _("Begyndte"),
        _("Dag, måned eller kun år"),
        ("start", "startdato", "begyndte", "begyndt", "deltager fra", "fra", "fra dato", "begyndelse", "opstart")
        + ("start dato", "opstartsdato", "begyndelsesdato", "påbegyndt", "deltagelse fra", "startet", "dato for start"),
    ),
    Column(
        "end",
        _("Sluttede"),
        _("En dag. Tom, hvis personen stadig deltager"),
        ("slut", "slutdato", "sluttede", "sluttet", "ophør", "til", "til dato", "deltager til", "afsluttet")
        + ("slut dato", "ophørsdato", "afslutning", "deltagelse til", "dato for slut", "end"),
    ),
    Column(
        "consent",
        _("Samtykke (ja eller nej)"),
        _("Siger rækken nej, gemmes intet om personen"),
        ("samtykke", "har givet samtykke", "samtykke givet", "samtykke ja nej", "givet samtykke", "consent"),
    ),
    Column(
        "decided_on",
        _("Dato for samtykke"),
        _("Den dag, samtykket blev givet. Uden den registreres personen ikke"),
        ("samtykkedato", "dato for samtykke", "samtykke dato", "samtykke den", "samtykke givet den", "consent date")
        + ("samtykke givet dato", "underskrevet", "underskrevet den", "dato samtykke", "samtykkeerklæring dato"),
    ),
    Column(
        "method",
        _("Samtykkets form"),
        _("Papir, mundtligt med vidne eller digitalt"),
        ("metode", "form", "samtykkeform", "samtykkets form", "måde", "samtykke metode", "hvordan", "method"),
    ),
    Column(
        "text",
        _("Samtykketekst"),
        _("Sproget på teksten og eventuelt udgavens nummer, for eksempel: Arabisk 1"),
        ("tekst", "samtykketekst", "sprog", "udgave", "version", "tekst og sprog", "samtykkesprog", "language"),
    ),
    Column(
        "obtained_by",
        _("Samtykket modtaget af"),
        _("Medarbejderens navn eller brugernavn"),
        ("modtaget af", "medarbejder", "indhentet af", "samtykke modtaget af", "samtykke indhentet af", "ansat"),
    ),
    Column(
        "guardian_relation",
        _("Værge (for børn under 15)"),
        _("Mor, far eller anden værge: den, der gav samtykke for barnet"),
        ("værge", "samtykke givet af", "forælder", "værgens relation", "hvem gav samtykke", "forælder eller værge"),
    ),
)
BY_KEY = {column.key: column for column in COLUMNS}
# What there must be a column for; the others may be chosen for the whole file, or be empty.
REQUIRED = ("start", "decided_on")


def plain(heading: str) -> str:
    """A heading for comparison: lower case, words only, Danish letters kept."""
    text = unicodedata.normalize("NFC", heading).casefold()
    return " ".join(re.findall(r"[^\W_]+", re.sub(r"\([^)]*\)", " ", text) or text))


_KNOWN = {heading: column.key for column in COLUMNS for heading in column.headings}


def key_of(heading: str) -> str:
    """The column that a heading stands for, or an empty text."""
    text = plain(heading)
    if not text:
        return ""
    if text in _KNOWN:
        return _KNOWN[text]
    own = {plain(str(column.label)): column.key for column in COLUMNS}
    return own.get(text, "")


def find_headings(head: Sequence[tuple[int, Sequence[str]]]) -> int:
    """The number of the row that looks most like headings, or 0 when none does. The first of equals."""
    known = {number: _known(cells) for number, cells in reversed(head[:LOOKED_AT])}
    best = max(known, key=lambda number: (known[number], -number), default=0)
    return best if known.get(best) else 0


def has_headings(head: Sequence[tuple[int, Sequence[str]]]) -> bool:
    """Whether the first rows hold headings, as a sheet of notes does not."""
    return any(_known(cells) >= ENOUGH for _, cells in head[:LOOKED_AT])


def _known(cells: Sequence[str]) -> int:
    return len({key_of(cell) for cell in cells} - {""})


def headings_at(head: Sequence[tuple[int, Sequence[str]]], number: int) -> list[str]:
    """The headings in a row; where a cell is empty, what stands above it (a heading may be merged over two rows)."""
    above = [cells for row, cells in head if row <= number]
    if not number or not above or not any(row == number for row, _ in head):
        return []
    width = max(map(len, above))
    found = []
    for place in range(width):
        column = [cells[place] for cells in above if place < len(cells) and cells[place]]
        own = above[-1][place] if place < len(above[-1]) else ""
        found.append(own or (column[-1] if column and _stands_alone(above, place) else ""))
    return found


def _stands_alone(above: Sequence[Sequence[str]], place: int) -> bool:
    """Whether the last filled cell over `place` is a heading of columns and not a title over the whole list."""
    for cells in reversed(above[:-1]):
        if place < len(cells) and cells[place]:
            return sum(1 for cell in cells if cell) > 1
    return False


def guess(headings: Sequence[str], remembered: Mapping[str, str]) -> dict[str, int]:
    """Which column of the file is which, by what the plan chose before and by what people call them."""
    chosen: dict[str, int] = {}
    for place, heading in enumerate(headings):
        key = remembered.get(plain(heading), key_of(heading))
        if key in BY_KEY and key not in chosen:
            chosen[key] = place
    return chosen
