"""Each rule is proven by a file that breaks it and nothing else; findings never quote a value."""

import io
from dataclasses import replace

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from collection.texts import has_cpr_shape
from exports.linkage.lint import RULES, Finding, LintBlocked, MemberLinter, Severity, stop_if_blocked
from exports.linkage.schema import IDENTIFICATION_LIST, KEY_FILE, PNR, Kind, Klass, Variable
from exports.pseudonyms import ALPHABET
from tests.unit.linkage.faulty import (
    NUMBER,
    add_column,
    changed,
    drop_column,
    edited,
    evaluator_members,
    lint,
    officer_members,
    put,
    rename,
    swap,
)
from tests.unit.linkage.invented import LAYOUT, make_code, make_records


@pytest.fixture(scope="module")
def for_evaluator():
    return evaluator_members()


@pytest.fixture(scope="module")
def for_officer():
    return officer_members()


def found(members) -> set[tuple[str, str, str]]:
    return {(finding.member, finding.code, finding.variable) for finding in lint(members, approved=LAYOUT)}


def test_files_as_written_break_no_rule(for_evaluator, for_officer):
    assert found(for_evaluator) == set()
    assert found(for_officer) == set()
    assert found(edited(for_evaluator, "data.csv", lambda rows: None)) == set()
    assert found(edited(for_officer, "noegle.csv", lambda rows: None)) == set()


@pytest.mark.parametrize(
    "edit, codes",
    [
        (rename("ROLLE", "rolle"), {"variable_name", "variable_not_approved", "variable_missing"}),
        (rename("ROLLE", "ROLE"), {"variable_not_approved", "variable_missing"}),
        (add_column("DIAGNOSE", "12"), {"variable_not_approved"}),
        (add_column("NOTE", f"ring til {NUMBER}"), {"variable_not_approved", "cpr_shaped"}),
        (add_column("PNR", NUMBER), {"variable_not_approved", "cpr_shaped"}),
        (drop_column("ROLLE"), {"variable_missing"}),
        (put(3, "ROLLE", "7"), {"undocumented_code"}),
        (put(3, "START_AAR", "2013"), {"undocumented_code"}),
        (put(3, "ROLLE", "Mor"), {"number_form"}),
        (put(3, "ROLLE", "1.0"), {"number_form"}),
        (put(3, "ROLLE", "01"), {"number_form"}),
        (put(3, "ROLLE", "."), {"number_form"}),
        (put(3, "ROLLE", "070761-4286"), {"number_form", "cpr_shaped"}),
        (put(3, "FORLOEB_NR", "2"), {"grain"}),
        (put(3, "FORLOEB_NR", "0"), {"grain", "out_of_bounds"}),
        (put(3, "FORLOEB_NR", "10000"), {"grain", "out_of_bounds"}),
        (lambda rows: rows[:4] + rows[3:], {"grain", "row_count"}),
        (lambda rows: rows[:-1], {"row_count", "person_count"}),
        (swap(2, 3), {"pseudonym_order"}),
        (put(3, "PSEUDONYM", None), {"pseudonym_wrong", "pseudonym_order"}),
    ],
)
def test_a_broken_data_file_is_found_out(for_evaluator, edit, codes):
    assert {code for _, code, _ in found(edited(for_evaluator, "data.csv", edit))} == codes


def test_a_wrong_check_symbol_is_found(for_evaluator):
    def edit(rows):
        last = rows[-1][0]
        rows[-1][0] = last[:-1] + ("Y" if last[-1] != "Y" else "X")

    assert found(edited(for_evaluator, "data.csv", edit)) == {("data.csv", "pseudonym_wrong", "PSEUDONYM")}


@pytest.mark.parametrize("text", ["070761-4286", NUMBER + "XYZ", "AB 070761 4286", "å" * 6 + "Z"])
def test_a_number_in_the_place_of_a_pseudonym_is_found(for_evaluator, text):
    codes = {code for _, code, _ in found(edited(for_evaluator, "data.csv", put(1, "PSEUDONYM", text)))}
    assert "pseudonym_wrong" in codes
    assert ("cpr_shaped" in codes) == ("0707" in text)


