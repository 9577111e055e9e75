"""From a file to the register: what the rows say is written, all of it or nothing, and no consent is weakened."""

from datetime import date, timedelta

import pytest
from django.utils import timezone

from audit.models import Subject
from audit.verify import verify
from collection import identities
from collection.models import Participant, Participation
from consent.actions.withdraw import withdraw
from consent.models import Audience, Decision, Kind, Purpose, Version
from exports import jobs
from exports.models import Job
from spreadsheets import flip, writing
from spreadsheets.actions.files import delete, write
from spreadsheets.actions.rows import Sure, confirm_all, correct_row
from spreadsheets.layouts import Layout
from spreadsheets.models import Finding, Prepared, Row, Spreadsheet
from tests.factories.cast import cpr_text, make_activity, make_identity, make_name_identity, make_participation
from tests.factories.deliveries import run_jobs
from tests.factories.spreadsheets import HEADINGS, checked, csv_file, row, workbook, written

pytestmark = pytest.mark.django_db
State = Spreadsheet.State
NAMED = ("Aktivitet", "Navn", "Fødselsdato", "Adresse", "Dato for bopæl", "Rolle", "Begyndte", "Dato for samtykke")


@pytest.fixture
def looked_through(plan, coordinator):
    """Checked, and every warning confirmed."""

    def make(rows, headings=HEADINGS, **changes) -> Spreadsheet:
        spreadsheet = checked(csv_file([headings, *rows]), by=coordinator, plan=plan, **changes)
        warnings = Finding.objects.filter(spreadsheet=spreadsheet, level="warning").values_list("code", flat=True)
        confirm_all(by=coordinator, spreadsheet=spreadsheet, codes=set(warnings), reason=Sure.COMPARED)
        return spreadsheet

    return make


@pytest.fixture
def done(looked_through, coordinator):
    """Imported."""
    return lambda rows, *args, **changes: written(looked_through(rows, *args, **changes), by=coordinator)


def leave(participant: Participant, *, by) -> None:
    withdraw(by=by, participant=participant, purpose=Purpose.objects.get(), withdrawn_on=date.today())


def states() -> list[str]:
    return list(Row.objects.exclude(state=Row.State.READ).order_by("number").values_list("state", flat=True))


def codes() -> set[str]:
    return set(Finding.objects.values_list("code", flat=True)) - {"check_digit"}


@pytest.mark.parametrize("make", [csv_file, workbook])
def test_rows_become_participants_with_consent(plan, coordinator, activity, make):
    spreadsheet = checked(make([HEADINGS, *(row(activity, n) for n in range(3))]), by=coordinator, plan=plan)
    assert states() == [Row.State.WARNING] * 3
    confirm_all(by=coordinator, spreadsheet=spreadsheet, codes=["check_digit"], reason=Sure.COMPARED)
    spreadsheet = written(spreadsheet, by=coordinator, leave_rest=False)
    assert (spreadsheet.state, spreadsheet.people, spreadsheet.participations) == (State.WRITTEN, 3, 3)
    people = {
        identities.read(one, "cpr", by=coordinator, reason=identities.Reason.CONTACT).reveal(): one
        for one in Participant.ungated.all()
    }
    assert set(people) == {cpr_text(date(1980, 3, 3), n) for n in range(3)}
    assert {identities.names([one], by=coordinator)[one.pk] for one in people.values()} == {
        f"Opdigtet {n}" for n in range(3)
    }
    decision, participation = Decision.objects.first(), Participation.ungated.first()
    assert (decision.kind, decision.decided_on, decision.method) == (Kind.GIVEN, date(2016, 4, 1), "paper")
    assert (decision.obtained_by, decision.recorded_by) == (coordinator, coordinator)
    assert (participation.start, participation.role, participation.activity) == (date(2016, 4, 3), "mother", activity)
    assert all(one.check_digit_confirmed for one in people.values())


