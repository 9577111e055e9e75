"""Recipients' keys: adding one, confirming it by another way than this site, revoking it."""

from datetime import date, timedelta
from typing import Any

from django.utils import timezone

from audit.recording import audited
from crypto.agefile import BadAgeKey, public_key
from exports.models import EvaluationProject, Recipient
from exports.policies import NotAllowed, can_revoke, check_can_add_recipient, check_can_confirm
from exports.recipients import MOST_DAYS, fingerprint
from exports.states import WrongState


class KeyRefused(Exception):
    """`code`: invalid, known (it is in the project already) or other_reader (it would open both archives)."""

    def __init__(self, code: str):
        super().__init__(code)
        self.code = code


def add_recipient(*, by: Any, project: EvaluationProject, name: str, key: str, expires_on: date) -> Recipient:
    """A public key for the reader that `by` is; used once somebody has confirmed it. Raises KeyRefused, NotAllowed."""
    reader = check_can_add_recipient(by, project)
    if not timezone.localdate() <= expires_on <= timezone.localdate() + timedelta(days=MOST_DAYS):
        raise NotAllowed("wrong_state")
    try:
        key = public_key(key)
    except BadAgeKey:
        raise KeyRefused("invalid") from None
    with audited(by=by) as log:
        EvaluationProject.objects.select_for_update().get(pk=project.pk)  # one key at a time, or both readers get it
        known = project.recipients.filter(public_key=key).first()
        if known is not None:
            raise KeyRefused("known" if known.reader == reader else "other_reader")
        recipient = Recipient.objects.create(
            project=project, reader=reader, name=name, public_key=key, expires_on=expires_on, added_by=by
        )
        log("recipient.added", recipient, reader=reader.value, project=project.pk, key=fingerprint(key))
    return recipient


def confirm_recipient(*, by: Any, recipient: Recipient, way: Recipient.Way) -> None:
    """The fingerprint was compared with the recipient, by this way. Raises NotAllowed, WrongState."""
    check_can_confirm(by, recipient, way)
    with audited(by=by) as log:
        waiting = Recipient.objects.filter(pk=recipient.pk, confirmed_at__isnull=True, revoked_at__isnull=True)
        if not waiting.update(confirmed_by=by, confirmed_at=timezone.now(), confirmed_way=way):
            raise WrongState("confirmed or revoked meanwhile")
        log("recipient.confirmed", recipient, reader=recipient.reader, way=way, key=fingerprint(recipient.public_key))


def revoke_recipient(*, by: Any, recipient: Recipient) -> None:
    """Nothing more is sealed to the key. Raises NotAllowed, WrongState."""
    if not can_revoke(by, recipient):
        raise NotAllowed("wrong_role")
    with audited(by=by) as log:
        if not Recipient.objects.filter(pk=recipient.pk, revoked_at__isnull=True).update(
            revoked_by=by, revoked_at=timezone.now()
        ):
            raise WrongState("revoked meanwhile")
        log("recipient.revoked", recipient, reader=recipient.reader, key=fingerprint(recipient.public_key))
