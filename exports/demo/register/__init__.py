"""An invented register of Denmark's size: a Parquet file for each table and year, with the names that the runner reads.

Nobody's data: a person's key is a letter and nine hexadecimal digits, which no CPR number is. The same number of
people, years and seed give the same bytes. One block of 150,000 to 250,000 people is in memory at a time (about 0.45 GB
with the libraries), whatever the register's size.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from collection.municipalities import region_of
from exports.comparison.runner.registers import DAY, INTEGER, NUMBER, TABLES, TEXT
from exports.demo.register.facts import CODES_OF_EACH, MAIN_AREAS, facts_of, population, yearly
from exports.demo.register.people import BOTH_PARENTS, Block, Denmark, Ints
from exports.demo.register.spells import events

CHOSEN_TYPE, OTHER_TYPE = "familieindsats", "fritidsjob"
KEYS = {"PNR": "P", "FAMILIE_ID": "F", "ADRESSE_ID": "A", "DST_BOLIGERHVERVSENHED_ID": "B", "RECNUM": "K"}
TYPES = {TEXT: pa.string(), INTEGER: pa.int32(), NUMBER: pa.float64(), DAY: pa.date32()}

# (people of all the blocks done, people in all)
Say = Callable[[int, int], None]


def write(folder: Path, *, people: int, years: tuple[int, ...], seed: int, say: Say | None = None) -> None:
    """Writes the files into an empty folder: BEF2014.parquet … for yearly tables, KRAF.parquet … for others, with
    STARTER (who took part) and OMRAADER (areas). Raises ValueError for too few people or other years."""
    denmark = Denmark(people, tuple(sorted(years)), seed)
    done = Offsets()
    with ExitStack() as stack:
        writers = Writers(stack, folder)
        for name, columns in _lists(denmark).items():
            writers.write(name, None, columns)
        for place, block in enumerate(denmark.blocks()):
            rng = np.random.default_rng([seed, place, 1])
            for name, year, columns in _tables(denmark, block, rng):
                writers.write(name, year, done.keyed(columns))
            done.after(block)
            if say is not None:
                say(min(done.there, people), people)


class Offsets:
    """How many people, families and contacts the blocks before had: places within a block become keys of the whole."""

    def __init__(self) -> None:
        self.people = self.families = self.contacts = self.there = 0

    def keyed(self, columns: Mapping[str, Any]) -> dict[str, Any]:
        before = {"PNR": self.people, "RECNUM": self.contacts, "ADRESSE_ID": 2 * self.families}
        return {
            name: key(KEYS[name], values + before.get(name, self.families)) if name in KEYS else values
            for name, values in columns.items()
        }

    def after(self, block: Block) -> None:
        self.people += len(block.family)
        self.families += block.families
        self.contacts += 4 * len(block.family)  # more than there can be
        self.there += int(block.living(block.years[-1]).sum())


class Writers:
    """An open file for each table and year."""

    def __init__(self, stack: ExitStack, folder: Path) -> None:
        self.stack, self.folder = stack, folder
        self.open: dict[str, pq.ParquetWriter] = {}

    def write(self, name: str, year: int | None, columns: Mapping[str, Any]) -> None:
        present = [column for column in TABLES[name].columns if column.name in columns]
        schema = pa.schema([(column.name, TYPES[column.kind]) for column in present])
        file = f"{name}{year or ''}.parquet"
        if file not in self.open:
            writer = pq.ParquetWriter(self.folder / file, schema, compression="zstd")
            self.open[file] = self.stack.enter_context(writer)
        arrays = [_array(columns[column.name], TYPES[column.kind]) for column in present]
        self.open[file].write_table(pa.table(arrays, schema=schema))


def key(letter: str, numbers: Ints) -> pa.Array:
    """A letter and nine hexadecimal digits that tell nothing of the order: 'P0A51C93E2'."""
    mixed = (numbers.astype(np.uint64) * np.uint64(0x9E3779B97F4A7C15) + np.uint64(0x2545F491)) & np.uint64(2**36 - 1)
    digits = (mixed[:, None] >> np.arange(32, -1, -4, dtype=np.uint64)) & np.uint64(15)
    text = np.empty((len(numbers), 10), np.uint8)
    text[:, 0] = ord(letter)
    text[:, 1:] = np.frombuffer(b"0123456789ABCDEF", np.uint8)[digits.astype(np.intp)]
    offsets = np.arange(0, 10 * len(numbers) + 1, 10, dtype=np.int32)
    return pa.StringArray.from_buffers(len(numbers), pa.py_buffer(offsets), pa.py_buffer(text.tobytes()))


def _array(values: Any, kind: pa.DataType) -> pa.Array:
    return values if isinstance(values, pa.Array) else pa.array(values, kind)


def _tables(
    denmark: Denmark, block: Block, rng: np.random.Generator
) -> Iterator[tuple[str, int | None, dict[str, Any]]]:
    facts = facts_of(block, rng)
    for year in denmark.years:
        there = block.living(year)
        bef = population(block, year, there, denmark.codes, [plan.municipality_code for plan, _ in denmark.departments])
        yield "BEF", year, bef
        for name, columns in yearly(block, facts, year, there, rng).items():
            if TABLES[name].covers(year, year):
                yield name, year, columns
    for name, columns in events(block, rng).items():
        yield name, None, columns
    yield "AFDELINGER", None, _addresses(denmark, block)
    yield "STARTER", None, _starts(denmark, block, rng)


def _addresses(denmark: Denmark, block: Block) -> dict[str, Any]:
    """The addresses in departments: of each family the one of the last day, and the one before it."""
    last, before = block.department[-1], np.where(block.moved, block.department, -1).max(axis=0)
    now, then = np.flatnonzero(last >= 0), np.flatnonzero(before >= 0)
    departments = np.concatenate([last[now], before[then]])
    return {
        "ADRESSE_ID": np.concatenate([2 * now, 2 * then + 1]),
        "AFDELING": _names(denmark).take(pa.array(departments)),
    }


def _starts(denmark: Denmark, block: Block, rng: np.random.Generator) -> dict[str, Any]:
    """Who started what: a parent of each participant family, both of some; a grown child where only that took part;
    and others in the areas, another activity."""
    began = np.flatnonzero(block.started)
    first = block.first_person[began]
    last = np.searchsorted(block.family, began, side="right") - 1
    by_child = block.child_started[began]
    second = block.adult[np.minimum(first + 1, last)] & (last > first) & ~by_child
    lately = block.started[began] >= denmark.years[0]
    both = np.flatnonzero(second & lately)[: round(BOTH_PARENTS * int(lately.sum()))]
    people = np.concatenate([np.where(by_child, last, first), first[both] + 1])
    families = np.concatenate([began, began[both]])
    years = block.started[families]
    young = np.flatnonzero((block.age(denmark.years[-1]) >= 13) & (block.age(denmark.years[-1]) <= 17))
    young = young[(block.department[:, block.family[young]] >= 0).all(axis=0)][: denmark.scaled(400)]
    types = pa.array([CHOSEN_TYPE] * len(people) + [OTHER_TYPE] * len(young))
    everybody = np.concatenate([people, young])
    department = block.department[-1][block.family[everybody]]
    plan = denmark.of_plan[department]
    return {
        "PNR": everybody,
        "AKTIVITETSTYPE": types,
        "AAR": np.concatenate([years, rng.choice(denmark.years, len(young))]),
        "PLAN": pa.array([plan.lbf_number for plan in denmark.plans]).take(pa.array(plan)),
    }


def _names(denmark: Denmark) -> pa.Array:
    return pa.array([f"{each.organisation_number}-{each.department_number}" for _, each in denmark.departments])


def _lists(denmark: Denmark) -> dict[str, dict[str, Any]]:
    main = np.repeat(MAIN_AREAS, CODES_OF_EACH)
    return {
        "AUDD": {
            "HFAUDD": 100 * main + np.tile(np.arange(CODES_OF_EACH), len(MAIN_AREAS)),
            "HOVEDOMRAADE": main,
        },
        "OMRAADER": {
            "AFDELING": _names(denmark),
            "PLAN": [plan.lbf_number for plan, _ in denmark.departments],
            "KOM": [plan.municipality_code for plan, _ in denmark.departments],
            "REGION": [region_of(plan.municipality_code) for plan, _ in denmark.departments],
        },
    }