def test_nothing_of_the_file_is_left_when_it_is_written(done, activity):
    spreadsheet = done([row(activity), row(activity, 1, decided_on="nej")])
    assert not Row.objects.exists()
    assert not Prepared.objects.exists()
    assert not Finding.objects.exists()
    assert spreadsheet.layout is None
    assert Participant.ungated.count() == 1


def test_people_without_a_number_enter_with_name_birth_date_and_address(done, activity, coordinator):
    done(
        [[activity.name, "Esther Højgaard", "5/6 1979", "Birkevænget 3", "2014-02-01", "mor", "2015", "2015-03-01"]],
        NAMED,
    )
    held = identities.read_all(Participant.ungated.get(), by=coordinator)
    assert held == {
        "name": "Esther Højgaard",
        "birth_date": "1979-06-05",
        "address": "Birkevænget 3",
        "residence_date": "2014-02-01",
    }
    assert Participation.ungated.get().start_precision == "year"


def test_one_person_in_several_activities_is_one_participant_with_one_consent(done, activity, plan):
    other = make_activity(plan, name="Netværk")
    spreadsheet = done([row(activity), row(other), row(activity)])  # the third says what the first says
    assert (spreadsheet.people, spreadsheet.participations) == (1, 2)
    assert Decision.objects.count() == 1


def test_a_childs_consent_by_a_guardian_lapses_at_eighteen(done, activity):
    headings = (*HEADINGS, "Værge")
    cpr = cpr_text(date(2012, 5, 5))
    done([[*row(activity, cpr=cpr, role="barn"), "far"]], headings)
    decision = Decision.objects.get()
    assert (decision.guardian_relation, decision.lapses_on) == ("father", date(2030, 5, 5))
    assert decision.text.version.document.audience == Audience.GUARDIAN


# --- People who are registered already -----------------------------------------------------------------


def test_somebody_registered_with_a_valid_consent_gets_the_participation_only(done, activity, plan):
    identity = make_identity()
    known = make_participation(activity, identity, decided_on=date(2015, 1, 5)).participant
    before = Decision.objects.get()
    other = make_activity(plan, name="Netværk")
    spreadsheet = done([row(other, cpr=identity.cpr.digits, decided_on="2014-06-01", name="Et andet navn")])
    assert (spreadsheet.people, spreadsheet.participations) == (0, 1)
    assert Decision.objects.get() == before
    assert set(Participation.ungated.values_list("participant", flat=True)) == {known.pk}


def test_the_same_file_twice_adds_nothing(done, activity):
    rows = [row(activity, n) for n in range(3)]
    done(rows)
    again = done(rows)
    assert (again.people, again.participations) == (0, 0)
    assert Decision.objects.count() == Participation.ungated.count() == 3


def test_somebody_who_withdrew_comes_back_only_by_a_consent_of_their_own(done, activity, coordinator):
    identity = make_identity()
    gone = make_participation(activity, identity, decided_on=date(2015, 1, 5)).participant
    leave(gone, by=coordinator)
    spreadsheet = done([row(activity, cpr=identity.cpr.digits, decided_on="2016-04-01")])
    assert spreadsheet.people == 1
    gone.refresh_from_db()
    assert gone.erased_at is not None
    assert Decision.objects.filter(participant=gone, kind=Kind.GIVEN).count() == 1


def test_a_lapsed_consent_is_renewed_by_a_newer_one_and_not_by_an_older(looked_through, coordinator, activity):
    identity = make_identity()
    make_participation(activity, identity, decided_on=date(2015, 1, 5))
    Version.objects.update(consents_lapse_on=date(2015, 6, 1), lapse_known_at=timezone.now(), ended_at=timezone.now())
    version = Version.objects.get(document__audience=Audience.ADULT)
    text = version.texts.get()
    text.pk = None
    text.version = Version.objects.create(document=version.document, number=2, published_at=timezone.now())
    text.save()
    older = looked_through([row(activity, cpr=identity.cpr.digits, decided_on="2014-12-01", start="2015")])
    assert codes() == {"consent_ended"}
    delete(by=coordinator, spreadsheet=older)
    newer = looked_through([row(activity, cpr=identity.cpr.digits, decided_on="2016-01-01", start="2015")])
    assert codes() == {"registered_again"}
    written(newer, by=coordinator)
    assert Decision.objects.filter(kind=Kind.GIVEN).count() == 2


