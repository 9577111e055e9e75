"""Why somebody was not matched."""

import numpy as np

from ..texts import Text

MATCHED, NO_EQUAL, CALIPER, NO_FREE, NOT_NEEDED = "", "no_equal", "caliper", "no_free_comparison", "not_needed"
CODES = (MATCHED, NO_EQUAL, CALIPER, NO_FREE, NOT_NEEDED)

REASONS: dict[str, Text] = {
    NO_EQUAL: (
        "Ingen i den anden gruppe har de samme værdier",
        "Nobody in the other group has the same values",
    ),
    CALIPER: (
        "Ingen i den anden gruppe har en score inden for den tilladte forskel",
        "Nobody in the other group has a score within the caliper",
    ),
    NO_FREE: (
        "Alle, der lignede nok, stod allerede for andre deltagere",
        "Everybody who was alike enough already stood for other participants",
    ),
    NOT_NEEDED: (
        "Kunne have været brugt, men andre lignede mere",
        "Could have been used, but others were more alike",
    ),
}


def given(matched: np.ndarray, participant: np.ndarray, gap: np.ndarray, caliper: float) -> np.ndarray:
    """The place in CODES for each unit. `gap`: to the nearest of the other group with equal values, infinite when there
    is nobody."""
    places = np.where(participant, CODES.index(NO_FREE), CODES.index(NOT_NEEDED)).astype(np.int8)
    places[gap > caliper] = CODES.index(CALIPER)
    places[np.isinf(gap)] = CODES.index(NO_EQUAL)
    places[matched] = CODES.index(MATCHED)
    return places
