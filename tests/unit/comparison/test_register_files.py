"""Register files as people have them: what is read, and what is said of what can't be."""

import datetime

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from exports.comparison.runner.register_files import prepared
from exports.comparison.runner.texts import DANISH, ENGLISH, Refused

PEOPLE = pd.DataFrame({"PNR": ["P1", "P2"], "FAMILIE_ID": ["F1", "F1"], "FOED_DAG": ["1985-02-03", "2013-05-20"]})


@pytest.fixture
def read(tmp_path):
    """The table that is made of a file with this content (text: CSV)."""

    def _read(name: str, content: str | bytes | pa.Table, year: int | None = 2016) -> pa.Table:
        path = tmp_path / "given"
        if isinstance(content, pa.Table):
            pq.write_table(content, path)
        else:
            path.write_bytes(content if isinstance(content, bytes) else content.encode())
        files = prepared([(name, year, path)], tmp_path)
        return pq.read_table(next(iter(files[name].values())))

    return _read


@pytest.fixture
def refused(read):
    def _refused(*arguments, language: int = ENGLISH) -> str:
        with pytest.raises(Refused) as caught:
            read(*arguments)
        return "; ".join(f"{place}: {text[language]}" for place, text in caught.value.problems.items())

    return _refused


@pytest.mark.parametrize(
    ("birth", "read_as"),
    [
        ("1985-02-03", (1985, 2, 3)), ("03-02-1985", (1985, 2, 3)), ("19850203", (1985, 2, 3)),
        ("1985-02-03 00:00:00", (1985, 2, 3)), ("2016-02-29", (2016, 2, 29)),
    ],
)  # fmt: skip
def test_days_are_read_as_registers_and_spreadsheets_write_them(read, birth, read_as):
    table = read("BEF", f"pnr;familie_id;foed_dag;ie_type\nP1;F1;{birth};2.0\n")
    assert table.to_pylist() == [{"PNR": "P1", "FAMILIE_ID": "F1", "FOED_DAG": datetime.date(*read_as), "IE_TYPE": 2}]


def test_numbers_keep_their_zeros_in_front_and_amounts_their_decimals(read):
    assert read("IND", "PNR;DISPON_13\n0101850001;-1200,50\n0202850002;\n").to_pylist() == [
        {"PNR": "0101850001", "DISPON_13": -1200.5},
        {"PNR": "0202850002", "DISPON_13": None},
    ]


def test_points_that_may_stand_for_thousands_are_refused_and_decimals_are_not(read):
    with pytest.raises(Refused):
        read("IND", "PNR;DISPON_13\nP1;250.000\nP2;310.500\nP3;98\n")
    kept = read("IND", "PNR;DISPON_13\nP1;250.000\nP2;310.5\nP3;0.125\n")
    assert [row["DISPON_13"] for row in kept.to_pylist()] == [250, 310.5, 0.125]


def test_parquet_that_fits_is_read_where_it_lies_and_other_parquet_is_converted(tmp_path):
    fits, other = tmp_path / "fits.parquet", tmp_path / "other.parquet"
    days = PEOPLE.assign(FOED_DAG=pd.to_datetime(PEOPLE["FOED_DAG"]))
    pq.write_table(pa.Table.from_pandas(PEOPLE.assign(FOED_DAG=days["FOED_DAG"].dt.date)), fits)
    pq.write_table(pa.Table.from_pandas(days.rename(columns=str.lower)), other)
    files = prepared([("BEF", 2015, fits), ("BEF", 2016, other)], tmp_path)
    assert files["BEF"][2015] == fits
    assert files["BEF"][2016] != other
    assert pq.read_table(files["BEF"][2016]).to_pylist() == pq.read_table(fits).to_pylist()


def test_a_register_of_events_may_come_in_many_files(tmp_path):
    for year in (2014, 2015):
        (tmp_path / f"{year}.csv").write_text(f"PNR,SAG_VFRA\nP1,{year}-05-05\n")
    files = prepared([("BUFO", year, tmp_path / f"{year}.csv") for year in (2014, 2015)], tmp_path)
    assert len(files["BUFO"]) == 2


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("BEF", "PNR;FAMILIE_ID\nP1;F1\n", "There is no such column: FOED_DAG."),
        ("BEF", "PNR;FAMILIE_ID;FOED_DAG\nP1;F1;1985-02-03\nP2;F1;1985-02-31\n", "FOED_DAG, row 3: the date must be"),
        ("BEF", "PNR;FAMILIE_ID;FOED_DAG\nP1;;1985-02-03\n", "FAMILIE_ID, row 2: the value is missing."),
        ("BEF", "PNR;FAMILIE_ID;FOED_DAG;KOEN\nP1;F1;1985-02-03;mand\n", "KOEN, row 2: the value must be a whole"),
        ("IND", "PNR;DISPON_13\nP1;heaps\n", "DISPON_13, row 2: the value must be a number."),
        ("BEF", "PNR;FAMILIE_ID;FOED_DAG\nP1;F1\n", "Row 2 doesn't have as many fields"),
        ("BEF", b"PAR1 and then nothing", "The file can't be read: it is damaged."),
        ("LPR", "PNR\nP1\n", "No such register. They are BEF,"),
    ],
)
def test_what_is_wrong_is_said_by_register_column_and_row_without_the_value(refused, name, content, said):
    told = refused(name, content)
    assert said in told
    assert told.startswith(f"{name}:2016")
    assert not {"heaps", "mand", "1985-02-31"} & set(told.replace(".", " ").split())


def test_a_missing_key_in_parquet_is_found(refused):
    table = pa.table({"PNR": ["P1", None], "FAMILIE_ID": ["F1", "F1"], "FOED_DAG": [datetime.date(1985, 2, 3)] * 2})
    assert "PNR: the value is missing." in refused("BEF", table)


def test_a_yearly_register_needs_its_year_and_has_it_once(refused, tmp_path):
    assert "skriv BEF:ÅR=FIL" in refused("BEF", PEOPLE.to_csv(index=False), None, language=DANISH)
    (tmp_path / "bef.csv").write_text(PEOPLE.to_csv(index=False))
    with pytest.raises(Refused, match="twice"):
        prepared([("BEF", 2016, tmp_path / "bef.csv")] * 2, tmp_path)