def test_a_namesake_is_asked_about(looked_through, activity, coordinator, plan):
    identity = make_name_identity()
    known = make_participation(activity, identity).participant
    other = make_activity(plan, name="Netværk")
    cells = [other.name, identity.name, identity.birth_date, "Et andet sted", "2015-01-01", "mor", "2015", "2015-03-01"]
    spreadsheet = looked_through([cells, cells], NAMED)
    assert codes() == {"namesake", "registered", "duplicate"}
    one = Row.objects.get(number=2)
    correct_row(by=coordinator, spreadsheet=spreadsheet, row=one, typed={}, another=True)
    written(spreadsheet, by=coordinator)
    assert Participant.ungated.count() == 2
    assert set(Participation.ungated.filter(activity=other).values_list("participant", flat=True)) > {known.pk}


def test_a_number_is_asked_for_even_where_a_namesake_was_said_to_be_another(looked_through, activity, coordinator):
    identity = make_identity(working_name="Mette Sand")
    known = make_participation(activity, identity).participant
    spreadsheet = looked_through([row(activity, 0)])
    one, typed = Row.objects.get(number=2), {"cpr": identity.cpr.digits}
    correct_row(by=coordinator, spreadsheet=spreadsheet, row=one, typed=typed, another=True)
    assert Row.objects.get(number=2).participant == known.pk
    assert written(spreadsheet, by=coordinator).state == State.WRITTEN


# --- All or nothing ------------------------------------------------------------------------------------


def test_nothing_is_seen_while_rows_are_prepared(looked_through, activity, coordinator, monkeypatch):
    spreadsheet = looked_through([row(activity, n) for n in range(3)])
    seen = []
    real = flip.flip

    def look(*args, **options):
        seen.append((Prepared.objects.count(), Participant.ungated.count(), Decision.objects.count()))
        real(*args, **options)

    monkeypatch.setattr(flip, "flip", look)
    written(spreadsheet, by=coordinator)
    assert seen == [(3, 0, 0)]
    assert Participant.ungated.count() == 3


@pytest.fixture
def changed_before_the_last_step(monkeypatch):
    """`changed_before_the_last_step(change)`: something happens when all is prepared."""

    def arrange(change) -> None:
        real = writing.prepare

        def prepare(*args, **options):
            real(*args, **options)
            change()

        monkeypatch.setattr(writing, "prepare", prepare)

    return arrange


def registered(activity, n: int) -> None:
    from collection.cpr import parse
    from consent.actions.enrol import CprIdentity

    number = parse(cpr_text(date(1980, 3, 3), n), date.today())
    make_participation(activity, CprIdentity(number, "", check_digit_confirmed=True))


def ended(activity) -> None:
    activity.end = date(2014, 12, 31)
    activity.save()


def text_ended() -> None:
    Version.objects.filter(document__audience=Audience.ADULT).update(ended_at=timezone.now())


@pytest.mark.parametrize("what", ["registered_since", "activity_changed", "text_ended", "no_access"])
def test_what_changed_meanwhile_stops_the_last_step(
    looked_through, activity, coordinator, changed_before_the_last_step, what
):
    spreadsheet = looked_through([row(activity, n) for n in range(3)])
    changes = {
        "registered_since": lambda: registered(activity, 1),
        "activity_changed": lambda: ended(activity),
        "text_ended": text_ended,
        "no_access": lambda: coordinator.memberships.all().delete(),
    }
    changed_before_the_last_step(changes[what])
    write(by=coordinator, spreadsheet=spreadsheet, leave_rest=False)
    run_jobs()
    spreadsheet.refresh_from_db()
    assert (spreadsheet.state, spreadsheet.problem) == (State.PREVIEW, what)
    assert Participant.ungated.count() == (what == "registered_since")
    assert not Prepared.objects.exists()
    assert Row.objects.filter(number__gt=1).count() == 3  # judged again, and still there