@pytest.mark.parametrize(
    "edit, codes",
    [
        (put(1, "PNR", "070761-4286"), {"pnr_form"}),
        (put(1, "PNR", "707614286"), {"pnr_form"}),
        (put(1, "PNR", "07076142860"), {"pnr_form"}),
        (put(1, "PNR", "070761428A"), {"pnr_form"}),
        (put(1, "PNR", "٠٧٠٧٦١٤٢٨٦"), {"pnr_form"}),
        (put(1, "PNR", None), {"pnr_form"}),
        (lambda rows: put(1, "PNR", rows[2][0])(rows), {"pnr_twice"}),
        (lambda rows: put(2, "PSEUDONYM", rows[1][1])(rows), {"grain", "person_count"}),
        (swap(1, 2), {"pseudonym_order"}),
        (add_column("ROLLE", "1"), {"variable_not_approved"}),
        (lambda rows: rows[:-1], {"row_count", "person_count"}),
    ],
)
def test_a_broken_key_file_is_found_out(for_officer, edit, codes):
    assert {code for _, code, _ in found(edited(for_officer, "noegle.csv", edit))} == codes


@pytest.mark.parametrize(
    "column, value, codes",
    [
        ("NAVN", f"Bo Berg {NUMBER}", {"cpr_shaped"}),
        ("ADRESSE", "Skolevej 3, c/o 070761-4286", {"cpr_shaped"}),
        ("NAVN", "N/A", {"missing_sign"}),
        ("NAVN", "Bo\nBerg", {"control_character"}),
        ("NAVN", "Bo\u0085Berg", {"control_character"}),
        ("NAVN", "=HYPERLINK(1)", {"formula"}),
        ("FOEDSELSDATO", "04-03-1971", {"date_form"}),
        ("FOEDSELSDATO", "1971-02-30", {"date_form"}),
        ("BOPAELSDATO", "19710304", {"date_form"}),
        ("FOEDSELSDATO", None, set()),
        ("NAVN", "Øjvind Ærø-Å O’Neill", set()),
        ("ADRESSE", "Vesterbro 12, 4. 1., 9000 Aalborg", set()),
    ],
)
def test_a_broken_identification_list_is_found_out(for_officer, column, value, codes):
    broken = edited(for_officer, "identifikationsliste.csv", put(1, column, value))
    assert {code for _, code, _ in found(broken)} == codes


def test_an_altered_missing_or_unlisted_file_is_found(for_evaluator, for_officer):
    assert found({**for_evaluator, "LAES_MIG.txt": b"x"}) == {("LAES_MIG.txt", "file_altered", "")}
    without = {name: data for name, data in for_evaluator.items() if name != "kodebog.csv"}
    assert found(without) == {("kodebog.csv", "file_missing", "")}
    stray = {**for_evaluator, "noegle.csv": for_officer["noegle.csv"]}
    assert found(stray) == {("noegle.csv", "file_unlisted", ""), ("noegle.csv", "cpr_shaped", "")}


@pytest.mark.parametrize("text", [b"", b"{", b"[]", b"{}", b'{"format": "another"}', b"\xff"])
def test_a_manifest_that_is_none_is_found(for_evaluator, text):
    assert found({**for_evaluator, "manifest.json": text}) == {("manifest.json", "manifest", "")}


def test_a_missing_manifest_is_found(for_evaluator):
    assert found({"data.csv": for_evaluator["data.csv"]}) == {("manifest.json", "manifest", "")}


@pytest.mark.parametrize(
    "spoil",
    [
        lambda data: b"\xef\xbb\xbf" + data,
        lambda data: data.replace(b"\n", b"\r\n"),
        lambda data: data.replace(b"\n", b";\n", 3).replace(b";\n", b"\n", 1),
        lambda data: data.replace(b'"', b'"\xe6', 1),
        lambda data: b"",
    ],
)
def test_a_file_in_another_form_is_found(for_evaluator, spoil):
    findings = found(changed(for_evaluator, "data.csv", spoil(for_evaluator["data.csv"])))
    assert ("data.csv", "file_form", "") in findings


def test_every_format_is_held_against_the_csv_file(for_evaluator):
    table = pq.read_table(io.BytesIO(for_evaluator["data.parquet"]))
    roles = pa.array([7, *table["ROLLE"].to_pylist()[1:]], pa.int16())
    out = io.BytesIO()
    pq.write_table(table.set_column(table.schema.get_field_index("ROLLE"), "ROLLE", roles), out)
    assert found(changed(for_evaluator, "data.parquet", out.getvalue())) == {("data.parquet", "format_differs", "")}
    other = evaluator_members(make_records()[:-1])
    for name in ("data.xpt", "data.dta", "data.sav"):
        assert found(changed(for_evaluator, name, other[name])) == {(name, "format_differs", "")}
        assert found(changed(for_evaluator, name, b"something else")) == {(name, "file_unreadable", "")}


