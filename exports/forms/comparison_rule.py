"""A definition as the fields of a form, and back."""

import json
from collections.abc import Mapping
from dataclasses import replace
from importlib import resources
from typing import Any

from exports.comparison import runner
from exports.comparison.runner.characteristics import CATALOGUE
from exports.comparison.runner.definition import (
    CHOSEN,
    SINCE,
    WINDOW,
    Definition,
    Dwellings,
    from_json,
)
from exports.comparison.runner.matching.spec import COARSENED, EXACT, MAHALANOBIS, NEAREST, NONE, RANDOM, STURGES
from exports.comparison.runner.variables import NUMERIC
from exports.models import EvaluationProject

EXAMPLES = {WINDOW: "evaluation", SINCE: "evaluation-since-2012"}  # the evaluation's own rule, in both variants
SAME, OTHERS = "same", "others"  # which activities keep somebody out of the comparison group
DEVIATIONS, OWN_SCALE = "sd", "own"
NEIGHBOURS, MATCHED = (NEAREST, MAHALANOBIS), (EXACT, COARSENED, NEAREST, MAHALANOBIS)
EXCLUDED_SINCE = 2012  # the evaluation's report says both "in the period" and "since 2012"
PROPOSED_CALIPER = 0.2  # standard deviations of the logit (Austin 2011, Pharmaceutical Statistics 10)
COARSE_ONLY = {"age"}  # a file that leaves has ages in bands

# what a resident list gives, and what is formed where the registers are
LISTED = {name: known for name, known in CATALOGUE.items() if known.demographic}
ELSEWHERE = {name: known for name, known in CATALOGUE.items() if not known.demographic}
GROUPED = {name: known for name, known in CATALOGUE.items() if known.groupings and name not in COARSE_ONLY}
CUT = {name: known for name, known in LISTED.items() if known.kind == NUMERIC and name not in COARSE_ONLY}


def group_field(name: str) -> str:
    return f"grouping_{name}"


def cut_field(name: str) -> str:
    return f"cutpoints_{name}"


def place_of(name: str) -> str:
    """The field in which a characteristic is chosen."""
    return "characteristics" if name in LISTED else "register_characteristics"


# a field -> the field and the choices without which it is not asked for, and not read
ASKED_WHEN: dict[str, tuple[str, tuple[str, ...]]] = {
    "chosen_departments": ("areas", (CHOSEN,)),
    "window_from": ("exclusion", (WINDOW,)),
    "window_to": ("exclusion", (WINDOW,)),
    "excluded_since": ("exclusion", (SINCE,)),
    "excluded_types": ("excluding", (OTHERS,)),
    **{group_field(name): (place_of(name), (name,)) for name in GROUPED},
    **dict.fromkeys(("leave_out", "most_residents", "most_rooms"), ("register_characteristics", ("m2_per_resident",))),
    "match_on": ("method", MATCHED),
    **{cut_field(name): ("method", (COARSENED,)) for name in CUT},
    **dict.fromkeys(
        ("equal_on", "ratio", "replacement", "order", "caliper", "caliper_unit", "distance"),
        ("method", NEIGHBOURS),
    ),
    "seed": ("order", (RANDOM,)),
}


def is_asked(name: str, data: Mapping[str, Any]) -> bool:
    """Whether the choices of clean `data` ask for the field."""
    if name not in ASKED_WHEN:
        return True
    chooser, values = ASKED_WHEN[name]
    chosen = data.get(chooser) or []
    return is_asked(chooser, data) and not set(values).isdisjoint([chosen] if isinstance(chosen, str) else chosen)


def example(name: str, project: EvaluationProject) -> Definition:
    """A shipped example (a key of EXAMPLES) for the years and limits of the project."""
    text = resources.files(runner).joinpath(f"examples/{EXAMPLES[name]}.json").read_text(encoding="utf-8")
    rule = from_json(json.loads(text))
    first, last = project.first_year, project.last_year
    since = None if rule.excluded_from is None else min(rule.excluded_from, first)
    return replace(
        rule,
        first_year=first,
        last_year=last,
        comparison_year=last,
        excluded_from=since,
        minimum=max(rule.minimum, project.minimum_count),
        k=max(rule.k, project.k),
    )


