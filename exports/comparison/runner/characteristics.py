"""What is known of a family or a person: CATALOGUE, in the order of the codebook.

A characteristic is a column of the frames, under its name. A value that isn't known is missing (null) and has a level
of its own wherever levels are shown. Everything is measured at or before the reference date, 31 December of the
reference year; nothing after it, so all may be matched on.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from dataclasses import replace as replaced
from typing import TYPE_CHECKING

from . import rules
from .texts import Text
from .variables import BINARY, CATEGORICAL, MISSING, MISSING_LABEL, NUMERIC, Level, Variable

if TYPE_CHECKING:  # the site reads the catalogue when it starts, and a definition is checked against it
    import pandas as pd

    from .definition import Chosen

FAMILY, PERSON = "family", "person"
BEFORE, AFTER = "before", "after"
EVALUATION = "Evaluation of Landsbyggefonden's grants of 2011-14"
SCALE = f"{EVALUATION}; OECD modified scale (Hagenaars, de Vos & Zaidi 1994)"
E_FAMILY = f"{EVALUATION}; Statistics Denmark's E-family (PLADS, FAMILIE_ID)"
DENMARK = "Statistics Denmark, BEF"


@dataclass(frozen=True)
class Grouping:
    """Levels joined to fewer. `bounds` for numbers: a level for those below the first, from each bound on; the code of
    a level is its place, from 0. `joined` for codes: new level -> the codes it holds."""

    label: Text
    levels: tuple[Level, ...]
    bounds: tuple[float, ...] = ()
    joined: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Characteristic:
    """level      FAMILY or PERSON: whose it is
    kind       NUMERIC, BINARY or CATEGORICAL
    registers  what it is formed from besides BEF; each entry names the tables of which one must be there
    columns    columns of BEF that it needs besides those that every file has
    measured   BEFORE or AFTER the reference date
    within     another characteristic, to which everybody has yes who has yes to this one (disclosure/nested.py)
    """

    name: str
    label: Text
    level: str
    kind: str
    levels: tuple[Level, ...] = ()
    groupings: Mapping[str, Grouping] = field(default_factory=dict)
    registers: tuple[tuple[str, ...], ...] = ()
    columns: tuple[str, ...] = ()
    measured: str = BEFORE
    within: str = ""
    source: str = EVALUATION

    @property
    def demographic(self) -> bool:
        """Whether a resident list on the site can give it."""
        return not self.registers

    def variable(self, grouping: str = "") -> Variable:
        """Without a level for missing values: `variables_of` adds it where there are some. Raises KeyError."""
        plain = Variable(
            name=self.name,
            label=self.label,
            kind=self.kind,
            levels=self.levels,
            measured=self.measured,
            within=self.within,
        )
        if not grouping:
            return plain
        return replaced(plain, kind=CATEGORICAL, levels=self.groupings[grouping].levels, grouped=True, within="")

    def grouped(self, values: "pd.Series", grouping: str = "") -> "pd.Series":
        """The column of a frame with its levels joined. Missing stays missing. Raises KeyError."""
        if not grouping:
            return values
        rule = self.groupings[grouping]
        if rule.bounds:
            import pandas as pd

            edges = [-float("inf"), *rule.bounds, float("inf")]
            cut = pd.cut(values.astype("float64"), edges, right=False, labels=[level.code for level in rule.levels])
            return cut.astype("str")
        codes = {code: new for new, held in rule.joined.items() for code in held}
        return values.map(lambda code: codes.get(code, code), na_action="ignore").astype("str")


def variables_of(frame: "pd.DataFrame", chosen: "Iterable[Chosen]") -> list[Variable]:
    """The variables of a frame of a selection, in the order chosen; those that are no columns of it are left out."""
    variables = []
    for choice in chosen:
        if choice.name in frame.columns:
            variable = CATALOGUE[choice.name].variable(choice.grouping)
            if variable.kind != NUMERIC and frame[choice.name].isna().any():
                variable = replaced(variable, levels=(*variable.levels, Level(MISSING, MISSING_LABEL)))
            variables.append(variable)
    return variables


def _levels(**labels: Text) -> tuple[Level, ...]:
    return tuple(Level(code, label) for code, label in labels.items())


YES_NO = (Level("1", ("Ja", "Yes")), Level("0", ("Nej", "No")))
_DIAGNOSES = (
    ("PSYK_ADM", "LPR_A_KONTAKT"), ("PSYK_DIAG", "LPR_A_DIAGNOSE"), ("LPR_ADM", "LPR_A_KONTAKT"),
    ("LPR_DIAG", "LPR_A_DIAGNOSE"),
)  # fmt: skip
_DRUGS, _ALCOHOL = (("SIB",),), (("NAB",),)
_WORK = (("RAS", "AKM"),)
_CARE = (("DAGI", "BOERNFB"),)
_ORIGIN = _levels(
    danish=("Dansk", "Danish"), western=("Vestlig", "Western"), non_western=("Ikke-vestlig", "Non-Western")
)
_DANISH_WESTERN = Grouping(
    ("Dansk og vestlig samlet", "Danish and Western joined"),
    _levels(danish_or_western=("Dansk eller vestlig", "Danish or Western"), non_western=_ORIGIN[2].label),
    joined={"danish_or_western": ("danish", "western")},
)
_EDUCATION = _levels(qualifying=("Kompetencegivende", "Qualifying"), other=("Anden", "Other"))
_M2 = Grouping(
    ("I fire bånd", "In four bands"),
    _levels(**{
        "0": ("Under 20 m²", "Under 20 m²"), "1": ("20-29 m²", "20-29 m²"), "2": ("30-39 m²", "30-39 m²"),
        "3": ("40 m² eller mere", "40 m² or more"),
    }),
    bounds=rules.M2_BANDS,
)  # fmt: skip
_AGE = Grouping(
    ("I bånd", "In bands"),
    _levels(**{
        "0": ("Under 18 år", "Under 18"), "1": ("18-24 år", "18-24"), "2": ("25-34 år", "25-34"),
        "3": ("35-44 år", "35-44"), "4": ("45-64 år", "45-64"), "5": ("65 år eller mere", "65 or more"),
    }),
    bounds=(18, 25, 35, 45, 65),
)  # fmt: skip
_AGE_GROUPS = {"bands": _AGE}

# name: (label of a family: in at least one parent, label of a person, registers)
_OF_PARENTS: dict[str, tuple[Text, Text, tuple[tuple[str, ...], ...]]] = {
    "mental_illness": (
        ("Psykisk sygdom hos en forælder, 5 år", "Mental illness of a parent, 5 years"),
        ("Psykisk sygdom, 5 år", "Mental illness, 5 years"),
        _DIAGNOSES,
    ),
    "misuse": (
        ("Misbrug hos en forælder, 5 år", "Substance misuse of a parent, 5 years"),
        ("Misbrug, 5 år", "Substance misuse, 5 years"),
        (*_DIAGNOSES, *_DRUGS, *_ALCOHOL),
    ),
    "misuse_opioids": (
        ("Misbrug af opioider hos en forælder, 5 år", "Misuse of opioids of a parent, 5 years"),
        ("Misbrug af opioider, 5 år", "Misuse of opioids, 5 years"),
        _DIAGNOSES,
    ),
    "misuse_hard_drugs": (
        ("Misbrug af andre hårde stoffer hos en forælder, 5 år", "Misuse of other hard drugs of a parent, 5 years"),
        ("Misbrug af andre hårde stoffer, 5 år", "Misuse of other hard drugs, 5 years"),
        _DIAGNOSES,
    ),
    "misuse_cannabis": (
        ("Misbrug af hash hos en forælder, 5 år", "Misuse of cannabis of a parent, 5 years"),
        ("Misbrug af hash, 5 år", "Misuse of cannabis, 5 years"),
        _DIAGNOSES,
    ),
    "misuse_medicines": (
        ("Misbrug af medicin og andet hos en forælder, 5 år", "Misuse of medicines and others of a parent, 5 years"),
        ("Misbrug af medicin og andet, 5 år", "Misuse of medicines and others, 5 years"),
        _DIAGNOSES,
    ),
    "misuse_alcohol": (
        ("Misbrug af alkohol hos en forælder, 5 år", "Misuse of alcohol of a parent, 5 years"),
        ("Misbrug af alkohol, 5 år", "Misuse of alcohol, 5 years"),
        (*_DIAGNOSES, *_ALCOHOL),
    ),
    "drug_treatment": (
        ("Forælder i behandling for stofmisbrug, 5 år", "Parent in treatment for drug misuse, 5 years"),
        ("I behandling for stofmisbrug, 5 år", "In treatment for drug misuse, 5 years"),
        _DRUGS,
    ),
    "conviction": (
        ("Forælder dømt til fængsel, 5 år", "Parent sentenced to prison, 5 years"),
        ("Dømt til fængsel, 5 år", "Sentenced to prison, 5 years"),
        (("KRAF",),),
    ),
}
# what misuse consists of
_OF_MISUSE = {name for name in _OF_PARENTS if name.startswith("misuse_")} | {"drug_treatment"}

CATALOGUE: dict[str, Characteristic] = {
    each.name: each
    for each in (
        Characteristic(
            name="origin", label=("Familiens herkomst", "Origin of the family"), level=FAMILY, kind=CATEGORICAL,
            levels=_ORIGIN, groupings={"danish_western": _DANISH_WESTERN}, columns=("IE_TYPE", "OPR_LAND"),
        ),
        Characteristic(
            name="family_type", label=("Familietype", "Family type"), level=FAMILY, kind=CATEGORICAL,
            levels=_levels(
                single=("Enlig", "Single"), couple=("Par", "Couple"), unknown=("Ingen voksen", "No adult"),
            ),
            source=E_FAMILY,
        ),
        Characteristic(
            name="children_group", label=("Hjemmeboende børn, grupperet", "Children at home, grouped"), level=FAMILY,
            kind=CATEGORICAL, levels=tuple(Level(code, (code, code)) for code in ("0", "1", "2", "3+")),
            source=E_FAMILY,
        ),
        Characteristic(
            name="children", label=("Hjemmeboende børn", "Children at home"), level=FAMILY, kind=NUMERIC,
            source=E_FAMILY,
        ),
        Characteristic(
            name="education", label=("Forældrenes højeste uddannelse", "Highest education of the parents"),
            level=FAMILY, kind=CATEGORICAL, levels=_EDUCATION, registers=(("UDDA",), ("AUDD",)),
        ),
        Characteristic(
            name="employment", label=("Forældre i beskæftigelse", "Parents in employment"), level=FAMILY,
            kind=CATEGORICAL, registers=_WORK,
            levels=_levels(both=("Begge", "Both"), one=("Én", "One"), none=("Ingen", "None")),
            groupings={"any": Grouping(
                ("Nogen eller ingen", "Any or none"),
                _levels(any=("Mindst én", "At least one"), none=("Ingen", "None")), joined={"any": ("both", "one")},
            )},
        ),
        *(
            Characteristic(
                name=f"poverty_{line}",
                label=(f"Indkomst under {line} % af medianen", f"Income under {line} % of the median"),
                level=FAMILY, kind=BINARY, levels=YES_NO, registers=(("IND",),), source=SCALE,
                within="" if line == max(rules.POVERTY_LINES) else f"poverty_{max(rules.POVERTY_LINES)}",
            )
            for line in rules.POVERTY_LINES
        ),
        *(
            Characteristic(
                name=name, label=family, level=FAMILY, kind=BINARY, levels=YES_NO, registers=registers,
                within="misuse" if name in _OF_MISUSE else "",
            )
            for name, (family, _person, registers) in _OF_PARENTS.items()
        ),
        Characteristic(
            name="preventive_measure",
            label=("Forebyggende foranstaltning for et barn", "Preventive measure for a child"), level=FAMILY,
            kind=BINARY, levels=YES_NO, registers=(("BUFO",),),
        ),
        Characteristic(
            name="m2_per_resident", label=("m² pr. beboer", "m² per resident"), level=FAMILY, kind=NUMERIC,
            groupings={"bands": _M2}, registers=(("PERBOLIG",), ("BOLIG",), ("BBRENHED",)),
        ),
        *(
            Characteristic(
                name=f"day_care_{ages.replace('-', '_')}",
                label=(f"Børn på {ages} år i dagtilbud", f"Children of {ages} years in day care"),
                level=FAMILY, kind=CATEGORICAL, registers=_CARE,
                levels=_levels(
                    all=("Alle", "All"), some=("Nogle", "Some"), none=("Ingen", "None"),
                    no_child=("Intet barn i alderen", "No child of that age"),
                ),
            )
            for ages in ("1-2", "3-5")
        ),
        Characteristic(
            name="sex", label=("Køn", "Sex"), level=PERSON, kind=CATEGORICAL, columns=("KOEN",),
            source=DENMARK,
            levels=_levels(male=("Mand", "Male"), female=("Kvinde", "Female")),
        ),
        Characteristic(
            name="age", label=("Alder", "Age"), level=PERSON, kind=NUMERIC, groupings=_AGE_GROUPS,
            source=DENMARK,
        ),
        Characteristic(
            name="person_origin", label=("Herkomst", "Origin"), level=PERSON, kind=CATEGORICAL, levels=_ORIGIN,
            groupings={"danish_western": _DANISH_WESTERN}, columns=("IE_TYPE", "OPR_LAND"),
        ),
        Characteristic(
            name="person_education", label=("Uddannelse", "Education"), level=PERSON, kind=CATEGORICAL,
            levels=_EDUCATION, registers=(("UDDA",), ("AUDD",)),
        ),
        Characteristic(
            name="person_employed", label=("I beskæftigelse", "In employment"), level=PERSON, kind=BINARY,
            levels=YES_NO, registers=_WORK,
        ),
        *(
            Characteristic(
                name=f"person_{name}", label=person, level=PERSON, kind=BINARY, levels=YES_NO, registers=registers,
                within="person_misuse" if name in _OF_MISUSE else "",
            )
            for name, (_family, person, registers) in _OF_PARENTS.items()
        ),
        Characteristic(
            name="person_preventive_measure", label=("Forebyggende foranstaltning", "Preventive measure"),
            level=PERSON, kind=BINARY, levels=YES_NO, registers=(("BUFO",),),
        ),
        Characteristic(
            name="person_day_care", label=("I dagtilbud", "In day care"), level=PERSON, kind=BINARY, levels=YES_NO,
            registers=_CARE,
        ),
    )
}  # fmt: skip
