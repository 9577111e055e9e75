"""The prepared set: sorted, hashed, read in whole persons, and only ever smaller."""

import hashlib
import io
import random

import pytest

from crypto.agefile import AgeFileAltered, AgeWriter, new_identity, open_age, recipient_of
from exports.linkage import frozen as frozen_module
from exports.linkage.frozen import FrozenSet, FrozenSetAltered, write_frozen
from tests.unit.linkage.invented import FULL, LAYOUT, TYPES, freeze, make_frozen, make_record, make_records, people_of

RECORDS = make_records()
ADA = RECORDS[0]
KEY = b"k" * 32


@pytest.fixture
def small_batches(monkeypatch):
    monkeypatch.setattr(frozen_module, "CHUNK", 4)


def rows_of(frozen, layout=LAYOUT) -> list[dict]:
    return [row for batch in frozen.data(layout) for row in batch.to_pylist()]


def test_hash_is_that_of_the_plain_bytes_and_counts_are_of_rows_and_people():
    plain, about = freeze(RECORDS)
    assert about.sha256 == hashlib.sha256(plain).hexdigest()
    assert (about.rows, about.persons) == (42, 40)


def test_same_rows_in_any_order_and_chunks_give_the_same_bytes(monkeypatch):
    plain, _ = freeze(RECORDS)
    for seed in range(5):
        shuffled = random.Random(seed).sample(RECORDS, len(RECORDS))
        assert freeze(shuffled)[0] == plain
    monkeypatch.setattr("exports.linkage.rows.RECORDS_AT_ONCE", 6)
    monkeypatch.setattr("exports.linkage.rows.FEW_AT_ONCE", 4)
    assert freeze(shuffled)[0] == plain


def test_another_row_decision_or_code_gives_another_hash():
    hashes = {
        freeze(records)[1].sha256
        for records in (
            RECORDS,
            RECORDS[:-1],
            [ADA._replace(decision=999), *RECORDS[1:]],
            [ADA._replace(participant=bytes(16)), *RECORDS[1:]],
            [ADA._replace(role="other_guardian"), *RECORDS[1:]],
        )
    }
    assert len(hashes) == 5


def test_rows_stand_by_pseudonym_and_then_by_codes(small_batches):
    rows = rows_of(make_frozen(RECORDS, FULL), FULL)
    codes = [row["PSEUDONYM"] for row in rows]
    assert codes == sorted(codes)
    ada = [row for row in rows if row["PSEUDONYM"] == ADA.pseudonym]
    assert [row["FORLOEB_NR"] for row in ada] == [1, 2, 3]
    keys = [(row["REGION"], row["KOMMUNE"], row["PLAN_NR"], row["START_AAR"]) for row in ada]
    assert keys == sorted(keys)