def fields_of(rule: Definition) -> dict[str, Any]:
    """What the fields show for a definition."""
    spec, since = rule.matching, rule.exclusion == SINCE
    chosen = {each.name: each.grouping for each in rule.characteristics}
    same = ("unit", "first_year", "last_year", "comparison_year", "youngest", "oldest", "areas", "exclusion")
    return {
        **{name: getattr(rule, name) for name in (*same, "minimum", "k")},
        "activity_types": list(rule.activity_types),
        "chosen_departments": list(rule.chosen_departments),
        "window_from": None if since else rule.excluded_from,
        "window_to": rule.excluded_to,
        "excluded_since": rule.excluded_from if since else min(EXCLUDED_SINCE, rule.first_year),
        "excluding": OTHERS if rule.excluded_types else SAME,
        "excluded_types": list(rule.excluded_types),
        "characteristics": [name for name in chosen if name in LISTED],
        "register_characteristics": [name for name in chosen if name in ELSEWHERE],
        **{group_field(name): chosen.get(name, "") for name in GROUPED},
        **{cut_field(name): spec.cutpoints[name] for name in CUT if not isinstance(spec.cutpoints.get(name, ""), str)},
        "leave_out": rule.dwellings is not None,
        "most_residents": (rule.dwellings or Dwellings()).most_residents,
        "most_rooms": (rule.dwellings or Dwellings()).most_rooms,
        "method": spec.method,
        "match_on": list(spec.variables),
        "equal_on": list(spec.exact),
        "ratio": spec.ratio,
        "replacement": spec.replacement,
        "order": spec.order,
        "seed": spec.seed,
        "caliper": spec.caliper if spec.method in NEIGHBOURS else PROPOSED_CALIPER,
        "caliper_unit": DEVIATIONS if spec.caliper_sd else OWN_SCALE,
        "distance": spec.distance,
    }


def json_of(data: Mapping[str, Any]) -> dict[str, Any]:
    """The definition, as JSON, that clean fields ask for; fields that are not asked for are None in `data`."""
    same = ("unit", "activity_types", "first_year", "last_year", "comparison_year", "youngest", "oldest", "areas")
    found = {name: data[name] for name in (*same, "exclusion", "minimum", "k")}
    found["chosen_departments"] = data["chosen_departments"] or []
    found["excluded_from"] = data["excluded_since"] or data["window_from"]
    found["excluded_to"] = data["window_to"]
    found["excluded_types"] = data["excluded_types"] or []
    chosen = {*data["characteristics"], *data["register_characteristics"]}
    found["characteristics"] = [
        {"name": name, "grouping": grouping_of(data, name)} for name in CATALOGUE if name in chosen
    ]
    if data["leave_out"]:
        found["dwellings"] = {"most_residents": data["most_residents"], "most_rooms": data["most_rooms"]}
    elif data["leave_out"] is not None:
        found["dwellings"] = None
    return found | {"matching": _matching(data)}


def grouping_of(data: Mapping[str, Any], name: str) -> str:
    if name in COARSE_ONLY:
        return next(iter(CATALOGUE[name].groupings))
    return data.get(group_field(name)) or ""


def _matching(data: Mapping[str, Any]) -> dict[str, Any]:
    method = data["method"]
    found: dict[str, Any] = {"method": method}
    if method != NONE:
        found["variables"] = data["match_on"]
    if method == COARSENED:
        cut = {name: data[cut_field(name)] or STURGES for name in CUT if name in data["match_on"]}
        found["cutpoints"] = cut
    if method in NEIGHBOURS:
        found |= {name: data[name] for name in ("ratio", "replacement", "order", "caliper", "distance")}
        found["exact"] = data["equal_on"]
        found["caliper_sd"] = data["caliper_unit"] == DEVIATIONS
        if data["order"] == RANDOM:
            found["seed"] = data["seed"]
    return found


# a field of the definition -> of the form, where they are not the same
PLACES = {
    "excluded_to": "window_to",
    "dwellings": "most_residents",
    "matching.variables": "match_on",
    "matching.exact": "equal_on",
    "matching.caliper_sd": "caliper_unit",
}


def place_of_problem(name: str, data: Mapping[str, Any]) -> str:
    """The field of the form that a problem of the definition belongs to."""
    if name == "excluded_from":
        return "excluded_since" if data["exclusion"] == SINCE else "window_from"
    if name == "matching.cutpoints":
        return next(map(cut_field, CUT))
    return PLACES.get(name, name.removeprefix("matching."))
