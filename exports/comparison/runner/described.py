"""Which characteristics a definition may choose, and which of them it may match on."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from .characteristics import AFTER, CATALOGUE, FAMILY
from .matching.spec import MatchSpec
from .texts import Text
from .variables import NUMERIC

if TYPE_CHECKING:  # a definition is checked here
    from .definition import Chosen


def in_catalogue(name: Any, grouping: Any) -> bool:
    return (
        isinstance(name, str)
        and isinstance(grouping, str)
        and name in CATALOGUE
        and grouping in ("", *CATALOGUE[name].groupings)
    )


def contradictions(unit: str, characteristics: "Sequence[Chosen]", spec: MatchSpec) -> dict[str, Text]:
    """By field. What is matched on is described too, so that its balance is seen, and was so before the reference
    date. `characteristics` are in the catalogue, and `spec` holds by itself."""
    chosen = {each.name: each.grouping for each in characteristics}
    problems: dict[str, Text] = {}
    if len(chosen) < len(characteristics):
        problems["characteristics"] = ("Et kendetegn står to gange.", "A characteristic stands twice.")
    for place in ("variables", "exact", "cutpoints"):
        for name in getattr(spec, place):
            problem = _not_chosen(name) if name not in chosen else _unfit(unit, name, chosen[name], place)
            if problem:
                problems.setdefault(f"matching.{place}", problem)
    return problems


def _not_chosen(name: str) -> Text:
    danish, english = CATALOGUE[name].label if name in CATALOGUE else (name, name)
    return (
        f"{danish} er ikke blandt de valgte kendetegn. Vælg det, eller match ikke på det.",
        f"{english} isn't among the chosen characteristics. Choose it, or don't match on it.",
    )


def _unfit(unit: str, name: str, grouping: str, place: str) -> Text | None:
    known = CATALOGUE[name]
    danish, english = known.label
    if known.measured == AFTER:
        return (
            f"{danish} er målt efter referencedatoen og kan beskrives, men ikke matches på.",
            f"{english} is measured after the reference date: it can be described, not matched on.",
        )
    if unit == FAMILY and known.level != FAMILY:
        return (
            f"{danish} er en persons kendetegn. Familier matches på familiens.",
            f"{english} is a person's. Families are matched on the family's.",
        )
    if place == "cutpoints" and known.variable(grouping).kind != NUMERIC:
        return (
            f"{danish} er ikke et tal og kan ikke inddeles i intervaller.",
            f"{english} is no number and can't have cut points.",
        )
    return None
