"""Every rule of the linter stops something that no other rule would: take it out, and that file leaves."""

import csv
import io
from dataclasses import replace

import pyarrow.parquet as pq
import pytest

from exports.linkage.known_names import KnownNames
from exports.linkage.lint import RULES, LintBlocked, Severity, stop_if_blocked
from exports.linkage.schema import PNR, Kind, Klass, Variable
from tests.unit.linkage.faulty import (
    NUMBER,
    add_column,
    changed,
    described,
    drop_column,
    edited,
    evaluator_members,
    lint,
    officer_members,
    put,
    swap,
    told,
    with_variable,
)
from tests.unit.linkage.invented import LAYOUT, make_number, make_records

APPROVED = {"approved": LAYOUT}
NAMES = {"names": KnownNames(["Bo Erik Berg", "Ayşe Yılmaz", "Madonna"])}
NOTE = Variable("NOTE", "Note", "Note", Kind.TEXT, Klass.CODE, "?")
DATA, KEYS, LIST, BOOK = "data.csv", "noegle.csv", "identifikationsliste.csv", "kodebog.csv"


@pytest.fixture(scope="module")
def e():
    return evaluator_members()


@pytest.fixture(scope="module")
def o():
    return officer_members()


def replaced(members, name, old: str, new: str):
    text = members[name].decode()
    assert old in text
    return changed(members, name, text.replace(old, new, 1).encode())


def relabelled(members, **label):
    """The labels of one code of ROLLE, as the manifest describes it."""

    def relabel(about):
        (role,) = (each for each in about["variables"] if each["name"] == "ROLLE")
        role["values"][0] |= label

    return told(members, relabel)


def with_note(members, **changes):
    note = {"label_da": "Note", "label_en": "Note", "type": "text", "class": "code", "source": "?"} | changes
    return edited(described(members, "NOTE", **note), DATA, add_column("NOTE", "x"), with_variable(LAYOUT, NOTE))


def with_pnr(members):
    identity = {"label_da": "a", "label_en": "b", "type": "text", "class": "identity", "source": "?"}

    def add(rows):
        return [[*row, make_number(place) if place else "PNR"] for place, row in enumerate(rows)]

    return edited(described(members, "PNR", **identity), DATA, add, with_variable(LAYOUT, PNR))


def last_symbol(rows):
    last = rows[-1][0]
    rows[-1][0] = last[:-1] + ("Y" if last[-1] != "Y" else "X")


def renamed(about: dict, old: str, new: str) -> None:
    (variable,) = (each for each in about["variables"] if each["name"] == old)
    variable["name"] = new
    for entry in about["files"]:
        if "columns" in entry:
            entry["columns"] = [new if name == old else name for name in entry["columns"]]


def booked(members, edit):
    """The codebook's lines changed by `edit(lines)`."""
    lines = [*csv.reader(io.StringIO(members[BOOK].decode()), delimiter=";")]
    edit(lines)
    text = io.StringIO()
    csv.writer(text, delimiter=";", quoting=csv.QUOTE_ALL, lineterminator="\n").writerows(lines)
    return changed(members, BOOK, text.getvalue().encode())


def counted(lines: list[list[str]], variable: str, code: str, count: str) -> None:
    columns = lines[0]
    for line in lines:
        if (line[columns.index("VARIABEL")], line[columns.index("KODE")]) == (variable, code):
            line[columns.index("ANTAL")] = count


def show_a_small_count(lines: list[list[str]]) -> None:
    """One person is identified by name and address: IDENT_ART 2."""
    counted(lines, "IDENT_ART", "2", "1")


def told_rows(members):
    return told(members, lambda about: about["files"][0].update(rows=1))


def both_lists(o):
    """Somebody of the key file takes the place of somebody on the identification list."""
    keys = [line.split(";")[1].strip('"') for line in o[KEYS].decode().splitlines()[1:]]
    return edited(o, LIST, lambda rows: put(len(rows) - 1, "PSEUDONYM", keys[-1])(rows))


def another_role(e):
    table = pq.read_table(io.BytesIO(e["data.parquet"]))
    place = table.schema.get_field_index("ROLLE")
    out = io.BytesIO()
    pq.write_table(
        table.set_column(place, table.schema.field(place), table.column("ROLLE").take([0] * len(table))), out
    )
    return changed(e, "data.parquet", out.getvalue())


