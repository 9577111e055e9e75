"""The job that changes a data key: what older keys made is made again with the new one, while people go on working.

It keeps its place in the row of the rotation, in the transaction of each page, and holds its claim there: killed at any
point it goes on after the last page, and of two workers one is told to stop.
"""

import time
from collections.abc import Callable
from datetime import datetime, timedelta

from django.conf import settings
from django.db import IntegrityError, OperationalError, connection, transaction
from django.utils import timezone

from audit.recording import audited
from crypto import keys, rotation
from crypto.columns import Column, Page, columns
from crypto.keys import Key
from crypto.rotation import AT_ONCE, Change
from exports import bulk
from exports.jobs import JobFailed, Progress
from exports.models import Job
from operations.models import KeyRotation, NewIndex

# Until no process goes on with keys that it read before, in units of KEYS_KEPT_SECONDS. Before a new index key is used,
# time for a whole request on top: who was looked up under the old key alone must be written by then.
NOTICED, ANNOUNCED = 1.5, 6
LOCK_SECONDS = 5  # so that others wait no longer for us while we wait for one that takes long
_STAGED = {"rotation_id": "uuid", "place": "int2", "row": "uuid", "old": "bytea", "fresh": "bytea"}


def run(job: Job, progress: Progress) -> None:
    held = KeyRotation.objects.get(pk=str(job.subject))
    if held.finished_at is not None:
        return
    key = keys.by_id(held.key_id)
    own = own_columns(held.purpose)
    if held.purpose.startswith("index:"):
        _indexes(held, key, own, progress)
    else:
        _records(held, key, own, progress)
    with audited(by=job.requested_by) as log:
        progress.confirm()
        held.finished_at = timezone.now()
        held.save(update_fields=["finished_at"])
        log("key.rotated", held, key=held.purpose, rows=held.done, faults=held.unreadable)


def own_columns(purpose: str) -> list[Column]:
    return [column for column in columns(purpose) if not column.carried]


def tidy() -> int:
    """Makes again what was still written with an old key after its rotation, in a very long transaction; how many."""
    done = 0
    for purpose in keys.purposes():
        if not KeyRotation.objects.filter(purpose=purpose, finished_at__isnull=True).exists():
            done += sum(_leftovers(column, keys.current(purpose)) for column in own_columns(purpose))
    return done


# --- Records ------------------------------------------------------------------------------------------


def _records(held: KeyRotation, key: Key, own: list[Column], progress: Progress) -> None:
    _wait(held.started_at, NOTICED, progress)
    while True:
        held.column, before = held.column % len(own), held.done
        progress.step("rotate_key", held.done + rotation.outdated(held.purpose, key))
        held.unreadable = 0
        _pages(held, key, own, progress, rotation.resealed, lambda column, changes: column.swap(changes))
        if held.done == before:  # a whole round, and nothing was left but what can't be read
            return


def _pages(
    held: KeyRotation,
    key: Key,
    own: list[Column],
    progress: Progress,
    work: Callable[[Column, Page], tuple[list[Change], int]],
    put: Callable[[Column, list[Change]], None],
) -> None:
    """From the place where the rotation is to the end of its columns."""
    while held.column < len(own):
        column = own[held.column]
        while page := column.page(key, held.after, AT_ONCE):
            changes, unreadable = work(column, page)
            with transaction.atomic():
                progress.confirm()
                if changes:
                    put(column, changes)
                held.after = page[-1][0]
                held.done += len(changes)
                held.unreadable += unreadable
                held.save(update_fields=["column", "after", "done", "unreadable"])
            progress.advance(held.done)
        held.column, held.after = held.column + 1, None
        held.save(update_fields=["column", "after"])


# --- Indexes ------------------------------------------------------------------------------------------


