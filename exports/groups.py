"""A project's comparison group: drawn once and frozen. Later deliveries of the same rule hold what is left of it.

Who has two groups of one project that were drawn by different rules, or at different times, can subtract them and find
out who is in only one. So a rule is drawn once: the first delivery that is prepared is the group, since its page tells
of it, and each later one is made of it and can only be smaller. That holds also when it was rejected or cancelled:
what was told was told. Another rule takes a written decision of a data controller (EvaluationProject.another_group),
which is good for one order.

    delivery.report["group"]          id of the delivery in which the group was drawn; there once it is prepared
    delivery.report["set"]            SHA-256 of the frozen set, where building has made it smaller than was approved
    delivery.definition["permitted"]  why another group may be drawn though there is one

The newest set of each group stays, sealed, for as long as the project lives; an older one for as long as something may
be built of it.
"""

import hashlib
from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet

from exports import ledger
from exports.comparison.runner.definition import from_json, to_json
from exports.models import Delivery, DeliveryPerson, EvaluationProject, State
from exports.states import OVER

TOLD = Q(kind=Delivery.Kind.COMPARISON, report__has_key="group")
KEPT = TOLD & Q(project__ended_at__isnull=True)  # of whose files some outlive the delivery


def told(project: EvaluationProject) -> QuerySet[Delivery]:
    """Deliveries whose pages have told of a group, the last one first."""
    return project.deliveries.filter(TOLD).order_by("-prepared_at", "-number")


def drawn(project: EvaluationProject, definition: dict[str, Any]) -> Delivery | None:
    """The delivery of this rule that was prepared last."""
    return next((each for each in told(project) if _rule(each.definition) == _rule(definition)), None)


def is_another(project: EvaluationProject, definition: dict[str, Any]) -> bool:
    """Whether the project has a group, and not of this rule."""
    return told(project).exists() and drawn(project, definition) is None


def is_refused(delivery: Delivery) -> bool:
    """Whether another group became the project's before this one, and nobody has allowed a further one."""
    return not delivery.definition.get("permitted") and is_another(delivery.project, delivery.definition)


def can_be_ordered_again(delivery: Delivery) -> bool:
    """Whether its files are out of the way, and its group can be delivered anew."""
    if delivery.kind != Delivery.Kind.COMPARISON or delivery.project.ended_at is not None:
        return False
    over = delivery.state in (State.FETCHED, *OVER)
    return over and drawn(delivery.project, delivery.definition) is not None


def of_one(delivery: Delivery) -> QuerySet[Delivery]:
    """All deliveries of its group that were prepared, the last one first, itself too."""
    return told(delivery.project).filter(report__group=delivery.report["group"])


def left(delivery: Delivery) -> set[UUID]:
    """Participants of a prepared set who are out of a delivery of its group: who has left does not come back, whatever
    they say later and in whatever order deliveries are built."""
    mine = set(ledger.participants_of(delivery).values_list("participant", flat=True))
    found: set[UUID] = set()
    for each in of_one(delivery):
        rows = DeliveryPerson.objects.filter(delivery=each, taken_out_at__isnull=True)
        found |= mine - set(rows.values_list("participant", flat=True))
    return found


# --- What is kept of it -----------------------------------------------------------------------------------


def is_kept(delivery: Delivery) -> bool:
    """Whether its ledger and pictures stay, and perhaps its set, when it comes to nothing or its time is up."""
    return Delivery.objects.filter(KEPT, pk=delivery.pk).exists()


def set_of(delivery: Delivery) -> str:
    """SHA-256 (hex) of its frozen set as it is now."""
    return delivery.report.get("set", delivery.prepared_hash)


def needs_set(delivery: Delivery) -> bool:
    """Whether its set may yet be read: it is the newest of its group, or files may be built of it."""
    return delivery.state not in OVER or of_one(delivery).first() == delivery


def mark(permission: str) -> str:
    """By which a page says which decision about another group it showed."""
    return hashlib.sha256(permission.encode()).hexdigest()[:16]


def _rule(definition: dict[str, Any]) -> dict[str, Any]:
    """All that decides who is drawn and what is told of them; not the list, which may be a newer copy."""
    return to_json(from_json(definition["definition"]))
