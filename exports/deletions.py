"""Which files recipients still have, and by when they delete them."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db.models import Exists, OuterRef, QuerySet

from exports.models import DeletionReport, Delivery, Fetch, Reader
from exports.policies import deliveries_of, reader_of

NOTICE = timedelta(days=30)


@dataclass(frozen=True)
class Due:
    """Files of `delivery` that `reader` has; `own`: the user may say that they are deleted."""

    delivery: Delivery
    reader: Reader
    own: bool
    is_late: bool


def outstanding(reader: str) -> QuerySet[Delivery]:
    """Deliveries of which `reader` was given files and has not reported them deleted since."""
    fetched = Fetch.objects.filter(delivery=OuterRef("pk"), reader=reader)
    reported = DeletionReport.objects.filter(delivery=OuterRef("delivery"), reader=reader, at__gte=OuterRef("at"))
    return Delivery.objects.filter(Exists(fetched.exclude(Exists(reported))))


def due(user: Any, today: date) -> list[Due]:
    """What is to be deleted within NOTICE or should have been, the earliest first.

    To who approves deliveries also what others are late with: it is theirs to ask about it.
    """
    own = reader_of(user)
    found: list[Due] = []
    for reader in Reader:
        if reader == own:
            until = today + NOTICE
        elif own == Reader.OFFICER:
            until = today - timedelta(days=1)
        else:
            continue
        rows = outstanding(reader).filter(pk__in=deliveries_of(user).values("pk"), delete_by__lte=until)
        found += [
            Due(row, reader, own=reader == own, is_late=row.delete_by is not None and row.delete_by < today)
            for row in rows.select_related("project")
        ]
    return sorted(found, key=lambda each: (each.delivery.delete_by, not each.own, str(each.delivery)))


def may_report(user: Any, delivery: Delivery) -> bool:
    """Whether the user's reader has files of the delivery; on what they may see."""
    reader = reader_of(user)
    return reader is not None and outstanding(reader).filter(pk=delivery.pk).exists()
