"""The keyring: data keys by purpose and by id, unwrapped once per process.

One purpose, one key: each encrypted field, each blind index, the audit chain and the archives have their
own, made at random; none derives from another or from SECRET_KEY. Apps register the purposes they need;
`migrate` makes the keys that are missing.
"""

import os
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from threading import Lock

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from config.env import env
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
_by_id: dict[int, Key] = {}
_current: dict[str, Key] = {}
_of_purpose: dict[str, list[Key]] = {}
_lock = Lock()


def random_key() -> bytes:
    return os.urandom(32)


def register_purpose(purpose: str, make: Callable[[], bytes] = random_key) -> None:
    """Says that the site needs a key for `purpose`; `make` gives its bytes on the first run."""
    _makers[purpose] = make


def _aad(key_id: int, purpose: str) -> bytes:
    return b"data key|" + key_id.to_bytes(4, "big") + b"|" + purpose.encode()


def make_missing_keys(**kwargs) -> None:
    """After `migrate`: a key for each registered purpose without one; on the very first run the KEK too.

    Raises KeyUnavailable when data keys exist but their KEK is gone: a new one would hide the loss.
    """
    from crypto.models import DataKey

    present = set(DataKey.objects.values_list("purpose", flat=True))
    if not present and not env.str("KEK", "") and not kek_module.kek_path().exists():
        kek_module.make_kek()
    missing = sorted(set(_makers) - present)
    if not missing:
        return
    wrapper = kek_module.load_kek()
    for purpose in missing:
        key_id = secrets.randbelow(2**32 - 1) + 1
        wrapped = wrapper.wrap(_makers[purpose](), _aad(key_id, purpose))
        DataKey.objects.create(id=key_id, purpose=purpose, version=1, wrapped=wrapped)
    forget()


def forget() -> None:
    """Drops the unwrapped keys of this process (after a rotation, between tests)."""
    with _lock:
        _by_id.clear()
        _current.clear()
        _of_purpose.clear()


def _load() -> None:
    from crypto.models import DataKey

    wrapper = kek_module.load_kek()
    by_id: dict[int, Key] = {}
    newest: dict[str, Key] = {}
    for row in DataKey.objects.order_by("version"):
        material = wrapper.unwrap(bytes(row.wrapped), _aad(row.id, row.purpose))
        header = bytes([RECORD_VERSION]) + row.id.to_bytes(4, "big")
        aead = AESGCM(material) if len(material) == 32 else None
        by_id[row.id] = key = Key(row.id, row.purpose, material, header, aead)
        if row.retired_at is None:
            newest[row.purpose] = key
    # at once and in this order: another thread that finds a key may take it for the newest, and for all there are
    with _lock:
        _by_id.update(by_id)
        _current.update(newest)


def current(purpose: str) -> Key:
    """The key that seals new values of `purpose`. Raises UnknownKey, KeyUnavailable."""
    if purpose not in _current:
        _load()
    try:
        return _current[purpose]
    except KeyError:
        raise UnknownKey(f"There is no data key for {purpose}; run `manage.py migrate`.") from None


def by_id(key_id: int) -> Key:
    """The key that a record names. Raises UnknownKey, KeyUnavailable."""
    if key_id not in _by_id:
        _load()
    try:
        return _by_id[key_id]
    except KeyError:
        raise UnknownKey("A record names a data key that this site does not have.") from None


def of_purpose(purpose: str) -> list[Key]:
    """All keys of a purpose, the current one first: look-ups ask for old and new while rotating."""
    if purpose not in _of_purpose:
        first, known = current(purpose), list(_by_id.values())
        _of_purpose[purpose] = [first, *(key for key in known if key.purpose == purpose and key != first)]
    return _of_purpose[purpose]


def verify() -> None:
    """Unwraps every data key afresh. Raises KeyUnavailable or UnknownKey when one can't be used."""
    from crypto.models import DataKey

    wrapper = kek_module.load_kek()
    rows = list(DataKey.objects.all())
    for row in rows:
        wrapper.unwrap(bytes(row.wrapped), _aad(row.id, row.purpose))
    if missing := set(_makers) - {row.purpose for row in rows}:
        raise UnknownKey(f"{len(missing)} purposes have no data key; run `manage.py migrate`.")


def key_directory_problem() -> str | None:
    """What is wrong with the place of the keys, in words, or None."""
    if env.str("KEK", ""):
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
