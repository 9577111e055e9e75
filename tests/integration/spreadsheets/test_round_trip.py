"""Whatever people are written down, however the file is made: what is registered is what was written down."""

import random
from datetime import date, timedelta

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from collection import identities
from collection.models import Participant, Participation, Precision
from consent.models import Decision
from spreadsheets.actions.rows import Sure, confirm_all
from spreadsheets.models import Finding, Level, Row, Spreadsheet
from tests.factories.cast import cpr_text, make_activity
from tests.factories.spreadsheets import checked, csv_file, workbook, written

pytestmark = [pytest.mark.django_db, pytest.mark.slow_on_postgres]
HEADINGS = ["Aktivitet", "CPR-nr", "Navn", "Født", "Adresse", "Boede der den", "Rolle", "Startdato", "Slutdato"]
HEADINGS += ["Samtykkedato", "Samtykkeform", "Sprog"]
NAMES = ["Mette Sand", "Søren Ærenlund", "Zoë O’Connor", "Ilse Müller", "José Nuñez", "Åse Bjørk-Møller"]
FURTHER = ["Дарина Шевченко", "فاطمة الزهراء", "ግርማይ ተስፋይ", "Nguyễn Thị Hà"]  # not in Windows-1252
ROLES = {"mor": "mother", "Far": "father", "anden værge": "other_guardian", "barn": "child", "ANDEN": "other"}
METHODS = {"papir": "paper", "Mundtligt": "oral_witness", "digitalt": "digital"}
DANISH = ("{0:%d-%m-%Y}", "{0.day}/{0.month} {0.year}", "{0:%d.%m.%Y}", "{0:%Y-%m-%d}")


class Stop(Exception):
    """Ends an example, and rolls back what it wrote."""


@st.composite
def people(draw):
    """Facts of people; and whether Windows-1252 has all their letters."""
    western = draw(st.booleans())
    names = st.sampled_from(NAMES if western else NAMES + FURTHER)
    found = []
    for n in range(draw(st.integers(1, 6))):
        born = draw(st.dates(date(1940, 1, 2), date(1995, 12, 30)).filter(lambda day: (day.month, day.day) != (1, 1)))
        start = draw(st.dates(date(2014, 2, 1), date(2016, 6, 30)))
        precision = draw(st.sampled_from(list(Precision)))
        end = draw(st.one_of(st.none(), st.dates(date(2016, 7, 1), date(2016, 12, 1))))
        decided = draw(st.dates(date(2014, 1, 1), date(2016, 12, 1)))
        by_number = draw(st.booleans())
        found.append(
            {
                "cpr": cpr_text(born, n) if by_number else "",
                "name": f"{draw(names)} {n}",
                "born": born,
                "address": "" if by_number else f"Birkevænget {n}, 8000 Aarhus C",
                "lived": None if by_number else draw(st.dates(date(2010, 1, 1), date(2013, 12, 31))),
                "role": draw(st.sampled_from(sorted(ROLES))),
                "start": start,
                "precision": precision,
                "end": end,
                "decided": decided,
                "method": draw(st.sampled_from(sorted(METHODS))),
            }
        )
    return western, found


def in_file(person: dict, activity: str, dates, day_cells: bool) -> list:
    def day(value):
        return ("" if value is None else value) if day_cells else ("" if value is None else dates.format(value))

    start = person["start"]
    started = {
        Precision.DAY: day(start),
        Precision.MONTH: f"{start.month}/{start.year}",
        Precision.YEAR: str(start.year),
    }[person["precision"]]
    number = person["cpr"]
    if number and not day_cells and start.day % 2:
        number = f" {number[:6]}-{number[6:]}\u00a0"
    return [
        f" {activity}\u00a0", number, person["name"], "" if number else day(person["born"]), person["address"],
        day(person["lived"]), person["role"], started, day(person["end"]), day(person["decided"]), person["method"],
        "dansk",
    ]  # fmt: skip


def expected(person: dict) -> tuple:
    start = person["start"]
    first = {Precision.DAY: start, Precision.MONTH: start.replace(day=1), Precision.YEAR: date(start.year, 1, 1)}
    key = person["cpr"] or (person["name"], person["born"].isoformat())
    return (
        key, person["name"], ROLES[person["role"]], first[person["precision"]], person["precision"].value,
        person["end"], person["decided"], METHODS[person["method"]],
    )  # fmt: skip


