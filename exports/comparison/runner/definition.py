"""What an evaluator asks for: the criteria of a comparison group as plain JSON, and in plain words.

The JSON is described by definition.schema.json, which is published with the guides.
"""

import json
from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass, fields, replace
from typing import Any

from .matching.spec import MatchSpec
from .texts import Refused, Text

FORMAT = "deltagerdata-comparison-2"
EARLIEST_YEAR, LATEST_YEAR = 1980, 2099
OLDEST_CHILD, OLDEST = 17, 120
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
    known = {field.name for field in fields(Definition)}
    if extra := set(given) - known:
        raise DefinitionInvalid(dict.fromkeys(sorted(map(str, extra)), UNKNOWN_FIELD))
    if missing := [name for name in NEEDED if name not in given]:
        raise DefinitionInvalid({name: FIELDS[name] for name in missing})
    problems: dict[str, Text] = {}
    for name in ("activity_types", "excluded_types", "chosen_departments"):
        if name in given:
            codes = given[name]
            if not isinstance(codes, list) or not all(isinstance(code, str) and code for code in codes):
                problems[name] = FIELDS[name]
            else:
                given[name] = tuple(sorted(set(codes)))
                if name != "chosen_departments" and known_types is not None and not set(codes) <= set(known_types):
                    problems[name] = (
                        "En af aktivitetstyperne findes ikke.",
                        "One of the activity types doesn't exist.",
                    )
    for name, build in (("dwellings", _dwellings), ("characteristics", _characteristics), ("matching", _matching)):
        if name in given:
            try:
                given[name] = build(given[name])
            except (TypeError, ValueError, KeyError):
                problems[name] = FIELDS[name]
    if problems:
        raise DefinitionInvalid(problems)
    return Definition(**given)


def to_json(definition: Definition) -> dict[str, Any]:
    """Plain values, the same for equal definitions."""
    data = {"format": FORMAT} | asdict(definition)
    for name in ("activity_types", "excluded_types"):
        data[name] = sorted(set(data[name]))
    data["matching"]["cutpoints"] = dict(sorted(data["matching"]["cutpoints"].items()))
    return json.loads(json.dumps(data))  # tuples are lists


def _dwellings(data: Any) -> Dwellings | None:
    if data is None:
        return None
    if not all(_whole(value, 1, 1000) for value in data.values()):
        raise ValueError
    return Dwellings(**data)


def _characteristics(data: Any) -> tuple[Chosen, ...]:
    return tuple(Chosen(each) if isinstance(each, str) else Chosen(**each) for each in data)


def _matching(data: Any) -> MatchSpec:
    texts = {name: tuple(data[name]) for name in ("variables", "exact") if name in data}
    cutpoints = {
        name: points if isinstance(points, str) else tuple(float(point) for point in points)
        for name, points in data.get("cutpoints", {}).items()
    }
    return MatchSpec(**{**data, **texts, "cutpoints": cutpoints})


# --- In words --------------------------------------------------------------------------------------------


def summary(definition: Definition, names: Mapping[str, str] | None = None) -> Text:
    """The definition in plain words. `names` maps codes of activity types to what they are called."""
    return _danish(definition, names or {}), _english(definition, names or {})


def _danish(definition: Definition, names: Mapping[str, str]) -> str:
    types = [names.get(code, code) for code in sorted(definition.activity_types)]
    activities = f"{'aktiviteten' if len(types) == 1 else 'en af aktiviteterne'} {', '.join(types)}"
    years, year = _period(definition.first_year, definition.last_year), definition.comparison_year
    ages = f"{_period(definition.youngest, definition.oldest)} år"
    where = {
        PLANS: "de områder, der har indberettet deltagere",
        DEPARTMENTS: "de boligafdelinger, som deltagere boede i",
        CHOSEN: "de valgte boligafdelinger",
    }[definition.areas]
    excluding = "en af aktiviteterne" if not definition.excluded_types else ", ".join(
        names.get(code, code) for code in sorted(definition.excluded_types)
    )  # fmt: skip
    since = definition.excluded_years
    when = {EVER: "", SINCE: f" siden {since[0]}", WINDOW: f" i {_period(since[0], since[-1])}"}[definition.exclusion]
    if definition.unit == PERSON:
        return (
            f"Deltagere: personer på {ages}, der begyndte på {activities} i {years}. De beskrives i det år, hvor de "
            f"begyndte første gang. Sammenligning: alle andre personer på {ages}, som i {year} boede i {where}. "
            f"De var ikke begyndt på {excluding}{when}."
        )
    return (
        f"Deltagere: familier med et barn på {ages}, hvor en voksen begyndte på {activities} i {years}. De beskrives "
        f"i det år, hvor familien begyndte første gang. Sammenligning: alle andre familier med et barn på {ages}, som "
        f"i {year} boede i {where}. Ingen i familien var begyndt på {excluding}{when}."
    )


