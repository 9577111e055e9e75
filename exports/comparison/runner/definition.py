"""What an evaluator asks for: the criteria of a comparison group as plain JSON, and in plain words.

The JSON is described by definition.schema.json, which is published with the guides.
"""

import json
from collections.abc import Callable, Collection, Mapping
from dataclasses import asdict, dataclass, fields, replace
from typing import Any

from .described import contradictions as described
from .described import in_catalogue
from .matching.spec import MatchSpec
from .matching.spec_json import NOT_AN_OBJECT, UNKNOWN_FIELD, is_whole, read_spec, spec_to_json, whole
from .matching.spec_json import problems as spec_problems
from .texts import Refused, Text

FORMAT = "deltagerdata-comparison-2"
EARLIEST_YEAR, LATEST_YEAR = 1980, 2099
OLDEST_CHILD, OLDEST = 17, 120
LEAST, MOST = 3, 100  # of `minimum` and `k`
FAMILY, PERSON = "family", "person"
# areas: the plans that reported participants; the departments in which participants lived; those that are named
PLANS, DEPARTMENTS, CHOSEN = "plans", "departments", "chosen"
# who is no comparison: who started in a window of years (None: the participant years), since a year, or ever
WINDOW, SINCE, EVER = "window", "since", "ever"


class DefinitionInvalid(Refused):
    """`problems` maps the name of a field ("" for the definition as a whole) to a sentence for the evaluator."""


@dataclass(frozen=True)
class Dwellings:
    """Which dwellings are left out of dwelling figures; the evaluation's own limits."""

    most_residents: int = 15
    most_rooms: int = 50


@dataclass(frozen=True)
class Chosen:
    """A characteristic by its name in `characteristics`, and how its values are grouped ("" as they are)."""

    name: str
    grouping: str = ""


@dataclass(frozen=True, kw_only=True)
class Definition:
    """The evaluation's rule with its parameters; the defaults are the evaluation's own.

    unit                        FAMILY or PERSON: what a row of the groups is
    activity_types              codes of the selected activities
    first_year, last_year       participants: families in which an adult (persons who) started a selected activity then
    youngest, oldest            completed years, both included: of a child in the family, or of the person
    comparison_year             the register that comparison units are drawn from
    areas, chosen_departments   PLANS, DEPARTMENTS or CHOSEN
    exclusion                   WINDOW, SINCE or EVER; with `excluded_from` (WINDOW, SINCE) and `excluded_to` (WINDOW)
    excluded_types              started any of these keeps a unit out of the comparison; () for the selected activities
    dwellings                   None: no dwelling is left out
    characteristics             what the groups are described by
    matching                    method NONE: all comparison units are kept
    minimum, k                  counts below `minimum` are not shown; rows alike must be at least `k`
    seed                        of ties and of random order
    """

    activity_types: tuple[str, ...]
    first_year: int
    last_year: int
    comparison_year: int
    unit: str = FAMILY
    youngest: int = 0
    oldest: int = 6
    areas: str = PLANS
    chosen_departments: tuple[str, ...] = ()
    exclusion: str = WINDOW
    excluded_from: int | None = None
    excluded_to: int | None = None
    excluded_types: tuple[str, ...] = ()
    dwellings: Dwellings | None = Dwellings()
    characteristics: tuple[Chosen, ...] = ()
    matching: MatchSpec = MatchSpec()
    minimum: int = 5
    k: int = 5
    seed: int = 1

    def __post_init__(self) -> None:
        for name in ("activity_types", "excluded_types", "chosen_departments"):
            if _codes(codes := getattr(self, name)):  # sets, in an order: equal definitions have equal JSON
                object.__setattr__(self, name, tuple(sorted(set(codes))))
        if problems := _problems(self) or _contradictions(self):
            raise DefinitionInvalid(problems)

    @property
    def participant_years(self) -> range:
        return range(self.first_year, self.last_year + 1)

    @property
    def years(self) -> list[int]:
        """The years whose population registers are needed."""
        return sorted({*self.participant_years, self.comparison_year})

    @property
    def excluded_years(self) -> range:
        """Starts in these years keep a unit out of the comparison group."""
        last = max(self.last_year, self.comparison_year)
        if self.exclusion == EVER:
            return range(EARLIEST_YEAR, last + 1)
        if self.exclusion == SINCE:
            assert self.excluded_from is not None
            return range(self.excluded_from, last + 1)
        return range(self.excluded_from or self.first_year, (self.excluded_to or self.last_year) + 1)

    @property
    def excluding_types(self) -> tuple[str, ...]:
        return self.excluded_types or self.activity_types


