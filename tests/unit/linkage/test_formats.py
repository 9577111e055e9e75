"""The formats of other programs, read back by readers that did not write them, against the frozen rows."""

import hashlib
import io
import json
import re
import time
from dataclasses import replace

import duckdb
import frictionless
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pypdfium2
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from consent.paper import page_pdf
from exports.linkage.archives import write_evaluator_archive
from exports.linkage.formats import readstat
from exports.linkage.formats.labels import unlabelled_in_stata
from exports.linkage.formats.parquet import write_parquet
from exports.linkage.formats.readstat import frame_of, write_dta, write_sav, write_xpt
from exports.linkage.formats.sas import program
from exports.linkage.schema import PSEUDONYM, Kind, Klass, Layout, Variable
from tests.unit.linkage.invented import FACTS, FULL, make_code, make_frozen, members_of
from tests.unit.linkage.readers import read_sav, read_xpt

DAY = FACTS.frozen_on


@pytest.fixture(scope="module")
def members() -> dict[str, bytes]:
    out = io.BytesIO()
    write_evaluator_archive(out, make_frozen(layout=FULL), FULL, FACTS)
    return members_of(out.getvalue())


@pytest.fixture(scope="module")
def folder(members, tmp_path_factory):
    path = tmp_path_factory.mktemp("delivery")
    for name, data in members.items():
        (path / name).write_bytes(data)
    return path


@pytest.fixture(scope="module")
def rows() -> list[tuple]:
    """The frozen rows, None for missing."""
    return [tuple(row.values()) for batch in make_frozen(layout=FULL).data(FULL) for row in batch.to_pylist()]


def labels(layout: Layout) -> dict[str, str]:
    return {v.name: v.label_da for v in layout.variables}


def value_labels(layout: Layout, *kinds: Kind) -> dict[str, dict]:
    return {
        v.name: {code: danish for code, (danish, _) in v.values.items()}
        for v in layout.variables
        if v.values and v.kind in kinds
    }


def of_frame(frame: pd.DataFrame) -> list[tuple]:
    return [tuple(None if pd.isna(value) else value for value in row) for row in frame.itertuples(index=False)]


# --- Statistical programs ---------------------------------------------------------------------------------


def test_sas_transport_has_the_frozen_rows_with_names_and_labels(members, rows):
    read = read_xpt(members["data.xpt"])
    assert read.rows == rows
    assert read.names == FULL.names
    assert read.labels == labels(FULL)
    assert read.dataset == "DELTAGERDATA"


def test_stata_has_the_frozen_rows_with_labels_of_variables_and_values(folder, rows):
    with pd.read_stata(folder / "data.dta", iterator=True, convert_categoricals=False) as reader:
        frame = reader.read()
        # pandas names a set of value labels as the file does; each variable has its own
        sets = dict(zip(FULL.names, reader._lbllist, strict=True))
        by_set, variable_labels, title = reader.value_labels(), reader.variable_labels(), reader.data_label
    assert of_frame(frame) == rows
    assert {name: by_set[which] for name, which in sets.items() if which} == value_labels(FULL, Kind.INTEGER)
    assert all(begins(label, variable_labels[name], 80) for name, label in labels(FULL).items())
    assert title == "Leverance 2026-001"
    assert members_release(folder / "data.dta") == "118"  # which Stata 14 and later open; 119 is for Stata/MP only


def members_release(path) -> str:
    return re.search(rb"<release>(\d+)</release>", path.read_bytes()[:100])[1].decode()


def test_spss_has_the_frozen_rows_with_labels_measures_and_text_values(members, rows):
    read = read_sav(members["data.sav"])
    assert read.rows == rows
    assert read.names == FULL.names
    assert read.labels == labels(FULL)
    assert read.value_labels == value_labels(FULL, Kind.INTEGER, Kind.TEXT)
    assert {name for name, measure in read.measures.items() if measure != "nominal"} == {"FOEDSELSAAR"}
    assert read.measures["FOEDSELSAAR"] == "scale"


def test_only_text_and_very_long_names_have_no_labels_in_stata_and_the_page_to_read_first_says_which(members):
    assert unlabelled_in_stata(FULL) == ["PLAN_NR"]
    assert "Koderne i PLAN_NR er forklaret i kodebogen" in " ".join(members["LAES_MIG.txt"].decode().split())


def test_an_empty_table_is_readable_in_every_format():
    table = FULL.arrow().empty_table()
    xpt, dta, sav, _ = written(FULL, table)
    assert (read_xpt(xpt).rows, read_sav(sav).rows, len(pd.read_stata(io.BytesIO(dta)))) == ([], [], 0)
    assert read_xpt(xpt).names == read_sav(sav).names == FULL.names


