"""The key-encryption key (KEK): 32 random bytes outside the database, in the environment or a file.

`KEK` or `KEK_FILE` (base64) if set, else the file `kek` in KEY_DIR. A key service would offer the same
two functions as `Kek`.
"""

import base64
import binascii
import os
import sys
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings

from config.env import env
from crypto.errors import KeyUnavailable

LENGTH = 32


class Kek:
    """Wraps and unwraps data keys with AES-256-GCM: nonce (12) | ciphertext and tag."""

    def __init__(self, key: bytes):
        if len(key) != LENGTH:
            raise KeyUnavailable(f"The key-encryption key must be {LENGTH} bytes.")
        self._aead = AESGCM(key)

    def wrap(self, plain: bytes, aad: bytes) -> bytes:
        nonce = os.urandom(12)
        return nonce + self._aead.encrypt(nonce, plain, aad)

    def unwrap(self, wrapped: bytes, aad: bytes) -> bytes:
        """Raises KeyUnavailable if this is not the key that wrapped it, or the wrapping was altered."""
        try:
            return self._aead.decrypt(wrapped[:12], wrapped[12:], aad)
        except (InvalidTag, ValueError):
            raise KeyUnavailable(
                "The key-encryption key is not the one that wrapped the data keys of this database."
            ) from None


def kek_path() -> Path:
    return Path(settings.KEY_DIR) / "kek"


def load_kek() -> Kek:
    """Raises KeyUnavailable when it is missing, not base64, or short."""
    text = env.str("KEK", "")
    if not text:
        try:
            text = kek_path().read_text()
        except FileNotFoundError:
            raise KeyUnavailable(
                f"There is no key-encryption key: set KEK or KEK_FILE, or put the file back at {kek_path()}."
            ) from None
    try:
        return Kek(base64.b64decode(text.strip(), validate=True))
    except binascii.Error:
        raise KeyUnavailable("The key-encryption key is not base64.") from None


def make_kek() -> None:
    """First run only: writes a new key to KEY_DIR, mode 0600, and says loudly to back it up."""
    handle = os.open(kek_path(), os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(base64.b64encode(os.urandom(LENGTH)) + b"\n")
        file.flush()
        os.fsync(file.fileno())
    if not settings.DEMO and not getattr(settings, "TESTING", False):
        print(
            f"\n*** A new key-encryption key was made: {kek_path()}\n"
            "*** Back it up now, apart from the data. Without it no identity can ever be read again.\n",
            file=sys.stderr,
        )
