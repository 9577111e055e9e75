"""What matching is asked for."""

from collections.abc import Mapping
from dataclasses import dataclass, field

NONE, EXACT, COARSENED, NEAREST, MAHALANOBIS = "none", "exact", "coarsened", "nearest", "mahalanobis"
LARGEST, SMALLEST, DATA, RANDOM = "largest", "smallest", "data", "random"
LOGIT, PROBABILITY = "logit", "probability"
STURGES = "sturges"


@dataclass(frozen=True, kw_only=True)
class MatchSpec:
    """Defaults are MatchIt's where it has one, but for the order and the scale that are written out.

    method       NONE (only described), EXACT, COARSENED, NEAREST (on the propensity score), MAHALANOBIS (distance,
                 inside the caliper of the score)
    variables    what the score, the strata or the distance are made of
    exact        NEAREST and MAHALANOBIS: only within equal values of these
    distance     NEAREST: the scale of the score, LOGIT (linear predictor) or PROBABILITY
    caliper      the largest difference of the score that is allowed, in standard deviations of the score over both
                 groups (`caliper_sd`) or on its own scale; None: any
    ratio        comparison units for each participant
    replacement  whether a comparison unit may be used more than once
    order        in which participants choose: by LARGEST or SMALLEST score, as in the DATA, RANDOM by `seed`
    cutpoints    COARSENED: variable -> STURGES or the cut points; others are taken as they are
    """

    method: str = NONE
    variables: tuple[str, ...] = ()
    exact: tuple[str, ...] = ()
    distance: str = LOGIT
    caliper: float | None = None
    caliper_sd: bool = True
    ratio: int = 1
    replacement: bool = False
    order: str = LARGEST
    seed: int = 1
    cutpoints: Mapping[str, str | tuple[float, ...]] = field(default_factory=dict)