def written(layout: Layout, table: pa.Table) -> list[bytes]:
    frame, outs = frame_of(table), [io.BytesIO() for _ in range(4)]
    write_xpt(outs[0], layout, frame, title="Leverance 1", day=DAY, dataset="FAMILIER")
    write_dta(outs[1], layout, frame, title="Leverance 1", day=DAY)
    write_sav(outs[2], layout, frame, title="Leverance 1", day=DAY)
    write_parquet(outs[3], layout, table)
    return [out.getvalue() for out in outs]


# text as people type it; NUL and lone surrogates are in no database of ours
TEXTS = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=400).map(lambda t: f"{t.strip()}.")
NAMES = st.from_regex(r"[A-Z][A-Z0-9_]{0,9}", fullmatch=True) | st.from_regex(r"[A-Z][A-Z0-9_]{27,31}", fullmatch=True)
CODES = st.text("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-", min_size=1, max_size=20)
NUMBERS = st.integers(-32767, 32767)


@st.composite
def tables(draw) -> tuple[Layout, pa.Table]:
    """A layout of up to five variables with any labels, and up to twelve rows of their codes, some missing."""
    names = draw(st.lists(NAMES.filter(lambda name: name != "PSEUDONYM"), min_size=1, max_size=4, unique=True))
    count = draw(st.integers(0, 12))
    variables, columns = [PSEUDONYM], [pa.array([make_code(place) for place in range(count)], pa.string())]
    for name in names:
        kind = draw(st.sampled_from([Kind.TEXT, Kind.INTEGER, Kind.INTEGER]))
        codes = draw(st.lists(CODES if kind is Kind.TEXT else NUMBERS, min_size=1, max_size=5, unique=True))
        values = {code: (draw(TEXTS), draw(TEXTS)) for code in codes}
        variables.append(Variable(name, draw(TEXTS), draw(TEXTS), kind, Klass.CODE, "Kilde", values))
        cells = draw(st.lists(st.sampled_from(codes) | st.none(), min_size=count, max_size=count))
        columns.append(pa.array(cells, pa.string() if kind is Kind.TEXT else pa.int16()))
    layout = Layout("data.csv", tuple(variables), ("PSEUDONYM",), ("Én række", "One row"))
    return layout, pa.Table.from_arrays(columns, schema=layout.arrow())


@settings(max_examples=40, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large], deadline=None)
@given(tables())
def test_whatever_the_layout_values_and_missing_come_back_and_labels_as_long_as_there_is_room(made):
    layout, table = made
    expected = [tuple(row.values()) for row in table.to_pylist()]
    # these formats know no missing text but empty text
    is_text = [v.kind is Kind.TEXT for v in layout.variables]
    blank = [
        tuple("" if cell is None and text else cell for cell, text in zip(row, is_text, strict=True))
        for row in expected
    ]
    xpt, dta, sav, parquet = written(layout, table)
    for read in (read_xpt(xpt), read_sav(sav)):
        assert (read.names, read.rows) == (layout.names, blank)
        for name, label in labels(layout).items():
            assert begins(label, read.labels[name], 240)
    for v in layout.variables:
        for code, (danish, _) in (v.values or {}).items():
            assert begins(danish, read.value_labels[v.name][code], 110)
    with pd.read_stata(io.BytesIO(dta), iterator=True, convert_categoricals=False) as reader:
        assert of_frame(reader.read()) == blank
        assert all(begins(labels(layout)[name], label, 70) for name, label in reader.variable_labels().items())
        sets = dict(zip(layout.names, reader._lbllist, strict=True))
        for name in {v.name for v in layout.variables if v.values} - {*unlabelled_in_stata(layout)}:
            assert reader.value_labels()[sets[name]] == value_labels(layout, Kind.INTEGER)[name]
    table = pq.read_table(io.BytesIO(parquet))
    assert [tuple(row.values()) for row in table.to_pylist()] == expected


def begins(whole: str, label: str, at_least: int) -> bool:
    return label == whole or (label.endswith("…") and whole.startswith(label[:-1]) and len(label.encode()) >= at_least)


def hashes_of(layout: Layout, table: pa.Table) -> list[str]:
    return [hashlib.sha256(data).hexdigest() for data in written(layout, table)]


@pytest.fixture
def at_another_time(monkeypatch):
    """ReadStat asks the C library for the local time: in another zone it is another hour, and often another day."""

    def move():
        monkeypatch.setenv("TZ", "Pacific/Kiritimati")
        time.tzset()

    yield move
    monkeypatch.undo()
    time.tzset()


