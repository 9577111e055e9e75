"""The ledger: which delivery holds which participant, relying on which decision."""

from collections.abc import Callable, Iterable
from uuid import UUID

from django.db import connection, transaction

from exports.models import Delivery, DeliveryPerson


def write(delivery: Delivery, batches: Iterable[list[tuple[UUID, int]]], advance: Callable[[int], None]) -> int:
    """Writes (participant, decision) rows of a delivery, replacing what an interrupted run left; returns how many.

    Each batch is a transaction, so that progress is seen and no lock is held for long: until the delivery is built,
    its rows count for nothing. `advance` is told the number of rows so far.
    """
    DeliveryPerson.objects.filter(delivery=delivery).delete()
    done = 0
    for batch in batches:
        rows = list(dict(batch).items())  # a person with several rows in the file stands here once
        with transaction.atomic():
            _insert(delivery.pk, rows)
        done += len(rows)
        advance(done)
    return done


def _insert(delivery: UUID, rows: list[tuple[UUID, int]]) -> None:
    if connection.vendor == "postgresql":
        table = connection.ops.quote_name(DeliveryPerson._meta.db_table)
        with (
            connection.cursor() as cursor,
            cursor.copy(f"COPY {table} (delivery_id, participant_id, decision_id) FROM STDIN (FORMAT BINARY)") as copy,
        ):
            copy.set_types(["uuid", "uuid", "int8"])
            for participant, decision in rows:
                copy.write_row((delivery, participant, decision))
        return
    DeliveryPerson.objects.bulk_create(
        [DeliveryPerson(delivery_id=delivery, participant_id=row[0], decision_id=row[1]) for row in rows],
        batch_size=1000,
    )
