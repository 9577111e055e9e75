"""What a list may look like, and how each fault of it is told."""

import datetime
import io
import random

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from exports.comparison.departments import department_code
from exports.comparison.extract_file import facts_of, rows_of
from exports.comparison.residents import load_residents
from exports.comparison.row_checks import ListRefused
from tests.factories.register import Numbers, modulus_11, small_register
from tests.unit.comparison.village import RUN_KEY, mac

HEADING = "PNR;FAMILIE_ID;FOED_DAG;AAR;ORG_NR;AFD_NR"
NUMBER = "0707614281"  # fails modulus 11, as the ones below
OTHER = "2102843317"
RIGHT = f"{NUMBER};F1;1961-07-07;2016;10;1"
ADDRESSES = pd.DataFrame(
    [("461", "0123", 1, 19, "10-1"), ("461", "0123", 20, 40, "11-2"), ("461", "0123", 18, 21, "09-9")],
    columns=["municipality_code", "street_code", "house_from", "house_to", "department"],
)


@pytest.fixture
def load(tmp_path):
    def _load(content, **options):
        source = io.BytesIO(content.encode() if isinstance(content, str) else content)
        options = {"run_key": RUN_KEY, "departments": {"10-1", "11-2"}} | options
        loaded = load_residents(source, tmp_path / "list", **options)
        return loaded, pa.Table.from_batches(rows_of([tmp_path / "list"], RUN_KEY)).to_pylist()

    return _load


@pytest.fixture
def faults(load, tmp_path):
    """The faults of a list as (row, column, beginning of the text); also proves that nothing was kept or given away."""

    def _faults(content, **options):
        with pytest.raises(ListRefused) as refused:
            load(content, **options)
        assert list(tmp_path.iterdir()) == []
        told = [(problem["row"], problem["column"], problem["text"]) for problem in refused.value.problems]
        whole = f"{refused.value!r}{refused.value}{told}"
        assert NUMBER not in whole
        assert NUMBER[:9] not in whole
        return told

    return _faults


def test_the_example_numbers_are_nobodys():
    for number in (NUMBER, OTHER):
        assert modulus_11(number) != 0
        assert number[:4] != "0101"


def test_a_list_becomes_keys_and_keeps_no_number(load):
    loaded, rows = load(f"{HEADING}\n{RIGHT}\n{OTHER};F1;21-02-1984;2016;011;02\n{NUMBER};F1;1961-07-07;2015;10;1\n")
    assert (loaded.years, loaded.rows, loaded.read, loaded.elsewhere) == ([2015, 2016], 3, {2016: 2, 2015: 1}, {})
    assert rows[0] == {
        "person": mac(NUMBER), "family": mac("family:F1"), "birth": datetime.date(1961, 7, 7), "year": 2016,
        "department": "10-1", "sex": None, "ie_type": None, "country": None, "place": None,
    }  # fmt: skip
    assert rows[1]["birth"] == datetime.date(1984, 2, 21)
    assert rows[1]["department"] == department_code(11, 2)
    assert rows[2]["person"] == rows[0]["person"]


def test_sex_origin_and_place_are_kept_where_the_list_has_them(load):
    _loaded, rows = load(
        f"{HEADING};OPR_LAND;KOEN;PLADS;IE_TYPE\n{RIGHT};5154;2;1;2\n{OTHER};F1;1984-02-21;2016;11;2; ;;;1\n"
    )
    assert [(r["sex"], r["ie_type"], r["country"], r["place"]) for r in rows] == [
        (2, 2, 5154, 1),
        (None, 1, None, None),
    ]


def test_a_wrong_code_is_told_by_row_and_column(faults):
    told = faults(f"{HEADING};KOEN;IE_TYPE;OPR_LAND;PLADS\n{RIGHT};3;4;DK;0\n{OTHER};F1;1984-02-21;2016;11;2;1;1;0;3\n")
    assert [(row, column) for row, column, _text in told] == [
        (2, "KOEN"), (2, "IE_TYPE"), (2, "OPR_LAND"), (2, "PLADS"),
    ]  # fmt: skip


