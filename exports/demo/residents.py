"""The resident list of the plans' areas: who lived there on 31 December of 2014, 2015 and 2016.

At the ordinary size 221,564 people lived there in 2016, as in the supported areas of the evaluation. Participants are
among them, with their families.
"""

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass, fields
from datetime import date
from itertools import islice
from operator import attrgetter
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from exports.demo.activities import YEARS
from exports.demo.families import LAST_YEAR, Family
from exports.demo.places import apportion, chance
from exports.demo.registrations import Registrations
from exports.demo.world import World

RESIDENTS = 221_564  # in 2016
RESIDENTS_PER_PARTICIPANT = 4  # at least, when there are more participants than usual


@dataclass(frozen=True, slots=True)
class Resident:
    """A row of the list, its fields named as the register's variables where it has them."""

    PNR: str
    FAMILIE_ID: str
    FOED_DAG: date
    KOEN: str  # 1 man, 2 woman
    KOM: str
    VEJKODE: str
    HUSNR: int
    AAR: int


COLUMNS = tuple(each.name for each in fields(Resident))
CHUNK = 20_000  # rows
_values = attrgetter(*COLUMNS)


def residents(world: World) -> Iterator[Resident]:
    """One row per person and year, family by family, plan by plan."""
    total = max(RESIDENTS, RESIDENTS_PER_PARTICIPANT * world.participants)
    rng = chance(world.seed, "residents")
    departments = [len(plan.departments) * rng.uniform(0.8, 1.2) for plan in world.plans]
    # half by departments, half by participants: where many take part, many live
    by_participants = sum(departments) / max(1, world.participants)
    weights = [size + count * by_participants for size, count in zip(departments, world.counts, strict=True)]
    for registrations, size in zip(world.registrations(), apportion(total, weights), strict=True):
        for serial, family in enumerate(_families(world, registrations, size), start=1):
            family_id = f"{registrations.plan.number + 1:02}{serial:08}"
            street = family.street
            for year in YEARS:
                for person in family.living_there(year):
                    yield Resident(
                        PNR=person.cpr,
                        FAMILIE_ID=family_id,
                        FOED_DAG=person.birth_date,
                        KOEN="1" if int(person.cpr[-1]) % 2 else "2",
                        KOM=street.municipality_code,
                        VEJKODE=street.code,
                        HUSNR=family.house,
                        AAR=year,
                    )


def _families(world: World, registrations: Registrations, size: int) -> Iterator[Family]:
    """The families of the participants, then others until `size` people live there in the last year."""
    lived_there = 0
    for family, _ in registrations:
        if family is not None:
            lived_there += len(family.living_there(LAST_YEAR))
            yield family
    rng = chance(world.seed, "residents", registrations.plan.number)
    while lived_there < size:
        family = registrations.families.any(rng, size - lived_there)
        lived_there += len(family.living_there(LAST_YEAR))
        yield family


def csv_chunks(world: World) -> Iterator[bytes]:
    """The list as CSV (UTF-8, semicolons), in pieces."""
    rows = map(_values, residents(world))
    heading: list[tuple] = [COLUMNS]
    while part := heading + list(islice(rows, CHUNK)):
        text = io.StringIO()
        csv.writer(text, delimiter=";", lineterminator="\n").writerows(part)
        heading = []
        yield text.getvalue().encode()


def write(world: World, path: Path) -> int:
    """Writes the list to `path`, Parquet where the name ends so, else CSV; returns its size in bytes."""
    if path.suffix == ".parquet":
        _write_parquet(world, path)
    else:
        with path.open("wb") as file:
            file.writelines(csv_chunks(world))
    return path.stat().st_size


def _write_parquet(world: World, path: Path) -> None:
    types = {"FOED_DAG": pa.date32(), "HUSNR": pa.int16(), "AAR": pa.int16()}
    schema = pa.schema([(name, types.get(name, pa.string())) for name in COLUMNS])
    rows = residents(world)
    with pq.ParquetWriter(path, schema, compression="zstd") as writer:
        while part := list(islice(map(_values, rows), CHUNK)):
            columns = zip(*part, strict=True)
            writer.write_table(pa.table([pa.array(c, f.type) for c, f in zip(columns, schema, strict=True)], schema))


class CsvStream(io.RawIOBase):
    """The list as a file to read from, made while it is read: it lies nowhere in clear."""

    def __init__(self, world: World):
        self._chunks = csv_chunks(world)
        self._rest = memoryview(b"")

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        if not self._rest:
            self._rest = memoryview(next(self._chunks, b""))
        count = min(len(buffer), len(self._rest))
        buffer[:count] = self._rest[:count]
        self._rest = self._rest[count:]
        return count
