"""The archives as their readers meet them: read back by other programs, the same twice, or not there at all."""

import csv
import hashlib
import io
import json
import zipfile
from dataclasses import replace
from datetime import date
from html.parser import HTMLParser

import duckdb
import pandas as pd
import pyarrow.parquet as pq
import pytest

from crypto.agefile import AgeWriter, new_identity, open_age, recipient_of
from crypto.secret import Secret
from exports.linkage.archives import (
    lint_prepared,
    one_line,
    write_evaluator_archive,
    write_officer_archive,
)
from exports.linkage.files import Archive
from exports.linkage.frozen import FrozenSetAltered
from exports.linkage.lint import LintBlocked
from exports.linkage.lint_files import Terms, lint_files
from exports.linkage.rows import UncodedValue, turned
from exports.linkage.schema import data_layout
from tests.unit.linkage.invented import (
    FACTS,
    FULL,
    LAYOUT,
    PLANS,
    VARIABLES,
    make_frozen,
    make_identification_rows,
    make_key_rows,
    make_record,
    make_records,
    members_of,
)

NUMBER = "0707614286"  # fails modulus 11


class NoSeek(io.RawIOBase):
    """Like an AgeWriter: takes bytes, and nothing else."""

    def __init__(self):
        self.data = bytearray()

    def writable(self):
        return True

    def write(self, data):
        self.data += data
        return memoryview(data).nbytes


def evaluator(frozen=None, layout=LAYOUT, facts=FACTS, **options) -> dict[str, bytes]:
    out = NoSeek()
    write_evaluator_archive(out, frozen or make_frozen(layout=layout), layout, facts, **options)
    return members_of(out.data)


def officer(frozen=None, facts=FACTS, **options) -> dict[str, bytes]:
    frozen, out = frozen or make_frozen(), NoSeek()
    write_officer_archive(
        out, turned(make_key_rows(frozen)), turned(make_identification_rows(frozen)), facts, **options
    )
    return members_of(out.data)


@pytest.fixture(scope="module")
def for_evaluator() -> dict[str, bytes]:
    return evaluator()


@pytest.fixture(scope="module")
def for_officer() -> dict[str, bytes]:
    return officer()


def files(members):
    return {name: lambda data=data: io.BytesIO(data) for name, data in members.items()}


def test_each_reader_gets_their_files_and_no_others(for_evaluator, for_officer):
    assert list(for_evaluator) == [
        "data.csv",
        "data.sas",
        "data.parquet",
        "data.xpt",
        "data.dta",
        "data.sav",
        "datapackage.json",
        "kodebog.csv",
        "kodebog.html",
        "kodebog.pdf",
        "LAES_MIG.txt",
        "manifest.json",
    ]
    assert list(for_officer) == ["noegle.csv", "identifikationsliste.csv", "LAES_MIG.txt", "manifest.json"]


def test_no_identity_is_in_the_evaluators_files_and_no_data_in_the_officers(for_evaluator, for_officer):
    everything = b"".join(for_evaluator.values())
    frozen = make_frozen()
    for number, _ in make_key_rows(frozen):
        assert number.encode() not in everything
    for word in ("Thorsø", "Søndergade", "PNR;", "NAVN"):
        assert word.encode() not in everything
    assert "ALDERSGRP" not in b"".join(for_officer.values()).decode()


def test_the_linter_finds_nothing_in_what_we_write(for_evaluator, for_officer):
    for members, terms in (
        (for_evaluator, Terms(approved=LAYOUT, minimum=5)),
        (evaluator(layout=FULL), Terms(approved=FULL, minimum=5)),
        (for_officer, Terms()),
    ):
        checked = lint_files(files(members), terms)
        assert checked.findings == []
        assert {*checked.rows, *checked.texts, *checked.unread} == members.keys()


def test_parquet_has_types_and_nulls_instead_of_signs(for_evaluator):
    table = pq.read_table(io.BytesIO(for_evaluator["data.parquet"]))
    assert table.schema.equals(LAYOUT.arrow())
    assert table["ALDERSGRP"].null_count == 1