def test_the_same_rows_give_the_same_bytes_at_another_time_and_in_other_chunks(at_another_time, monkeypatch):
    whole = pa.Table.from_batches(make_frozen(layout=FULL).data(FULL))
    halves = pa.concat_tables([whole.slice(0, 20), whole.slice(20)])
    first = hashes_of(FULL, whole)
    at_another_time()
    assert hashes_of(FULL, whole) == hashes_of(FULL, halves) == first
    monkeypatch.setattr(readstat, "_date_head", lambda *args: None)
    kinds = zip(first, hashes_of(FULL, whole), strict=True)
    assert [ours == bare for ours, bare in kinds] == [False, False, False, True]  # Parquet tells no time by itself


def test_a_head_that_tells_the_time_in_a_new_way_stops_the_file(monkeypatch):
    monkeypatch.setitem(readstat._TIMES, "sav", (re.compile(rb"never"), 1))
    with pytest.raises(RuntimeError, match="sav"):
        written(FULL, FULL.arrow().empty_table())


# --- CSV and Parquet, the data package, the codebook --------------------------------------------------------------


def test_duckdb_and_pandas_read_the_frozen_rows_from_csv_and_parquet(folder, rows):
    text = {"PSEUDONYM": str, "PLAN_NR": str}
    from_csv = pd.read_csv(folder / "data.csv", sep=";", dtype=text)
    by_duckdb = duckdb.sql(f"SELECT * FROM read_csv('{folder}/data.csv', delim=';', header=true)")
    assert by_duckdb.fetchall() == duckdb.sql(f"SELECT * FROM '{folder}/data.parquet'").fetchall() == rows
    assert of_frame(from_csv) == of_frame(pd.read_parquet(folder / "data.parquet")) == rows
    assert list(from_csv.columns) == by_duckdb.columns == FULL.names
    assert from_csv["ALDERSGRP"].isna().sum() == 1  # the one whose birth year is not known


def test_duckdb_finds_labels_and_value_sets_in_the_parquet_file(folder):
    ((about,),) = duckdb.sql(
        f"SELECT decode(value) FROM parquet_kv_metadata('{folder}/data.parquet') WHERE decode(key) = 'variables'"
    ).fetchall()
    assert json.loads(about) == json.loads((folder / "manifest.json").read_text())["variables"]


def test_the_data_package_is_valid_and_describes_the_csv_file(folder):
    report = frictionless.validate(str(folder / "datapackage.json"))
    assert (report.valid, report.flatten(["type", "note"])) == (True, [])
    assert [task.name for task in report.tasks] == ["data-csv", "data-parquet", "data-xpt", "data-dta", "data-sav"]
    schema = frictionless.Package(str(folder / "datapackage.json")).get_resource("data-csv").schema
    assert schema.field_names == FULL.names
    assert schema.primary_key == ["PSEUDONYM", "FORLOEB_NR"]
    for v in FULL.variables:
        field = schema.get_field(v.name)
        assert field.title == v.label_da
        assert field.type == {Kind.TEXT: "string", Kind.INTEGER: "integer"}[v.kind]
        assert field.constraints.get("enum") == (list(v.values) if v.values else None)


@pytest.mark.parametrize(
    "wrong, note",
    [
        (lambda line: line[: line.index(";")] + ";77777" + line[line.index(";") + 2 :], "constraint-error"),
        (lambda line: '"' + line[2:], "constraint-error"),  # a pseudonym of twelve symbols
        (lambda line: "", "primary-key"),
    ],
)
def test_the_data_package_finds_a_wrong_row(folder, tmp_path, wrong, note):
    for name in ("datapackage.json", "data.parquet", "data.xpt", "data.dta", "data.sav"):
        (tmp_path / name).write_bytes((folder / name).read_bytes())
    lines = (folder / "data.csv").read_text().splitlines(keepends=True)
    (tmp_path / "data.csv").write_text("".join([lines[0], wrong(lines[1]) or lines[2], *lines[2:]]))
    assert note in {found for (found,) in frictionless.validate(str(tmp_path / "datapackage.json")).flatten(["type"])}


def test_the_manifest_tells_rows_and_columns_of_every_table(members):
    about = json.loads(members["manifest.json"])
    tables = {entry["name"]: entry for entry in about["files"] if "rows" in entry}
    assert list(tables) == ["data.csv", "data.parquet", "data.xpt", "data.dta", "data.sav"]
    for entry in tables.values():
        assert (entry["rows"], entry["columns"]) == (42, FULL.names)


def test_the_codebook_to_print_is_a_tagged_danish_document_with_every_variable(members):
    document = pypdfium2.PdfDocument(members["kodebog.pdf"])
    words = " ".join(page.get_textpage().get_text_bounded().replace("\r\n", " ") for page in document)
    for v in FULL.variables:
        assert v.name in words
        assert v.label_da.split(" (")[0] in words
    assert "Kodebog til leverance 2026-001" in words
    assert "Samtykket er trukket tilbage Consent withdrawn <5" in words
    assert "Forældrekompetencer og børns trivsel" in words
    assert b"/StructTreeRoot" in members["kodebog.pdf"] or b"/ObjStm" in members["kodebog.pdf"]
    assert document.get_metadata_dict()["Title"] == "Kodebog til leverance 2026-001"