def _english(definition: Definition, names: Mapping[str, str]) -> str:
    types = [names.get(code, code) for code in sorted(definition.activity_types)]
    activities = f"{'the activity' if len(types) == 1 else 'one of the activities'} {', '.join(types)}"
    years, year = _period(definition.first_year, definition.last_year), definition.comparison_year
    ages = _period(definition.youngest, definition.oldest)
    where = {
        PLANS: "the areas that reported participants",
        DEPARTMENTS: "the departments in which participants lived",
        CHOSEN: "the chosen departments",
    }[definition.areas]
    excluding = "one of the activities" if not definition.excluded_types else ", ".join(
        names.get(code, code) for code in sorted(definition.excluded_types)
    )  # fmt: skip
    since = definition.excluded_years
    when = {EVER: "", SINCE: f" since {since[0]}", WINDOW: f" in {_period(since[0], since[-1])}"}[definition.exclusion]
    if definition.unit == PERSON:
        return (
            f"Participants: persons aged {ages} who started {activities} in {years}, described in the year of their "
            f"first start. Comparison: all other persons aged {ages} who lived in {where} in {year} and had not "
            f"started {excluding}{when}."
        )
    return (
        f"Participants: families with a child aged {ages} in which an adult started {activities} in {years}, described "
        f"in the year of the family's first start. Comparison: all other families with a child aged {ages} that lived "
        f"in {where} in {year} and in which nobody had started {excluding}{when}."
    )


def _period(first: int, last: int) -> str:
    return str(first) if first == last else f"{first}-{last}"


# --- What is wrong ---------------------------------------------------------------------------------------

NEEDED = ("activity_types", "first_year", "last_year", "comparison_year")
UNKNOWN_FIELD: Text = ("Feltet kendes ikke.", "There is no such field.")
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
    "chosen_departments": ("Vælg mindst én boligafdeling.", "Choose at least one department."),
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
        "Boligernes grænser skal være hele tal over 0, eller null.",
        "The limits of dwellings must be whole numbers over 0, or null.",
    ),
    "characteristics": (
        "Kendetegn skal være en liste af navne, som kodebogen har dem.",
        "Characteristics must be a list of names as the codebook has them.",
    ),
    "matching": (
        "Matchningen skal have en metode og variabler, som guiden beskriver.",
        "The matching must have a method and variables as the guide says.",
    ),
    "minimum": ("Det mindste antal skal være fra 3 til 100.", "The smallest count must be from 3 to 100."),
    "k": ("k skal være fra 3 til 100.", "k must be from 3 to 100."),
    "seed": ("Tallet til lodtrækning skal være fra 0 til 2147483647.", "The seed must be from 0 to 2147483647."),
}  # fmt: skip


def _problems(definition: Definition) -> dict[str, Text]:
    oldest = OLDEST_CHILD if definition.unit == FAMILY else OLDEST
    years = {name: _whole(getattr(definition, name), EARLIEST_YEAR, LATEST_YEAR) for name in NEEDED[1:]}
    optional = {
        name: getattr(definition, name) is None or _whole(getattr(definition, name), EARLIEST_YEAR, LATEST_YEAR)
        for name in ("excluded_from", "excluded_to")
    }
    fits = {
        "unit": definition.unit in (FAMILY, PERSON),
        "activity_types": bool(definition.activity_types)
        and all(isinstance(code, str) and code for code in definition.activity_types),
        **years,
        "youngest": _whole(definition.youngest, 0, oldest),
        "oldest": _whole(definition.oldest, 0, oldest),
        "areas": definition.areas in (PLANS, DEPARTMENTS, CHOSEN),
        "exclusion": definition.exclusion in (WINDOW, SINCE, EVER),
        **optional,
        "minimum": _whole(definition.minimum, 3, 100),
        "k": _whole(definition.k, 3, 100),
        "seed": _whole(definition.seed, 0, 2**31 - 1),
    }
    return {name: FIELDS[name] for name, fit in fits.items() if not fit}


def _contradictions(definition: Definition) -> dict[str, Text]:
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
    if definition.areas == CHOSEN and not definition.chosen_departments:
        problems["chosen_departments"] = FIELDS["chosen_departments"]
    if definition.exclusion == SINCE and definition.excluded_from is None:
        problems["excluded_from"] = FIELDS["excluded_from"]
    elif definition.exclusion != EVER and not definition.excluded_types:
        if (definition.excluded_from or 0) > definition.first_year:
            problems["excluded_from"] = (
                "Året for udelukkelse kan ikke ligge efter det første deltagerår: "
                "så ville familier, der var begyndt, kunne stå i sammenligningsgruppen.",
                "The first year of exclusion can't be after the first participant year: "
                "families that had started could stand in the comparison group.",
            )
        elif (definition.excluded_to or LATEST_YEAR) < definition.last_year:
            problems["excluded_to"] = (
                "Udelukkelsen kan ikke slutte før det sidste deltagerår: "
                "så ville familier, der begyndte, kunne stå i sammenligningsgruppen.",
                "The exclusion can't end before the last participant year: "
                "families that started could stand in the comparison group.",
            )
    return problems


def _whole(value: Any, lowest: int, highest: int) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and lowest <= value <= highest


# The evaluation's own rule, in both of its variants: shipped as examples.
EVALUATION = Definition(activity_types=("familieindsats",), first_year=2014, last_year=2016, comparison_year=2016)
EVALUATION_SINCE_2012 = replace(EVALUATION, exclusion=SINCE, excluded_from=2012)