def test_csv_is_utf8_without_mark_with_semicolons_line_feeds_and_quoted_text(for_evaluator):
    text = for_evaluator["data.csv"].decode("ascii")
    header, first, *_ = text.split("\n")
    assert header == ";".join(LAYOUT.names)
    assert first.startswith('"')
    assert "\r" not in text
    assert text.endswith("\n")
    assert ";;" in text  # a missing value is nothing between two semicolons


def test_key_file_keeps_ten_characters_and_leading_zeros(for_officer, tmp_path):
    (tmp_path / "noegle.csv").write_bytes(for_officer["noegle.csv"])
    expected = make_key_rows(make_frozen())
    assert any(number.startswith("0") for number, _ in expected)
    by_csv = list(csv.reader(io.StringIO(for_officer["noegle.csv"].decode()), delimiter=";"))
    assert by_csv[0] == ["PNR", "PSEUDONYM"]
    assert [tuple(row) for row in by_csv[1:]] == expected
    by_pandas = pd.read_csv(tmp_path / "noegle.csv", sep=";", dtype=str)
    assert list(by_pandas.itertuples(index=False, name=None)) == expected
    by_duckdb = duckdb.sql(f"SELECT * FROM read_csv('{tmp_path}/noegle.csv', delim=';', all_varchar=true)").fetchall()
    assert by_duckdb == expected
    for line in for_officer["noegle.csv"].decode().splitlines()[1:]:
        assert line[0] == line[11] == '"'
        assert line[1:11].isdigit()


def test_identification_list_survives_quotes_semicolons_and_line_breaks(for_officer, tmp_path):
    (tmp_path / "liste.csv").write_bytes(for_officer["identifikationsliste.csv"])
    ((code, name, born, address, since),) = duckdb.sql(
        f"SELECT * FROM read_csv('{tmp_path}/liste.csv', delim=';', header=true)"
    ).fetchall()
    assert code == make_records()[1].pseudonym
    assert name == 'Zoë "Zo" Ærø; Thorsø'
    assert address == "Søndergade 3, 2. tv.; 8700 Horsens"
    assert (born, since) == (date(1971, 3, 4), date(2015, 6, 1))
    assert b';1971-03-04;"' in for_officer["identifikationsliste.csv"]


def test_missing_identity_fields_are_empty_and_text_is_one_line():
    out = io.BytesIO()
    code = make_record(1).pseudonym
    row = (code, "  Å\u0000se\u2028\tBo ", None, "", None)
    write_officer_archive(out, [], turned([row]), FACTS)
    assert members_of(out.getvalue())["identifikationsliste.csv"].decode().splitlines()[1] == f'"{code}";"Å se Bo";;;'
    assert one_line("A\u030arhus") == "Århus"
    assert one_line(None) is one_line(" \n") is None


@pytest.mark.parametrize("number, born", [(707614286, None), (NUMBER, "1961-07-07"), (Secret(NUMBER), None)])
def test_a_field_of_a_wrong_type_is_not_quoted(number, born):
    code = make_record(1).pseudonym
    others = [(code, "Bo", born, "Vej 1", None)]
    with pytest.raises(UncodedValue) as caught:
        write_officer_archive(io.BytesIO(), turned([(number, code)]), turned(others), FACTS)
    assert "0761" not in str(caught.value)
    assert "1961" not in str(caught.value)


def test_building_twice_gives_identical_members(for_evaluator, for_officer):
    assert evaluator() == for_evaluator
    assert officer() == for_officer
    shuffled = make_frozen(reversed(make_records()))
    assert evaluator(shuffled) == for_evaluator
    assert officer(shuffled) == for_officer


def test_even_the_archive_is_identical_and_tells_no_time():
    first, second = NoSeek(), NoSeek()
    for out in (first, second):
        write_evaluator_archive(out, make_frozen(), LAYOUT, FACTS)
    assert first.data == second.data


def test_manifest_hashes_each_file_of_its_reader_only(for_evaluator, for_officer):
    for members in (for_evaluator, for_officer):
        about = json.loads(members["manifest.json"])
        assert [entry["name"] for entry in about["files"]] == [name for name in members if name != "manifest.json"]
        for entry in about["files"]:
            assert entry["sha256"] == hashlib.sha256(members[entry["name"]]).hexdigest()
            assert entry["size"] == len(members[entry["name"]])
    hashes = {hashlib.sha256(data).hexdigest() for data in for_officer.values()}
    assert not [digest for digest in hashes if digest in for_evaluator["manifest.json"].decode()]


