"""What can't be matched, said before anything is computed."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from ..texts import Refused, Text
from ..variables import NUMERIC, Variable
from . import spec_json
from .spec import MatchSpec


def problems(spec: MatchSpec, variables: Sequence[Variable]) -> dict[str, Text]:
    """What is wrong with the specification for these variables, by its field; empty when it can be used."""
    if found := spec_json.problems(spec):
        return found
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
    for name in spec.cutpoints:
        if name in known and known[name].kind != NUMERIC:
            found["cutpoints"] = (
                f"{known[name].label[0]} er ikke et tal og kan ikke inddeles i intervaller.",
                f"{known[name].label[1]} is no number and can't be put into intervals.",
            )
    return found


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
                    f"Deltagere: {participant.sum()}. Andre: {(~participant).sum()}. Der skal være mindst to i hver "
                    "gruppe.",
                    f"Participants: {participant.sum()}. Others: {(~participant).sum()}. Each group must have at "
                    "least two.",
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
