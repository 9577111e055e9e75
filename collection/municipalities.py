"""Denmark's municipalities and regions, from collection/reference/municipalities.csv."""

import csv
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import MappingProxyType

REFERENCE_DIR = Path(__file__).parent / "reference"

# Region code of Statistics Denmark -> Danish and English name.
REGIONS = MappingProxyType(
    {
        "1081": ("Region Nordjylland", "North Denmark Region"),
        "1082": ("Region Midtjylland", "Central Denmark Region"),
        "1083": ("Region Syddanmark", "Region of Southern Denmark"),
        "1084": ("Region Hovedstaden", "Capital Region of Denmark"),
        "1085": ("Region Sjælland", "Region Zealand"),
    }
)


@dataclass(frozen=True, slots=True)
class Municipality:
    """A municipality; `code` is text of three digits as in KOM, `region` of four."""

    code: str
    name: str
    region: str


@cache
def municipalities() -> dict[str, Municipality]:
    """All 98 by code, in the order of their codes."""
    with (REFERENCE_DIR / "municipalities.csv").open(encoding="utf-8", newline="") as file:
        return {row["code"]: Municipality(**row) for row in csv.DictReader(file)}


MUNICIPALITIES = MappingProxyType(municipalities())


def municipality(code: str) -> Municipality:
    """The municipality with this code; KeyError when there is none (411 Christiansø isn't one)."""
    return MUNICIPALITIES[code]


def region_of(code: str) -> str:
    """The code of the region that a municipality lies in."""
    return municipality(code).region


def region_name(region: str, language: str = "da") -> str:
    """The name of a region in Danish, or in English for every other language."""
    danish, english = REGIONS[region]
    return danish if language == "da" else english
