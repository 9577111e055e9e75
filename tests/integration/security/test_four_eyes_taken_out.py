"""Each check of four eyes and of consent is taken out once: the promise is then broken, or another layer holds.

With the check in place every attack is refused; so whoever removes one of them sees these tests fail.
"""

from collections.abc import Callable
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from unittest.mock import patch

import pytest
from django.db import IntegrityError, connection, transaction

from accounts.permissions import Role
from consent.actions.withdraw import withdraw
from exports import approvals
from exports.actions.deliveries import approve
from exports.jobs import JobFailed
from exports.models import Delivery, State
from exports.policies import NotAllowed
from exports.states import WrongState
from tests.factories.cast import make_activity, make_identity, make_participant, make_user
from tests.factories.clock import today_is
from tests.factories.deliveries import make_delivery, make_project, run_jobs, say_yes

pytestmark = [pytest.mark.django_db, pytest.mark.slow_on_postgres]
WHERE = "exports.actions.deliveries"


class Scene:
    """A set that waits for approval, asked for by a controller's colleague."""

    def __init__(self, requester=Role.EVALUATOR):
        self.requester, self.controller = make_user(requester), make_user(Role.CONTROLLER)
        self.project = make_project(*[self.requester] * (requester == Role.EVALUATOR), by=self.controller)
        activity = make_activity()
        self.people = [make_participant(activity, role="mother") for _ in range(4)]
        self.delivery = make_delivery(self.project, by=self.requester)
        assert self.delivery.state == State.PREPARED

    def gets_to_the_files(self) -> bool:
        """Whether the job comes as far as to write them."""
        with patch("exports.linkage_delivery.build_files", side_effect=JobFailed("disk_full")):
            run_jobs()
        self.delivery.refresh_from_db()
        return self.delivery.reason == "disk_full"


def approves_own_request() -> bool:
    scene = Scene(Role.CONTROLLER)
    say_yes(scene.delivery, by=scene.requester)
    return scene.delivery.state == State.APPROVED


def writes_own_approval_into_the_database() -> bool:
    scene = Scene(Role.CONTROLLER)
    Delivery.objects.filter(pk=scene.delivery.pk).update(decided_by=scene.requester)
    return True


def approves_what_was_not_on_the_page() -> bool:
    scene = Scene()
    seen = approvals.shown(scene.delivery)
    Delivery.objects.filter(pk=scene.delivery.pk).update(prepared_hash="0" * 64)
    approve(by=scene.controller, delivery=scene.delivery, shown=seen, reason="Som aftalt.", k_accepted="Kun hos DST.")
    return scene.delivery.state == State.APPROVED


def moves_a_set_without_its_approval() -> bool:
    scene = Scene()
    approved = {"state": State.APPROVED, "decided_by": scene.controller, "decided_hash": "0" * 64}
    Delivery.objects.filter(pk=scene.delivery.pk).update(**approved)
    return True


def accepts_no_reason() -> bool:
    scene = Scene()
    shown = approvals.shown(scene.delivery)
    approve(by=scene.controller, delivery=scene.delivery, shown=shown, reason=" ", k_accepted="Kun hos DST.")
    return scene.delivery.state == State.APPROVED


def accepts_small_groups_in_silence() -> bool:
    scene = Scene()
    say_yes(scene.delivery, by=scene.controller, k_accepted=" ")
    return scene.delivery.state == State.APPROVED


def builds_for_an_approver_without_the_right() -> bool:
    scene = Scene()
    say_yes(scene.delivery, by=scene.controller)
    scene.controller.role = Role.COORDINATOR
    scene.controller.save()
    return scene.gets_to_the_files()


def builds_for_a_requester_who_left() -> bool:
    scene = Scene()
    say_yes(scene.delivery, by=scene.controller)
    scene.project.evaluators.clear()
    return scene.gets_to_the_files()


def builds_what_the_project_no_longer_is() -> bool:
    scene = Scene()
    say_yes(scene.delivery, by=scene.controller)
    scene.project.dst_number = "699999"
    scene.project.save()
    return scene.gets_to_the_files()