def test_no_batch_divides_a_person(small_batches):
    records = [make_record(seed, pseudonym=RECORDS[seed // 3].pseudonym) for seed in range(60)]
    batches = list(make_frozen(records).batches())
    people = [set(batch.column("pseudonym").to_pylist()) for batch in batches]
    assert len(batches) == 10
    assert sum(map(len, people)) == len(set.union(*people)) == 20


def test_a_person_with_more_rows_than_a_batch_stays_whole(small_batches):
    records = [make_record(seed, pseudonym=ADA.pseudonym) for seed in range(11)]
    (batch,) = make_frozen(records).batches()
    assert batch.num_rows == 11


def test_a_person_with_a_number_in_one_plan_is_in_the_key_file_for_all_rows():
    ada = [row for row in rows_of(make_frozen(RECORDS)) if row["PSEUDONYM"] == ADA.pseudonym]
    assert [row["IDENT_ART"] for row in ada] == [1, 1, 1]


def test_people_are_in_one_of_the_two_lists_once_and_in_order(small_batches):
    frozen = make_frozen(RECORDS)
    with_cpr = people_of(frozen, "cpr")
    without = people_of(frozen, "name_address")
    codes = [code for code, _ in with_cpr]
    assert codes == sorted(set(codes))
    assert (ADA.pseudonym, ADA.participant) in with_cpr
    assert without == [(RECORDS[1].pseudonym, RECORDS[1].participant)]
    assert {*codes, *(code for code, _ in without)} == {record.pseudonym for record in RECORDS}


def test_ledger_has_each_participant_and_decision_once(small_batches):
    entries = [entry[:2] for chunk in make_frozen(RECORDS).told_of(KEY) for entry in chunk]
    assert len(entries) == 41
    assert set(entries) == {(record.participant, record.decision) for record in RECORDS}


def test_who_left_is_gone_from_rows_people_and_ledger_and_leaves_no_gap():
    frozen = make_frozen(RECORDS)
    gone = RECORDS[-1].participant  # one of Ada's two participant rows
    also = RECORDS[5].participant
    less = frozen.without([gone]).without({also})
    rows = rows_of(less)
    assert len(rows) == 40
    assert [row["FORLOEB_NR"] for row in rows if row["PSEUDONYM"] == ADA.pseudonym] == [1, 2]
    assert RECORDS[5].pseudonym not in {row["PSEUDONYM"] for row in rows}
    assert not {gone, also} & {entry[0] for chunk in less.told_of(KEY) for entry in chunk}
    assert RECORDS[5].pseudonym not in {code for code, _ in people_of(less, "cpr")}
    assert len(rows_of(frozen)) == 42


def test_a_person_whose_numbered_row_left_goes_to_the_identification_list():
    less = make_frozen(RECORDS).without([ADA.participant])
    (ada,) = [row for row in rows_of(less) if row["PSEUDONYM"] == ADA.pseudonym]
    assert (ada["IDENT_ART"], ada["FORLOEB_NR"]) == (2, 1)
    assert ADA.pseudonym in {code for code, _ in people_of(less, "name_address")}


def test_everybody_may_leave():
    frozen = make_frozen(RECORDS)
    empty = frozen.without([record.participant for record in RECORDS])
    assert rows_of(empty) == []
    assert people_of(empty, "cpr") == []


def test_an_empty_set_is_a_set():
    plain, about = freeze([])
    assert (about.rows, about.persons) == (0, 0)
    assert rows_of(FrozenSet(lambda: io.BytesIO(plain), about.sha256)) == []


@pytest.mark.parametrize("use", ["batches", "told_of", "people", "data"])
def test_every_way_of_reading_ends_in_an_error_when_the_set_is_another(use):
    plain, _ = freeze(RECORDS)
    frozen = FrozenSet(lambda: io.BytesIO(plain), freeze(RECORDS[1:])[1].sha256)
    arguments = {"data": [LAYOUT], "told_of": [KEY]}.get(use, [])
    with pytest.raises(FrozenSetAltered):
        list(getattr(frozen, use)(*arguments))


def test_bytes_after_the_end_or_a_missing_end_are_an_error():
    plain, about = freeze(RECORDS)
    for broken in (plain + b"x", plain[:-8], plain[: len(plain) // 2], b""):
        with pytest.raises(FrozenSetAltered):
            list(FrozenSet(lambda broken=broken: io.BytesIO(broken), about.sha256).batches())


def test_a_flaw_that_age_finds_is_told_as_such(tmp_path):
    identity = new_identity()
    with AgeWriter(tmp_path / "set.age", [recipient_of(identity)]) as out:
        about = write_frozen(out, (make_record(seed) for seed in range(30_000)), LAYOUT, TYPES)
    sealed = bytearray((tmp_path / "set.age").read_bytes())
    sealed[len(sealed) * 3 // 4] ^= 1
    (tmp_path / "set.age").write_bytes(sealed)
    with pytest.raises(AgeFileAltered):
        list(FrozenSet(lambda: open_age(tmp_path / "set.age", identity), about.sha256).batches())


def test_lives_in_an_age_file_and_nothing_clear_is_on_disk(tmp_path):
    identity = new_identity()
    with AgeWriter(tmp_path / "set.age", [recipient_of(identity)]) as out:
        about = write_frozen(out, RECORDS, LAYOUT, TYPES)
    frozen = FrozenSet(lambda: open_age(tmp_path / "set.age", identity, sha256=out.sha256), about.sha256)
    assert rows_of(frozen) == rows_of(make_frozen(RECORDS))
    assert ADA.pseudonym.encode() not in (tmp_path / "set.age").read_bytes()
