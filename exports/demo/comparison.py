"""A finished comparison group in the demo: ordered, drawn, approved and built by the site's own actions and jobs.

It needs the resident list, which the worker reads once the site is up. So it is made beside the running site, by a
process of its own (`manage.py demo --group`), and the site needn't wait for it.
"""

import time
from collections.abc import Callable

from accounts.models import User
from exports import approvals
from exports.actions.deliveries import approve, request_delivery
from exports.comparison.runner.definition import EVALUATION, to_json
from exports.models import Delivery, EvaluationProject, RegisterExtract, State
from exports.policies import NotAllowed
from exports.states import WrongState

Wait = Callable[[Callable[[], bool]], bool]  # until something is so; whether it came to that

# what the groups are described by, and how they are matched: what a resident list can tell
CHARACTERISTICS = ("family_type", "children_group", "sex", "age")
MATCHING = {
    "method": "nearest",
    "variables": ["family_type", "children_group"],
    "ratio": 3,
    "caliper": 0.2,
}
PATIENCE = 600  # seconds


def make_group(wait: Wait) -> Delivery | None:
    """By the evaluation's own rule, of the demo's only project and list. None when there is one already, when somebody
    else was quicker, or when the wait was in vain."""
    if Delivery.objects.filter(kind=Delivery.Kind.COMPARISON).exists():
        return None
    if not wait(RegisterExtract.objects.filter(state=RegisterExtract.State.READY).exists):
        return None
    evaluator, controller = (User.objects.get(username=name) for name in ("evaluator", "dataansvarlig"))
    described = {"characteristics": [{"name": name, "grouping": ""} for name in CHARACTERISTICS], "matching": MATCHING}
    delivery = request_delivery(
        by=evaluator,
        project=EvaluationProject.objects.get(),
        kind=Delivery.Kind.COMPARISON,
        definition={
            "definition": to_json(EVALUATION) | described,
            "extract": str(RegisterExtract.objects.get(state=RegisterExtract.State.READY).pk),
        },
    )
    if not wait(Delivery.objects.filter(pk=delivery.pk, state=State.PREPARED).exists):
        return None
    delivery.refresh_from_db()
    try:
        approve(
            by=controller,
            delivery=delivery,
            shown=approvals.shown(delivery),
            reason="Gruppen følger evalueringens egen regel.",
            k_accepted="Filerne bruges kun hos Danmarks Statistik.",
        )
    except (NotAllowed, WrongState):
        return None
    return delivery


def patiently(condition: Callable[[], bool]) -> bool:
    """Looks every second, for some minutes."""
    until = time.monotonic() + PATIENCE
    while not condition():
        if time.monotonic() > until:
            return False
        time.sleep(1)
    return True
