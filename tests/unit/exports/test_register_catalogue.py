"""Register variables are looked up in Statistics Denmark's own lists, and what is wrong is said in plain Danish."""

from contextlib import suppress

import dst_fsv
import pytest
from django.utils.translation import override
from hypothesis import given
from hypothesis import strategies as st

from exports.register_catalogue import SNAPSHOT, Asked, BadLine, look_up, look_up_all, parse_line


def found(line):
    return look_up(parse_line(line))


names = st.from_regex(r"[A-Z][A-Z0-9_]{0,31}", fullmatch=True)
years = st.tuples(st.integers(1900, 2100), st.integers(1900, 2100)).map(sorted)


@given(names, names, years)
def test_a_line_is_read_as_it_is_written(register, name, span):
    asked = Asked(register, name, *span)
    assert parse_line(str(asked)) == asked
    assert Asked(**asked.to_json()) == asked


@given(names, names, years, st.sampled_from([" ", "  ", "\t", ", ", "; ", "."]), st.sampled_from(["-", "–", " - "]))
def test_case_and_separators_do_not_matter(register, name, span, separator, dash):
    first, last = span
    typed = f" {register.lower()}{separator}{name.lower()} {first}{dash}{last} "
    assert parse_line(typed) == Asked(register, name, first, last)


@given(st.text(max_size=60))
def test_whatever_is_typed_is_read_or_refused(text):
    with suppress(BadLine):
        asked = parse_line(text)
        assert parse_line(str(asked)) == asked


@pytest.mark.parametrize(
    "line", ["BEF", "BEF KOM", "BEF 2014", "KOM 2014-2016 BEF", "BEF KOM 14-16", "BEF KOM 2016-2014", "BEF KOM 20140"]
)
def test_a_line_that_is_no_variable_with_years_is_refused(line):
    with pytest.raises(BadLine):
        parse_line(line)


def test_what_exists_for_all_years_has_its_labels_and_no_notes():
    kom = found("BEF KOM 2014-2016")
    assert (kom.label, kom.title, kom.refusal, kom.notes) == ("Kommunekode", "Befolkningen", "", ())
    with override("en"):
        assert found("BEF KOM 2014-2016").label == "Municipality code"


@pytest.mark.parametrize("line", ["BEFBOP BOP_VFRA 2014-2016", "BUFO UDSLAG_1 1990-2016", "IEPE PNR 2014"])
def test_a_register_of_spells_that_names_one_period_only_has_all_its_years(line):
    assert (found(line).refusal, found(line).notes) == ("", ())


def test_a_closed_register_is_told_with_its_last_year_and_kept_where_it_has_some_of_the_years():
    partly = found("FAIN KOM 2005-2010")
    assert partly.refusal == ""
    assert partly.notes == ("FAIN er lukket. Det sidste år er 2007.", "KOM findes ikke for 2008–2010.")
    assert found("LPR_DIAG C_DIAG 2014-2016").notes == ("LPR_DIAG er lukket. Det sidste år er 2019.",)
    gone = found("FAIN KOM 2014-2016")
    assert gone.refusal == "FAIN er lukket. Det sidste år er 2007. KOM findes ikke i FAIN for årene, men for 1980–2007."


def test_missing_years_are_named_and_all_missing_is_refused():
    assert found("ATF AF_JN 2013-2018").notes == ("AF_JN findes ikke for 2013, 2015–2017.",)
    assert found("BUU PNR 2013-2014").refusal == "PNR findes ikke i BUU for årene, men for 2015–2024."


def test_years_to_come_are_no_missing_years():
    last = int(dst_fsv.registers()["BEF"]["last_year"])
    told = found(f"BEF KOM {last}-{last + 2}")
    assert told.notes == (f"Danmarks Statistik har endnu ikke data for {last + 1}–{last + 2}.",)
    assert found(f"BEF KOM {last + 5}").refusal == ""


@pytest.mark.parametrize(
    "line, told",
    [
        ("LPR C_DIAG 2014", "LPR er ikke ét register, men flere. Skriv det, som du skal bruge, for eksempel LPR_DIAG."),
        ("BOP BOP_VFRA 2014", "Danmarks Statistik har intet register, der hedder BOP. Mente du BEFBOP?"),
        ("KOM KOM 2014", "KOM er en variabel og ikke et register. Den findes i BEF,"),
        ("BEFF KOM 2014", "Danmarks Statistik har intet register, der hedder BEFF. Mente du BEF?"),
        ("QQQQQ KOM 2014", "Danmarks Statistik har intet register, der hedder QQQQQ."),
        ("BEF HFAUDD 2014", "BEF har ingen variabel, der hedder HFAUDD. HFAUDD findes i UDDA,"),
        ("BEF FAMILIEID 2014", "BEF har ingen variabel, der hedder FAMILIEID. Mente du FAMILIE_ID"),
    ],
)
def test_what_is_not_there_is_refused_with_the_reason_and_where_to_look(line, told):
    assert found(line).refusal.startswith(told)
    assert not found(line).notes


def test_every_variable_of_the_lists_is_found_in_its_first_and_last_year():
    for row in dst_fsv.variables():
        for year in (int(row["first_year"]), int(row["last_year"])):
            one = look_up(Asked(row["register"], row["variable"].upper(), year, year))
            assert one.refusal == "", one
            assert not any("findes ikke" in note for note in one.notes), one


def test_kept_variables_are_looked_up_again_each_time():
    kept = [Asked("BEF", "KOM", 2014, 2016).to_json(), Asked("BEF", "IKKE_MERE", 2014, 2016).to_json()]
    assert [bool(each.refusal) for each in look_up_all(kept)] == [False, True]
    assert SNAPSHOT.isoformat() == dst_fsv.SNAPSHOT_DATE
