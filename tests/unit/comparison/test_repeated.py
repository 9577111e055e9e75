"""A register in which a key stands twice is refused with the row, and without the key."""

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from exports.comparison.runner.register_files import prepared
from exports.comparison.runner.texts import Refused

INCOMES = {"PNR": ["a", "b", "c", "b", "d", "b"], "DISPON_13": [1.0, 2.0, 3.0, 4.0, 5.0, 6.0]}


def told(name, path, folder):
    with pytest.raises(Refused) as refused:
        prepared([(name, 2016, path)], folder)
    ((_place, text),) = refused.value.problems.items()
    return text[0]


def test_a_person_whose_income_stands_twice_is_told_by_row(tmp_path):
    path = tmp_path / "ind.parquet"
    pq.write_table(pa.table(INCOMES), path, row_group_size=2)
    assert told("IND", path, tmp_path) == "PNR, række 4: den samme nøgle står i en tidligere række."


def test_rows_of_a_csv_are_counted_with_the_heading(tmp_path):
    path = tmp_path / "ind.csv"
    path.write_text("PNR;DISPON_13\na;1\nb;2\nc;3\nb;4\n")
    assert told("IND", path, tmp_path) == "PNR, række 5: den samme nøgle står i en tidligere række."


def test_a_register_of_events_may_hold_rows_alike(tmp_path):
    path = tmp_path / "nab.csv"
    path.write_text("PNR;INDSKRIVNINGDATO\na;2015-01-01\na;2015-01-01\n")
    assert prepared([("NAB", None, path)], tmp_path)["NAB"][0].exists()
