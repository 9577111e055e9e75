"""It is forgotten on its day who a plan's people were; a certificate says so, and what was warned of came."""

import hashlib
from datetime import date, timedelta

import pytest
from django.urls import reverse
from django.utils import timezone
from django.utils.timezone import localdate

from accounts.permissions import Role
from audit.models import Event
from collection.models import Participant, Participation
from consent import vault
from consent.actions.proofs import add_signature, lock_proofs, remove_due
from consent.actions.restrict import restrict
from consent.actions.withdraw import erase_identities
from consent.models import Decision, Proof
from consent.models.restrictions import Ground
from exports import project_keys
from exports.jobs import ClaimLost, Progress
from exports.models import Job, Reader
from rights import erasing, retention
from rights.actions.requests import take_in
from rights.actions.retention import erase_due, note_days, set_day
from rights.demo import put_off
from rights.models import Certificate, Kind, PlanRetention, Reason
from rights.policies import NotAllowed
from tests.factories.cast import make_activity, make_participant, make_plan, make_user
from tests.factories.deliveries import approve_and_build, fetch, make_delivery, make_project, run_jobs
from tests.integration.rights.test_requests import text_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def controller():
    return make_user(Role.CONTROLLER)


def due(plan, day: date | None = None) -> None:
    """The plan's day has come."""
    day = day or localdate()
    PlanRetention.objects.update_or_create(
        plan=plan, defaults={"erase_on": day, "known_on": day, "set_by": make_user(Role.CONTROLLER)}
    )


def held(plan) -> int:
    return Participant.ungated.filter(plan=plan, erased_at__isnull=True, name_birth_index__isnull=False).count()


def erase() -> None:
    erase_due()
    run_jobs()


def test_a_plan_that_ended_long_ago_has_ninety_days_from_when_the_site_knew_of_it(settings):
    past, coming = make_plan(), make_plan(end=date(2040, 5, 1))
    note_days()
    assert PlanRetention.objects.get(plan=past).erase_on == localdate() + timedelta(days=90)
    assert PlanRetention.objects.get(plan=coming).erase_on == date(2045, 5, 1)
    coming.end = date(2041, 5, 1)
    coming.save()
    note_days()
    assert PlanRetention.objects.get(plan=coming).erase_on == date(2046, 5, 1)


def test_a_day_that_is_nothing_but_the_notice_says_so_and_the_demo_puts_the_others_off(client, controller):
    years = (2012, 2013, 2014, localdate().year)
    plans = [make_plan(start=date(year - 3, 1, 1), end=date(year, 12, 31)) for year in years]
    put_off(controller)
    near = retention.days(plans, localdate())[:2]
    assert [each.is_overdue for each in near] == [True, True]
    assert PlanRetention.objects.filter(reason=Reason.EVALUATION).count() == 1
    client.force_login(controller)
    page = client.get(reverse("rights:retention")).text
    assert page.count("Fristen er gået. Alle får 90 dages varsel") == 2
    assert page.count("Fast frist efter planens slutning") == 1


def test_a_controller_changes_the_day_with_a_reason_a_month_ahead_at_least(client, controller):
    plan = make_plan()
    with pytest.raises(NotAllowed, match="too_soon"):
        set_day(by=controller, plan=plan, erase_on=localdate() + timedelta(days=29), reason=Reason.DONE)
    with pytest.raises(NotAllowed, match="too_far"):
        set_day(by=controller, plan=plan, erase_on=localdate() + timedelta(days=4000), reason=Reason.DONE)
    client.force_login(controller)
    day = localdate() + timedelta(days=60)
    typed = {"erase_on_day": day.day, "erase_on_month": day.month, "erase_on_year": day.year}
    page = reverse("rights:retention_day", args=[plan.pk])
    assert "fejl" in client.post(page, typed).text  # without a reason
    client.post(page, typed | {"reason": "done"})
    note_days()
    assert PlanRetention.objects.get(plan=plan).erase_on == day
    assert Event.objects.filter(action="retention.changed", plan=str(plan.pk)).count() == 1


def test_on_its_day_identities_and_signed_forms_go_and_counts_stay(
    client, controller, django_capture_on_commit_callbacks
):
    activity, elsewhere = make_activity(), make_activity()
    people = [make_participant(activity) for _ in range(3)]
    other = make_participant(elsewhere)
    proof = add_signature(Decision.objects.get(participant=people[0]), b"<svg/>", by=controller)
    participations, decisions = Participation.ungated.count(), Decision.objects.count()
    due(activity.plan)
    with django_capture_on_commit_callbacks(execute=True):
        erase()
    assert held(activity.plan) == 0
    assert Participant.ungated.get(pk=other.pk).erased_at is None
    assert Proof.objects.get(pk=proof.pk).deleted_at is not None
    assert not vault.path_of(proof.pk).exists()
    assert (Participation.ungated.count(), Decision.objects.count()) == (participations, decisions)
    certificate = Certificate.objects.get()
    assert (certificate.counts["people"], certificate.counts["proofs"], certificate.counts["held_back"]) == (3, 1, 0)
    ids = b"".join(sorted(person.pk.bytes for person in people))
    assert certificate.digest == hashlib.sha256(ids).hexdigest()
    client.force_login(controller)
    told = text_of(client.get(reverse("rights:certificate", args=[certificate.pk])).content)
    assert certificate.digest in told.replace(" ", "")
    assert str(activity.plan) in told
    assert erase_due() == 0


