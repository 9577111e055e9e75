"""The ledger: which delivery holds which participant, relying on which decision.

Written when a set is frozen; building only marks who was taken out. It counts once the delivery is built, and is kept
for good once files were fetched.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from datetime import date
from uuid import UUID

from django.db import transaction
from django.db.models import Exists, Min, OuterRef, QuerySet
from django.utils import timezone

from consent import gate
from exports import bulk
from exports.models import Delivery, DeliveryPerson, EvaluationProject, Fetch

AT_ONCE = 5000
COLUMNS = {"delivery_id": "uuid", "participant_id": "uuid", "decision_id": "int8", "rows_digest": "bytea"}


def write(
    delivery: Delivery,
    batches: Iterable[Sequence[tuple[bytes, int, bytes | None]]],
    advance: Callable[[int], None],
    confirm: Callable[[], None],
) -> int:
    """Writes a delivery's rows, replacing what an interrupted run left; returns how many.

    A row: participant (16 bytes), the decision relied on, and the digest of what the file says of the participant,
    where there is one. Each participant once. Each batch is a transaction, so that progress is seen and no lock is
    held for long. `advance` is told the number of rows so far; `confirm` is asked in each transaction whether the job
    is still this worker's, and raises if not.
    """
    with transaction.atomic():
        confirm()
        clear(delivery)
    done = 0
    for batch in batches:
        with transaction.atomic():
            confirm()
            bulk.insert(
                DeliveryPerson,
                COLUMNS,
                ((delivery.pk, UUID(bytes=participant), decision, digest) for participant, decision, digest in batch),
            )
        done += len(batch)
        advance(done)
    return done


def _valid(delivery: Delivery, on: date) -> QuerySet:
    """The decision that lets a ledger row's participant through on `on`."""
    return gate.usable_decisions(delivery.project.purpose_id, on=on).filter(
        participant=OuterRef("participant"), participant__erased_at__isnull=True
    )


def without_consent(rows: QuerySet[DeliveryPerson], delivery: Delivery, *, on: date) -> QuerySet[DeliveryPerson]:
    """Those of `rows` whose participant the gate would not let through now."""
    return rows.exclude(Exists(_valid(delivery, on)))


def participants_of(delivery: Delivery) -> QuerySet:
    """The ids of the participants of a prepared set."""
    return DeliveryPerson.objects.filter(delivery=delivery).values("participant")


def no_longer_usable(delivery: Delivery, *, on: date) -> list[UUID]:
    """Participants of the prepared set whom the gate would not let through now, and who were taken out before."""
    rows = DeliveryPerson.objects.filter(delivery=delivery)
    # two questions: joined by OR, the database would look each row up by itself
    gone = set(without_consent(rows, delivery, on=on).values_list("participant", flat=True))
    return sorted(gone | set(rows.filter(taken_out_at__isnull=False).values_list("participant", flat=True)))


def somebody_left(delivery: Delivery, *, on: date) -> bool:
    """Whether a built delivery holds somebody whom the gate would not let through now."""
    rows = DeliveryPerson.objects.filter(delivery=delivery, taken_out_at__isnull=True)
    return without_consent(rows, delivery, on=on).exists()


def take_out(delivery: Delivery, participants: Sequence[UUID]) -> None:
    """Marks who is not in the files. In the transaction in which the delivery becomes built."""
    now = timezone.now()
    for start in range(0, len(participants), AT_ONCE):
        part = participants[start : start + AT_ONCE]
        rows = DeliveryPerson.objects.filter(delivery=delivery, participant__in=part, taken_out_at__isnull=True)
        rows.update(taken_out_at=now)


def was_given_out(delivery: Delivery) -> bool:
    """Whether somebody has files of the delivery, perhaps of an earlier building."""
    return delivery.fetches.exists()


def was_built(project: EvaluationProject) -> bool:
    """Whether there are, or were, files of the project, whose codes and consents belong to its number and purpose."""
    return project.deliveries.filter(built_at__isnull=False).exists()


def was_fetched(project: EvaluationProject, reader: str | None) -> bool:
    """Whether `reader` was given files of the project."""
    return Fetch.objects.filter(delivery__project=project, reader=reader).exists()


def fetched_from(projects: Collection[UUID], reader: str) -> set[UUID]:
    """Those of `projects` (their ids) of which `reader` has fetched anything."""
    return set(
        Fetch.objects.filter(reader=reader, delivery__project__in=projects).values_list("delivery__project", flat=True)
    )


def given_out(
    participants: Collection[UUID], reader: str, deliveries: QuerySet[Delivery], *, by: str = "delivery"
) -> Iterator[tuple[UUID, UUID]]:
    """(delivery, participant) where files of `deliveries` that `reader` has fetched hold one of `participants`.

    `by`: what stands in place of the delivery, such as "delivery__project". The ledger is asked by participant, of whom
    there are few, and answers from its index alone: their rows lie all over a table of twenty million. So who was
    taken out of one, which the index does not hold, is asked apart.
    """
    fetches = Fetch.objects.filter(reader=reader, delivery__in=deliveries)
    first = dict(fetches.values_list("delivery").annotate(Min("at")).values_list("delivery", "at__min"))
    wanted = list(participants) if first else []
    rows = DeliveryPerson.objects.filter(delivery__in=list(first))
    for start in range(0, len(wanted), AT_ONCE):
        asked = wanted[start : start + AT_ONCE]
        left = DeliveryPerson.objects.filter(participant__in=asked, taken_out_at__isnull=False)
        before = {  # in no files that the reader was given
            (delivery, participant)
            for delivery, participant, taken_out_at in left.values_list("delivery", "participant", "taken_out_at")
            if delivery in first and taken_out_at <= first[delivery]
        }
        apart = {participant for _, participant in before}
        sure = [participant for participant in asked if participant not in apart]
        yield from rows.filter(participant__in=sure).values_list(by, "participant").distinct()
        for group, participant, delivery in rows.filter(participant__in=apart).values_list(
            by, "participant", "delivery"
        ):
            if (delivery, participant) not in before:
                yield group, participant


def clear(delivery: Delivery) -> None:
    """Forgets a set that came to nothing; what was given out is not forgotten."""
    if not was_given_out(delivery):
        DeliveryPerson.objects.filter(delivery=delivery).delete()
