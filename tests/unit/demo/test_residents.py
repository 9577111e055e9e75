"""The invented resident list: as many people as lived in the supported areas, with the participants among them."""

import csv
import io
from collections import Counter
from itertools import islice

import pyarrow.parquet as pq
import pytest

from collection.cpr import passes_modulus_11
from exports.demo import residents as resident_list
from exports.demo.residents import COLUMNS, RESIDENTS, CsvStream, Resident, csv_chunks, residents, write
from exports.demo.world import World

SEED = 2016


@pytest.fixture(scope="module")
def world() -> World:
    return World(SEED, 600)


@pytest.fixture(scope="module")
def rows(world) -> list[Resident]:
    """A smaller list of the same make."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(resident_list, "RESIDENTS", 20_000)
        return list(residents(world))


@pytest.mark.slow
def test_221564_people_live_there_in_2016_one_in_ten_of_them_under_seven():
    ages: dict[int, Counter[int]] = {2014: Counter(), 2015: Counter(), 2016: Counter()}
    for row in residents(World(SEED, 5000)):
        ages[row.AAR][row.AAR - row.FOED_DAG.year] += 1
    assert ages[2016].total() == RESIDENTS == 221_564
    assert 200_000 < ages[2014].total() < ages[2015].total() < ages[2016].total()
    small = sum(count for age, count in ages[2016].items() if age <= 6)
    assert small / RESIDENTS == pytest.approx(22_873 / 221_564, abs=0.01)
    assert (min(ages[2016]), max(ages[2016])) == (0, 97)


def test_nobody_stands_there_twice_in_a_year_and_nobody_before_birth(rows):
    assert len({(row.PNR, row.AAR) for row in rows}) == len(rows)
    assert all(row.FOED_DAG.year <= row.AAR for row in rows)


def test_every_number_fails_modulus_11_and_is_of_no_1_january(rows):
    for number in {row.PNR for row in rows}:
        assert not passes_modulus_11(number)
        assert not number.startswith("0101")


def test_families_are_small_and_live_at_one_address_of_a_department(world, rows):
    homes: dict[str, set] = {}
    sizes = Counter()
    for row in rows:
        homes.setdefault(row.FAMILIE_ID, set()).add((row.KOM, row.VEJKODE, row.HUSNR))
        sizes[row.FAMILIE_ID, row.AAR] += 1
    assert all(len(addresses) == 1 for addresses in homes.values())
    assert max(sizes.values()) <= 5
    houses = {
        (street.municipality_code, street.code, house)
        for plan in world.plans
        for department in plan.departments
        for street in department.streets
        for house in range(street.house_from, street.house_to + 1)
    }
    assert set.union(*homes.values()) <= houses


def test_participants_are_among_the_residents(world, rows):
    numbers = {row.PNR for row in rows}
    participants = {
        each.person.cpr
        for registrations in world.registrations()
        for _, registered in registrations
        for each in registered
    }
    assert participants <= numbers


def test_the_list_is_made_while_it_is_read():
    huge = World(SEED, 1_000_000)
    assert len(list(islice(residents(huge), 100))) == 100
    with CsvStream(huge) as stream:
        assert stream.read(20).startswith(b"PNR;FAMILIE_ID;")


def test_csv_stream_and_parquet_hold_the_same_rows(tmp_path, monkeypatch):
    monkeypatch.setattr(resident_list, "RESIDENTS", 3000)
    small = World(SEED, 50)
    expected = list(residents(small))
    write(small, tmp_path / "list.csv")
    write(small, tmp_path / "list.parquet")
    text = (tmp_path / "list.csv").read_bytes()
    with CsvStream(small) as stream:
        assert stream.read() == text == b"".join(csv_chunks(small))
    read = list(csv.DictReader(io.StringIO(text.decode()), delimiter=";"))
    assert tuple(read[0]) == COLUMNS
    assert [row["PNR"] for row in read] == [row.PNR for row in expected]
    table = pq.read_table(tmp_path / "list.parquet").to_pylist()
    assert [Resident(**row) for row in table] == expected
