"""A worker killed with -9 in any step of an import loses nothing and shows nothing: real processes, real broker."""

import time
from datetime import date, timedelta

import pytest
from django.utils import timezone

from collection.models import Participant, Participation
from consent.models import Decision
from exports import jobs
from exports.models import Job
from spreadsheets.actions.files import match_columns, write
from spreadsheets.actions.rows import Sure, confirm_all
from spreadsheets.layouts import Layout
from spreadsheets.models import Finding, Prepared, Row, Spreadsheet
from tests.factories.cast import cpr_text
from tests.factories.deliveries import run_jobs
from tests.factories.spreadsheets import HEADINGS, csv_file, defaults, row, upload
from tests.plugins.processes import kill_in_step, wait_until

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]
PEOPLE = 1000
LEASE = 2  # seconds
State = Spreadsheet.State


def finish(start_worker, spreadsheet: Spreadsheet, state: State) -> None:
    """Another worker, and the sweep that beat would do, until the file is in `state`."""
    start_worker(JOB_LEASE_SECONDS=str(LEASE))

    def done() -> bool:
        jobs.sweep()
        time.sleep(0.2)
        spreadsheet.refresh_from_db()
        return spreadsheet.state == state

    wait_until(done, 60)


@pytest.mark.parametrize("step", ["flip_rows", *(name for name in ("prepare_rows", "check_rows"))])
def test_a_killed_import_is_done_again_and_shows_nothing_before(
    start_worker, settings, plan, coordinator, activity, step
):
    numbers = [cpr_text(date(1960, 3, 3) + timedelta(days=n // 400), n % 400) for n in range(PEOPLE)]
    content = csv_file([HEADINGS, *(row(activity, cpr=number) for number in numbers)])
    spreadsheet = upload(content, by=coordinator, plan=plan)
    columns = Layout.of(spreadsheet).columns
    match_columns(by=coordinator, spreadsheet=spreadsheet, header=1, columns=columns, defaults=defaults(coordinator))
    settings.JOB_LEASE_SECONDS = LEASE
    if step == "check_rows":
        kill_in_step(start_worker(JOB_LEASE_SECONDS=str(LEASE)), step, seconds=90)
        finish(start_worker, spreadsheet, State.PREVIEW)
    else:
        run_jobs()
    assert Row.objects.filter(state=Row.State.WARNING).count() == PEOPLE
    confirm_all(by=coordinator, spreadsheet=spreadsheet, codes=["check_digit"], reason=Sure.COMPARED)
    write(by=coordinator, spreadsheet=spreadsheet, leave_rest=False)
    if step != "check_rows":
        kill_in_step(start_worker(JOB_LEASE_SECONDS=str(LEASE)), step, seconds=90)
        assert not Participant.ungated.exists()
        assert not Decision.objects.exists()
        # the step that is one transaction may hold its job for longer; nobody is at it any more
        Job.objects.filter(step="flip_rows").update(lease_until=timezone.now())
        finish(start_worker, spreadsheet, State.WRITTEN)
    else:
        run_jobs()
    spreadsheet.refresh_from_db()
    assert spreadsheet.people == spreadsheet.participations == PEOPLE
    assert Participant.ungated.count() == Decision.objects.count() == Participation.ungated.count() == PEOPLE
    wait_until(lambda: not any(model.objects.exists() for model in (Row, Finding, Prepared)), 20)
    wait_until(lambda: not Job.objects.exclude(state=Job.State.DONE).exists(), 20)
