"""What can't be matched, said before anything is computed."""

import math
from collections.abc import Sequence

import numpy as np
import pandas as pd

from ..texts import Refused, Text
from ..variables import NUMERIC, Variable
from . import spec as words
from .spec import MatchSpec

CHOICES: dict[str, tuple[tuple[str, ...], Text]] = {
    "method": (
        (words.NONE, words.EXACT, words.COARSENED, words.NEAREST, words.MAHALANOBIS),
        (
            "Metoden skal være none, exact, coarsened, nearest eller mahalanobis.",
            "The method must be none, exact, coarsened, nearest or mahalanobis.",
        ),
    ),
    "distance": (
        (words.LOGIT, words.PROBABILITY),
        ("Scorens skala skal være logit eller probability.", "The scale of the score must be logit or probability."),
    ),
    "order": (
        (words.LARGEST, words.SMALLEST, words.DATA, words.RANDOM),
        (
            "Rækkefølgen skal være largest, smallest, data eller random.",
            "The order must be largest, smallest, data or random.",
        ),
    ),
}


def problems(spec: MatchSpec, variables: Sequence[Variable]) -> dict[str, Text]:
    """What is wrong with the specification for these variables, by its field; empty when it can be used."""
    if spec.method == words.NONE:
        return {}
    found = {name: text for name, (values, text) in CHOICES.items() if getattr(spec, name) not in values}
    if not spec.variables:
        found["variables"] = ("Vælg mindst én variabel at matche på.", "Choose at least one variable to match on.")
    known = {variable.name: variable for variable in variables}
    for field in ("variables", "exact"):
        for name in getattr(spec, field):
            if name not in known:
                found[field] = (
                    f"Der er ingen variabel, der hedder {name}.",
                    f"There is no variable called {name}.",
                )
            elif known[name].measured == "after":
                danish, english = known[name].label
                found[field] = (
                    f"{danish} er målt efter referencedatoen og kan være påvirket af indsatsen. Den kan beskrives, men "
                    "ikke bruges til at matche på.",
                    f"{english} is measured after the reference date and may be affected by the activity. It can be "
                    "described, but not matched on.",
                )
    if spec.caliper is not None and not (_number(spec.caliper) and spec.caliper > 0):
        found["caliper"] = (
            "Den tilladte forskel skal være et tal over 0.",
            "The caliper must be a number above 0.",
        )
    if not _whole(spec.ratio) or spec.ratio < 1:
        found["ratio"] = (
            "Antallet pr. deltager skal være et helt tal fra 1.",
            "The number for each participant must be a whole number from 1.",
        )
    if not _whole(spec.seed) or not 0 <= spec.seed < 2**32:
        found["seed"] = (
            "Tallet til lodtrækning skal være et helt tal fra 0 til 4294967295.",
            "The seed must be a whole number from 0 to 4294967295.",
        )
    for name, points in spec.cutpoints.items():
        if name not in spec.variables or name not in known or known[name].kind != NUMERIC:
            found["cutpoints"] = (
                f"{name} er ikke en talvariabel, der matches på, og kan ikke inddeles i intervaller.",
                f"{name} is no numeric variable that is matched on, and can't be put into intervals.",
            )
        elif not (points == words.STURGES or (not isinstance(points, str) and points and all(map(_number, points)))):
            found["cutpoints"] = (
                f"Inddelingen af {name} skal være sturges eller en liste af tal.",
                f"The cut points of {name} must be sturges or a list of numbers.",
            )
    return found


def _number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def _whole(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def participants(
    frame: pd.DataFrame, group: str, variables: Sequence[Variable], exact: Sequence[Variable] = ()
) -> np.ndarray:
    """Who is a participant (bool), when the frame can be matched on these variables, exactly on the latter (which may
    be the same for everybody). Raises Refused."""
    if group not in frame.columns:
        raise Refused({"group": (f"Der er ingen kolonne, der hedder {group}.", f"There is no column called {group}.")})
    if not frame[group].isin([0, 1]).all():
        raise Refused(
            {
                "group": (
                    f"Kolonnen {group} skal være 1 for deltagere og 0 for de andre, og må ikke være tom.",
                    f"The column {group} must be 1 for participants and 0 for the others, and never empty.",
                )
            }
        )
    if not frame.index.is_unique:
        raise Refused({"": ("Et id står der flere gange.", "An id stands there more than once.")})
    participant = frame[group].to_numpy(dtype=bool)
    if min(participant.sum(), (~participant).sum()) < 2:
        raise Refused(
            {
                "group": (
                    f"Der er {participant.sum()} deltagere og {(~participant).sum()} andre. Der skal være mindst to i "
                    "hver gruppe.",
                    f"There are {participant.sum()} participants and {(~participant).sum()} others. Each group must "
                    "have at least two.",
                )
            }
        )
    found: dict[str, Text] = {}
    for variable in [*variables, *exact]:
        danish, english = variable.label
        if variable.name not in frame.columns:
            found["variables"] = (
                f"Data har ingen kolonne, der hedder {variable.name}.",
                f"The data have no column called {variable.name}.",
            )
        elif variable.kind == NUMERIC and not _numeric(frame[variable.name]):
            found["variables"] = (
                f"{danish} skal være et tal hos alle, eller være tom.",
                f"{english} must be a number for everybody, or empty.",
            )
        elif variable not in exact and _constant(frame[variable.name]):
            found["variables"] = (
                f"{danish} er ens for alle. Tag den ud af matchningen.",
                f"{english} is the same for everybody. Take it out of the matching.",
            )
    if found:
        raise Refused(found)
    return participant


def _numeric(values: pd.Series) -> bool:
    if not pd.api.types.is_numeric_dtype(values.dtype):
        return False
    return not np.isinf(values.to_numpy(dtype=float, na_value=np.nan)).any()


def _constant(values: pd.Series) -> bool:
    known = values.notna()
    return not known.any() or (bool(known.all()) and bool((values == values.iloc[0]).all()))
