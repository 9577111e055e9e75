"""The lists of codes that characteristics are formed by, each with its source.

Unless another source is named, the rule is that of the evaluation of Landsbyggefonden's grants of 2011-14. Codes of
registers are those of Statistics Denmark's documentation of high-quality variables (hoejkvalitetsvariable, named HKV
below) and of TIMES. What no public source was found for is listed in docs/comparison.md, to be checked where the
registers are.
"""

from collections.abc import Sequence

# Diagnoses, treatments and convictions count that are at most so many years before the reference date. The evaluation
# says so of mental illness and convictions; of misuse it names no window, and the same one is taken.
YEARS_BACK = 5

# --- Origin ----------------------------------------------------------------------------------------------

DANISH_ORIGIN = 1  # IE_TYPE: 1 Danish origin, 2 immigrant, 3 descendant
# OPR_LAND has the codes of the civil register (nomenclature LANDE_PSD; the register's own list is "Lande og landekoder"
# at cpr.dk). Checked against the table of western and other countries "by Statistics Denmark's method" in the manual of
# LOIS Statistik Pro (dok.lifa.dk), of which codes up to 5182 are public, and those that are no more against HKV: LAND.
WESTERN = {
    "EU-28": (
        5100, 5104, 5108, 5120, 5126, 5128, 5130, 5134, 5140, 5142, 5150, 5153, 5154, 5156, 5158, 5164, 5170, 5174,
        5180, 5182, 5607, 5609, 5611, 5750, 5752, 5776, 5778, 5779,
    ),
    "Greenland": (5101,),  # no country of its own: with Denmark in that table
    "Andorra": (5124,),
    "Iceland": (5105, 5106),
    "Liechtenstein": (5107,),
    "Monaco": (5109,),
    "Norway": (5110,),
    "San Marino": (5159,),
    "Switzerland": (5160,),
    "Vatican": (5176,),
    "Canada": (5314,),
    "USA": (5390,),
    "Australia": (5502,),
    "New Zealand": (5514,),
    "parts of today's EU-28 that are no more": (5111, 5129, 5184),  # Northern Ireland, Czechoslovakia, East Germany
}  # fmt: skip
UNKNOWN_COUNTRY = (0, 5001, 5800, 5999)  # stateless (5103) and "abroad" (5102) are non-Western in that table

# --- Education and employment ----------------------------------------------------------------------------

# DISCED-15, main areas: vocational; short, medium and long higher education, bachelor, PhD. Not: primary school (10),
# preparatory (15), upper secondary (20, 25), foundation courses (29), courses that give admission (35).
QUALIFYING = (30, 40, 50, 60, 70, 80)
UNKNOWN_EDUCATION = (90, 99)
# HF_KILDE: educations that immigrants brought with them, as they answered (3, 17) or as imputed (9, 10, 18); HKV:
# HF_KILDE, with its value set. Not: what the authorities have recognised (11), or what gave admission (19).
IMPORTED_EDUCATION = (3, 9, 10, 17, 18)
# SOC_STATUS_KODE and SOCIO13: 110-199 are self-employed (11x), assisting spouses (120) and employees (13x); TIMES:
# SOCIO13 and the codes before it (SOCSTIL), HKV: SOC_STATUS_KODE.
EMPLOYED = (110, 199)

# --- Poverty ---------------------------------------------------------------------------------------------

# The OECD modified scale in tenths (Hagenaars, de Vos & Zaidi 1994): the first of a family, others over 14, up to 14.
SCALE_FIRST, SCALE_OTHER, SCALE_CHILD = 10, 5, 3
# Of a family's income, persons and over_14. Whole kroner, rounded down; where nobody is over 14, somebody is the first.
EQUIVALISED = (
    f"CAST(FLOOR(CAST(10 * income AS DOUBLE) / CASE WHEN over_14 > 0 "
    f"THEN {SCALE_FIRST} + {SCALE_OTHER} * (over_14 - 1) + {SCALE_CHILD} * (persons - over_14) "
    f"ELSE {SCALE_FIRST} + {SCALE_CHILD} * (persons - 1) END) AS BIGINT)"
)
POVERTY_LINES = (50, 60)  # per cent of the population's median