def test_nothing_goes_before_its_day_or_after_it_was_moved(controller):
    activity = make_activity()
    make_participant(activity)
    due(activity.plan)
    erase_due()  # the job waits
    set_day(by=controller, plan=activity.plan, erase_on=localdate() + timedelta(days=40), reason=Reason.CLAIM)
    run_jobs()
    assert held(activity.plan) == 1
    assert Certificate.objects.get().counts.get("people", 0) == 0


def test_who_is_restricted_or_waits_for_an_answer_stays_until_that_is_over(controller):
    activity = make_activity()
    stored, asking, _ = people = [make_participant(activity) for _ in range(3)]
    restrict(by=controller, participant=stored, ground=Ground.CLAIM)
    take_in(by=controller, kind=Kind.ACCESS, people=[asking], received_on=localdate())
    due(activity.plan)
    erase()
    left = set(Participant.ungated.filter(pk__in=[each.pk for each in people], erased_at__isnull=True))
    assert left == {stored, asking}
    assert Certificate.objects.get().counts["held_back"] == 2


def test_killed_between_two_parts_it_goes_on_where_it_stopped(monkeypatch):
    activity = make_activity()
    people = [make_participant(activity) for _ in range(5)]
    monkeypatch.setattr(erasing, "AT_ONCE", 2)
    due(activity.plan)
    erase_due()
    confirmed = iter(range(2))
    confirm = Progress.confirm

    def killed(progress):
        if next(confirmed, None) is None:
            raise ClaimLost
        confirm(progress)

    with monkeypatch.context() as patched:
        patched.setattr(Progress, "confirm", killed)
        run_jobs()
    assert held(activity.plan) == 1
    Job.objects.update(state=Job.State.QUEUED)  # as once its lease has run out
    run_jobs()
    certificate = Certificate.objects.get()
    assert held(activity.plan) == 0
    assert certificate.counts["people"] == 5
    assert certificate.digest == erasing.digest_of(sorted(person.pk for person in people))


def test_signed_forms_that_an_older_backup_brings_back_go_too(controller):
    activity = make_activity()
    person, withdrew = make_participant(activity), make_participant(activity)
    add_signature(Decision.objects.get(participant=person), b"<svg/>", by=controller)
    kept = add_signature(Decision.objects.get(participant=withdrew), b"<svg/>", by=controller)
    now = timezone.now()
    for each, at in ((person, now), (withdrew, now - timedelta(days=2))):
        lock_proofs([each.pk], at=at)
        erase_identities([each.pk], at=at)
    due(activity.plan)
    erase()
    remove_due()
    assert list(Proof.objects.filter(deleted_at__isnull=True)) == [kept]  # until its own date


def test_files_that_recipients_have_get_a_day_on_which_they_are_deleted(client, controller):
    activity, evaluator = make_activity(), make_user(Role.EVALUATOR)
    for _ in range(5):
        make_participant(activity)
    delivery = approve_and_build(make_delivery(make_project(evaluator, ends_on=None), by=evaluator), by=controller)
    fetch(client, evaluator, delivery, Reader.EVALUATOR)
    due(activity.plan)
    erase()
    delivery.refresh_from_db()
    certificate = Certificate.objects.get()
    assert certificate.counts["deliveries"] == 1
    assert certificate.deliveries_until == delivery.delete_by == localdate() + timedelta(days=30)
    delivery.project.ends_on = localdate() - timedelta(days=1)
    delivery.project.save()
    assert retention.due_projects(localdate()) == []  # its key calls codes back as long as files are out


def test_a_project_ends_by_itself_once_its_day_is_over_and_nobody_has_its_files(controller):
    project = make_project(make_user(Role.EVALUATOR), by=controller, ends_on=localdate() - timedelta(days=1))
    erase()
    project.refresh_from_db()
    assert project.ended_at is not None
    assert not project_keys.is_there(project.pk)
    assert Certificate.objects.get(project=project).finished_at is not None


def test_staff_are_warned_ninety_and_thirty_days_ahead(client):
    activity = make_activity()
    make_participant(activity)
    client.force_login(make_user(Role.COORDINATOR, activity.plan))
    warned = {}
    for days in (91, 90, 30):
        due(activity.plan, localdate() + timedelta(days=days))
        page = client.get(reverse("exports:tasks")).text
        warned[days] = ("Om 90 dage" in page, "Om 30 dage" in page)
    assert warned == {91: (False, False), 90: (True, False), 30: (False, True)}
    assert str(activity.plan) in client.get(reverse("rights:retention")).text
    assert retention.NOTICE.days == 90
