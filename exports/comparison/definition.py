"""What an evaluator asks for: the criteria of a comparison group as plain JSON, and in plain words."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

EARLIEST_YEAR, LATEST_YEAR = 1980, 2099
OLDEST_CHILD = 17
REPORTING = "reporting"  # the only choice of areas so far: those that reported participants

_FIELDS = {
    "activity_types": gettext_lazy("Vælg mindst én aktivitetstype."),
    "first_year": gettext_lazy("Det første deltagerår skal være et årstal fra 1980 til 2099."),
    "last_year": gettext_lazy("Det sidste deltagerår skal være et årstal fra 1980 til 2099."),
    "youngest": gettext_lazy("Børnenes laveste alder skal være et helt tal fra 0 til 17."),
    "oldest": gettext_lazy("Børnenes højeste alder skal være et helt tal fra 0 til 17."),
    "comparison_year": gettext_lazy("Sammenligningsåret skal være et årstal fra 1980 til 2099."),
    "excluded_since": gettext_lazy("Året for udelukkelse skal være et årstal fra 1980 til 2099 eller stå tomt."),
    "areas": gettext_lazy("Områderne kan kun være dem, der har indberettet deltagere."),
}


class DefinitionInvalid(Exception):
    """`problems` maps the name of a field to a sentence for the evaluator ("" for the definition as a whole)."""

    def __init__(self, problems: Mapping[str, str | Promise]) -> None:
        super().__init__("The definition is invalid: " + ", ".join(sorted(problems)))
        self.problems = dict(problems)


@dataclass(frozen=True, kw_only=True)
class Definition:
    """The evaluation's rule with its parameters; the defaults are the evaluation's own.

    activity_types              codes of the selected activities
    first_year, last_year       participants: families in which an adult started a selected activity in these years
    youngest, oldest            completed years, both included, of at least one child in the family
    comparison_year             the list that comparison families are drawn from
    excluded_since              None: no comparison family has a member who started a selected activity in the
                                participant years. A year: … since that year (the report says both)
    areas                       REPORTING
    """

    activity_types: tuple[str, ...]
    first_year: int
    last_year: int
    comparison_year: int
    youngest: int = 0
    oldest: int = 6
    excluded_since: int | None = None
    areas: str = REPORTING

    def __post_init__(self) -> None:
        problems: dict[str, str | Promise] = {}
        if not self.activity_types or not all(isinstance(code, str) and code for code in self.activity_types):
            problems["activity_types"] = _FIELDS["activity_types"]
        for name in ("first_year", "last_year", "comparison_year", "excluded_since"):
            value = getattr(self, name)
            if not (_whole(value, EARLIEST_YEAR, LATEST_YEAR) or (name == "excluded_since" and value is None)):
                problems[name] = _FIELDS[name]
        for name in ("youngest", "oldest"):
            if not _whole(getattr(self, name), 0, OLDEST_CHILD):
                problems[name] = _FIELDS[name]
        if self.areas != REPORTING:
            problems["areas"] = _FIELDS["areas"]
        if not problems:
            problems = self._contradictions()
        if problems:
            raise DefinitionInvalid(problems)

    def _contradictions(self) -> dict[str, str | Promise]:
        problems: dict[str, str | Promise] = {}
        if self.first_year > self.last_year:
            problems["last_year"] = gettext_lazy("Det sidste deltagerår kan ikke ligge før det første.")
        if self.youngest > self.oldest:
            problems["oldest"] = gettext_lazy("Børnenes højeste alder kan ikke være under den laveste.")
        if self.excluded_since is not None and self.excluded_since > self.first_year:
            problems["excluded_since"] = gettext_lazy(
                "Året for udelukkelse kan ikke ligge efter det første deltagerår: "
                "så ville familier, der var begyndt, kunne stå i sammenligningsgruppen."
            )
        return problems

    @classmethod
    def from_json(cls, data: Any, known_types: Collection[str] | None = None) -> "Definition":
        """Read what `to_json` wrote, or what somebody typed. Raises DefinitionInvalid.

        `known_types`: the codes of activity types; another one is refused.
        """
        if not isinstance(data, dict):
            raise DefinitionInvalid({"": gettext_lazy("Reglen skal være et JSON-objekt.")})
        if extra := set(data) - set(_FIELDS):
            raise DefinitionInvalid({str(name): gettext_lazy("Feltet kendes ikke.") for name in extra})
        needed = ("activity_types", "first_year", "last_year", "comparison_year")
        if missing := [name for name in needed if name not in data]:
            raise DefinitionInvalid({name: _FIELDS[name] for name in missing})
        codes = data["activity_types"]
        if not isinstance(codes, list) or not all(isinstance(code, str) for code in codes):
            raise DefinitionInvalid({"activity_types": _FIELDS["activity_types"]})
        if known_types is not None and not set(codes) <= set(known_types):
            raise DefinitionInvalid({"activity_types": gettext_lazy("En af aktivitetstyperne findes ikke.")})
        return cls(**{**data, "activity_types": tuple(sorted(set(codes)))})

    def to_json(self) -> dict[str, Any]:
        """Plain values, the same for equal definitions."""
        return {
            "activity_types": sorted(self.activity_types),
            "first_year": self.first_year,
            "last_year": self.last_year,
            "youngest": self.youngest,
            "oldest": self.oldest,
            "comparison_year": self.comparison_year,
            "excluded_since": self.excluded_since,
            "areas": self.areas,
        }

    @property
    def participant_years(self) -> range:
        return range(self.first_year, self.last_year + 1)

    @property
    def years(self) -> list[int]:
        """The years whose lists are needed."""
        return sorted({*self.participant_years, self.comparison_year})

    @property
    def excluded_years(self) -> range:
        """Starts in these years keep a family out of the comparison group."""
        if self.excluded_since is None:
            return self.participant_years
        return range(self.excluded_since, max(self.last_year, self.comparison_year) + 1)


def summary(definition: Definition, names: Mapping[str, str] | None = None) -> str:
    """The definition in plain words. `names` maps codes of activity types to what they are called."""
    names = names or {}
    activities = ", ".join(names.get(code, code) for code in sorted(definition.activity_types))
    words = {
        "activities": activities,
        "years": _period(definition.first_year, definition.last_year),
        "ages": _ages(definition.youngest, definition.oldest),
        "comparison_year": definition.comparison_year,
        "since": definition.excluded_since,
    }
    participants = ngettext(
        "Deltagere: familier med et barn på %(ages)s, hvor en voksen begyndte på aktiviteten %(activities)s "
        "i %(years)s. De beskrives i det år, hvor familien begyndte første gang.",
        "Deltagere: familier med et barn på %(ages)s, hvor en voksen begyndte på en af aktiviteterne %(activities)s "
        "i %(years)s. De beskrives i det år, hvor familien begyndte første gang.",
        len(definition.activity_types),
    )
    comparison = _(
        "Sammenligning: alle andre familier med et barn på %(ages)s, som i %(comparison_year)s boede i de områder, "
        "der har indberettet deltagere."
    )
    if definition.excluded_since is None:
        excluded = _("Ingen i familien var begyndt på en af aktiviteterne i %(years)s.")
    else:
        excluded = _("Ingen i familien var begyndt på en af aktiviteterne siden %(since)s.")
    return " ".join(text % words for text in (participants, comparison, excluded))


def _period(first: int, last: int) -> str:
    return str(first) if first == last else f"{first}-{last}"


def _ages(youngest: int, oldest: int) -> str:
    ages = str(oldest) if youngest == oldest else f"{youngest}-{oldest}"
    return _("%(ages)s år") % {"ages": ages}


def _whole(value: Any, lowest: int, highest: int) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and lowest <= value <= highest
