"""The key-encryption key (KEK): 32 random bytes outside the database that wrap all other keys.

Where it is kept is a provider's business: in the environment (`KEK` or `KEK_FILE`, base64) if set, else in the file
`kek` of KEY_DIR. While it is being changed, the one before is beside it (`KEK_BEFORE`, or the file `kek.before`), opens
what it has wrapped, and wraps nothing. A key service would be one more provider: what has the functions of `Wrapper`.
"""

import base64
import binascii
import hmac
import os
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings

from config.env import env
from crypto.agefile import sync_folder
from crypto.errors import KeyUnavailable

LENGTH = 32


class Wrapper(Protocol):
    """All that the site asks of whatever holds the KEK."""

    @property
    def fingerprint(self) -> str:
        """Tells one KEK from another and says nothing about it; it may be written down and printed."""

    def wrap(self, plain: bytes, aad: bytes) -> bytes:
        """Wraps with the KEK of today."""

    def unwrap(self, wrapped: bytes, aad: bytes) -> bytes:
        """Raises KeyUnavailable if no KEK at hand wrapped it with this `aad`, or the wrapping was altered."""


class Kek:
    """Wraps and unwraps data keys with AES-256-GCM: nonce (12) | ciphertext and tag."""

    def __init__(self, key: bytes):
        if len(key) != LENGTH:
            raise KeyUnavailable(f"The key-encryption key must be {LENGTH} bytes.")
        self._aead = AESGCM(key)
        self.fingerprint = hmac.digest(key, b"fingerprint of a key-encryption key", "sha256")[:8].hex()

    def wrap(self, plain: bytes, aad: bytes) -> bytes:
        nonce = os.urandom(12)
        return nonce + self._aead.encrypt(nonce, plain, aad)

    def unwrap(self, wrapped: bytes, aad: bytes) -> bytes:
        try:
            return self._aead.decrypt(wrapped[:12], wrapped[12:], aad)
        except (InvalidTag, ValueError):
            raise KeyUnavailable(
                "The key-encryption key is not the one that wrapped the data keys of this database."
            ) from None


class KekAndBefore:
    """The KEK of today, and the one before it while it is being changed."""

    def __init__(self, today: Kek, before: Sequence[Kek] = ()):
        self.today, self.before = today, before
        self.fingerprint = today.fingerprint

    def wrap(self, plain: bytes, aad: bytes) -> bytes:
        return self.today.wrap(plain, aad)

    def unwrap(self, wrapped: bytes, aad: bytes) -> bytes:
        for before in self.before:
            try:
                return before.unwrap(wrapped, aad)
            except KeyUnavailable:
                continue
        return self.today.unwrap(wrapped, aad)


def kek_path() -> Path:
    return Path(settings.KEY_DIR) / "kek"


def before_path() -> Path:
    return Path(settings.KEY_DIR) / "kek.before"


def in_environment() -> bool:
    """Whether whoever runs the site gives the KEK to its processes, instead of the file in KEY_DIR."""
    return bool(env.str("KEK", ""))


def read_kek(text: str) -> Kek:
    """The KEK from its base64. Raises KeyUnavailable when it is none."""
    try:
        return Kek(base64.b64decode(text.strip(), validate=True))
    except binascii.Error:
        raise KeyUnavailable("The key-encryption key is not base64.") from None


def _from_environment() -> KekAndBefore:
    before = env.str("KEK_BEFORE", "")
    return KekAndBefore(read_kek(env.str("KEK")), [read_kek(before)] if before else [])


def _from_files() -> KekAndBefore:
    try:
        today = read_kek(kek_path().read_text())
    except FileNotFoundError:
        raise KeyUnavailable(
            f"There is no key-encryption key: set KEK or KEK_FILE, or put the file back at {kek_path()}."
        ) from None
    try:
        return KekAndBefore(today, [read_kek(before_path().read_text())])
    except FileNotFoundError:
        return KekAndBefore(today)


def load_kek() -> KekAndBefore:
    """Raises KeyUnavailable when it is missing, not base64, or short."""
    return _from_environment() if in_environment() else _from_files()


def make_kek() -> None:
    """First run only: writes a new key to KEY_DIR, mode 0600, and says loudly to back it up."""
    _write_new(kek_path())
    if not settings.DEMO and not getattr(settings, "TESTING", False):
        print(
            f"\n*** A new key-encryption key was made: {kek_path()}\n"
            "*** Back it up now, apart from the data. Without it no identity can ever be read again.\n",
            file=sys.stderr,
        )


def change_kek() -> None:
    """Puts a new KEK in the place of the one in KEY_DIR, which stays beside it; nothing where that was done already.

    At each moment, also after a kill, the two files together hold every KEK that has wrapped something.
    """
    if before_path().exists() and before_path().read_bytes() != kek_path().read_bytes():
        return
    fresh = kek_path().with_name("kek.new")
    fresh.unlink(missing_ok=True)  # left by a kill, and nothing is wrapped with it
    _write_new(fresh)
    before_path().unlink(missing_ok=True)  # the same as kek: see the condition above
    os.link(kek_path(), before_path())
    sync_folder(fresh.parent)
    os.replace(fresh, kek_path())
    sync_folder(fresh.parent)


def forget_before() -> None:
    """Removes the KEK before; what only it opens is lost, so the caller has looked."""
    before_path().unlink(missing_ok=True)
    sync_folder(before_path().parent)


def _write_new(path: Path) -> None:
    handle = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(base64.b64encode(os.urandom(LENGTH)) + b"\n")
        file.flush()
        os.fsync(file.fileno())


def made_at() -> datetime:
    """When the file was written: its age, unless it was put back from a copy."""
    return datetime.fromtimestamp(kek_path().stat().st_mtime, UTC)
