"""Inviting colleagues: an account without a password, and a link by which its owner chooses one.

Nobody signs up by themselves, and nobody but its owner ever knows a password.
"""

import hashlib
import secrets
from datetime import timedelta
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone

from accounts.actions.closing import end_sign_in
from accounts.models import Invitation, User
from accounts.permissions import INVITES, Role
from audit.recording import audited

LASTS = timedelta(days=7)


class MayNotInvite(Exception):
    """The inviter's role does not invite this one, or the account is closed."""


class InvitationOver(Exception):
    """The link was used, its days are over, or a newer one took its place."""


def invite(*, by: Any, username: str, full_name: str, role: Role) -> tuple[User, str]:
    """Makes an account, and the secret of the link to it, which is kept nowhere.

    Somebody who comes back has their closed account again, with nothing that they once had access to: what they did
    before and do from now on is one person's in the log. `by`: None for the shell. Raises MayNotInvite, and
    IntegrityError if the user name is taken.
    """
    _check_may_invite(by, role)
    with audited(by=by) as log:
        closed = User.objects.filter(username=User.normalize_username(username), is_active=False)
        user = closed.filter(full_name=full_name, role=role).select_for_update().first()
        if user is None:
            user = User.objects.create_user(username, role=role, full_name=full_name, password=None)
            log("user.created", user, role=Role(role).value)
        else:
            user.is_active = True
            user.save(update_fields=["is_active"])
            log("user.reopened", user, role=Role(role).value)
        return user, _issue(by, user)


def is_taken(*, username: str, full_name: str, role: Role) -> bool:
    """Whether a user name is somebody else's. So is that of a closed account with another name or role: the log would
    tell of two people as one."""
    users = User.objects.filter(username=User.normalize_username(username))
    return users.exclude(full_name=full_name, role=role, is_active=False).exists()


def invite_again(*, by: Any, user: User) -> str:
    """A new link, for a lost one, a forgotten password or a lost second factor: those stop working at once.

    Raises MayNotInvite. Whose account `by` may open anew is for the loaders (collection.policies.colleague_or_404).
    """
    if by == user or not user.is_active:
        raise MayNotInvite
    with audited(by=by):
        user = User.objects.select_for_update().get(pk=user.pk)
        if not user.is_active:
            raise MayNotInvite
        end_sign_in(user)
        return _issue(by, user)


def accept(*, invitation: Invitation, password: str) -> None:
    """The owner of the account chooses their password; the link is used up. Raises InvitationOver."""
    user = invitation.user
    with audited(by=user) as log:
        user = User.objects.select_for_update().get(pk=user.pk)
        if not open_invitations().filter(pk=invitation.pk).delete()[0]:  # a newer link is another row
            raise InvitationOver
        user.set_password(password)
        user.save(update_fields=["password"])
        log("invitation.accepted", user)


def open_invitations() -> QuerySet[Invitation]:
    """Those whose days are not over, of accounts that are not closed."""
    return Invitation.objects.filter(expires_at__gt=timezone.now(), user__is_active=True)


def hash_of(secret: str) -> str:
    """What is kept of a link's secret: its SHA-256 in hex. The secret is 32 random bytes, so it needs no salt."""
    return hashlib.sha256(secret.encode()).hexdigest()


def _check_may_invite(by: Any, role: Role) -> None:
    if by is not None and role not in INVITES.get(by.role, ()):
        raise MayNotInvite


def _issue(by: Any, user: User) -> str:
    secret = secrets.token_urlsafe(32)
    with audited(by=by) as log:
        Invitation.objects.create(
            user=user, secret_hash=hash_of(secret), invited_by=by, expires_at=timezone.now() + LASTS
        )
        log("invitation.issued", user, role=user.role)
    return secret