def builds_with_somebody_whose_consent_has_lapsed() -> bool:
    """A child for whom a guardian said yes, and who comes of age between approval and building."""
    birthday = date.today() + timedelta(days=1)
    scene = Scene()
    child = make_identity(born=birthday.replace(year=birthday.year - 18))
    make_participant(make_activity(), child, start=date(2015, 3, 1), role="child")
    delivery = make_delivery(scene.project, by=scene.requester)
    say_yes(delivery, by=scene.controller)
    with today_is(birthday):
        run_jobs()
    return _holds(delivery, len(scene.people) + 1)


def builds_with_somebody_who_withdrew() -> bool:
    scene = Scene()
    say_yes(scene.delivery, by=scene.controller)
    by, person = make_user(Role.CONTROLLER), scene.people[0]
    withdraw(by=by, participant=person, purpose=scene.project.purpose, withdrawn_on=date.today())
    run_jobs()
    return _holds(scene.delivery, len(scene.people))


def _holds(delivery: Delivery, persons: int) -> bool:
    delivery.refresh_from_db()
    return delivery.state == State.BUILT and delivery.report["persons"] == persons


@dataclass(frozen=True)
class Check:
    attack: Callable[[], bool]  # True when it came through
    place: str = ""  # what is taken out, and
    instead: Callable = lambda *_args, **_named: None  # what stands there then
    constraint: str = ""  # or: a constraint of the database
    held_by: type[Exception] | None = None  # the layer that refuses all the same


CHECKS = {
    "policy": Check(approves_own_request, f"{WHERE}.check_can_decide", held_by=IntegrityError),
    "constraint of four eyes": Check(writes_own_approval_into_the_database, constraint="four_eyes"),
    "hash of what was shown": Check(approves_what_was_not_on_the_page, f"{WHERE}._check_shown"),
    "constraint of the set": Check(moves_a_set_without_its_approval, constraint="approval_is_for_the_prepared_set"),
    "reason": Check(accepts_no_reason, f"{WHERE}._check_reason"),
    "acceptance below k": Check(accepts_small_groups_in_silence, f"{WHERE}.needs_acceptance", lambda *_: False),
    "approval at build": Check(builds_for_an_approver_without_the_right, "exports.linkage_delivery.check_approval"),
    "requester's right at build": Check(builds_for_a_requester_who_left, "exports.linkage_delivery.check_requester"),
    "project at build": Check(
        builds_what_the_project_no_longer_is, "exports.approvals.project_changed", lambda *_: False
    ),
    "consent at build": Check(
        builds_with_somebody_whose_consent_has_lapsed, "exports.ledger.no_longer_usable", lambda *_, **__: []
    ),
}


@pytest.mark.parametrize("name", CHECKS)
def test_in_place_it_refuses(name):
    with transaction.atomic():
        try:
            assert not CHECKS[name].attack()
        except (NotAllowed, WrongState, IntegrityError):
            transaction.set_rollback(True)


@pytest.mark.parametrize("name", CHECKS)
def test_taken_out_the_promise_is_broken_or_another_layer_holds(name, monkeypatch):
    check = CHECKS[name]
    if check.place:
        monkeypatch.setattr(check.place, check.instead)
    with without(check.constraint):
        if check.held_by is None:
            assert check.attack()
        else:
            with pytest.raises(check.held_by), transaction.atomic():
                check.attack()


@pytest.mark.slow  # the building is tried three times
def test_without_the_consent_check_an_erased_identity_still_stops_the_building(monkeypatch):
    monkeypatch.setattr("exports.ledger.no_longer_usable", lambda *_, **__: [])
    assert not builds_with_somebody_who_withdrew()


@contextmanager
def without(constraint: str):
    """Within the test's transaction."""
    if not constraint:
        yield
        return
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(f"ALTER TABLE {Delivery._meta.db_table} DROP CONSTRAINT {constraint}")
            yield
        else:
            cursor.execute("PRAGMA ignore_check_constraints = ON")
            yield
            cursor.execute("PRAGMA ignore_check_constraints = OFF")
