"""The columns of the files of a comparison group: what is the same for every group, and the chosen characteristics.

Coarse: no plan, no municipality, no department, no date. Of the persons in participant families who have not consented
themselves (the other adult, the children) the files say only what the resident list says, in the same coarse groups as
of everybody else in the list: they have a code of this group only, and nothing tells what the register of
participants knows of them.
"""

from collections.abc import Sequence

from exports.comparison.runner.formed import FORMED
from exports.comparison.runner.variables import MISSING, NUMERIC
from exports.comparison.runner.variables import Variable as Described
from exports.linkage.schema import PSEUDONYM as PERSON_CODE
from exports.linkage.schema import Kind, Klass, Layout, ValueSet, Variable

GROUPS = {
    "participant": (1, "Deltagere", "Participants"),
    "comparison": (2, "Sammenligning", "Comparison"),
}
FAMILIES, PERSONS = "families", "persons"
MEMBERS = {FAMILIES: "familier.csv", PERSONS: "personer.csv"}
GRAINS = {
    FAMILIES: ("Én række for hver familie", "One row for each family"),
    PERSONS: ("Én række for hver person", "One row for each person"),
}
LIST = "Beboerlisten"
LARGEST = 32767  # of a number without a value set

PSEUDONYM = Variable(
    PERSON_CODE.name,
    "Familiens eller personens kode",
    "Code of the family or person",
    Kind.TEXT,
    Klass.KEY,
    "Tilfældig kode. Deltagere har deres kode i projektet, alle andre en kode kun for denne gruppe",
    period="Den samme i alle leverancer af gruppen",
)
FAMILY = Variable(
    "FAMILIE",
    "Koden på personens familie i familier.csv",
    "Code of the person's family in familier.csv",
    Kind.TEXT,
    Klass.KEY,
    "Tilfældig kode, kun for denne gruppe",
    period="Den samme i alle leverancer af gruppen",
)
GROUP = Variable(
    "GRUPPE",
    "Gruppe",
    "Group",
    Kind.INTEGER,
    Klass.CODE,
    "Deltagelse og beboerliste",
    {number: (danish, english) for number, danish, english in GROUPS.values()},
)
PARTICIPANT = Variable(
    "DELTAGER",
    "Personen er selv deltager og har givet samtykke",
    "The person is a participant and has consented",
    Kind.INTEGER,
    Klass.CODE,
    "Deltagelse",
    {0: ("Nej", "No"), 1: ("Ja", "Yes")},
)
ADULT = Variable(
    "VOKSEN",
    "Voksen i familien",
    "Adult of the family",
    Kind.INTEGER,
    Klass.QUASI,
    LIST,
    {0: ("Nej", "No"), 1: ("Ja", "Yes")},
)


def layout(
    rows: str, years: Sequence[int], regions: ValueSet, characteristics: Sequence[Described], *, in_families: bool
) -> Layout:
    """`rows`: FAMILIES or PERSONS; `in_families`: the persons' families have a file of their own."""
    in_years: ValueSet = {year: (str(year), str(year)) for year in years}
    variables = [PSEUDONYM]
    if rows == PERSONS:
        variables += [FAMILY, GROUP, PARTICIPANT, ADULT] if in_families else [GROUP]
    else:
        variables.append(GROUP)
    variables += [
        Variable("REF_AAR", "År, som rækken beskriver", "Reference year", Kind.INTEGER, Klass.QUASI, LIST, in_years),
        Variable("REGION", "Region", "Region", Kind.INTEGER, Klass.QUASI, LIST, regions),
        *map(_characteristic, characteristics),
    ]
    return Layout(MEMBERS[rows], tuple(variables), grain=(PSEUDONYM.name,), unit=GRAINS[rows])


def codes_of(variable: Described) -> dict[str, int]:
    """The number of each level in the files: its own where all levels are numbers, else its place. What is not known
    is missing there."""
    levels = [level.code for level in variable.levels if level.code != MISSING]
    if all(code.isdecimal() and int(code) <= LARGEST for code in levels):
        return {code: int(code) for code in levels}
    return {code: place for place, code in enumerate(levels, start=1)}


def _characteristic(variable: Described) -> Variable:
    labels = {level.code: level.label for level in variable.levels}
    values: ValueSet = {number: labels[code] for code, number in codes_of(variable).items()}
    return Variable(
        variable.name.upper(),
        *variable.label,
        Kind.INTEGER,
        Klass.QUASI,
        f"{LIST}. {FORMED[variable.name][0].removesuffix('.')}",
        None if variable.kind == NUMERIC else values,
        bounds=(0, LARGEST) if variable.kind == NUMERIC else None,
    )
