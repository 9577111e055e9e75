"""A project's comparison group: drawn once and frozen. Later deliveries of the same rule hold what is left of it.

Who has two groups of one project that were drawn by different rules, or at different times, can subtract them and find
out who is in only one. So a rule is drawn once: the first delivery that is built is the group, and each later one is
made of it and can only be smaller. Another rule takes a written decision of a data controller
(EvaluationProject.another_group), which is good for one order.

    delivery.report["group"]          id of the delivery in which the group was drawn
    delivery.definition["permitted"]  why another group may be drawn though there is one
"""

from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet

from exports import ledger
from exports.comparison.runner.definition import from_json, to_json
from exports.models import Delivery, DeliveryPerson, EvaluationProject, State

# whose frozen set stays after its files are gone, for as long as the project lives
KEPT = Q(kind=Delivery.Kind.COMPARISON, built_at__isnull=False, project__ended_at__isnull=True, report__has_key="group")


def drawn(project: EvaluationProject, definition: dict[str, Any]) -> Delivery | None:
    """The delivery of this rule whose files were built last."""
    return next((each for each in _built(project) if _rule(each.definition) == _rule(definition)), None)


def is_another(project: EvaluationProject, definition: dict[str, Any]) -> bool:
    """Whether the project has a group, and not of this rule."""
    return _built(project).exists() and drawn(project, definition) is None


def is_refused(delivery: Delivery) -> bool:
    """Whether another group became the project's before this one, and nobody has allowed a further one."""
    return not delivery.definition.get("permitted") and is_another(delivery.project, delivery.definition)


def was_drawn_elsewhere(delivery: Delivery) -> bool:
    """Whether a prepared set was drawn anew although the rule's group was built from another drawing meanwhile."""
    group = drawn(delivery.project, delivery.definition)
    return group is not None and group.report.get("group") != delivery.report.get("group")


def can_be_ordered_again(delivery: Delivery) -> bool:
    """Whether its files are out of the way, and its group can be delivered anew."""
    if delivery.kind != Delivery.Kind.COMPARISON or delivery.project.ended_at is not None:
        return False
    over = delivery.state in (State.FETCHED, State.EXPIRED, State.FAILED, State.CANCELLED, State.REJECTED)
    return over and drawn(delivery.project, delivery.definition) is not None


def left(delivery: Delivery) -> set[UUID]:
    """Participants of a prepared set who are not in another built delivery of its group: who has left does not come
    back, whatever they say later and in whatever order deliveries are built."""
    mine = set(ledger.participants_of(delivery).values_list("participant", flat=True))
    found: set[UUID] = set()
    for other in _built(delivery.project).exclude(pk=delivery.pk):
        if other.report.get("group") == delivery.report.get("group"):
            rows = DeliveryPerson.objects.filter(delivery=other, taken_out_at__isnull=True)
            found |= mine - set(rows.values_list("participant", flat=True))
    return found


def _built(project: EvaluationProject) -> QuerySet[Delivery]:
    """The last one first."""
    return project.deliveries.filter(KEPT).order_by("-built_at")


def _rule(definition: dict[str, Any]) -> dict[str, Any]:
    """All that decides who is drawn and what is told of them; not the list, which may be a newer copy."""
    return to_json(from_json(definition["definition"]))
