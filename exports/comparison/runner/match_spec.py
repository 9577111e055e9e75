"""What `match` is asked for: SPEC.json, described by match.schema.json."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from .matching.spec import MatchSpec
from .matching.spec_json import spec_from_json
from .texts import Refused, Text
from .variables import BINARY, CATEGORICAL, NUMERIC

FORMAT = "deltagerdata-match-1"
KINDS = (NUMERIC, BINARY, CATEGORICAL)
FIELDS = ("format", "id", "group", "variables", "matching", "minimum", "seed")
LEAST, MOST = 1, 100  # of `minimum`; 1 hides nothing
_OBJECT: Text = ("skal være et JSON-objekt.", "must be a JSON object.")


@dataclass(frozen=True)
class Asked:
    """A column to describe and perhaps match on. kind "": to be guessed. measured: "before" or "after"."""

    name: str
    kind: str
    label: Text
    measured: str


@dataclass(frozen=True, kw_only=True)
class MatchTask:
    """id: the column that names a unit ("": the row's number); group: the column that says who is a participant."""

    id: str
    group: str
    variables: tuple[Asked, ...]
    matching: MatchSpec
    minimum: int = 5

    @property
    def columns(self) -> list[str]:
        """What is read of the data."""
        return [*([self.id] if self.id else []), self.group, *(variable.name for variable in self.variables)]


def from_text(text: str) -> MatchTask:
    """Raises Refused, by field."""
    try:
        data = json.loads(text)
    except ValueError:
        raise Refused({"": ("Filen er ikke gyldig JSON.", "The file isn't valid JSON.")}) from None
    if not isinstance(data, dict):
        raise Refused({"": (f"Filen {_OBJECT[0]}", f"The file {_OBJECT[1]}")})
    if data.get("format") != FORMAT:
        raise Refused({"format": (f"Formatet skal være {FORMAT}.", f"The format must be {FORMAT}.")})
    problems: dict[str, Text] = {
        str(name): ("Feltet kendes ikke.", "There is no such field.") for name in data if name not in FIELDS
    }
    if not _name(data.get("group")):
        problems["group"] = ("Skriv navnet på kolonnen med gruppen.", "Name the column with the group.")
    if not (data.get("id") is None or _name(data["id"])):
        problems["id"] = ("Skriv navnet på en kolonne, eller udelad feltet.", "Name a column, or leave the field out.")
    if not _whole(data.get("minimum", 5), LEAST, MOST):
        problems["minimum"] = (
            f"Det mindste antal skal være et helt tal fra {LEAST} til {MOST}.",
            f"The smallest count must be a whole number from {LEAST} to {MOST}.",
        )
    variables = _variables(data.get("variables"), problems)
    taken = {data.get("group"), data.get("id")}
    for variable in variables:
        if variable.name in taken:
            problems[f"variables: {variable.name}"] = (
                "Kolonnen er gruppen eller id og kan ikke også være en variabel.",
                "The column is the group or the id and can't be a variable too.",
            )
    matching = _matching(data, problems)
    if problems or matching is None:
        raise Refused(problems)
    return MatchTask(
        id=data.get("id") or "",
        group=data["group"],
        variables=variables,
        matching=matching,
        minimum=data.get("minimum", 5),
    )


def _variables(given: Any, problems: dict[str, Text]) -> tuple[Asked, ...]:
    if not isinstance(given, list) or not given:
        problems["variables"] = ("Nævn mindst én variabel.", "Name at least one variable.")
        return ()
    result: list[Asked] = []
    for place, each in enumerate(given, start=1):
        data = {"name": each} if isinstance(each, str) else each
        where = f"variables: {data['name']}" if isinstance(data, dict) and _name(data.get("name")) else None
        if where is None:
            problems[f"variables: {place}"] = (
                "En variabel er et navn eller et objekt med name.",
                "A variable is a name or an object with name.",
            )
            continue
        label = data.get("label", [data["name"], data["name"]])
        if extra := set(data) - {"name", "kind", "label", "measured"}:
            problems[where] = (f"Feltet {min(extra)} kendes ikke.", f"There is no field {min(extra)}.")
        elif data.get("kind", "") not in ("", *KINDS):
            problems[where] = (f"kind skal være {', '.join(KINDS)}.", f"kind must be {', '.join(KINDS)}.")
        elif data.get("measured", "before") not in ("before", "after"):
            problems[where] = ("measured skal være before eller after.", "measured must be before or after.")
        elif not (isinstance(label, list) and len(label) == 2 and all(map(_name, label))):
            problems[where] = ("label skal være [dansk, engelsk].", "label must be [Danish, English].")
        elif any(known.name == data["name"] for known in result):
            problems[where] = ("Variablen står to gange.", "The variable stands twice.")
        else:
            result.append(
                Asked(data["name"], data.get("kind", ""), (label[0], label[1]), data.get("measured", "before"))
            )
    return tuple(result)


def _matching(data: Mapping[str, Any], problems: dict[str, Text]) -> MatchSpec | None:
    given = {} if data.get("matching") is None else data["matching"]
    if "seed" in data and isinstance(given, dict):
        given = {"seed": data["seed"]} | given
    try:
        return spec_from_json(given)
    except Refused as refused:
        problems.update({f"matching: {name}" if name else "matching": text for name, text in refused.problems.items()})
        return None


def _name(value: Any) -> bool:
    return isinstance(value, str) and bool(value.strip())


def _whole(value: Any, lowest: int, highest: int) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and lowest <= value <= highest
