"""What the site under traffic begins with, and what it holds. Runs in a process that has the site's settings."""

import json
from collections import Counter
from typing import Any


def furnish(clerks: int) -> dict[str, Any]:
    """An activity with so many clerks, and a project with evaluator and controller: names and ids."""
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    from accounts.permissions import Role
    from consent.models import Audience
    from tests.factories.cast import make_activity, make_text, make_user
    from tests.factories.deliveries import make_many_participants, make_project

    for audience in Audience:
        make_text(audience)
    activity = make_activity()
    make_many_participants(activity, 40)
    staff = [make_user(Role.STAFF, activity.plan, username=f"clerk-{n}") for n in range(clerks)]
    project = make_project(make_user(Role.EVALUATOR, username="evaluator"))
    make_user(Role.CONTROLLER, username="controller")
    return {
        "clerks": [(user.username, str(user.pk)) for user in staff],
        "activity": str(activity.pk),
        "project": str(project.pk),
        "plan": str(activity.plan_id),
    }


def held() -> dict[str, Any]:
    """All that a promise is about."""
    from audit.models import Event
    from audit.verify import verify
    from collection.models import Participant
    from consent import erasures
    from consent.models import Decision, Kind
    from crypto.opening import open_one
    from exports.models import Delivery
    from tests.faults.office import clear_files
    from tests.faults.traffic import digest

    people = list(Participant.ungated.all())
    newest: dict[Any, str] = {}
    for pk, kind in Decision.objects.order_by("pk").values_list("participant", "kind"):
        newest[pk] = kind
    known: Counter[str] = Counter()
    for row in people:
        field = "cpr" if row.cpr is not None else "address"
        if row.erased_at is None:
            known[digest(open_one(f"participant.{field}", row.pk, getattr(row, field).record).reveal())] += 1
    identity = ("cpr", "name", "birth_date", "address", "residence_date", "cpr_index", "name_birth_index")
    erased = {row.pk for row in people if row.erased_at is not None}

    def told(action: str) -> list[str]:
        return list(Event.objects.filter(action=action).values_list("object_id", flat=True))

    states = {str(pk): state for pk, state in Delivery.objects.values_list("pk", "state")}
    return {
        "people": {str(row.pk) for row in people},
        "known": known,
        "without_consent": [pk for pk in {row.pk for row in people} - erased if newest.get(pk) != Kind.GIVEN],
        "erased": {str(pk) for pk in erased},
        "half_erased": [pk for row in people if (pk := row.pk) in erased and any(getattr(row, f) for f in identity)],
        "told": Counter(told("participant.enrolled")),
        "not_in_journal": erased - {_uuid(each.id) for each in erasures.read()},
        "unsealed": [path for path in clear_files() if "/static/" not in path],
        "deliveries": states,
        "approved": set(told("delivery.approved")),
        "blocked_since": {
            event.object_id
            for event in Event.objects.filter(action="delivery.changed_since_approval")
            if json.loads(event.details)["why"] == "blocked"
        },
        "audit_faults": [str(fault) for fault in verify().faults],
    }


def open_jobs() -> int:
    from exports.models import Job

    return Job.objects.filter(state__in=[Job.State.QUEUED, Job.State.RUNNING]).count()


def _uuid(text: str) -> Any:
    from uuid import UUID

    return UUID(text)


def write_down_erasures() -> None:
    """As workers do when they start, and each hour."""
    from consent import erasures

    erasures.reconcile()


def execute(*statements: str) -> None:
    """As the database's administrator."""
    from django.db import connection

    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)