# --- Diagnoses (ICD-10; SKS writes a D before and no point) ----------------------------------------------


def _codes(*codes: str) -> tuple[str, ...]:
    """F20, F22-F29 (each of them), F98.8C: as SKS writes them. A code stands for all that begin with it."""
    found: list[str] = []
    for code in codes:
        first, _, last = code.replace(".", "").partition("-")
        if not last:
            found.append(f"D{first}")
        else:
            last = last if last[0].isalpha() else first[: -len(last)] + last
            letters, width = first[0], len(first) - 1
            found += [f"D{letters}{number:0{width}d}" for number in range(int(first[1:]), int(last[1:]) + 1)]
    return tuple(found)


DIAGNOSES: dict[str, tuple[str, ...]] = {
    # not autism, intellectual disability, dementia
    "mental_illness": _codes(
        "F20", "F21", "F22-F29", "F30-F31", "F32-F33", "F34-F39", "F40-F41", "F42", "F43", "F50", "F60-F62", "F90-F92",
        "F98.8C",
    ),
    "opioids": _codes("F11.1-F11.4", "F11.9", "T40.1", "T40.3"),
    "hard_drugs": _codes(
        "F14.1-F14.3", "F14.9", "F15.1-F15.3", "F15.9", "F16.1-F16.2", "F16.9", "F19.1-F19.4", "F19.9"
    ),
    "cannabis": _codes("F12.1-F12.2", "F12.9"),
    "medicines": _codes("F13.1-F13.4", "F13.9", "F18.1-F18.2", "F18.9"),
    "alcohol": _codes("F10.1-F10.9"),
}  # fmt: skip

# --- Convictions -----------------------------------------------------------------------------------------

# AFG_AFGTYP3: 111-119 unsuspended (of which 112 and 113 in part), 121-129 suspended prison sentences. HKV: AFG_AFGTYP3
# names 111, TIMES: AFG_BSTRFLGD names 112, 113 and 121-124; fines are 2xx.
PRISON = ((111, 119), (121, 129))
# AFG_GER7: the penal code (1), the laws on drugs (32) and weapons (34). Not: traffic (2), taxes (36), others (38). HKV:
# SIG_GER7, whose codes are the same; from 2020 on only the first four digits are kept up, which is enough here.
OFFENCES = ((1_000_000, 1_999_999), (3_200_000, 3_299_999), (3_400_000, 3_499_999))

# --- Dwellings -------------------------------------------------------------------------------------------

M2_BANDS = (20, 30, 40)  # m² per resident: from these on, a new band; ours


def in_sql(codes: Sequence[int]) -> str:
    return ", ".join(str(int(code)) for code in codes)


def between_sql(column: str, spans: Sequence[tuple[int, int]]) -> str:
    """`column` is in one of the spans, both ends included."""
    return "(" + " OR ".join(f"{column} BETWEEN {int(first)} AND {int(last)}" for first, last in spans) + ")"


def tokens() -> dict[str, str]:
    """What stands for these lists in the texts of sql/."""
    return {
        "danish_origin": str(DANISH_ORIGIN),
        "western": in_sql(sorted(code for codes in WESTERN.values() for code in codes)),
        "unknown_country": in_sql(UNKNOWN_COUNTRY),
        "qualifying": in_sql(QUALIFYING),
        "unknown_education": in_sql(UNKNOWN_EDUCATION),
        "imported_education": in_sql(IMPORTED_EDUCATION),
        "employed": " AND ".join(str(code) for code in EMPLOYED),
        "equivalised": EQUIVALISED,
        "prison": between_sql("k.AFG_AFGTYP3", PRISON),
        "offences": between_sql("k.AFG_GER7", OFFENCES),
    }
