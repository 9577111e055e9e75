"""What "Opgaver" tells who answers for the site, and for colleagues' access; and nothing while all is well."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts.models import Invitation, User
from accounts.permissions import Role
from audit import state, verify
from audit.recording import audited
from exports.models import Job
from operations import queries, worklists
from operations.actions.keys import start_rotation
from operations.models import KeyRotation
from tests.factories.cast import make_participant, make_plan, make_user

pytestmark = pytest.mark.django_db
LONG = timedelta(days=91)


@pytest.fixture
def controller():
    return make_user(Role.CONTROLLER)


@pytest.fixture(autouse=True)
def witness(settings, tmp_path):
    settings.WITNESS_DIR = tmp_path


def waiting(user) -> list[tuple[str, int]]:
    return [(str(task.label), task.count) for task in worklists.tasks(user) if task.count]


def note(action: str, **details) -> None:
    with audited(by=None) as log:
        log(action, **details)


def test_while_all_is_well_nothing_waits_and_it_takes_few_queries(controller, django_assert_max_num_queries):
    note("backup.made", rows=1, day="2026-12-28")
    make_user(Role.STAFF, make_plan())
    with django_assert_max_num_queries(8):
        assert waiting(controller) == []


def test_a_log_that_is_not_whole_is_told_to_the_controller_alone(client, controller, monkeypatch):
    broken = state.State(problem="faults")
    monkeypatch.setattr(state, "now", lambda: broken)
    assert waiting(controller) == [("Loggen er ikke i orden", 1)]
    assert waiting(make_user(Role.COORDINATOR, make_plan())) == []
    client.force_login(controller)
    assert "Loggen er ikke i orden" in client.get(reverse("exports:tasks")).text


def test_a_witness_that_is_gone_is_told(controller):
    note(verify.CHECKED)
    assert waiting(controller) == [("Loggen er ikke i orden", 1)]


def test_a_change_of_a_key_that_has_stopped_is_told_until_it_goes_on(controller):
    make_participant()
    start_rotation(by=controller, purpose="field:participant.cpr")
    assert waiting(controller) == []
    held = KeyRotation.objects.get()
    Job.objects.filter(subject=held.pk).update(state=Job.State.FAILED)
    assert waiting(controller) == [("Nøgleskift, der er gået i stå", 1)]


def test_a_backup_that_is_too_old_or_was_never_made_is_told(controller, client, monkeypatch):
    note("sign_in.done")
    assert waiting(controller) == []  # a new site has two days to make its first

    def as_if_days_had_gone_by() -> list:
        with monkeypatch.context() as patch:
            patch.setattr(queries, "BACKUP_LATE", timedelta(0))
            return waiting(controller)

    late = [("Sikkerhedskopien er for gammel", 1)]
    assert as_if_days_had_gone_by() == late
    note("backup.made", rows=1, day="2026-12-28")
    assert waiting(controller) == []
    assert as_if_days_had_gone_by() == late
    client.force_login(controller)
    assert "28. december 2026" in client.get(reverse("operations:keys")).text


def test_whoever_answers_for_colleagues_is_told_of_access_that_nobody_uses(client, controller):
    plan, other = make_plan(), make_plan()
    coordinator = make_user(Role.COORDINATOR, plan, name="Karen Lindholm")
    idle = make_user(Role.STAFF, plan, name="Sofie Bruun")
    invited = make_user(Role.STAFF, plan)
    make_user(Role.STAFF, plan)
    elsewhere = make_user(Role.STAFF, other)
    now = timezone.now()
    User.objects.filter(pk__in=[idle.pk, elsewhere.pk]).update(last_login=now - LONG)
    Invitation.objects.create(user=invited, secret_hash="0" * 64, expires_at=now - timedelta(days=1))
    label = "Kolleger, der ikke bruger deres adgang"
    assert waiting(coordinator) == [(label, 2)]
    assert waiting(controller) == [(label, 3)]
    assert waiting(idle) == []
    client.force_login(controller)
    found = client.get(f"{reverse('collection:accounts')}?state=idle").text
    assert "Sofie Bruun" in found
    assert "Karen Lindholm" not in found
