"""What the registers of events say of a block's people: contacts and diagnoses, measures for children, treatment,
convictions. Invented, with shares of Denmark's order of size."""

import numpy as np
import pyarrow as pa

from exports.comparison.runner.rules import DIAGNOSES
from exports.demo.register.people import Block, Ints, day

OTHER_DIAGNOSES = ("DF840", "DF70", "DF009", "DZ004", "DJ189", "DS525", "DI109", "DE119", "DO800", "DM545")
SPELL_YEARS = 6  # before the first year
CONTACTS_A_PERSON = 0.35  # somatic, in all
# share of adults, of those in a participant family
PSYCHIATRIC, MISUSE, CONVICTED = (0.05, 0.15), (0.006, 0.03), (0.02, 0.06)
MEASURES = (0.012, 0.06)  # of children


def events(block: Block, rng: np.random.Generator) -> dict[str, dict[str, object]]:
    """The columns of the registers of events, but for keys: PNR stands for places of people, RECNUM counts contacts
    from 0."""
    years = block.years
    first, last = day(years[0] - SPELL_YEARS), day(years[-1], 12, 31)
    took_part = (block.started >= years[0])[block.family]
    places = np.arange(len(block.family))

    def some(shares: tuple[float, float], among: np.ndarray, most: int = 1) -> Ints:
        chosen = places[among & (rng.random(len(places)) < np.where(took_part, shares[1], shares[0]))]
        return np.sort(np.repeat(chosen, rng.integers(1, most + 1, len(chosen))))

    def days(count: int) -> pa.Array:
        return _dates(rng.integers(first, last + 1, count))

    mental = DIAGNOSES["mental_illness"]
    misuse = tuple(code for name, codes in DIAGNOSES.items() if name != "mental_illness" for code in codes)
    psychiatric = some(PSYCHIATRIC, block.adult, most=4)
    somatic = np.sort(rng.integers(0, len(places), int(len(places) * CONTACTS_A_PERSON)))
    kinds = mental * 3 + misuse + OTHER_DIAGNOSES * 4
    measures = some(MEASURES, ~block.adult)
    begun = rng.integers(first, last + 1, len(measures))
    ended = begun + rng.integers(30, 900, len(measures))
    treated = some(MISUSE, block.adult, most=2)
    drinking = some(MISUSE, block.adult)
    convicted = some(CONVICTED, block.adult & ~block.female, most=3)
    decision = rng.choice([111, 115, 121, 125, 211, 221, 311], len(convicted), p=[0.1, 0.05, 0.1, 0.05, 0.4, 0.2, 0.1])
    law = rng.choice([1_110_000, 1_320_000, 3_210_000, 3_410_000, 2_100_000, 3_810_000], len(convicted),
                     p=[0.1, 0.2, 0.1, 0.05, 0.45, 0.1])  # fmt: skip
    return {
        "PSYK_ADM": {"RECNUM": np.arange(len(psychiatric)), "PNR": psychiatric, "D_INDDTO": days(len(psychiatric))},
        "PSYK_DIAG": _diagnoses(rng, len(psychiatric), kinds),
        "LPR_ADM": {"RECNUM": np.arange(len(somatic)), "PNR": somatic, "D_INDDTO": days(len(somatic))},
        "LPR_DIAG": _diagnoses(rng, len(somatic), OTHER_DIAGNOSES * 30 + misuse),
        "BUFO": {
            "PNR": measures,
            "SAG_VFRA": _dates(begun),
            "SAG_VTIL": _dates(ended, missing=ended > last),
        },
        "SIB": {
            "PNR": treated,
            "INDSKRIVNINGDATO": days(len(treated)),
            "KUN_SUBSTITUTION": (rng.random(len(treated)) < 0.1).astype(np.int64),
        },
        "NAB": {"PNR": drinking, "INDSKRIVNINGDATO": days(len(drinking))},
        "KRAF": {
            "PNR": convicted,
            "AFG_AFGOEDTO": days(len(convicted)),
            "AFG_AFGTYP3": decision,
            "AFG_GER7": law + rng.integers(0, 100, len(convicted)),
        },
    }


def _diagnoses(rng: np.random.Generator, contacts: int, kinds: tuple[str, ...]) -> dict[str, object]:
    """One or two for each contact."""
    contact = np.sort(np.concatenate([np.arange(contacts), rng.integers(0, max(contacts, 1), contacts // 3)]))
    codes = pa.array(kinds).take(pa.array(rng.integers(0, len(kinds), len(contact))))
    return {"RECNUM": contact, "C_DIAG": codes}


def _dates(days: Ints, missing: np.ndarray | None = None) -> pa.Array:
    return pa.array(days.astype(np.int32), pa.int32(), mask=missing).cast(pa.date32())