# --- JSON ------------------------------------------------------------------------------------------------


def from_json(data: Any, known_types: Collection[str] | None = None) -> Definition:
    """Reads what `to_json` wrote, or what somebody typed; fields that are left out have their default. Raises
    DefinitionInvalid.

    `known_types`: the codes of activity types; another one is refused.
    """
    if not isinstance(data, dict):
        raise DefinitionInvalid({"": ("Reglen skal være et JSON-objekt.", "The definition must be a JSON object.")})
    if data.get("format", FORMAT) != FORMAT:
        raise DefinitionInvalid({"format": (f"Formatet skal være {FORMAT}.", f"The format must be {FORMAT}.")})
    given = {name: value for name, value in data.items() if name != "format"}
    if extra := set(given) - {field.name for field in fields(Definition)}:
        raise DefinitionInvalid(dict.fromkeys(sorted(map(str, extra)), UNKNOWN_FIELD))
    if missing := [name for name in NEEDED if name not in given]:
        raise DefinitionInvalid({name: FIELDS[name] for name in missing})
    definition = Definition(**{name: _READ.get(name, whole)(value) for name, value in given.items()})
    if known_types is not None:
        chosen = {name: set(getattr(definition, name)) for name in ("activity_types", "excluded_types")}
        if problems := {name: UNKNOWN_TYPE for name, codes in chosen.items() if not codes <= set(known_types)}:
            raise DefinitionInvalid(problems)
    return definition


def to_json(definition: Definition) -> dict[str, Any]:
    """Plain values, the same for equal definitions."""
    data = {"format": FORMAT} | asdict(definition) | {"matching": spec_to_json(definition.matching)}
    return json.loads(json.dumps(data))  # tuples are lists


def as_file(definition: Definition) -> str:
    """definition.json, as archives, results and pages give it: the same bytes for equal definitions."""
    return json.dumps(to_json(definition), ensure_ascii=False, indent=2, sort_keys=True) + "\n"


# They read the shape only: what doesn't fit stays as it was given, for `_problems` to judge.