def test_who_withdraws_meanwhile_stops_the_last_step(
    looked_through, activity, coordinator, plan, changed_before_the_last_step
):
    identity = make_identity()
    known = make_participation(activity, identity).participant
    spreadsheet = looked_through([row(make_activity(plan, name="Netværk"), cpr=identity.cpr.digits)])
    changed_before_the_last_step(lambda: leave(known, by=coordinator))
    write(by=coordinator, spreadsheet=spreadsheet, leave_rest=False)
    run_jobs()
    spreadsheet.refresh_from_db()
    assert spreadsheet.problem == "withdrawn_since"
    assert Participation.ungated.count() == 1


def test_a_job_that_runs_twice_writes_once(looked_through, activity, coordinator):
    spreadsheet = looked_through([row(activity)])
    write(by=coordinator, spreadsheet=spreadsheet, leave_rest=False)
    job = Job.objects.filter(state=Job.State.QUEUED).get()
    jobs.run(job.pk)
    Job.objects.filter(pk=job.pk).update(state=Job.State.RUNNING, lease_until=timezone.now() - timedelta(1))
    jobs.run(job.pk)
    assert Participant.ungated.count() == Decision.objects.count() == Participation.ungated.count() == 1


def test_rows_with_errors_are_never_written(looked_through, activity, coordinator):
    rows = [row(activity, 0), row(activity, 1, start="03-04-16"), row(activity, 2, cpr="3.1E+09")]
    spreadsheet = looked_through(rows)
    assert states() == [Row.State.READY, Row.State.ERROR, Row.State.ERROR]
    assert written(spreadsheet, by=coordinator, leave_rest=True).participations == 1


# --- What is recorded ------------------------------------------------------------------------------------


def test_each_person_finds_the_import_in_the_log_and_the_chain_holds(done, activity, monkeypatch):
    monkeypatch.setattr("spreadsheets.flip.SUBJECTS", 2)
    done([row(activity, n) for n in range(5)])
    for person in Participant.ungated.values_list("pk", flat=True):
        assert Subject.objects.filter(subject=person, event__action="participant.imported").count() == 1
    assert verify()[1] == []


def test_the_register_is_asked_on_record(looked_through, activity):
    identity = make_identity()
    known = make_participation(activity, identity).participant
    looked_through([row(activity, cpr=identity.cpr.digits), row(activity, 1)])
    told = Subject.objects.filter(event__action="import.compared").values_list("subject", flat=True)
    assert list(told) == [known.pk]


def test_warnings_of_a_left_out_row_are_nobodys(looked_through, plan, coordinator, activity):
    from spreadsheets.actions.rows import leave_out

    spreadsheet = checked(csv_file([HEADINGS, row(activity), row(activity)]), by=coordinator, plan=plan)
    assert "duplicate" in codes()
    leave_out(by=coordinator, spreadsheet=spreadsheet, row=Row.objects.get(number=2), left_out=True)
    assert "duplicate" not in codes()
    leave_out(by=coordinator, spreadsheet=spreadsheet, row=Row.objects.get(number=2), left_out=False)
    assert "duplicate" in codes()


def test_what_was_chosen_is_remembered_for_the_plan(looked_through, plan, coordinator, activity):
    headings = ("Vores navn for det", *HEADINGS[1:])
    spreadsheet = checked(csv_file([headings, row(activity)]), by=coordinator, plan=plan, activity=activity.pk)
    layout = Layout.of(spreadsheet)
    from spreadsheets.actions.files import match_columns

    match_columns(
        by=coordinator,
        spreadsheet=spreadsheet,
        header=1,
        columns=layout.columns | {"activity": 0},
        defaults=layout.defaults,
    )
    run_jobs()
    again = checked(csv_file([headings, row(activity, 1)]), by=coordinator, plan=plan)
    assert Layout.of(again).columns["activity"] == 0