@pytest.mark.parametrize("column", ["DISPON_13", "C_DIAG", "AFG_GER7", "HFAUDD", "PERINDKIALT_13"])
def test_a_list_with_health_crime_income_or_education_is_refused(faults, column):
    ((row, where, text),) = faults(f"{HEADING};{column}\n{RIGHT};1\n")
    assert (row, where) == (1, column)
    assert "Listen må kun have oplysninger om alder, køn, herkomst og bolig." in text


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252"])
@pytest.mark.parametrize("delimiter", [";", ","])
def test_reads_danish_letters_in_each_usual_encoding_and_delimiter(load, encoding, delimiter):
    lines = [
        "NAVN;" + HEADING.lower(),
        "Åse Østergård;" + RIGHT,
        '"Ørsted; ""den ældre""";' + RIGHT.replace("2016", "2015"),
    ]
    if delimiter == ",":
        lines = [line.replace("; ", "\0").replace(";", ",").replace("\0", "; ") for line in lines]
    loaded, _rows = load("\r\n".join(lines).encode(encoding))
    assert loaded.rows == 2


def test_reads_a_list_that_changes_to_windows_letters_after_a_million_bytes(load):
    numbers = Numbers(random.Random(3))
    lines = [f"{numbers.born(datetime.date(1980, 5, 5))};F1;1980-05-05;2016;10;1;{'x' * 900}" for _ in range(1500)]
    content = "\n".join([HEADING + ";NOTE", *lines]).encode() + b"\n" + (RIGHT + ";Sønderborg").encode("cp1252")
    assert load(content)[0].rows == 1501


def test_counts_rows_as_a_spreadsheet_does_also_over_empty_lines_and_chunks(faults):
    lines = [HEADING, RIGHT, "", f"{OTHER};F1;1984-02-21;2016;10;1", ";;;;;", "x;F1;1984-02-21;2016;10;1", ";;;;;", ""]
    assert [(row, column) for row, column, _text in faults("\n".join(lines), chunk_rows=2)] == [(6, "PNR")]


def test_reads_parquet_with_dates_as_dates_and_numbers_as_numbers(load):
    table = pa.table(
        {
            "PNR": [NUMBER], "FAMILIE_ID": [17], "FOED_DAG": [datetime.date(1961, 7, 7)],
            "AAR": pa.array([2016], pa.int16()), "ORG_NR": [10], "AFD_NR": [1],
        }
    )  # fmt: skip
    written = io.BytesIO()
    pq.write_table(table.set_column(2, "FOED_DAG", table["FOED_DAG"].cast(pa.timestamp("us"))), written)
    loaded, rows = load(written.getvalue())
    assert loaded.rows == 1
    assert rows[0]["family"] == mac("family:17")
    assert rows[0]["birth"] == datetime.date(1961, 7, 7)


def test_reads_a_source_that_can_only_be_read_forwards(tmp_path):
    class Forwards:
        def __init__(self, content):
            self._content = io.BytesIO(content)

        def read(self, size):
            return self._content.read(min(size, 7))

        def seekable(self):
            return False

    register = small_register(1)
    parquet = io.BytesIO()
    pq.write_table(pa.Table.from_pandas(register.residents), parquet)
    known = set(register.residents["ORG_NR"] + "-" + register.residents["AFD_NR"])
    for content in (register.csv().getvalue(), parquet.getvalue()):
        loaded = load_residents(Forwards(content), tmp_path / "list", run_key=RUN_KEY, departments=known)
        assert loaded.rows == len(register.residents)


