"""What coordinators see of the audit log: their plan's part, in which nobody learns of another plan.

The data controller sees all of it. docs/audit.md says why it is drawn so.
"""

from collections.abc import Iterable
from dataclasses import replace
from typing import Any
from uuid import UUID

from django.http import Http404
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.permissions import Permission
from audit.pages import Scope, people
from audit.queries import Wanted, objects_of
from collection.models import Participant, Plan
from collection.policies import plans_of
from consent import gate

# Of persons in two plans, which of them must not know; and of codes of evaluation projects.
BETWEEN_PLANS = frozenset({"namesake.asked", "namesake.settled", "pseudonym.looked_up"})


def of_plan(user: Any, plan: Plan) -> Scope:
    return _scope(user, plan, plan, Wanted(plan=str(plan.pk)))


def of_person(user: Any, person: Participant) -> Scope:
    """Also of the registrations that were merged into this one."""
    return _scope(user, person.plan, person, Wanted(subjects=tuple(gate.with_merged([person.pk]))))


def _scope(user: Any, plan: Plan, about: Any, wanted: Wanted) -> Scope:
    """A withdrawal that was recorded in another plan ends the consent in this one too: coordinators are told the names
    of colleagues only, or a name would tell of the other plan."""
    if user.can(Permission.READ_AUDIT):
        return Scope(people(), wanted, about=about)
    return Scope(colleagues(plan), replace(wanted, without=BETWEEN_PLANS), _("en uden for planen"), about)


def person_or_404(user: Any, pk: UUID) -> Participant:
    """A registration in the user's plans, also of somebody who was erased since: whoever asks later is answered too."""
    mine = set(plans_of(user).values_list("pk", flat=True))
    row = next((row for row in gate.as_registered_now([pk]) if row.plan_id in mine), None)
    if row is None:
        raise Http404
    return row


def name_of(actor: User | None, *, to: Any, plans: Iterable[Plan]) -> str:
    """Who did something with a person of these plans, as somebody who works there may be told (see `_scope`); nobody's
    name where the system did."""
    if actor is None:
        return ""
    if actor == to or to.can(Permission.READ_AUDIT) or any(str(actor.pk) in colleagues(plan) for plan in plans):
        return actor.full_name
    return _("en uden for planen")


def colleagues(plan: Plan) -> dict[str, str]:
    """Who works in a plan and who did, by id."""
    known = {str(pk) for pk in plan.memberships.values_list("user", flat=True)}
    known |= objects_of("member.added", plan=str(plan.pk))
    found = User.objects.filter(pk__in=known).order_by("full_name").values_list("pk", "full_name")
    return {str(pk): name for pk, name in found}
