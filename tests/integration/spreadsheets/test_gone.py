"""A no that is said while a file waits is newer than the file: importing brings nobody back."""

from datetime import date

import pytest

from accounts.permissions import Role
from collection.models import Participant
from consent.actions.withdraw import withdraw
from consent.models import Purpose
from spreadsheets.actions.files import NotNow, delete, match_columns, write
from spreadsheets.actions.rows import Sure, confirm_all
from spreadsheets.layouts import Layout
from spreadsheets.models import Finding, Gone, Row, Spreadsheet
from tests.factories.cast import make_activity, make_identity, make_name_identity, make_participation, make_user
from tests.factories.deliveries import run_jobs
from tests.factories.spreadsheets import HEADINGS, checked, csv_file, defaults, row, upload

pytestmark = pytest.mark.django_db
NAMED = ("Aktivitet", "Navn", "Fødselsdato", "Adresse", "Dato for bopæl", "Rolle", "Begyndte", "Dato for samtykke")


def leave(participant: Participant, *, by) -> None:
    withdraw(by=by, participant=participant, purpose=Purpose.objects.get(), withdrawn_on=date.today())


def looked_through(spreadsheet: Spreadsheet, *, by) -> Spreadsheet:
    warnings = Finding.objects.filter(spreadsheet=spreadsheet, level="warning").values_list("code", flat=True)
    confirm_all(by=by, spreadsheet=spreadsheet, codes=set(warnings), reason=Sure.COMPARED)
    return spreadsheet


def press_write(spreadsheet: Spreadsheet, *, by) -> None:
    write(by=by, spreadsheet=spreadsheet, leave_rest=True)
    run_jobs()
    spreadsheet.refresh_from_db()


def never_written(spreadsheet: Spreadsheet, *, by) -> bool:
    """However often somebody presses."""
    if spreadsheet.state == Spreadsheet.State.PREVIEW:
        press_write(spreadsheet, by=by)
        assert (spreadsheet.state, spreadsheet.problem) == (Spreadsheet.State.PREVIEW, "withdrawn_since")
    with pytest.raises(NotNow):
        press_write(looked_through(spreadsheet, by=by), by=by)
    codes = set(Finding.objects.filter(spreadsheet=spreadsheet).values_list("code", flat=True))
    return "gone" in codes and not Participant.ungated.filter(erased_at__isnull=True).exists()


@pytest.mark.parametrize("where", ["here", "in another plan"])
def test_who_withdraws_while_a_file_waits_is_not_brought_back_by_it(plan, coordinator, activity, where):
    identity = make_identity()
    took_part = make_activity(plan, name="Netværk") if where == "here" else make_activity(name="Netværk")
    known = make_participation(took_part, identity).participant
    content = csv_file([HEADINGS, row(activity, cpr=identity.cpr.digits)])
    spreadsheet = looked_through(checked(content, by=coordinator, plan=plan), by=coordinator)
    leave(known, by=make_user(Role.STAFF, took_part.plan))
    assert never_written(spreadsheet, by=coordinator)


def test_nor_is_who_withdraws_before_the_columns_were_matched(plan, coordinator, activity):
    identity = make_identity()
    known = make_participation(activity, identity).participant
    spreadsheet = upload(csv_file([HEADINGS, row(activity, cpr=identity.cpr.digits)]), by=coordinator, plan=plan)
    leave(known, by=coordinator)
    layout = Layout.of(spreadsheet)
    match_columns(
        by=coordinator,
        spreadsheet=spreadsheet,
        header=layout.header,
        columns=layout.columns,
        defaults=defaults(coordinator),
    )
    run_jobs()
    assert list(Row.objects.filter(number=2).values_list("state", flat=True)) == [Row.State.ERROR]


def test_nor_is_who_has_no_number(plan, coordinator, activity):
    identity = make_name_identity()
    known = make_participation(make_activity(plan, name="Netværk"), identity).participant
    born, moved = identity.birth_date.isoformat(), identity.residence_date.isoformat()
    cells = [activity.name, identity.name, born, identity.address, moved, "mor", "03-04-2016", "2016-04-01"]
    spreadsheet = looked_through(
        checked(csv_file([NAMED, cells]), by=coordinator, plan=plan),
        by=coordinator,
    )
    leave(known, by=coordinator)
    assert never_written(spreadsheet, by=coordinator)


def test_a_namesake_of_somebody_who_withdrew_in_another_plan_is_imported(plan, coordinator, activity):
    identity = make_name_identity()
    elsewhere = make_participation(make_activity(name="Netværk"), identity).participant
    born, moved = identity.birth_date.isoformat(), identity.residence_date.isoformat()
    cells = [activity.name, identity.name, born, identity.address, moved, "mor", "03-04-2016", "2016-04-01"]
    spreadsheet = looked_through(checked(csv_file([NAMED, cells]), by=coordinator, plan=plan), by=coordinator)
    leave(elsewhere, by=make_user(Role.STAFF, elsewhere.plan))
    press_write(spreadsheet, by=coordinator)
    assert spreadsheet.people == 1


def test_the_others_in_the_file_are_imported(plan, coordinator, activity):
    identity = make_identity()
    known = make_participation(make_activity(plan, name="Netværk"), identity).participant
    content = csv_file([HEADINGS, row(activity, cpr=identity.cpr.digits), row(activity, 1)])
    spreadsheet = looked_through(checked(content, by=coordinator, plan=plan), by=coordinator)
    leave(known, by=coordinator)
    press_write(spreadsheet, by=coordinator)
    press_write(looked_through(spreadsheet, by=coordinator), by=coordinator)
    assert (spreadsheet.state, spreadsheet.people) == (Spreadsheet.State.WRITTEN, 1)
    assert not Gone.objects.exists()


def test_nothing_is_kept_of_who_is_gone_when_the_file_is(plan, coordinator, activity):
    identity = make_identity()
    known = make_participation(activity, identity).participant
    spreadsheet = checked(csv_file([HEADINGS, row(activity)]), by=coordinator, plan=plan)
    leave(known, by=coordinator)
    assert Gone.objects.exists()
    delete(by=coordinator, spreadsheet=spreadsheet)
    assert not Gone.objects.exists()