def test_manifest_tells_what_a_reader_needs(for_evaluator, for_officer):
    about = json.loads(for_evaluator["manifest.json"])
    assert about["project"]["dst_number"] == "708123"
    assert about["delivery"] == "2026-001"
    assert about["frozen_on"] == "2026-11-02"
    assert about["persons"] == 40
    assert [entry["rows"] for entry in about["files"] if "rows" in entry] == [42] * 5
    assert [variable["name"] for variable in about["variables"]] == LAYOUT.names
    region = next(variable for variable in about["variables"] if variable["name"] == "REGION")
    assert {"code": 1082, "da": "Region Midtjylland", "en": "Central Denmark Region"} in region["values"]
    about = json.loads(for_officer["manifest.json"])
    assert about["persons"] == 40
    assert [entry["rows"] for entry in about["files"] if "rows" in entry] == [39, 1]


def test_people_left_out_are_counted_by_reason_and_small_counts_hidden(for_evaluator, for_officer):
    for members in (for_evaluator, for_officer):
        reasons = {entry["code"]: entry["persons"] for entry in json.loads(members["manifest.json"])["left_out"]}
        assert reasons == {"withdrawn": "<5", "lapsed": "17"}
        assert "Samtykket er trukket tilbage: <5\n" in members["LAES_MIG.txt"].decode()
    assert "&lt;5" in for_evaluator["kodebog.html"].decode()


def test_the_page_to_read_first_says_that_rows_are_internal_and_numbers_confidential(for_evaluator, for_officer):
    assert "INTERN" in for_evaluator["LAES_MIG.txt"].decode()
    assert "42 rækker om 40 personer" in for_evaluator["LAES_MIG.txt"].decode()
    assert "FORTROLIGT" in for_officer["LAES_MIG.txt"].decode()


def test_codebook_has_every_variable_and_value_with_counts_that_hide_the_small():
    members = evaluator(layout=FULL)
    lines = list(csv.DictReader(io.StringIO(members["kodebog.csv"].decode()), delimiter=";"))
    assert list(dict.fromkeys(line["VARIABEL"] for line in lines)) == FULL.names
    for variable in FULL.variables:
        codes = [line["KODE"] for line in lines if line["VARIABEL"] == variable.name]
        assert [code for code in codes if code] == [str(code) for code in variable.values or ()]
    counts = [line["ANTAL"] for line in lines if line["ANTAL"]]
    assert "<5" in counts
    assert not {"1", "2", "3", "4"} & set(counts)
    rows = pd.read_parquet(io.BytesIO(members["data.parquet"]))
    shown = {line["KODE"]: line["ANTAL"] for line in lines if line["VARIABEL"] == "AKT_TYPE"}
    for code, count in rows["AKT_TYPE"].value_counts().items():
        assert shown[str(code)] in {str(count), "*", "<5"}


def test_codebook_page_is_well_formed_and_escapes_names(for_evaluator):
    class Checker(HTMLParser):
        def __init__(self):
            super().__init__()
            self.open, self.text = [], ""

        def handle_starttag(self, tag, attrs):
            if tag not in {"meta", "br"}:
                self.open.append(tag)

        def handle_endtag(self, tag):
            assert self.open.pop() == tag

        def handle_data(self, data):
            self.text += data

    checker = Checker()
    checker.feed(evaluator(layout=FULL)["kodebog.html"].decode())
    assert checker.open == []
    for name in PLANS.values():
        assert name in checker.text
    assert "<3>" not in for_evaluator["kodebog.html"].decode()


def test_only_the_projects_variables_leave():
    layout = data_layout(VARIABLES, ["REGION", "START_AAR"])
    members = evaluator(make_frozen(), layout)
    assert pq.read_schema(io.BytesIO(members["data.parquet"])).names == [
        "PSEUDONYM",
        "FORLOEB_NR",
        "REGION",
        "START_AAR",
    ]
    assert b"SAMTYKKE_MAADE" not in b"".join(members.values())


def test_who_left_since_is_in_no_file():
    gone = make_records()[5]
    frozen = make_frozen().without([gone.participant])
    everything = {**evaluator(frozen), **{f"o-{name}": data for name, data in officer(frozen).items()}}
    assert not [name for name, data in everything.items() if gone.pseudonym.encode() in data]
    assert json.loads(everything["manifest.json"])["persons"] == 39


