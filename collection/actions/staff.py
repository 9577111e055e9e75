"""Who works in a plan. Leaving one is in `consent.actions.handover`: work of consent may be open."""

from collections.abc import Iterable
from typing import Any

from accounts.actions.invitations import invite
from accounts.models import User
from accounts.permissions import Role
from audit.recording import audited
from collection.models import Membership, Plan


def invite_colleague(
    *, by: Any, username: str, full_name: str, role: Role, plans: Iterable[Plan] = ()
) -> tuple[User, str]:
    """Makes an account in `plans`, and the secret of the link by which its owner opens it.

    Raises MayNotInvite, and IntegrityError if the user name is taken.
    """
    with audited(by=by) as log:
        user, secret = invite(by=by, username=username, full_name=full_name, role=role)
        for plan in plans:
            Membership.objects.create(user=user, plan=plan)
            log("member.added", user, plan=plan.pk, role=role.value)
    return user, secret
