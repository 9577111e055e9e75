"""Matching: from a frame and a specification to weights, pairs and reasons."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from ..texts import Refused
from ..variables import Variable
from . import checks, exact, mahalanobis, nearest, propensity, reasons, weights
from .spec import COARSENED, EXACT, MAHALANOBIS, NONE, PROBABILITY, MatchSpec

Progress = Callable[[str, int, int], None]  # stage ("score", "matching"), done, total


@dataclass(frozen=True)
class Matched:
    """units   a row for each of the frame, in its order and with its index:
               weight  0 when not matched; adds up to the number matched in each group
               match   the id of the participant that a comparison unit stands for, and the ids of a participant's
                       comparison units (several joined by ";"). EXACT and COARSENED: the number of the stratum
               reason  why a unit is not in, a code of `reasons`; "" when it is
    score   the propensity score on the chosen scale, by the frame's index; None when there is none
    counts  participants, comparisons, participants_matched, comparisons_matched, sets (participants with a match, or
            strata)
    notes   what a reader must know of the score
    """

    units: pd.DataFrame
    score: pd.Series | None
    counts: dict[str, int]
    notes: tuple[propensity.Note, ...] = ()


def match(
    frame: pd.DataFrame,
    *,
    group: str,
    variables: Sequence[Variable],
    spec: MatchSpec,
    progress: Progress | None = None,
) -> Matched:
    """Matches the comparison units of `frame` (index: ids; column `group`: 1 = participant) with the participants.

    The same frame and specification give the same result. Another order of rows gives the same one up to the ids of
    units that are equally near, and but for the orders DATA and RANDOM (see nearest). Raises Refused.
    """
    if problems := checks.problems(spec, variables):
        raise Refused(problems)
    known = {variable.name: variable for variable in variables}
    chosen = [known[name] for name in spec.variables]
    within = [known[name] for name in spec.exact if name not in spec.variables]
    participant = checks.participants(frame, group, chosen, within)
    if spec.method == NONE:
        everybody = np.ones(len(frame), dtype=bool)
        return _result(frame, participant, everybody.astype(float), {}, np.zeros(len(frame), dtype=np.int8), 0)
    if spec.method in (EXACT, COARSENED):
        return _by_strata(frame, participant, spec)
    return _by_score(frame, participant, chosen, spec, progress or (lambda stage, done, total: None))


def _by_strata(frame: pd.DataFrame, participant: np.ndarray, spec: MatchSpec) -> Matched:
    stratum = exact.strata(frame, spec.variables, spec.cutpoints)
    weight = weights.of_strata(stratum, participant)
    rows = np.flatnonzero(weight)
    numbers = np.unique(stratum[rows], return_inverse=True)[1] + 1
    why = np.where(weight > 0, 0, reasons.CODES.index(reasons.NO_EQUAL)).astype(np.int8)
    return _result(
        frame,
        participant,
        weight,
        dict(zip(rows.tolist(), map(str, numbers.tolist()), strict=True)),
        why,
        len(set(numbers.tolist())),
    )


def _by_score(
    frame: pd.DataFrame, participant: np.ndarray, chosen: Sequence[Variable], spec: MatchSpec, progress: Progress
) -> Matched:
    progress("score", 0, 1)
    columns = propensity.design(frame, chosen)
    fit = propensity.fit(columns, participant)
    progress("score", 1, 1)
    score = fit.probability if spec.distance == PROBABILITY else fit.logit
    line = nearest.Line.of(score, exact.strata(frame, spec.exact) if spec.exact else None)
    caliper = np.inf
    if spec.caliper is not None:  # over both groups, as MatchIt
        caliper = spec.caliper * (float(score.std(ddof=1)) if spec.caliper_sd else 1)
    greedy = nearest.Greedy(
        order=nearest.choosing(score, participant, spec.order, spec.seed),
        caliper=caliper,
        ratio=spec.ratio,
        replacement=spec.replacement,
        progress=lambda done, total: progress("matching", done, total),
    )
    if spec.method == MAHALANOBIS:
        pairs = mahalanobis.pairs(line, participant, mahalanobis.whitened(columns, participant), greedy)
    else:
        pairs = nearest.pairs(line, participant, greedy)
    progress("matching", 1, 1)
    weight = weights.of_pairs(len(frame), *pairs)
    why = reasons.given(weight > 0, participant, line.gaps(participant), caliper)
    sets = len(np.unique(pairs[0]))
    found = _result(frame, participant, weight, _partners(frame.index, *pairs), why, sets)
    return Matched(found.units, pd.Series(score, index=frame.index, name="score"), found.counts, fit.notes)


def _partners(index: pd.Index, participants: np.ndarray, comparisons: np.ndarray) -> dict[int, str]:
    """By row: the ids of those it was matched with, in the order of matching."""
    ids: dict[int, list[str]] = {}
    for row, other in ((participants, comparisons), (comparisons, participants)):
        for place, name in zip(row.tolist(), index[other].astype(str).tolist(), strict=True):
            ids.setdefault(place, []).append(name)
    return {row: ";".join(names) for row, names in ids.items()}


def _result(
    frame: pd.DataFrame, participant: np.ndarray, weight: np.ndarray, match: dict[int, str], why: np.ndarray, sets: int
) -> Matched:
    places = np.zeros(len(frame), dtype=np.intp)
    places[list(match)] = np.arange(1, len(match) + 1)
    units = pd.DataFrame(
        {
            "weight": weight,
            "match": pd.array(["", *match.values()], dtype="str").take(places),
            "reason": pd.array(reasons.CODES, dtype="str").take(why),
        },
        index=frame.index,
    )
    matched = weight > 0
    counts = {
        "participants": int(participant.sum()),
        "comparisons": int((~participant).sum()),
        "participants_matched": int(matched[participant].sum()),
        "comparisons_matched": int(matched[~participant].sum()),
        "sets": sets,
    }
    return Matched(units, None, counts)