def test_drawing_the_codebook_again_gives_the_same_bytes(members, at_another_time):
    at_another_time()
    page = members["kodebog.html"].decode()
    assert page_pdf(page, "codebook.css") == members["kodebog.pdf"]


# --- The SAS program --------------------------------------------------------------------------------------


def sas_statements(text: str) -> list[list[str]]:
    """The statements of a program, each as its words; a string keeps its quotes."""
    pattern = r"/\*.*?\*/|('(?:[^']|'')*'|\"(?:[^\"]|\"\")*\"|;|=|[^\s;='\"]+)"
    words = [found[1] for found in re.finditer(pattern, text, re.DOTALL) if found[1]]
    statements: list[list[str]] = [[]]
    for word in words:
        statements[-1].append(word)
        if word == ";":
            statements.append([])
    assert statements.pop() == []
    return [statement[:-1] for statement in statements]


def unquoted(word: str) -> str:
    assert word[0] == word[-1] == "'"
    return word[1:-1].replace("''", "'")


def check_program(layout: Layout) -> None:
    """Holds the program for the layout's CSV file against the layout: order, types, every code with its label."""
    statements = sas_statements(program(layout, "DELTAGERDATA"))
    (infile,) = [each for each in statements if each[0] == "INFILE"]
    assert infile[1] == f'"&mappe./{layout.member}"'
    assert "DSD" in infile
    assert all(each in "".join(infile) for each in ("DLM=';'", "FIRSTOBS=2", 'ENCODING="utf-8"', "TERMSTR=LF"))
    by_word = {
        each[0]: each[1:] for each in statements if each[0] in ("LENGTH", "INFORMAT", "FORMAT", "LABEL", "INPUT")
    }
    assert by_word["INPUT"] == layout.names
    lengths, informats, formats = (pairs(by_word[word]) for word in ("LENGTH", "INFORMAT", "FORMAT"))
    assert list(lengths) == list(informats) == list(formats) == layout.names
    given_labels = dict(zip(by_word["LABEL"][::3], map(unquoted, by_word["LABEL"][2::3]), strict=True))
    assert list(given_labels) == layout.names
    value_sets = {each[1]: each[2:] for each in statements if each[0] == "VALUE"}
    assert len(value_sets) == len([v for v in layout.variables if v.values])
    for v in layout.variables:
        is_text = v.kind is Kind.TEXT
        assert begins(v.label_da, given_labels[v.name], 240)
        assert len(given_labels[v.name].encode()) <= 256
        assert lengths[v.name].startswith("$") == informats[v.name].startswith("$") == is_text
        name = formats[v.name].removesuffix(".")
        assert name.startswith("$") == is_text
        if not v.values:
            assert name not in value_sets
            continue
        assert re.fullmatch(r"\$?[A-Z_][A-Z0-9_]*[A-Z_]", name)
        assert len(name) <= 32
        codes, signs, texts = (value_sets[name][place::3] for place in range(3))
        assert set(signs) == {"="}
        read = [unquoted(code) if is_text else int(code) for code in codes]
        assert dict(zip(read, map(unquoted, texts), strict=True)) == {c: danish for c, (danish, _) in v.values.items()}
        size = int(lengths[v.name].removeprefix("$"))
        if is_text:
            assert size >= max(len(code.encode()) for code in v.values)
        else:
            assert max(map(abs, v.values)) <= {3: 8192, 4: 2_097_152}[size]  # exact in so many bytes


def pairs(words: list[str]) -> dict[str, str]:
    return dict(zip(words[::2], words[1::2], strict=True))


def test_the_sas_program_fits_the_csv_file(members):
    assert members["data.sas"].decode() == program(FULL, "DELTAGERDATA")
    assert members["data.csv"].decode().splitlines()[0].split(";") == FULL.names
    check_program(FULL)


@settings(max_examples=100, deadline=None)
@given(tables())
def test_the_sas_program_fits_any_layout(made):
    check_program(made[0])


def test_names_of_formats_are_told_apart_however_long_and_alike():
    values = {1: ("A", "A")}
    names = ["R" * 32, "R" * 31 + "1", "R" * 29, "R" * 30, "R" * 31 + "2"]
    alike = [Variable(name, "Æ", "E", Kind.INTEGER, Klass.CODE, "Kilde", values) for name in names]
    text = Variable("T" * 32, "Æ", "E", Kind.TEXT, Klass.CODE, "Kilde", {"1": ("A", "A")})
    check_program(replace(FULL, variables=(PSEUDONYM, *alike, text)))
