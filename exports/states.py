"""The states of a delivery, as data. The page docs/delivery-states.md is generated from this table."""

from typing import Any

from django.utils.translation import gettext_noop as _

from exports.models import Delivery, State

BUILT_AGAIN = _("et samtykke er ophørt, eller en nøgle er tilbagekaldt; filerne dannes igen uden")
# (from, to): what makes it happen
TRANSITIONS: dict[tuple[State, State], str] = {
    (State.REQUESTED, State.PREPARED): _("jobbet har fastlåst personer og rækker"),
    (State.REQUESTED, State.FAILED): _("forberedelsen mislykkedes"),
    (State.REQUESTED, State.CANCELLED): _("bestilleren fortryder eller er fratrådt"),
    (State.PREPARED, State.APPROVED): _("en anden end bestilleren godkender præcis disse data"),
    (State.PREPARED, State.REJECTED): _("en anden end bestilleren siger nej"),
    (State.PREPARED, State.CANCELLED): _("bestilleren fortryder eller er fratrådt"),
    (State.APPROVED, State.BUILT): _("jobbet har dannet og forseglet filerne"),
    (State.APPROVED, State.REQUESTED): _("data eller projektet er ændret siden godkendelsen; der forberedes igen"),
    (State.APPROVED, State.CANCELLED): _("bestilleren fortryder eller er fratrådt"),
    (State.APPROVED, State.FAILED): _("dannelsen mislykkedes"),
    (State.BUILT, State.FETCHED): _("alle arkiver er hentet"),
    (State.BUILT, State.APPROVED): BUILT_AGAIN,
    (State.FETCHED, State.APPROVED): BUILT_AGAIN,
    (State.BUILT, State.EXPIRED): _("fristen er udløbet, eller projektet er afsluttet; filerne er slettet"),
    (State.FETCHED, State.EXPIRED): _("fristen er udløbet, eller projektet er afsluttet; filerne er slettet"),
    (State.FAILED, State.REQUESTED): _("der prøves igen"),
    (State.FAILED, State.CANCELLED): _("bestilleren fortryder eller er fratrådt"),
}


def as_markdown() -> str:
    """The table as the page docs/delivery-states.md, which a test holds against it."""
    lines = [f"| {State(one).label} | {State(to).label} | {why} |" for (one, to), why in TRANSITIONS.items()]
    head = ["# A delivery's states", "", "Written from `exports/states.py`; a test fails when the two differ.", ""]
    picture = ["```mermaid", "stateDiagram-v2", *(f"  {one} --> {to}" for one, to in TRANSITIONS), "```", ""]
    return "\n".join([*head, *picture, "| fra | til | når |", "|---|---|---|", *lines]) + "\n"


UNDER_WAY = (State.REQUESTED, State.PREPARED, State.APPROVED)  # a job is at work, or somebody has to decide


class WrongState(Exception):
    """The delivery has moved on meanwhile, or this step is not allowed from its state."""


def allowed(delivery: Delivery, to: State) -> bool:
    return (State(delivery.state), to) in TRANSITIONS


def move(delivery: Delivery, to: State, **values: Any) -> None:
    """One conditional UPDATE from the state that `delivery` was read in. Raises WrongState."""
    if not allowed(delivery, to):
        raise WrongState(f"{delivery.state} -> {to}")
    changed = Delivery.objects.filter(pk=delivery.pk, state=delivery.state).update(state=to, **values)
    if not changed:
        raise WrongState(f"{delivery.state} -> {to}")
    delivery.state = to
    for name, value in values.items():
        setattr(delivery, name, value)