def _tuple(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value


def _dwellings(value: Any) -> Any:
    if isinstance(value, dict) and set(value) <= {field.name for field in fields(Dwellings)}:
        return Dwellings(**{name: whole(each) for name, each in value.items()})
    return value


def _characteristics(value: Any) -> Any:
    return tuple(_chosen(each) for each in value) if isinstance(value, list) else value


def _chosen(value: Any) -> Any:
    if isinstance(value, str):
        return Chosen(value)
    if isinstance(value, dict) and "name" in value and set(value) <= {"name", "grouping"}:
        return Chosen(**value)
    return value


def _matching(value: Any) -> MatchSpec:
    try:
        return read_spec(value)
    except Refused as refused:
        raise DefinitionInvalid(_inside("matching", refused.problems)) from None


_READ: dict[str, Callable[[Any], Any]] = {
    "activity_types": _tuple,
    "excluded_types": _tuple,
    "chosen_departments": _tuple,
    "dwellings": _dwellings,
    "characteristics": _characteristics,
    "matching": _matching,
}


# --- What is wrong ---------------------------------------------------------------------------------------

NEEDED = ("activity_types", "first_year", "last_year", "comparison_year")
UNKNOWN_TYPE: Text = ("En af aktivitetstyperne findes ikke.", "One of the activity types doesn't exist.")
NO_YEAR: Text = (
    "Året bruges ikke ved den valgte udelukkelse. Udelad det.",
    "The year is not used with this exclusion. Leave it out.",
)
_YEARS = f"et årstal fra {EARLIEST_YEAR} til {LATEST_YEAR}", f"a year from {EARLIEST_YEAR} to {LATEST_YEAR}"
FIELDS: dict[str, Text] = {
    "unit": ("Enheden skal være family eller person.", "The unit must be family or person."),
    "activity_types": ("Vælg mindst én aktivitetstype.", "Choose at least one activity type."),
    "excluded_types": ("Aktivitetstyperne skal være en liste af koder.", "The types must be a list of codes."),
    "first_year": (f"Det første deltagerår skal være {_YEARS[0]}.", f"The first year must be {_YEARS[1]}."),
    "last_year": (f"Det sidste deltagerår skal være {_YEARS[0]}.", f"The last year must be {_YEARS[1]}."),
    "comparison_year": (f"Sammenligningsåret skal være {_YEARS[0]}.", f"The comparison year must be {_YEARS[1]}."),
    "youngest": (
        "Den laveste alder skal være et helt tal: fra 0 til 17 for børn, fra 0 til 120 for personer.",
        "The lowest age must be a whole number: 0 to 17 for children, 0 to 120 for persons.",
    ),
    "oldest": (
        "Den højeste alder skal være et helt tal: fra 0 til 17 for børn, fra 0 til 120 for personer.",
        "The highest age must be a whole number: 0 to 17 for children, 0 to 120 for persons.",
    ),
    "areas": (
        "Områderne skal være plans, departments eller chosen.",
        "The areas must be plans, departments or chosen.",
    ),
    "chosen_departments": (
        "Boligafdelingerne skal være en liste af koder.",
        "The departments must be a list of codes.",
    ),
    "exclusion": (
        "Udelukkelsen skal være window, since eller ever.",
        "The exclusion must be window, since or ever.",
    ),
    "excluded_from": (
        f"Året for udelukkelse skal være {_YEARS[0]}.",
        f"The first year of exclusion must be {_YEARS[1]}.",
    ),
    "excluded_to": (
        f"Det sidste år for udelukkelse skal være {_YEARS[0]}.",
        f"The last year of exclusion must be {_YEARS[1]}.",
    ),
    "dwellings": (
        "Boligernes grænser skal være hele tal fra 1 til 1000, eller null.",
        "The limits of dwellings must be whole numbers from 1 to 1000, or null.",
    ),
    "characteristics": (
        "Kendetegn skal være en liste af navne og grupperinger, som kodebogen har dem.",
        "Characteristics must be a list of names and groupings as the codebook has them.",
    ),
    "minimum": ("Det mindste antal skal være fra 3 til 100.", "The smallest count must be from 3 to 100."),
    "k": ("k skal være fra 3 til 100.", "k must be from 3 to 100."),
    "seed": ("Tallet til lodtrækning skal være fra 0 til 2147483647.", "The seed must be from 0 to 2147483647."),
}  # fmt: skip


def _problems(definition: Definition) -> dict[str, Text]:
    oldest = OLDEST_CHILD if definition.unit == FAMILY else OLDEST
    dwellings, chosen = definition.dwellings, definition.characteristics
    fits = {
        "unit": definition.unit in (FAMILY, PERSON),
        "activity_types": _codes(definition.activity_types) and bool(definition.activity_types),
        **{name: _year(getattr(definition, name)) for name in NEEDED[1:]},
        "youngest": is_whole(definition.youngest, 0, oldest),
        "oldest": is_whole(definition.oldest, 0, oldest),
        "areas": definition.areas in (PLANS, DEPARTMENTS, CHOSEN),
        "chosen_departments": _codes(definition.chosen_departments),
        "exclusion": definition.exclusion in (WINDOW, SINCE, EVER),
        "excluded_from": definition.excluded_from is None or _year(definition.excluded_from),
        "excluded_to": definition.excluded_to is None or _year(definition.excluded_to),
        "excluded_types": _codes(definition.excluded_types),
        "dwellings": dwellings is None
        or (isinstance(dwellings, Dwellings) and all(is_whole(each, 1, 1000) for each in asdict(dwellings).values())),
        "characteristics": isinstance(chosen, tuple)
        and all(isinstance(each, Chosen) and in_catalogue(each.name, each.grouping) for each in chosen),
        "minimum": is_whole(definition.minimum, LEAST, MOST),
        "k": is_whole(definition.k, LEAST, MOST),
        "seed": is_whole(definition.seed, 0, 2**31 - 1),
    }
    found = {name: FIELDS[name] for name, fit in fits.items() if not fit}
    if not isinstance(definition.matching, MatchSpec):
        return found | {"matching": NOT_AN_OBJECT}
    return found | _inside("matching", spec_problems(definition.matching))


def _contradictions(definition: Definition) -> dict[str, Text]:
    problems = _who(definition) | described(definition.unit, definition.characteristics, definition.matching)
    excluded_from, excluded_to = definition.excluded_from, definition.excluded_to
    if definition.exclusion == EVER and excluded_from is not None:
        problems["excluded_from"] = NO_YEAR
    elif definition.exclusion != WINDOW and excluded_to is not None:
        problems["excluded_to"] = NO_YEAR
    elif definition.exclusion == SINCE and excluded_from is None:
        problems["excluded_from"] = ("Skriv det år, som udelukkelsen går tilbage til.", "Say since which year.")
    elif not definition.excluded_years and "last_year" not in problems:
        problems["excluded_from"] = (
            "Det første år for udelukkelse kan ikke ligge efter det sidste.",
            "The first year of exclusion can't be after the last.",
        )
    elif definition.exclusion != EVER and set(definition.activity_types) & set(definition.excluding_types):
        if (excluded_from or 0) > definition.first_year:
            problems["excluded_from"] = (
                "Året for udelukkelse kan ikke ligge efter det første deltagerår: "
                "så ville familier, der var begyndt, kunne stå i sammenligningsgruppen.",
                "The first year of exclusion can't be after the first participant year: "
                "families that had started could stand in the comparison group.",
            )
        elif (excluded_to or LATEST_YEAR) < definition.last_year:
            problems["excluded_to"] = (
                "Udelukkelsen kan ikke slutte før det sidste deltagerår: "
                "så ville familier, der begyndte, kunne stå i sammenligningsgruppen.",
                "The exclusion can't end before the last participant year: "
                "families that started could stand in the comparison group.",
            )
    return problems


def _who(definition: Definition) -> dict[str, Text]:
    problems: dict[str, Text] = {}
    if definition.first_year > definition.last_year:
        problems["last_year"] = (
            "Det sidste deltagerår kan ikke ligge før det første.",
            "The last year can't be before the first.",
        )
    if definition.youngest > definition.oldest:
        problems["oldest"] = (
            "Den højeste alder kan ikke være under den laveste.",
            "The highest age can't be below the lowest.",
        )
    if (definition.areas == CHOSEN) != bool(definition.chosen_departments):
        problems["chosen_departments"] = (
            ("Vælg mindst én boligafdeling.", "Choose at least one department.")
            if definition.areas == CHOSEN
            else (
                "Boligafdelinger vælges kun, når områderne er chosen.",
                "Departments are for areas that are chosen only.",
            )
        )
    return problems


def _inside(place: str, problems: Mapping[str, Text]) -> dict[str, Text]:
    return {f"{place}.{name}" if name else place: text for name, text in problems.items()}


def _year(value: Any) -> bool:
    return is_whole(value, EARLIEST_YEAR, LATEST_YEAR)


def _codes(value: Any) -> bool:
    return isinstance(value, tuple) and all(isinstance(code, str) and code for code in value)


# The evaluation's own rule, in both of its variants; examples/ has them with its characteristics.
EVALUATION = Definition(activity_types=("familieindsats",), first_year=2014, last_year=2016, comparison_year=2016)
EVALUATION_SINCE_2012 = replace(EVALUATION, exclusion=SINCE, excluded_from=2012)
