"""A MatchSpec as JSON, and what may be wrong with one."""

import math
from collections.abc import Mapping
from dataclasses import asdict, fields
from typing import Any

from ..texts import Refused, Text
from .spec import (
    COARSENED,
    DATA,
    EXACT,
    LARGEST,
    LOGIT,
    MAHALANOBIS,
    NEAREST,
    NONE,
    PROBABILITY,
    RANDOM,
    SMALLEST,
    STURGES,
    MatchSpec,
)

MOST_FOR_EACH = 100
WIDEST = 1000.0  # of a caliper: wider ones allow everything
FARTHEST = 1e12  # of a cut point
METHODS = (NONE, EXACT, COARSENED, NEAREST, MAHALANOBIS)
ORDERS = (LARGEST, SMALLEST, DATA, RANDOM)
SCALES = (LOGIT, PROBABILITY)
# fields that other methods don't read: said, not passed over, or somebody would believe that they had a caliper
ONLY_FOR = {
    "exact": (NEAREST, MAHALANOBIS),
    "distance": (NEAREST, MAHALANOBIS),
    "caliper": (NEAREST, MAHALANOBIS),
    "caliper_sd": (NEAREST, MAHALANOBIS),
    "ratio": (NEAREST, MAHALANOBIS),
    "replacement": (NEAREST, MAHALANOBIS),
    "order": (NEAREST, MAHALANOBIS),
    "cutpoints": (COARSENED,),
}

NOT_AN_OBJECT: Text = ("Matchningen skal være et JSON-objekt.", "The matching must be a JSON object.")
UNKNOWN_FIELD: Text = ("Feltet kendes ikke.", "There is no such field.")
FIELDS: dict[str, Text] = {
    "method": (
        "Metoden skal være none, exact, coarsened, nearest eller mahalanobis.",
        "The method must be none, exact, coarsened, nearest or mahalanobis.",
    ),
    "variables": (
        "Variablerne skal være en liste af navne, hvert navn én gang.",
        "The variables must be a list of names, each name once.",
    ),
    "exact": (
        "Variabler, der skal være ens, skal være en liste af navne, hvert navn én gang.",
        "Variables to be equal must be a list of names, each name once.",
    ),
    "distance": ("Skalaen skal være logit eller probability.", "The scale must be logit or probability."),
    "caliper": (
        "Den største afstand skal være et tal over 0 og højst 1000.",
        "The caliper must be a number over 0 and at most 1000.",
    ),
    "caliper_sd": (
        "Skriv true, når afstanden er i standardafvigelser, ellers false.",
        "Write true for a caliper in standard deviations, else false.",
    ),
    "ratio": (
        f"Antallet til hver deltager skal være et helt tal fra 1 til {MOST_FOR_EACH}.",
        f"The number for each participant must be a whole number from 1 to {MOST_FOR_EACH}.",
    ),
    "replacement": (
        "Skriv true, når den samme kan bruges flere gange, ellers false.",
        "Write true when one may be used more than once, else false.",
    ),
    "order": (
        "Rækkefølgen skal være largest, smallest, data eller random.",
        "The order must be largest, smallest, data or random.",
    ),
    "seed": ("Tallet til lodtrækning skal være fra 0 til 2147483647.", "The seed must be from 0 to 2147483647."),
    "cutpoints": (
        "Skriv for hver variabel sturges eller skæringspunkter, der stiger.",
        "Write for each variable sturges, or cut points that rise.",
    ),
}  # fmt: skip
NO_VARIABLES: Text = (
    "Vælg mindst én variabel at matche på.",
    "Choose at least one variable to match on.",
)
CUTS_ELSEWHERE: Text = (
    "Kun variabler, der matches på, kan inddeles.",
    "Only variables that are matched on can have cut points.",
)


def spec_from_json(data: Any) -> MatchSpec:
    """What an evaluator typed, or `spec_to_json` wrote; fields that are left out have their default. Raises Refused
    with the name of the field as the place."""
    spec = read_spec(data)
    if found := problems(spec):
        raise Refused(found)
    return spec