def _indexes(held: KeyRotation, key: Key, own: list[Column], progress: Progress) -> None:
    """Rows of one person are found by having the same index, so all get the new one in the same moment.

    Before, every process looks people up under both keys: so nobody is registered twice.
    """
    staged = NewIndex.objects.filter(rotation=held)
    if held.in_place_at is None:
        _wait(held.started_at, ANNOUNCED, progress)
        progress.step("rotate_index", rotation.outdated(held.purpose, key))
        _pages(held, key, own, progress, rotation.reindexed, lambda column, changes: _stage(held, column, changes))
        if connection.vendor == "postgresql":
            with connection.cursor() as cursor:  # so that it joins two long tables as such
                cursor.execute(f"ANALYZE {connection.ops.quote_name(NewIndex._meta.db_table)}")
        progress.step("put_in_place", at_once=timedelta(minutes=10))
        while not _put_in_place(held, key, own, progress):
            time.sleep(LOCK_SECONDS)
    staged._raw_delete(staged.db)  # nothing hangs on them
    # a process that has not noticed yet still writes the old one
    progress.step("wait_for_keys")
    assert held.in_place_at is not None
    while True:
        noticed = _is_past(held.in_place_at, NOTICED)
        with transaction.atomic():
            progress.confirm()
            for column in own:
                _leftovers(column, key)
        if noticed:
            return
        time.sleep(min(1.0, settings.KEYS_KEPT_SECONDS))


def _stage(held: KeyRotation, column: Column, changes: list[Change]) -> None:
    bulk.insert(NewIndex, _STAGED, [(held.pk, held.column, *change) for change in changes])


def _put_in_place(held: KeyRotation, key: Key, own: list[Column], progress: Progress) -> bool:
    """In one transaction; who writes meanwhile waits. False: somebody else writes for long, so let them finish."""
    try:
        with transaction.atomic():
            progress.confirm()
            _lock(own)
            for place, column in enumerate(own):
                _swap(held, place, column)
                _leftovers(column, key)  # written since they were worked out
            rotation.activate(key.id)
            held.in_place_at = timezone.now()
            held.save(update_fields=["in_place_at"])
    except IntegrityError:
        raise JobFailed("two_of_one_person") from None
    except OperationalError as error:
        if getattr(error.__cause__, "sqlstate", "") != "55P03":  # lock_not_available
            raise
        return False
    keys.forget()
    return True


def _lock(own: list[Column]) -> None:
    """SQLite's transaction is alone from its beginning."""
    if connection.vendor == "postgresql":
        tables = {connection.ops.quote_name(column.model._meta.db_table) for column in own}
        with connection.cursor() as cursor:
            cursor.execute(f"SET LOCAL lock_timeout = '{LOCK_SECONDS}s'")
            cursor.execute(f"LOCK TABLE {', '.join(sorted(tables))} IN EXCLUSIVE MODE")


def _swap(held: KeyRotation, place: int, column: Column) -> None:
    quote, meta = connection.ops.quote_name, column.model._meta
    assert column.field.column and meta.pk.column  # noqa: PT018  every field that is found here has one
    table, name, pk = quote(meta.db_table), quote(column.field.column), quote(meta.pk.column)
    with connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE {table} SET {name} = staged.fresh FROM {quote(NewIndex._meta.db_table)} AS staged "  # noqa: S608
            f"WHERE staged.rotation_id = %s AND staged.place = %s AND {table}.{pk} = staged.row "
            f"AND {table}.{name} = staged.old",
            [held.pk if connection.vendor == "postgresql" else held.pk.hex, place],
        )


def _leftovers(column: Column, key: Key) -> int:
    """Makes what is not of `key` again, in place; how many rows were changed."""
    work = rotation.reindexed if column.is_index else rotation.resealed
    after, done = None, 0
    while page := column.page(key, after, AT_ONCE):
        changes, _ = work(column, page)
        if changes:
            column.swap(changes)
        after, done = page[-1][0], done + len(changes)
    return done


# --- Other processes ----------------------------------------------------------------------------------


def _is_past(since: datetime, times: float) -> bool:
    return timezone.now() >= since + timedelta(seconds=times * settings.KEYS_KEPT_SECONDS)


def _wait(since: datetime, times: float, progress: Progress) -> None:
    """Until every process has looked at the keys again."""
    while not _is_past(since, times):
        progress.step("wait_for_keys")
        time.sleep(min(1.0, settings.KEYS_KEPT_SECONDS))
