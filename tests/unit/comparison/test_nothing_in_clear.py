"""No number reaches the disk in clear: not at rest, not half-way, not where DuckDB spills."""

import io
import os
import random
import re
from pathlib import Path

import duckdb
import pyarrow as pa
import pytest

from exports.comparison import extract_file, spill
from exports.comparison.extract_file import UnreadableExtract, facts_of, new_extract, rows_of
from exports.comparison.residents import load_residents
from exports.comparison.runner.engine import engine
from exports.comparison.spill import SECTOR, EncryptedSpill, spill_folder
from tests.factories.register import large_register
from tests.unit.comparison.village import RUN_KEY, keyed


def files_below(folder: Path) -> dict[Path, bytes]:
    return {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_the_extract_holds_no_number_no_family_no_birth_date_and_no_key_in_clear(tmp_path):
    register = large_register(3_000)
    known = set(register.departments["department"])
    source = register.csv()
    load_residents(source, tmp_path / "list", run_key=RUN_KEY, departments=known)
    content = (tmp_path / "list").read_bytes()
    assert len(content) > 50_000
    assert (tmp_path / "list").stat().st_mode & 0o777 == 0o600
    for number in register.residents["PNR"].unique():
        assert number.encode() not in content
    [table] = [pa.Table.from_batches(rows_of([tmp_path / "list"], RUN_KEY))]
    for name in ("person", "family"):
        assert all(key not in content for key in set(table[name].to_pylist()))
    for word in [*known, *extract_file.SCHEMA.names, "residents", "elsewhere"]:
        if len(word) > 5:
            assert word.encode() not in content


def test_while_a_list_is_loaded_no_file_ever_holds_a_number(tmp_path):
    register = large_register(2_000)
    clear = re.compile(b"|".join(number.encode() for number in register.residents["PNR"].unique()[:500]))
    looked = []

    def look(_rows):
        looked.append(len(files_below(tmp_path)))
        assert not any(clear.search(content) for content in files_below(tmp_path).values())

    load_residents(
        register.csv(), tmp_path / "list", run_key=RUN_KEY, departments=set(register.departments["department"]),
        progress=look, chunk_rows=1000,
    )  # fmt: skip
    assert len(looked) > 3


def test_an_extract_that_was_changed_cut_or_exchanged_is_refused(tmp_path):
    with new_extract(tmp_path / "list", RUN_KEY) as extract:
        key = bytes(16)
        values = [key, key, 8000, 2016, "10-1", 1, 2, 5120, 3]
        columns = [[value] * 9000 for value in values]
        extract.write(pa.table(columns, schema=extract_file.SCHEMA))
        extract.facts(read={}, elsewhere={})
    good = (tmp_path / "list").read_bytes()
    places = random.Random(1).sample(range(len(good)), 40)
    broken = [good[:at] + bytes([good[at] ^ 1]) + good[at + 1 :] for at in places] + [good[:-9], good[9:], b""]
    for content in broken:
        (tmp_path / "list").write_bytes(content)
        with pytest.raises(UnreadableExtract):
            list(rows_of([tmp_path / "list"], RUN_KEY))
    (tmp_path / "list").write_bytes(good)
    with pytest.raises(UnreadableExtract):
        facts_of(tmp_path / "list", bytes(32))
    with pytest.raises(UnreadableExtract):
        facts_of(tmp_path / "none", RUN_KEY)


# --- Spill ------------------------------------------------------------------------------------------

CANARY = "create temp table t as select 'CANARY' || hash(i)::varchar as s, i from range(2000000) r(i)"


def spilled(tmp_path, threads):
    """Make DuckDB spill a table of canaries and sort it. Returns what lay on disk then, and the answer."""
    with engine(spill_folder(tmp_path), memory_limit="60MB", threads=threads) as database:
        connection = database.connection
        connection.execute(CANARY)
        on_disk = files_below(tmp_path)
        answer = connection.execute("select count(*), count(distinct s), sum(i) from t").fetchone()
        middle = connection.execute("select i from t order by s limit 3 offset 1000000").fetchall()
    return on_disk, answer, middle


@pytest.mark.parametrize("threads", [1, pytest.param(2, marks=pytest.mark.slow)])
def test_what_duckdb_spills_is_ciphertext_and_comes_back_right(tmp_path, threads):
    on_disk, answer, middle = spilled(tmp_path, threads)
    content = b"".join(on_disk.values())
    assert len(content) > 8_000_000
    assert b"CANARY" not in content
    assert answer == (2_000_000, 2_000_000, 1_999_999_000_000)
    with duckdb.connect(config={"temp_directory": ""}) as bare:
        bare.execute(CANARY)
        assert middle == bare.execute("select i from t order by s limit 3 offset 1000000").fetchall()
    assert list(tmp_path.iterdir()) == []


def test_the_canary_would_be_seen_if_spill_were_not_encrypted(tmp_path, monkeypatch):
    monkeypatch.setattr(spill._SpillFile, "_through", lambda self, data, first, encrypt: data)
    on_disk, _answer, _middle = spilled(tmp_path, 1)
    assert b"CANARY" in b"".join(on_disk.values())


@pytest.mark.slow
def test_a_selection_that_does_not_fit_in_memory_gives_the_same_families_and_spills_no_key(tmp_path, draw, monkeypatch):
    register = large_register(60_000)
    whole = draw(register)
    keys = set(keyed(register.starts)["person"]) | set(whole.families["family"])
    found, written = [], []
    write = spill._SpillFile.write

    def watched(self, data):
        length = write(self, data)
        written.append(length)
        content = os.pread(self._fd, length, 0)
        found.extend(key for key in keys if key in content) if len(written) % 10 == 0 else None
        return length

    monkeypatch.setattr(spill._SpillFile, "write", watched)
    tight = draw(register, memory_limit="40MB", threads=1)
    assert sum(written) > 5_000_000
    assert found == []
    assert tight.families.equals(whole.families)
    assert list((tmp_path / "spill").iterdir()) == []


def test_the_engine_reaches_no_extension_no_file_and_no_network(tmp_path):
    (tmp_path / "secret.csv").write_text("a\n1\n")
    with engine(spill_folder(tmp_path / "spill")) as database:
        connection = database.connection
        for text in (
            f"SELECT * FROM read_csv('{tmp_path}/secret.csv')",
            f"COPY (SELECT 1) TO '{tmp_path}/out.csv'",
            "LOAD httpfs",
            "INSTALL httpfs",
            "SET enable_external_access = true",
            "SET temp_directory = '/tmp'",
            "SET memory_limit = '900GB'",
        ):
            with pytest.raises(duckdb.Error):
                connection.execute(text)
    assert not (tmp_path / "out.csv").exists()


def test_a_memory_limit_is_a_number_with_a_unit(tmp_path):
    for limit in ("1", "1GB'; SELECT 1", "80%"):
        with pytest.raises(ValueError), engine(memory_limit=limit):
            pass


def test_a_spill_file_gives_back_any_piece_of_what_was_written_at_any_place(tmp_path):
    """Against bytes in memory; DuckDB itself uses whole sectors mostly."""
    rng = random.Random(4)
    with spill_folder(tmp_path) as (files, address):
        file = files.open(f"{address}/x", "rb+")
        plain = io.BytesIO()
        for _turn in range(300):
            size = len(plain.getvalue())
            start = rng.choice([0, SECTOR, 2 * SECTOR, rng.randrange(size + 1)])
            start = min(start, size)
            data = rng.randbytes(rng.choice([1, 8, 1000, SECTOR, SECTOR + 8, 3 * SECTOR]))
            for each in (file, plain):
                each.seek(start)
                assert each.write(data) == len(data)
            start, length = rng.randrange(size + 1), rng.choice([0, 1, 100, SECTOR, 5 * SECTOR])
            for each in (file, plain):
                each.seek(start)
            assert file.read(length) == plain.read(length)
            assert file.tell() == plain.tell()
        assert files.info(f"{address}/x")["size"] == len(plain.getvalue())
        assert files.open(f"{address}/x") is file
        assert oct(os.stat(files._strip_protocol(f"{address}/x")).st_mode)[-3:] == "600"


def test_equal_content_looks_different_in_every_file_and_at_every_place(tmp_path):
    with spill_folder(tmp_path) as (files, address):
        for name in ("a", "b"):
            files.open(f"{address}/{name}").write(bytes(4 * SECTOR))
        sectors = [
            content[at : at + SECTOR]
            for content in files_below(tmp_path).values()
            for at in range(0, 4 * SECTOR, SECTOR)
        ]
    assert len(set(sectors)) == 8
    assert isinstance(files, EncryptedSpill)
    assert list(tmp_path.iterdir()) == []
