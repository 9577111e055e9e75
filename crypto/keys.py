"""The keyring: data keys by purpose and by id, unwrapped once per process.

One purpose, one key: each encrypted field, each blind index, the audit chain and the archives have their
own, made at random; none derives from another or from SECRET_KEY. Apps register the purposes they need;
`migrate` makes the keys that are missing. A key may have successors (`crypto.rotation`): each process looks at the
table again every KEYS_KEPT_SECONDS, and at once when a record names a key that it does not know.
"""

import os
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from threading import Lock

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings
from django.db import connection, transaction
from django.db.models import Max
from psycopg.pq import TransactionStatus

from crypto import kek as kek_module
from crypto.errors import KeyUnavailable, UnknownKey


@dataclass(frozen=True, slots=True, repr=False)
class Key:
    """An unwrapped data key. `header` opens each record that it seals: version (1) | key id (4)."""

    id: int
    purpose: str
    material: bytes
    header: bytes
    aead: AESGCM | None = field(default=None)

    @property
    def index_prefix(self) -> bytes:
        """What opens each blind index: the key's id (4)."""
        return self.header[1:]

    def __repr__(self) -> str:
        return f"<Key {self.id} {self.purpose}>"


RECORD_VERSION = 1
_makers: dict[str, Callable[[], bytes]] = {}
_counters: dict[str, Callable[["Key"], int]] = {}
_lock = Lock()


@dataclass(frozen=True)
class _Ring:
    """The keys as they were read at one moment; replaced as a whole, so no thread sees half of them."""

    by_id: dict[int, Key] = field(default_factory=dict)
    current: dict[str, Key] = field(default_factory=dict)
    of_purpose: dict[str, list[Key]] = field(default_factory=dict)
    read_at: float = float("-inf")


_ring = _Ring()


def random_key() -> bytes:
    return os.urandom(32)


def register_purpose(
    purpose: str, make: Callable[[], bytes] = random_key, needs: Callable[[Key], int] | None = None
) -> None:
    """Says that the site needs a key for `purpose`; `make` gives its bytes.

    `needs(key)` counts what of this purpose only that key opens or proves, outside the columns that `crypto.columns`
    finds by itself.
    """
    _makers[purpose] = make
    if needs is not None:
        _counters[purpose] = needs


def purposes() -> list[str]:
    return sorted(_makers)


def needed_outside_columns(key: Key) -> int:
    counter = _counters.get(key.purpose)
    return counter(key) if counter else 0


def is_counted(purpose: str) -> bool:
    """Whether somebody counts what needs the purpose's keys outside columns."""
    return purpose in _counters


def _aad(key_id: int, purpose: str) -> bytes:
    return b"data key|" + key_id.to_bytes(4, "big") + b"|" + purpose.encode()


def make_missing_keys(**kwargs) -> None:
    """After `migrate`: a key for each registered purpose without one; on the very first run the KEK too.

    Raises KeyUnavailable when data keys exist but their KEK is gone: a new one would hide the loss.
    """
    from crypto.models import DataKey

    present = set(DataKey.objects.values_list("purpose", flat=True))
    if not present and not kek_module.in_environment() and not kek_module.kek_path().exists():
        kek_module.make_kek()
    for purpose in sorted(set(_makers) - present):
        make_key(purpose, active=True)
    forget()


def make_key(purpose: str, *, active: bool) -> int:
    """A new key of `purpose`, its version after the last; its id. Other processes know it within KEYS_KEPT_SECONDS."""
    from crypto.models import DataKey

    key_id = secrets.randbelow(2**32 - 1) + 1
    wrapped = kek_module.load_kek().wrap(_makers[purpose](), _aad(key_id, purpose))
    last = DataKey.objects.filter(purpose=purpose).aggregate(last=Max("version"))["last"] or 0
    active_at = datetime.now(UTC) if active else None
    DataKey.objects.create(id=key_id, purpose=purpose, version=last + 1, wrapped=wrapped, active_at=active_at)
    return key_id


