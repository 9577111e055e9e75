"""Who works in a plan. Leaving one is in `consent.actions.handover`: work of consent may be open."""

from collections.abc import Iterable
from typing import Any

from accounts.models import User
from accounts.permissions import Role
from audit.recording import audited
from collection.models import Membership, Plan


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