def test_address_keys_find_the_department_and_leave_out_who_lives_elsewhere(load, tmp_path):
    heading = "PNR;FAMILIE_ID;FOED_DAG;AAR;KOM;VEJKODE;HUSNR"
    numbers = Numbers(random.Random(5))
    places = ["461;123;001A", "0461;0123;19", "461;0123;20", "461;0123;41", "751;0123;5", "461;0123;40 B"]
    lines = [f"{numbers.born(datetime.date(1980, 5, 5))};F1;1980-05-05;2016;{place}" for place in places]
    loaded, rows = load("\n".join([heading, *lines]), addresses=ADDRESSES)
    # 19 and 20 lie in two departments: the code that comes first.
    assert [row["department"] for row in rows] == ["10-1", "09-9", "09-9", "11-2"]
    assert (loaded.read, loaded.elsewhere) == ({2016: 6}, {2016: 2})
    assert facts_of(tmp_path / "list", RUN_KEY) == {"read": {"2016": 6}, "elsewhere": {"2016": 2}}


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (NUMBER[1:], "Nummeret har 9 cifre: nullet foran er nok gået tabt."),
        ("7.07614E+08", "Regnearket har lavet nummeret om til et tal."),
        ("3,1E+09", "Regnearket har lavet nummeret om til et tal."),
        ("707614281.0", "Regnearket har lavet nummeret om til et tal."),
        (NUMBER + "1", "Nummeret skal have ti cifre."),
        (NUMBER[:9] + "A", "Nummeret skal have ti cifre."),
        ("٠٧٠٧٦١٤٢٨١", "Nummeret skal have ti cifre."),
        (" ", "Nummeret mangler."),
    ],
)
def test_tells_a_spoilt_number_by_row_and_never_by_the_number(faults, number, text):
    [(row, column, told)] = faults(f"{HEADING}\n{OTHER};F1;1984-02-21;2016;10;1\n{RIGHT.replace(NUMBER, number)}\n")
    assert (row, column) == (3, "PNR")
    assert told.startswith(text)


def test_a_number_may_have_its_dash(load):
    assert load(f"{HEADING}\n{RIGHT.replace(NUMBER, NUMBER[:6] + '-' + NUMBER[6:])}")[1][0]["person"] == mac(NUMBER)


@pytest.mark.parametrize(
    ("date", "text"),
    [
        ("1961-02-29", "Datoen findes ikke."),
        ("31-11-1961", "Datoen findes ikke."),
        ("07/07/1961", "Datoen skal skrives"),
        ("1961-7-7", "Datoen skal skrives"),
        ("", "Datoen skal skrives"),
        ("1849-12-31", "Fødselsdatoen ligger før 1850."),
        ("2017-01-02", "Fødselsdatoen ligger efter listens år."),
        ("9999-12-31", "Fødselsdatoen ligger efter listens år."),
    ],
)
def test_tells_a_date_that_cannot_be(faults, date, text):
    [(row, column, told)] = faults(f"{HEADING}\n{RIGHT.replace('1961-07-07', date)}\n")
    assert (row, column) == (2, "FOED_DAG")
    assert told.startswith(text)


def test_takes_who_was_born_on_the_last_day_of_the_year_and_on_29_february(load):
    assert load(f"{HEADING}\n{NUMBER};F1;2016-12-31;2016;10;1\n{OTHER};F1;29-02-1984;2016;10;1")[0].rows == 2


@pytest.mark.parametrize(
    ("row", "column"),
    [
        (f"{NUMBER};;1961-07-07;2016;10;1", "FAMILIE_ID"),
        (f"{NUMBER};F1;1961-07-07;16;10;1", "AAR"),
        (f"{NUMBER};F1;1961-07-07;1979;10;1", "AAR"),
        (f"{NUMBER};F1;1961-07-07;2016;ti;1", "ORG_NR"),
        (f"{NUMBER};F1;1961-07-07;2016;10;", "AFD_NR"),
        (f"{NUMBER};F1;1961-07-07;2016;10;99", "AFD_NR"),
        (f"{NUMBER};F1;1961-07-07;2016;10;1;1", ""),
        (f"{NUMBER};F1;1961-07-07;2016;10", ""),
    ],
)
def test_tells_the_column_of_each_other_fault(faults, row, column):
    assert [(at, name) for at, name, _text in faults(f"{HEADING}\n{OTHER};F1;1984-02-21;2016;10;1\n{row}")] == [
        (3, column)
    ]