def finish(layout, *rows, **expected) -> set[str]:
    linter = MemberLinter(layout)
    for row in rows:  # each row is a batch of its own: nothing may be lost between two batches
        linter.check(pa.record_batch([pa.array([v]) for v in row], names=layout.names))
    return {finding.code for finding in linter.finish(**expected)}


def test_order_grain_and_doubles_are_seen_across_batches():
    first, second = sorted([make_code(1), make_code(2)])
    assert finish(KEY_FILE, (NUMBER, first), ("0807614284", second)) == set()
    assert finish(KEY_FILE, (NUMBER, second), ("0807614284", first)) == {"pseudonym_order"}
    assert finish(KEY_FILE, (NUMBER, first), ("0807614284", first)) == {"grain"}
    assert finish(KEY_FILE, (NUMBER, first), (NUMBER, second)) == {"pnr_twice"}
    assert finish(KEY_FILE, (NUMBER, first), rows=2, persons=1) == {"row_count"}
    assert finish(KEY_FILE, (NUMBER, first), rows=1, persons=2) == {"person_count"}
    assert finish(KEY_FILE, (NUMBER, first), minimum=2) == {"few_persons"}
    assert finish(KEY_FILE) == {"no_rows"}


def test_a_layout_with_identities_or_open_text_is_no_data_layout():
    note = Variable("NOTE", "Note", "Note", Kind.TEXT, Klass.CODE, "?")
    assert "free_text" in finish(replace(LAYOUT, variables=(*LAYOUT.variables, note)))
    assert "identity_in_data" in finish(replace(LAYOUT, variables=(*LAYOUT.variables, PNR)))
    assert not {"free_text", "identity_in_data"} & (finish(KEY_FILE) | finish(IDENTIFICATION_LIST))


@pytest.mark.parametrize(
    "text",
    [
        NUMBER,
        "070761-4286",
        "070761 4286",
        "070761–4286",
        "070761 - 4286",
        "07.07.61-4286",
        "07 07 61 4286",
        "cpr:0707614286.",
        "12345070761428667",
        "6707614286",  # a replacement number: day and 60
        "٠٧٠٧٦١٤٢٨٦",
        "tlf 12345678 eller 070761-4286",
    ],
)
def test_shapes_of_cpr_numbers_are_seen(text):
    assert has_cpr_shape(text)


@pytest.mark.parametrize(
    "text", ["", "070761", "3207614286", "0713614286", "0007614286", "2016-05-07", "Vej 12, 8700", "+45 12 34 56 78"]
)
def test_other_numbers_are_not_taken_for_cpr_numbers(text):
    assert not has_cpr_shape(text)


@given(st.text(max_size=30), st.dates(), st.integers(0, 9999), st.sampled_from(["", "-", " "]), st.text(max_size=30))
def test_a_number_is_seen_in_any_surroundings(before, day, serial, sign, after):
    assert has_cpr_shape(f"{before}{day:%d%m%y}{sign}{serial:04}{after}")


def test_findings_hold_no_value_and_say_what_is_wrong_in_a_sentence(for_officer):
    broken = edited(for_officer, "identifikationsliste.csv", put(1, "NAVN", f"Bo Berg {NUMBER}"))
    (finding,) = lint(broken)
    assert finding == Finding("identifikationsliste.csv", "cpr_shaped", "NAVN", 1)
    assert finding.severity is Severity.BLOCK
    assert NUMBER not in repr(finding) + finding.sentence
    for code in RULES:
        assert Finding("x", code).sentence.endswith(".")


def test_warnings_let_through_and_blocks_stop():
    warning, block = Finding("a", "formula"), Finding("a", "cpr_shaped")
    stop_if_blocked([])
    stop_if_blocked([warning])
    with pytest.raises(LintBlocked) as caught:
        stop_if_blocked([warning, block])
    assert caught.value.findings == [warning, block]
    assert str(caught.value) == "cpr_shaped"


def test_a_code_can_not_look_like_a_cpr_number():
    """The linter relies on it: a month needs a 0 or a 1, and the alphabet has neither."""
    assert not {"0", "1"} & set(ALPHABET)
