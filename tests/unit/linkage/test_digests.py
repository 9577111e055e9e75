"""The digest of what a file says of somebody: it changes with what is said, and with nothing else."""

import random

import pytest

from tests.unit.linkage.invented import FULL, make_frozen, make_record, make_records

KEY = b"k" * 32
ADA = make_record(1)


def digests(records, key=KEY) -> dict[bytes, bytes]:
    told = [row for batch in make_frozen(records, FULL).told_of(key) for row in batch]
    assert len({participant for participant, _, _ in told}) == len(told)
    return {participant: digest for participant, _, digest in told}


@pytest.mark.parametrize(
    "change",
    [
        {"pseudonym": make_record(2).pseudonym},
        {"identification": "name_address"},
        {"birth_year": 1901},
        {"birth_year": None},
        {"municipality": "851"},
        {"plan": "LBF-0303"},
        {"activity_type": "mentor"},
        {"start": ADA.start.replace(month=ADA.start.month % 12 + 1)},
        {"role": "child"},
        {"method": "digital"},
    ],
)
def test_whatever_the_file_says_differently_changes_the_digest(change):
    before = ADA._replace(
        method="paper", role="mother", activity_type="familieindsats", plan="LBF-0101", municipality="751"
    )
    assert digests([before._replace(**change)]) != digests([before])


def test_a_row_more_or_less_changes_the_digest():
    also = ADA._replace(start=ADA.start.replace(year=2014 + ADA.start.year % 2), start_precision="year")
    assert len({digests(rows)[ADA.participant] for rows in ([ADA], [ADA, also], [ADA, ADA])}) == 3


def test_what_the_file_does_not_say_changes_nothing():
    assert digests([ADA._replace(decision=ADA.decision + 1)]) == digests([ADA])
    assert digests([ADA._replace(start=ADA.start.replace(day=28))]) == digests([ADA])


def test_neither_the_order_of_rows_nor_who_else_is_in_the_set_matters():
    records = make_records()
    alone = digests([record for record in records if record.participant == records[0].participant])
    shuffled = random.Random(1).sample(records, len(records))
    assert digests(shuffled) == digests(records)
    assert digests(records).items() >= alone.items()


def test_without_the_key_it_says_not_even_whose_rows_are_alike():
    twin = ADA._replace(participant=make_record(3).participant)
    assert len(set(digests([ADA, twin]).values())) == 2
    assert not set(digests([ADA, twin]).values()) & set(digests([ADA, twin], b"q" * 32).values())