def rewrap_all() -> int:
    """Wraps every data key with the KEK of today; how many. All or none, and again as often as one likes."""
    from crypto.models import DataKey

    wrapper = kek_module.load_kek()
    with transaction.atomic():
        rows = list(DataKey.objects.select_for_update().filter(retired_at__isnull=True).order_by("pk"))
        for row in rows:
            aad = _aad(row.pk, row.purpose)
            row.wrapped = wrapper.wrap(wrapper.unwrap(bytes(row.wrapped), aad), aad)
            row.save(update_fields=["wrapped"])
    return len(rows)


def forget() -> None:
    """Drops the unwrapped keys of this process (after a rotation, between tests)."""
    global _ring
    with _lock:
        _ring = _Ring()


def refresh() -> None:
    """Looks which keys there are. Those that are known stay as they are: only a new one needs the KEK."""
    global _ring
    from crypto.models import DataKey

    read_at = time.monotonic()
    known, wrapper = _ring.by_id, None
    by_id: dict[int, Key] = {}
    current: dict[str, Key] = {}
    for row in DataKey.objects.filter(retired_at__isnull=True).order_by("version"):
        key = known.get(row.pk)
        if key is None:
            wrapper = wrapper or kek_module.load_kek()
            material = wrapper.unwrap(bytes(row.wrapped), _aad(row.pk, row.purpose))
            header = bytes([RECORD_VERSION]) + row.pk.to_bytes(4, "big")
            aead = AESGCM(material) if len(material) == 32 else None
            key = Key(row.pk, row.purpose, material, header, aead)
        by_id[row.pk] = key
        if row.active_at is not None:
            current[row.purpose] = key
    of_purpose = {
        purpose: [key, *(other for other in by_id.values() if other.purpose == purpose and other != key)]
        for purpose, key in current.items()
    }
    with _lock:
        _ring = _Ring(by_id, current, of_purpose, read_at)


def _keys() -> _Ring:
    """The keys, looked up again when they are older than KEYS_KEPT_SECONDS: another process may be changing one."""
    if time.monotonic() - _ring.read_at > settings.KEYS_KEPT_SECONDS and not _amid_copy():
        refresh()
    return _ring


def _amid_copy() -> bool:
    """Whether PostgreSQL is being sent rows on this connection, and can't be asked anything until they end."""
    driver = connection.connection
    if connection.vendor != "postgresql" or driver is None:
        return False
    return driver.info.transaction_status == TransactionStatus.ACTIVE


def current(purpose: str) -> Key:
    """The key that seals new values of `purpose`. Raises UnknownKey, KeyUnavailable."""
    if (key := _keys().current.get(purpose)) is None:
        refresh()
    try:
        return key or _ring.current[purpose]
    except KeyError:
        raise UnknownKey(f"There is no data key for {purpose}; run `manage.py migrate`.") from None


def by_id(key_id: int) -> Key:
    """The key that a record names. Raises UnknownKey, KeyUnavailable."""
    if (key := _ring.by_id.get(key_id)) is None:
        refresh()
    try:
        return key or _ring.by_id[key_id]
    except KeyError:
        raise UnknownKey("A record names a data key that this site does not have.") from None


def of_purpose(purpose: str) -> list[Key]:
    """All keys of a purpose, the current one first: look-ups ask for old and new while rotating."""
    current(purpose)
    return _ring.of_purpose[purpose]


def verify(wrapper: kek_module.Wrapper | None = None) -> None:
    """Unwraps every data key afresh. Raises KeyUnavailable or UnknownKey when one can't be used."""
    from crypto.models import DataKey

    wrapper = wrapper or kek_module.load_kek()
    rows = list(DataKey.objects.filter(retired_at__isnull=True))
    for row in rows:
        wrapper.unwrap(bytes(row.wrapped), _aad(row.id, row.purpose))
    if missing := set(_makers) - {row.purpose for row in rows}:
        raise UnknownKey(f"{len(missing)} purposes have no data key; run `manage.py migrate`.")


def key_directory_problem() -> str | None:
    """What is wrong with the place of the keys, in words, or None."""
    if kek_module.in_environment():
        return None
    path = kek_module.kek_path()
    if not path.exists():
        return f"There is no key-encryption key at {path}."
    if path.stat().st_mode & 0o077:
        return f"{path} can be read by others; it must have mode 0600."
    try:
        kek_module.load_kek()
    except KeyUnavailable as error:
        return str(error)
    return None