def test_an_empty_delivery_is_readable_and_warned_of():
    out = io.BytesIO()
    built = write_evaluator_archive(out, make_frozen([]), LAYOUT, FACTS)
    assert [finding.code for finding in built.findings] == ["no_rows"]
    members = members_of(out.getvalue())
    assert members["data.csv"].decode() == ";".join(LAYOUT.names) + "\n"
    assert pq.read_table(io.BytesIO(members["data.parquet"])).num_rows == 0


def test_few_people_are_warned_of_before_and_at_building():
    frozen = make_frozen(make_records()[:4])
    assert [finding.code for finding in lint_prepared(frozen, LAYOUT, 5)] == ["few_persons"]
    built = write_evaluator_archive(io.BytesIO(), frozen, LAYOUT, FACTS)
    assert [finding.code for finding in built.findings] == ["few_persons"]


def sealed(tmp_path, write):
    with AgeWriter(tmp_path / "a.zip.age", [recipient_of(new_identity())]) as out:
        write(out)


def test_a_rule_broken_while_writing_leaves_no_file(tmp_path):
    frozen = make_frozen()
    rows = make_key_rows(frozen)
    rows[3] = (rows[3][0][1:], rows[3][1])  # a leading zero was lost
    others = make_identification_rows(frozen)
    with pytest.raises(LintBlocked, match="pnr_form") as caught:
        sealed(tmp_path, lambda out: write_officer_archive(out, turned(rows), turned(others), FACTS))
    assert rows[3][0] not in repr(caught.value) + repr(caught.value.findings)
    records = make_records()
    wrong = make_frozen([records[0]._replace(pseudonym=records[0].pseudonym[::-1]), *records[1:]])
    with pytest.raises(LintBlocked, match="pseudonym_wrong"):
        sealed(tmp_path, lambda out: write_evaluator_archive(out, wrong, LAYOUT, FACTS))
    assert list(tmp_path.iterdir()) == []


def test_what_was_written_before_the_error_is_no_zip():
    out = io.BytesIO()
    with pytest.raises(ZeroDivisionError), Archive(out) as archive:
        archive.text("a.txt", "a")
        raise ZeroDivisionError
    del archive
    assert not zipfile.is_zipfile(out)


def test_a_person_missing_from_the_officers_files_blocks():
    frozen = make_frozen()
    with pytest.raises(LintBlocked, match="person_count"):
        write_officer_archive(io.BytesIO(), turned(make_key_rows(frozen)), [], FACTS, 40)


def test_an_altered_set_or_a_cancelled_job_leaves_no_file(tmp_path):
    altered = replace(make_frozen(), sha256="0" * 64)
    with pytest.raises(FrozenSetAltered):
        sealed(tmp_path, lambda out: write_evaluator_archive(out, altered, LAYOUT, FACTS))

    class Cancelled(Exception):
        pass

    def cancel(member, rows):
        if member == "data.csv":
            raise Cancelled

    with pytest.raises(Cancelled):
        sealed(tmp_path, lambda out: write_evaluator_archive(out, make_frozen(), LAYOUT, FACTS, cancel))
    assert list(tmp_path.iterdir()) == []


def test_progress_is_told_by_member_and_rows():
    told = []
    evaluator(tick=lambda member, rows: told.append((member, rows)))
    officer(tick=lambda member, rows: told.append((member, rows)))
    assert told == [
        *((f"data.{kind}", 42) for kind in ("csv", "xpt", "dta", "sav")),
        ("noegle.csv", 39),
        ("identifikationsliste.csv", 1),
    ]


def test_sealed_archive_opens_to_the_same_members(tmp_path, for_officer):
    identity, frozen = new_identity(), make_frozen()
    path = tmp_path / "officer.zip.age"
    with AgeWriter(path, [recipient_of(identity)]) as out:
        write_officer_archive(out, turned(make_key_rows(frozen)), turned(make_identification_rows(frozen)), FACTS, 40)
    assert b"noegle" not in path.read_bytes()
    with open_age(path, identity, sha256=out.sha256) as plain:
        assert members_of(plain.read()) == for_officer
