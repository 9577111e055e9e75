"""The invented register: the evaluation's figures in proportion, nobody's numbers, the same bytes for the same seed."""

import re
from pathlib import Path

import duckdb
import pyarrow.parquet as pq
import pytest

from exports.comparison.runner.registers import TABLES, YEARLY
from exports.demo.register import write
from exports.demo.register.people import AREA_CHILDREN, AREA_PEOPLE, CHILDREN, PEOPLE

SIZE, YEARS = 40_000, (2014, 2015, 2016)


@pytest.fixture(scope="module")
def register(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("register")
    write(folder, people=SIZE, years=YEARS, seed=1)
    return folder


def ask(register: Path, text: str) -> list[tuple]:
    tables = {path.stem: f"'{path}'" for path in register.iterdir()}
    return duckdb.sql(text.format(**tables)).fetchall()


def test_the_last_day_has_as_many_people_and_children_as_denmark_in_proportion(register):
    counted = ask(
        register,
        """SELECT COUNT(*), COUNT(DISTINCT PNR), COUNT(*) FILTER (FOED_DAG > '2009-12-31'), COUNT(AFDELING),
                  COUNT(AFDELING) FILTER (FOED_DAG > '2009-12-31')
           FROM {BEF2016} LEFT JOIN {AFDELINGER} USING (ADRESSE_ID)""",
    )
    assert counted == [(SIZE, SIZE, *(round(each * SIZE / PEOPLE) for each in (CHILDREN, AREA_PEOPLE, AREA_CHILDREN)))]


def test_each_table_is_as_the_runner_reads_it(register):
    for path in register.iterdir():
        name, year = re.fullmatch(r"([A-Z_]+)(\d{4})?", path.stem).groups()
        table, columns = TABLES[name], pq.read_schema(path).names
        assert {column.name for column in table.columns if column.needed} <= set(columns)
        assert (year is not None) == (table.span == YEARLY)
        if table.key:
            keys = ", ".join(table.key)
            assert ask(register, f"SELECT {keys} FROM {{{path.stem}}} GROUP BY {keys} HAVING COUNT(*) > 1") == []
    wanted = {name for name, table in TABLES.items() if table.covers(YEARS[0], YEARS[-1])}
    assert {re.sub(r"\d", "", path.stem) for path in register.iterdir()} == wanted


def test_no_key_can_be_a_cpr_number(register):
    for table in ("BEF2014", "STARTER", "KRAF"):
        assert ask(register, f"SELECT 1 FROM {{{table}}} WHERE NOT regexp_matches(PNR, '^P[0-9A-F]{{{{9}}}}$')") == []


def test_parents_are_old_enough_to_be_parents_and_who_took_part_is_in_the_register(register):
    assert ask(
        register,
        """SELECT COUNT(*) FROM {BEF2016} c JOIN {BEF2016} p USING (FAMILIE_ID)
           WHERE c.PLADS = 3 AND p.PLADS < 3 AND c.FOED_DAG < p.FOED_DAG + INTERVAL '18' YEAR""",
    ) == [(0,)]
    assert ask(register, "SELECT COUNT(*) FROM {STARTER} WHERE PNR NOT IN (SELECT PNR FROM {BEF2016})") == [(0,)]


def test_the_same_seed_gives_the_same_bytes_and_another_does_not(register, tmp_path):
    for seed in (1, 2):
        folder = tmp_path / str(seed)
        folder.mkdir()
        write(folder, people=SIZE, years=YEARS, seed=seed)
        same = [path.read_bytes() == (folder / path.name).read_bytes() for path in register.iterdir()]
        assert all(same) if seed == 1 else not any(same[:5])


@pytest.mark.parametrize(("people", "years"), [(1000, YEARS), (SIZE, (2014, 2015)), (SIZE, (2016, 2017)), (SIZE, ())])
def test_what_it_can_not_invent_is_refused(tmp_path, people, years):
    with pytest.raises(ValueError):
        write(tmp_path, people=people, years=years, seed=1)
    assert not list(tmp_path.iterdir())


def test_one_year_is_enough(tmp_path):
    write(tmp_path, people=SIZE, years=(2016,), seed=1)
    assert ask(
        tmp_path, "SELECT COUNT(AFDELING), COUNT(*) FROM {BEF2016} LEFT JOIN {AFDELINGER} USING (ADRESSE_ID)"
    ) == [(round(AREA_PEOPLE * SIZE / PEOPLE), SIZE)]