def test_finds_a_number_that_stands_twice_in_a_year_also_in_different_chunks(faults, load):
    numbers = Numbers(random.Random(9))
    lines = [f"{numbers.born(datetime.date(1980, 5, 5))};F1;1980-05-05;2016;10;1" for _ in range(50)]
    lines.insert(3, RIGHT)
    lines += [RIGHT.replace("2016", "2015"), RIGHT.replace("F1", "F2"), RIGHT]
    found = faults("\n".join([HEADING, *lines]), chunk_rows=10)
    assert [(row, column) for row, column, _text in found] == [(54, "PNR"), (55, "PNR")]
    assert load("\n".join([HEADING, *lines[:-2]]), chunk_rows=10)[0].rows == 52


def test_tells_missing_columns_all_at_once(faults):
    assert [(row, column) for row, column, _text in faults("CPR;FAMILIE_ID;AAR;ORG_NR\n")] == [
        (1, "PNR"), (1, "FOED_DAG"), (1, "ORG_NR, AFD_NR")
    ]  # fmt: skip


def test_refuses_an_empty_file_a_list_of_nobody_and_a_broken_parquet(faults):
    assert faults("")[0][0] == 1
    assert faults(HEADING + "\n") == [(2, "", "Listen har ingen beboere.")]
    assert faults(b"PAR1 and then nothing") == [(1, "", "Filen kan ikke læses som Parquet.")]
    assert faults(f"{HEADING}\n{RIGHT}\n{'x' * 200_000};F1")[0][:2] == (2, "")


def test_addresses_without_a_list_of_addresses_are_refused(faults):
    assert faults("PNR;FAMILIE_ID;FOED_DAG;AAR;KOM;VEJKODE;HUSNR\n")[0][:2] == (1, "KOM, VEJKODE, HUSNR")


def test_lists_the_first_50_faults_in_order_and_counts_the_others(load):
    lines = [f"{place};F1;{'1961-07-07' if place % 3 else 'x'};2016;10;1" for place in range(300)]
    with pytest.raises(ListRefused) as refused:
        load("\n".join([HEADING, *lines]), chunk_rows=64)
    assert refused.value.count == 400
    rows = [fault.row for fault in refused.value.faults]
    assert len(rows) == 50
    assert rows == sorted(rows)
    assert rows[:3] == [2, 2, 3]


def test_a_refused_list_leaves_the_earlier_extract_alone(load, tmp_path):
    load(f"{HEADING}\n{RIGHT}")
    before = (tmp_path / "list").read_bytes()
    with pytest.raises(ListRefused):
        load(f"{HEADING}\n{RIGHT}\nx")
    assert (tmp_path / "list").read_bytes() == before
    assert [path.name for path in tmp_path.iterdir()] == ["list"]


def test_keys_differ_between_runs_and_between_people_and_families(load, tmp_path):
    _loaded, rows = load(f"{HEADING}\n{RIGHT}")
    other = bytes(range(32))
    load_residents(io.BytesIO(f"{HEADING}\n{RIGHT}".encode()), tmp_path / "other", run_key=other, departments={"10-1"})
    [again] = pa.Table.from_batches(rows_of([tmp_path / "other"], other)).to_pylist()
    assert len({rows[0]["person"], rows[0]["family"], again["person"], again["family"]}) == 4


def test_tells_how_many_rows_were_read(load):
    heard = []
    numbers = Numbers(random.Random(9))
    lines = [f"{numbers.born(datetime.date(1980, 5, 5))};F1;1980-05-05;2016;10;1" for _ in range(5)]
    load("\n".join([HEADING, *lines]), chunk_rows=2, progress=heard.append)
    assert heard == sorted(heard)
    assert np.diff([1, *heard]).tolist() == [2, 2, 1]
