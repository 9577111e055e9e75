"""Frozen sets of comparison groups: written, read, and held against the register of participants as it is today."""

import logging
from collections.abc import Iterator, Mapping
from pathlib import Path
from uuid import UUID

from django.utils.timezone import localdate

from audit.recording import audited
from collection import identities
from consent import gate
from crypto.agefile import AgeWriter, recipient_of, sync_folder
from exports import groups, ledger, storage, vault
from exports.comparison.frozen import Frozen, RestsOn, freeze, read_frozen
from exports.jobs import JobFailed
from exports.linkage.frozen import FrozenSetAltered
from exports.linkage_delivery import project_codes
from exports.linkage_records import AT_ONCE, batched
from exports.models import Delivery, EvaluationProject
from exports.states import OVER

log = logging.getLogger(__name__)


def write(folder: Path, frozen: Frozen) -> str:
    """Seals a set into the folder of an attempt; returns its SHA-256 (hex)."""
    path = folder / storage.FROZEN
    with AgeWriter(path, [recipient_of(vault.archive_identity())]) as out:
        sha256 = freeze(out, frozen)
    path.rename(storage.set_path(folder, sha256))
    sync_folder(folder)
    return sha256


def read(folder: Path, sha256: str) -> Frozen:
    """Raises FrozenSetAltered."""
    with vault.open_sealed(storage.set_path(folder, sha256)) as stream:
        return read_frozen(stream, sha256)


def read_of(delivery: Delivery) -> Frozen:
    """The set of a prepared delivery as it is now."""
    return read(storage.delivery_folder(delivery), groups.set_of(delivery))


def left_of(delivery: Delivery, whole: Frozen) -> Frozen:
    """What is left of a delivery's set today: without those whose consent has ended, who are out of another delivery of
    the group, or who turned out to be somebody else than whose family was drawn."""
    rests_on = whole.relied_on()
    stay = {*_usable(delivery, rests_on)} - {one.bytes for one in groups.left(delivery)}
    return whole.without({*rests_on} - stay | {*_others(delivery, rests_on)})


def reduce_kept() -> int:
    """Takes those who have left out of sets that are only kept, so that nothing is kept of them. Returns of how many
    sets. Those that something may be built of are reduced when it is."""
    done = 0
    for delivery in Delivery.objects.filter(groups.KEPT, state__in=OVER).select_related("project"):
        if groups.needs_set(delivery):
            try:
                done += _reduced(delivery)
            except (JobFailed, FrozenSetAltered, OSError) as error:  # the others are still to be done
                log.warning("set not reduced", extra={"error": type(error).__name__})
    return done


def _reduced(delivery: Delivery) -> bool:
    whole = read_of(delivery)
    left = left_of(delivery, whole)
    gone = whole.relied_on().keys() - left.relied_on().keys()
    if not gone:
        return False
    with audited(by=None) as record:
        EvaluationProject.objects.select_for_update().get(pk=delivery.project_id)  # see storage.remove_old_sets
        found = Delivery.objects.get(pk=delivery.pk)
        if (found.state, found.report) != (delivery.state, delivery.report):  # something is made of it just now
            return False
        delivery.report["set"] = write(storage.delivery_folder(delivery), left)
        delivery.save(update_fields=["report"])
        ledger.take_out(delivery, sorted(UUID(bytes=each) for each in gone))
        record("comparison_group.reduced", delivery)  # no part of the delivery's history: it would tell the day
    storage.remove_old_sets(delivery)
    return True


def _usable(delivery: Delivery, rests_on: Mapping[bytes, RestsOn]) -> Iterator[bytes]:
    """Those whom the gate lets through. Asked by the set, which can't be half written as a ledger can."""
    usable = gate.usable(delivery.project.purpose_id, on=localdate())
    for part in batched(rests_on, AT_ONCE):
        found = usable.filter(pk__in=[UUID(bytes=one) for one in part])
        yield from (one.bytes for one in found.values_list("pk", flat=True))


def _others(delivery: Delivery, rests_on: Mapping[bytes, RestsOn]) -> Iterator[bytes]:
    """Those of whom a row has another CPR number now than when the group was drawn: then it was somebody else's family,
    or what the row says of theirs is of two people. A row that has no number any more says nothing."""
    known = project_codes(delivery.project)
    rests = {row: each for each in rests_on.values() for row in each.rows}
    for part in batched(rests, AT_ONCE):
        records = [*gate.sealed_identities([UUID(bytes=row) for row in part], "cpr", ("cpr",))]
        numbers = identities.stream("cpr", ((row, sealed) for row, sealed in records))
        for (row, _), number in zip(records, numbers, strict=True):
            if known.person_digest(number) != rests[row].person:
                yield rests[row].participant