def spec_to_json(spec: MatchSpec) -> dict[str, Any]:
    """Plain values, the same for equal specs."""
    cutpoints = {
        name: points if isinstance(points, str) else list(points) for name, points in sorted(spec.cutpoints.items())
    }
    return asdict(spec) | {"variables": list(spec.variables), "exact": list(spec.exact), "cutpoints": cutpoints}


def read_spec(data: Any) -> MatchSpec:
    """The shape only: values are as they were given, for `problems` to judge. Raises Refused for unknown fields."""
    if not isinstance(data, dict):
        raise Refused({"": NOT_AN_OBJECT})
    if extra := set(data) - {field.name for field in fields(MatchSpec)}:
        raise Refused(dict.fromkeys(sorted(extra), UNKNOWN_FIELD))
    given = dict(data)
    for name in ("variables", "exact"):
        if isinstance(given.get(name), list):
            given[name] = tuple(given[name])
    for name in ("ratio", "seed"):
        if name in given:
            given[name] = whole(given[name])
    if _is_number(given.get("caliper")):
        given["caliper"] = float(given["caliper"])
    if isinstance(given.get("cutpoints"), dict):
        given["cutpoints"] = {name: _points(points) for name, points in given["cutpoints"].items()}
    return MatchSpec(**given)


def problems(spec: MatchSpec) -> dict[str, Text]:
    """What is wrong, by the name of the field; whether the variables exist is for whoever knows the data."""
    fits = {
        "method": spec.method in METHODS,
        "variables": _names(spec.variables),
        "exact": _names(spec.exact),
        "distance": spec.distance in SCALES,
        "caliper": spec.caliper is None or (_is_number(spec.caliper) and 0 < spec.caliper <= WIDEST),
        "caliper_sd": isinstance(spec.caliper_sd, bool),
        "ratio": is_whole(spec.ratio, 1, MOST_FOR_EACH),
        "replacement": isinstance(spec.replacement, bool),
        "order": spec.order in ORDERS,
        "seed": is_whole(spec.seed, 0, 2**31 - 1),
        "cutpoints": isinstance(spec.cutpoints, Mapping)
        and all(isinstance(name, str) and name and _rising(points) for name, points in spec.cutpoints.items()),
    }
    if wrong := {name: FIELDS[name] for name, fit in fits.items() if not fit}:
        return wrong
    return _contradictions(spec)


def _contradictions(spec: MatchSpec) -> dict[str, Text]:
    found: dict[str, Text] = {}
    plain = MatchSpec()
    if spec.method == NONE and spec.variables:
        found["method"] = (
            "Vælg en metode, når der er variabler at matche på.",
            "Choose a method when there are variables to match on.",
        )
    if spec.method != NONE and not spec.variables:
        found["variables"] = NO_VARIABLES
    for name, methods in ONLY_FOR.items():
        if spec.method not in methods and getattr(spec, name) != getattr(plain, name):
            found[name] = (
                f"Feltet bruges kun ved {' og '.join(methods)}.",
                f"The field is for {' and '.join(methods)} only.",
            )
    if not set(spec.cutpoints) <= set(spec.variables):
        found.setdefault("cutpoints", CUTS_ELSEWHERE)
    return found


def _names(value: Any) -> bool:
    return (
        isinstance(value, tuple)
        and all(isinstance(name, str) and name for name in value)
        and len(set(value)) == len(value)
    )


def _points(points: Any) -> Any:
    if isinstance(points, list) and all(_is_number(point) for point in points):
        return tuple(float(point) for point in points)
    return points


def _rising(points: Any) -> bool:
    if isinstance(points, str):
        return points == STURGES
    return (
        isinstance(points, tuple)
        and len(points) > 0
        and all(_is_number(point) and -FARTHEST <= point <= FARTHEST for point in points)
        and all(first < second for first, second in zip(points, points[1:], strict=False))
    )


def whole(value: Any) -> Any:
    """2.0 is a whole number in JSON: 2."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _is_number(value: Any) -> bool:
    """A finite number that a float can hold."""
    if not isinstance(value, int | float) or isinstance(value, bool):
        return False
    try:
        return math.isfinite(float(value))
    except OverflowError:
        return False


def is_whole(value: Any, lowest: int, highest: int) -> bool:
    """Whether it is an int, and within the bounds."""
    return isinstance(value, int) and not isinstance(value, bool) and lowest <= value <= highest