# For each rule, files that break it and no other: (files, terms). `e`, `o`: the evaluator's and the officer's.
SAMPLES = {
    "variable_name": lambda e, o: [
        (told(e, lambda about, new=new: renamed(about, "ROLLE", new)), {})
        for new in ("rolle", "1ROLLE", "R-1", "R" * 33)
    ],
    "variable_not_approved": lambda e, o: [
        (edited(e, DATA, add_column("DIAGNOSE", "12")), APPROVED),
        (edited(o, KEYS, add_column("ROLLE", "1")), {}),
        (e, {"approved": replace(LAYOUT, variables=LAYOUT.variables[:-1])}),
    ],
    "variable_missing": lambda e, o: [(edited(e, DATA, drop_column("ROLLE")), APPROVED)],
    "free_text": lambda e, o: [(with_note(e), {})],
    "identity_in_data": lambda e, o: [(with_pnr(e), {})],
    "pnr_form": lambda e, o: [(edited(o, KEYS, put(1, "PNR", "070761-4286")), {})],
    "pnr_twice": lambda e, o: [(edited(o, KEYS, lambda rows: put(1, "PNR", rows[2][0])(rows)), {})],
    "cpr_shaped": lambda e, o: [
        (edited(o, LIST, put(1, "ADRESSE", "c/o 070761-4286")), {}),
        (relabelled(e, da=f"Mor {NUMBER}"), {}),
        (replaced(e, "LAES_MIG.txt", "Projekt", "070761 4286 Projekt"), APPROVED),
        (replaced(e, "kodebog.html", "Mor", f"Mor {NUMBER}"), APPROVED),
        (replaced(e, "data.sas", "Mor", f"Mor {NUMBER}"), APPROVED),
        (replaced(e, "datapackage.json", "Mor", f"Mor {NUMBER}"), APPROVED),
        (told(o, lambda about: about["project"].update(name="Sag 070761-4286")), {}),
    ],
    "person_name": lambda e, o: [
        (relabelled(e, en="c/o BERG, Bo-Erik"), NAMES),
        (replaced(e, "LAES_MIG.txt", "Projekt", "Spørg Ayse\nYilmaz. Projekt"), APPROVED | NAMES),
        (replaced(e, "kodebog.html", "Mor", "Bo Erik Berg"), APPROVED | NAMES),
        (replaced(o, "LAES_MIG.txt", "Projekt", "Bo Erik Berg"), NAMES),
    ],
    "contact": lambda e, o: [
        (relabelled(e, da="Skriv til bo@berg.dk"), {}),
        (relabelled(e, da="Tlf. 12 34 56 78"), {}),
    ],
    "k_anonymity": lambda e, o: [(e, APPROVED | {"k": 5})],
    "pseudonym_wrong": lambda e, o: [(edited(e, DATA, last_symbol), APPROVED)],
    "pseudonym_order": lambda e, o: [(edited(o, KEYS, swap(1, 2)), {})],
    "grain": lambda e, o: [(edited(e, DATA, put(3, "FORLOEB_NR", "2")), APPROVED)],
    "undocumented_code": lambda e, o: [(edited(e, DATA, put(3, "ROLLE", "7")), APPROVED)],
    "undocumented_variable": lambda e, o: [
        (described(e, "ROLLE", label_en=""), {}),
        (described(e, "ROLLE", source=" "), {}),
        (relabelled(e, en=""), {}),
    ],
    "undocumented_delivery": lambda e, o: [
        (told(e, lambda about: about.pop("population")), APPROVED),
        (told(e, lambda about: about["period"].pop("first_year")), APPROVED),
        (told(e, lambda about: about["variables"].pop()), {}),
        (told(e, lambda about: about["variables"][0].pop("label_da")), {}),
    ],
    "codebook": lambda e, o: [
        (booked(e, lambda lines: lines.pop()), APPROVED),
        (booked(e, lambda lines: counted(lines, "ROLLE", "1", "99")), APPROVED),
        (booked(e, lambda lines: counted(lines, "ROLLE", "1", "")), APPROVED),
        (changed(e, BOOK, b"x"), APPROVED),
    ],
    "small_count": lambda e, o: [
        (told(e, lambda about: about["left_out"][0].update(persons="2")), APPROVED),
        (booked(e, show_a_small_count), APPROVED),
    ],
    "out_of_bounds": lambda e, o: [(described(e, "FORLOEB_NR", bounds=[1, 2]), {})],
    "number_form": lambda e, o: [
        (edited(e, DATA, put(3, "ROLLE", text)), APPROVED) for text in ("Mor", "1.0", "01", ".", "NA")
    ],
    "date_form": lambda e, o: [
        (edited(o, LIST, put(1, "FOEDSELSDATO", text)), {}) for text in ("04-03-1971", "19710304", "1971-02-30")
    ],
    "missing_sign": lambda e, o: [(edited(o, LIST, put(1, "NAVN", text)), {}) for text in (".", "N/A", "NULL")],
    "control_character": lambda e, o: [(edited(o, LIST, put(1, "NAVN", "Bo\nBerg")), {})],
    "formula": lambda e, o: [
        (edited(o, LIST, put(1, "NAVN", "=HYPERLINK(1)")), {}),
        (relabelled(e, da="=HYPERLINK(1)"), {}),
    ],
    "row_count": lambda e, o: [(told_rows(e), APPROVED), (told_rows(o), {})],
    "person_count": lambda e, o: [
        (told(e, lambda about: about.update(persons=7)), APPROVED),
        (told(o, lambda about: about.update(persons=7)), {}),
    ],
    "person_twice": lambda e, o: [(both_lists(o), {})],
    "no_rows": lambda e, o: [(evaluator_members([]), APPROVED)],
    "few_persons": lambda e, o: [(evaluator_members(make_records()[:2]), APPROVED)],
    "manifest": lambda e, o: [({**e, "manifest.json": b"{"}, APPROVED), ({DATA: e[DATA]}, APPROVED)],
    "file_missing": lambda e, o: [({name: data for name, data in e.items() if name != "kodebog.pdf"}, APPROVED)],
    "file_unlisted": lambda e, o: [({**e, "notat.docx": b"x"}, APPROVED)],
    "file_altered": lambda e, o: [({**e, "kodebog.pdf": b"x"}, APPROVED)],
    "project_differs": lambda e, o: [(e, APPROVED | {"dst_number": "700999"})],
    "file_unreadable": lambda e, o: [
        (changed(e, "data.dta", b"x"), APPROVED),
        (changed(e, "data.parquet", b"x"), APPROVED),
        (changed(e, "LAES_MIG.txt", b"\xff"), APPROVED),
    ],
    "format_differs": lambda e, o: [
        (another_role(e), APPROVED),
        (changed(e, "data.sas", e["data.sas"].replace(b"ROLLE", b"ROLE")), APPROVED),
    ],
    "file_form": lambda e, o: [
        (changed(e, DATA, b"\xef\xbb\xbf" + e[DATA]), APPROVED),
        (changed(e, DATA, e[DATA].replace(b"\n", b"\r\n")), APPROVED),
        (changed(e, DATA, e[DATA].replace(b'"', b'"\xe6', 1)), APPROVED),
        (changed(e, DATA, b""), APPROVED),
    ],
}


@pytest.mark.parametrize("code", RULES)
def test_each_rule_stops_what_no_other_rule_does(code, e, o, monkeypatch):
    for members, terms in SAMPLES[code](e, o):
        findings = lint(members, **terms)
        assert {finding.code for finding in findings} == {code}
        if RULES[code][0] is not Severity.BLOCK:
            stop_if_blocked(findings)  # told, or put before the approver
            continue
        with pytest.raises(LintBlocked):
            stop_if_blocked(findings)
        with monkeypatch.context() as without_the_rule:
            without_the_rule.setitem(RULES, code, (Severity.WARN, RULES[code][1]))
            stop_if_blocked(findings)


def test_files_as_written_break_no_rule_but_k(e, o):
    assert lint(e, **APPROVED | NAMES) == lint(e, **NAMES) == lint(o, **NAMES) == []
