"""Changing data keys: making what old keys made again with the current one, page by page, while people work.

Records change one by one: a value is swapped only where it still is what was read, and its reader finds the key by
the id in its header. Indexes change all at once, because rows are compared by them: the new ones are worked out first,
kept beside the table, and put in place in one transaction (`operations.rotating`). docs/adr/0010 says why.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

from django.db import transaction

from crypto import blind, box, keys
from crypto.columns import Column, Page, columns
from crypto.errors import CryptoError
from crypto.fields import BlindIndexField
from crypto.keys import Key
from crypto.models import DataKey
from crypto.opening import open_many, open_one

AT_ONCE = 2000
# How long an old key is kept that nothing needs: longer than any transaction that it may have sealed something in.
KEPT_UNUSED = timedelta(days=1)

Change = tuple[UUID, bytes, bytes]  # row, old value, new value


def resealed(column: Column, page: Page) -> tuple[list[Change], int]:
    """The page's records sealed with the current key; and how many could not be opened, which stay as they are."""
    context = column.field.context  # type: ignore[attr-defined]
    texts = _texts(context, [(pk, record) for pk, record in page])
    changes = [
        (pk, record, box.seal(context, pk, text))
        for (pk, record), text in zip(page, texts, strict=True)
        if text is not None
    ]
    return changes, len(page) - len(changes)


def reindexed(column: Column, page: Page) -> tuple[list[Change], int]:
    """The page's indexes under the newest key, announced or current; and how many could not be worked out."""
    key = newest(column.purpose)
    changes = [
        (row[0], row[1], index)
        for row, index in zip(page, _indexes(column, page, key), strict=True)
        if isinstance(index, bytes)
    ]
    return changes, len(page) - len(changes)


def newest(purpose: str) -> Key:
    """The key that the next values of a purpose are made with: one that is announced, or else the current one."""
    row = DataKey.objects.filter(purpose=purpose, retired_at__isnull=True).order_by("-version").first()
    return keys.by_id(row.pk) if row else keys.current(purpose)


def outdated(purpose: str, key: Key) -> int:
    """How many values of the purpose, in columns of their own, were made with another key than `key`."""
    return sum(column.count(key, others=True) for column in columns(purpose) if not column.carried)


# --- Old keys ------------------------------------------------------------------------------------------


def needed(key: Key) -> int:
    """How much only this key opens, finds or proves: in every column of every model, and outside."""
    return sum(column.count(key) for column in columns(key.purpose)) + keys.needed_outside_columns(key)


def superseded(purpose: str) -> list[tuple[Key, datetime]]:
    """The old keys of a purpose that are not retired, and when each was followed by the next."""
    rows = list(DataKey.objects.filter(purpose=purpose, active_at__isnull=False).order_by("version"))
    followed = zip(rows, rows[1:], strict=False)
    return [(keys.by_id(row.pk), after.active_at) for row, after in followed if row.retired_at is None]  # type: ignore[misc]


def retire(purpose: str, *, now: datetime | None = None) -> int:
    """Destroys the material of old keys that nothing has needed and that were followed long ago; how many."""
    now = now or datetime.now(UTC)
    done = 0
    for key, since in superseded(purpose):
        if since < now - KEPT_UNUSED and not needed(key):
            done += DataKey.objects.filter(pk=key.id, retired_at__isnull=True).update(retired_at=now, wrapped=b"")
    return done


# --- Looking through everything ------------------------------------------------------------------------


@dataclass
class Seen:
    """What was found in a column: counts only. `unreadable`: altered, moved, or of a key that is gone; `wrong`: an
    index that is not its row's; `old`: made with another key than the current one."""

    column: str
    checked: int = 0
    unreadable: int = 0
    wrong: int = 0
    old: int = 0

    @property
    def fine(self) -> bool:
        return not self.unreadable and not self.wrong


def verify_identities() -> Iterator[Seen]:
    """Opens every record and works every index out again, column by column. Memory does not grow with the rows."""
    for column in columns():
        if column.carried:
            continue
        seen = Seen(str(column))
        current = column.mark(keys.current(column.purpose))
        for page in column.every(AT_ONCE):
            seen.checked += len(page)
            seen.old += sum(not row[1].startswith(current) for row in page)
            if column.is_index:
                worked_out = _indexes(column, page, None)
                seen.unreadable += sum(index is None for index in worked_out)
                seen.wrong += sum(index not in (None, row[1]) for row, index in zip(page, worked_out, strict=True))
            else:
                texts = _texts(column.field.context, [row[:2] for row in page])  # type: ignore[attr-defined]
                seen.unreadable += sum(text is None for text in texts)
        yield seen


def _indexes(column: Column, page: Page, key: Key | None) -> list[bytes | bool | None]:
    """Per row the index under `key`, or under the key that its own names; None: can't be opened; False: has none."""
    field = column.field
    assert isinstance(field, BlindIndexField)
    assert field.normalise is not None
    opened: list[list[str | None]] = []  # "" where a row has no record, None where it does not open
    for place, name in enumerate(field.of, start=2):
        context = column.model._meta.get_field(name).context  # type: ignore[union-attr]
        texts = iter(_texts(context, [(row[0], row[place]) for row in page if row[place] is not None]))
        opened.append(["" if row[place] is None else next(texts) for row in page])
    found: list[bytes | bool | None] = []
    for row, parts in zip(page, zip(*opened, strict=True), strict=True):
        if None in parts:
            found.append(None)
            continue
        text = field.normalise(*(part or None for part in parts))
        try:
            used = key or _named(column, row[1])
        except CryptoError:
            found.append(None)
            continue
        found.append(False if text is None else blind.index_under(used, field.context, text))
    return found


def _named(column: Column, index: bytes) -> Key:
    key = keys.by_id(int.from_bytes(index[:4], "big"))
    if key.purpose != column.purpose:
        raise CryptoError("An index names the key of another purpose.")
    return key


def _texts(context: str, rows: list[tuple[UUID, bytes]]) -> list[str | None]:
    """Plain texts, None for each record that does not open."""
    try:
        return list(open_many(context, ((pk.bytes, record) for pk, record in rows)))
    except CryptoError:
        return [_text(context, pk, record) for pk, record in rows]


def _text(context: str, pk: UUID, record: bytes) -> str | None:
    try:
        return open_one(context, pk, record).reveal()
    except CryptoError:
        return None


def begin(purpose: str, *, active: bool) -> int:
    """Makes the next key of a purpose, active at once or announced first; its id. In a transaction."""
    key_id = keys.make_key(purpose, active=active)
    transaction.on_commit(keys.forget)
    return key_id


def activate(key_id: int) -> None:
    """Makes an announced key the current one. In the transaction that puts what it made in place."""
    DataKey.objects.filter(pk=key_id, active_at__isnull=True).update(active_at=datetime.now(UTC))
    transaction.on_commit(keys.forget)
