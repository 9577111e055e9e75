"""From a file to the register: what is written is what the rows say, all of it or nothing."""

from datetime import date

import pytest

from accounts.permissions import Role
from collection.models import Participant, Participation
from consent.models import Decision
from spreadsheets.actions.rows import Sure, confirm_all
from spreadsheets.models import Finding, Prepared, Row, Spreadsheet
from tests.factories.cast import cpr_text, make_activity, make_plan, make_user
from tests.factories.spreadsheets import HEADINGS, checked, csv_file, workbook, written

pytestmark = pytest.mark.django_db
State = Spreadsheet.State


@pytest.fixture
def plan():
    return make_plan()


@pytest.fixture
def coordinator(plan):
    return make_user(Role.COORDINATOR, plan)


@pytest.fixture
def activity(plan):
    return make_activity(plan, name="Mødregruppe Øst")


def row(activity, n: int = 0, **changes) -> list:
    values = {
        "activity": activity.name,
        "cpr": cpr_text(date(1980, 3, 3), n),
        "name": f"Opdigtet {n}",
        "role": "mor",
        "start": "03-04-2016",
        "decided_on": "2016-04-01",
    } | changes
    return list(values.values())


def confirmed(spreadsheet, by):
    """The cast's numbers fail the check digit: confirmed for all."""
    confirm_all(by=by, spreadsheet=spreadsheet, codes=["check_digit"], reason=Sure.COMPARED)
    return spreadsheet


@pytest.mark.parametrize("make", [csv_file, workbook])
def test_rows_become_participants_with_consent(plan, coordinator, activity, make):
    spreadsheet = checked(make([HEADINGS, *(row(activity, n) for n in range(3))]), by=coordinator, plan=plan)
    assert spreadsheet.state == State.PREVIEW
    assert set(Row.objects.filter(number__gt=1).values_list("state", flat=True)) == {Row.State.WARNING}
    spreadsheet = written(confirmed(spreadsheet, coordinator), by=coordinator)
    assert spreadsheet.state == State.WRITTEN, spreadsheet.problem
    assert (spreadsheet.people, spreadsheet.participations) == (3, 3)
    assert Participant.ungated.count() == Decision.objects.count() == Participation.ungated.count() == 3
    assert Participation.ungated.first().start == date(2016, 4, 3)
    assert not (Row.objects.exists() or Prepared.objects.exists() or Finding.objects.exists())
