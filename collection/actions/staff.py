"""Who works in a plan."""

from collections.abc import Iterable
from typing import Any

from accounts.models import User
from accounts.permissions import Role
from audit.recording import audited
from collection.models import Activity, Membership, Plan


class StillResponsible(Exception):
    """A person who is responsible for activities can't leave the plan before somebody else takes them."""


def create_account(
    *, by: Any, username: str, full_name: str, role: Role, password: str, plans: Iterable[Plan] = ()
) -> User:
    """Makes an account and lets it into `plans`. Raises IntegrityError if the name is taken."""
    with audited(by=by) as log:
        user = User.objects.create_user(username, role=role, full_name=full_name, password=password)
        log("user.created", user, role=role.value)
        for plan in plans:
            Membership.objects.create(user=user, plan=plan)
            log("member.added", user, plan=plan.pk, role=role.value)
    return user


def add_member(*, by: Any, plan: Plan, username: str, full_name: str, password: str, role: Role = Role.STAFF) -> User:
    """An account for a new colleague in a plan. Raises IntegrityError if the name is taken."""
    return create_account(by=by, username=username, full_name=full_name, role=role, password=password, plans=[plan])


def remove_member(*, by: Any, plan: Plan, user: User) -> None:
    """Raises StillResponsible."""
    if Activity.objects.filter(plan=plan, responsible=user).exists():
        raise StillResponsible
    with audited(by=by) as log:
        Membership.objects.filter(user=user, plan=plan).delete()
        log("member.removed", user, plan=plan.pk)
