"""Which deliveries hold a person: asked by one person's rows, of which there are few, never by delivery."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import F

from consent import gate
from exports.deletions import outstanding
from exports.models import Delivery, DeliveryPerson, Fetch, Reader, State

WITH_FILES = (State.BUILT, State.FETCHED)


@dataclass(frozen=True)
class Holding:
    """`delivery`'s files hold a person, or held them when `fetched_by` were given them; `deleted_by` of those say that
    they have deleted them."""

    delivery: Delivery
    fetched_by: list[Reader]
    deleted_by: list[Reader]


def holding(participants: Collection[UUID]) -> list[Holding]:
    """The deliveries that hold one of `participants`, the rows of one person, or a row merged into them."""
    rows = DeliveryPerson.objects.filter(participant__in=gate.with_merged(participants))
    taken_out = dict(rows.order_by(F("taken_out_at").asc(nulls_last=True)).values_list("delivery", "taken_out_at"))
    fetched: dict[UUID, dict[str, datetime]] = {}
    for fetch in Fetch.objects.filter(delivery__in=taken_out).order_by("-at"):
        fetched.setdefault(fetch.delivery_id, {})[fetch.reader] = fetch.at  # the first that each reader was given
    have = {reader: set(outstanding(reader).filter(pk__in=taken_out).values_list("pk", flat=True)) for reader in Reader}
    found = []
    deliveries = Delivery.objects.filter(pk__in=taken_out, built_at__isnull=False)
    for delivery in deliveries.select_related("project").defer("report", "definition"):
        left = taken_out[delivery.pk]
        readers = [reader for reader in Reader if _held(fetched.get(delivery.pk, {}).get(reader), left)]
        if readers or (left is None and delivery.state in WITH_FILES):
            gone = [reader for reader in readers if delivery.pk not in have[reader]]
            found.append(Holding(delivery, readers, gone))
    return sorted(found, key=lambda each: (each.delivery.project.name, each.delivery.number))


def _held(fetched: datetime | None, taken_out: datetime | None) -> bool:
    """Whether files held somebody who was taken out, or never, when they were fetched, or never."""
    return fetched is not None and (taken_out is None or fetched < taken_out)
