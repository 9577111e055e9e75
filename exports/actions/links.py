"""Links by which an archive is fetched once: made for somebody who has just shown who they are, and used up."""

import hashlib
import secrets
from datetime import timedelta
from typing import Any

from django.utils import timezone

from audit.recording import audited
from exports.actions.deliveries import check_nobody_left, record_fetch
from exports.models import Archive, Delivery, FetchLink
from exports.policies import check_can_fetch

LASTS = timedelta(minutes=5)
MOST, WITHIN = 10, timedelta(hours=1)  # links for one person and archive


class TooManyLinks(Exception):
    """The person has asked for MOST links to this archive within an hour."""


class LinkUsed(Exception):
    """The link was used, its minutes are over, or its archive was replaced."""


def issue_link(*, by: Any, archive: Archive) -> str:
    """The secret of a new link, which is kept nowhere. Raises NotAllowed, SomebodyLeft, TooManyLinks."""
    check_can_fetch(by, archive)
    check_nobody_left(archive.delivery, [archive])
    now, secret = timezone.now(), secrets.token_urlsafe(32)
    with audited(by=by) as log:
        FetchLink.objects.filter(expires_at__lt=now - WITHIN).delete()
        Delivery.objects.select_for_update().get(pk=archive.delivery_id)  # one link at a time, or the count is off
        recent = FetchLink.objects.filter(user=by, archive=archive, expires_at__gt=now + LASTS - WITHIN)
        if recent.count() >= MOST:
            raise TooManyLinks
        FetchLink.objects.create(archive=archive, secret_hash=hash_of(secret), user=by, expires_at=now + LASTS)
        log("archive.link_issued", archive.delivery, reader=archive.reader)
    return secret


def use_link(*, by: Any, link: FetchLink) -> None:
    """Uses the link up and records the fetch. Raises LinkUsed, and what record_fetch does; then it stays unused."""
    now = timezone.now()
    with audited(by=by):
        fresh = FetchLink.objects.filter(pk=link.pk, user=by, used_at__isnull=True, expires_at__gt=now)
        if not fresh.update(used_at=now):
            raise LinkUsed
        record_fetch(by=by, archive=link.archive)


def hash_of(secret: str) -> str:
    """What is kept of a link's secret: its SHA-256 in hex. The secret is 32 random bytes, so it needs no salt."""
    return hashlib.sha256(secret.encode()).hexdigest()
