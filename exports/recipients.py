"""Recipients: to whose keys a reader's archive is sealed, and how a key stands.

A delivery is sealed to the keys that were confirmed when it was prepared, because they are what the approver saw; of
these to the ones that are still good when its files are written.
"""

import hashlib
from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any

from django.db.models import QuerySet, TextChoices
from django.utils.timezone import localdate
from django.utils.translation import gettext_lazy as _

from exports.models import Archive, Delivery, EvaluationProject, Reader, Recipient

MOST_DAYS = 2 * 365  # for which a key may be used
SOON = timedelta(days=30)  # its people are told that a key expires
READERS: dict[str, tuple[Reader, ...]] = {  # who gets an archive of a delivery of the kind
    Delivery.Kind.LINKAGE: tuple(Reader),
    Delivery.Kind.COMPARISON: (Reader.EVALUATOR,),
}


class Standing(TextChoices):
    """How a key stands on a day."""

    WAITS = "waits", _("Venter på bekræftelse")
    CONFIRMED = "confirmed", _("Bekræftet")
    EXPIRED = "expired", _("Udløbet")
    REVOKED = "revoked", _("Tilbagekaldt")


def fingerprint(public_key: str) -> str:
    """128 bits of SHA-256 of the key's text, as eight groups of four hex digits: short enough to read out."""
    digits = hashlib.sha256(public_key.encode()).hexdigest()[:32]
    return " ".join(digits[place : place + 4] for place in range(0, len(digits), 4))


def standing_of(recipient: Recipient, *, on: date) -> Standing:
    if recipient.revoked_at is not None:
        return Standing.REVOKED
    if recipient.expires_on < on:
        return Standing.EXPIRED
    return Standing.WAITS if recipient.confirmed_at is None else Standing.CONFIRMED


def usable(*, on: date) -> QuerySet[Recipient]:
    """Keys that archives may be sealed to on a day, of all projects."""
    return Recipient.objects.filter(confirmed_at__isnull=False, revoked_at__isnull=True, expires_on__gte=on)


def unconfirmed(*, on: date) -> QuerySet[Recipient]:
    return Recipient.objects.filter(confirmed_at__isnull=True, revoked_at__isnull=True, expires_on__gte=on)


def without_key(project: EvaluationProject, *, on: date) -> list[Reader]:
    """Readers of the project for whom nothing can be sealed."""
    have = set(usable(on=on).filter(project=project).values_list("reader", flat=True))
    return [reader for reader in Reader if reader not in have]


def report_of(delivery: Delivery) -> list[dict[str, str]]:
    """The delivery's recipients as of today, as its report keeps them: id, reader, name, fingerprint, and who confirmed
    the key: `name` is only what was typed, and a controller confirms their own."""
    found = usable(on=localdate()).filter(project=delivery.project_id, reader__in=READERS[delivery.kind])
    return [
        {
            "id": str(each.pk),
            "reader": each.reader,
            "name": each.name,
            "fingerprint": fingerprint(each.public_key),
            "confirmed_by": each.confirmed_by.full_name if each.confirmed_by else "",
        }
        for each in found.select_related("confirmed_by").order_by("reader", "added_at", "pk")
    ]


def still_usable(delivery: Delivery, *, on: date) -> dict[Reader, list[Recipient]]:
    """By reader of the delivery: those of its prepared recipients whose keys are good on the day, and are the same."""
    prepared = {each["id"]: each for each in delivery.report.get("recipients", [])}
    found: dict[Reader, list[Recipient]] = {reader: [] for reader in READERS[delivery.kind]}
    for each in usable(on=on).filter(project=delivery.project_id, pk__in=prepared).order_by("added_at", "pk"):
        shown = prepared[str(each.pk)]
        if (each.reader, fingerprint(each.public_key)) == (shown["reader"], shown["fingerprint"]):
            found[Reader(each.reader)].append(each)
    return found


def sealed_to_revoked(archive: Archive) -> bool:
    """Whether a key that opens the archive has been revoked since: somebody else may have it."""
    return Recipient.objects.filter(pk__in=archive.sealed_to, revoked_at__isnull=False).exists()


def expiring(projects: QuerySet[EvaluationProject], reader: Reader, *, on: date) -> Iterable[EvaluationProject]:
    """Projects whose last good key of the reader expires within SOON."""
    good: dict[Any, date] = {}
    for project, day in usable(on=on).filter(project__in=projects, reader=reader).values_list("project", "expires_on"):
        good[project] = max(day, good.get(project, day))
    return projects.filter(pk__in=[project for project, day in good.items() if day <= on + SOON])