def in_register(by) -> list[tuple]:
    found = []
    for one in Participant.ungated.all():
        held = {
            field: secret.reveal()
            for field in identities.FIELDS
            if (secret := identities.read(one, field, by=by, reason=identities.Reason.CORRECT))
        }
        taking_part, decision = Participation.ungated.get(participant=one), Decision.objects.get(participant=one)
        key = held.get("cpr") or (held["name"], held["birth_date"])
        found.append(
            (
                key,
                held["name"],
                taking_part.role,
                taking_part.start,
                taking_part.start_precision,
                taking_part.end,
                decision.decided_on,
                decision.method,
            )  # fmt: skip
        )
    return found


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(
    people(),
    st.sampled_from(DANISH),
    st.sampled_from(";,\t"),
    st.sampled_from(["utf-8", "utf-8-sig", "cp1252", "xlsx"]),
)
def test_what_is_registered_is_what_was_written_down(plan, coordinator, activity, drawn, dates, separator, kind):
    western, everybody = drawn
    if kind == "cp1252" and not western:
        kind = "utf-8"
    rows = [HEADINGS, *(in_file(one, activity.name, dates, kind == "xlsx") for one in everybody)]
    content = workbook(rows) if kind == "xlsx" else csv_file(rows, separator=separator, encoding=kind)
    with pytest.raises(Stop), transaction.atomic():
        spreadsheet = checked(content, by=coordinator, plan=plan, method="", role="")
        confirm_all(by=coordinator, spreadsheet=spreadsheet, codes=["check_digit"], reason=Sure.COMPARED)
        states = set(Row.objects.exclude(state=Row.State.READ).values_list("state", flat=True))
        assert states == {Row.State.READY}, list(Finding.objects.values_list("field", "code"))
        written(spreadsheet, by=coordinator)
        assert sorted(map(str, in_register(coordinator))) == sorted(map(str, map(expected, everybody)))
        raise Stop


CELLS = st.one_of(
    st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=20),
    st.sampled_from(
        ["", "nej", "ja", "2016", "42463", "03-04-2016", "3.1E+09", "=1+1", "barn", "mor", "#REF!", "1E400"]
    ),
)


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(st.lists(st.lists(CELLS, min_size=12, max_size=12), max_size=5), st.randoms(use_true_random=False))
def test_no_row_is_both_wrong_and_written(plan, coordinator, activity, rows, random_: random.Random):
    """Good rows with strange cells thrown in: what has an error stays out, and what is written has none."""
    good = {"name": "Mette Sand", "born": None, "address": "", "lived": None, "role": "mor", "start": date(2015, 3, 3)}
    good |= {"precision": Precision.DAY, "end": None, "decided": date(2015, 3, 3), "method": "papir"}
    mixed = []
    for n, strange in enumerate(rows):
        person = good | {"cpr": cpr_text(date(1980, 3, 3) + timedelta(days=n))}
        cells = in_file(person, activity.name, DANISH[0], False)
        for place in random_.sample(range(12), random_.randrange(0, 4)):
            cells[place] = strange[place]
        mixed.append(cells)
    with pytest.raises(Stop), transaction.atomic():
        spreadsheet = checked(csv_file([HEADINGS, *mixed]), by=coordinator, plan=plan, method="", role="")
        warnings = Finding.objects.filter(level=Level.WARNING).values_list("code", flat=True)
        confirm_all(by=coordinator, spreadsheet=spreadsheet, codes=set(warnings), reason=Sure.COMPARED)
        wrong = set(Finding.objects.filter(level=Level.ERROR).values_list("row__number", flat=True))
        ready = set(Row.objects.filter(state=Row.State.READY).values_list("number", flat=True))
        assert not wrong & ready
        if ready:
            done = written(spreadsheet, by=coordinator)
            assert done.state == Spreadsheet.State.WRITTEN
            assert Participation.ungated.count() == done.participations <= len(ready)
        raise Stop


def test_an_activity_of_another_plan_is_unknown(plan, coordinator, activity):
    other = make_activity(name="Den andens")
    person = ["2015", "", "2015-01-01", "papir", "dansk"]
    cells = [other.name, cpr_text(date(1980, 3, 3)), "", "", "", "", "mor", *person]
    checked(csv_file([HEADINGS, cells]), by=coordinator, plan=plan)
    assert "activity_unknown" in Finding.objects.values_list("code", flat=True)
