"""Authenticated boxes: how one value of one row and column is sealed.

Record: version (1) | key id u32 big-endian (4) | nonce (12) | AES-256-GCM ciphertext and tag (16).
A CPR number of 10 characters gives 43 bytes. The nonce is random from the operating system per value.
Additional authenticated data: header (version, key id) | length of context (1) | context | row id (16).
So a value that is moved to another row or column, or sealed with another key, does not open.
"""

import os
from functools import cache
from uuid import UUID

from crypto import keys

HEADER = 5
NONCE_END = HEADER + 12
SHORTEST = NONCE_END + 16


@cache
def field_purpose(context: str) -> str:
    """The purpose of the key that seals the values of `context`, e.g. "participant.cpr"."""
    return f"field:{context}"


@cache
def aad_suffix(context: str) -> bytes:
    encoded = context.encode("ascii")
    return bytes([len(encoded)]) + encoded


def seal(context: str, row: UUID, text: str) -> bytes:
    """The record of `text` for the column `context` of row `row`. Raises UnknownKey, KeyUnavailable."""
    key = keys.current(field_purpose(context))
    assert key.aead is not None
    nonce = os.urandom(12)
    return key.header + nonce + key.aead.encrypt(nonce, text.encode(), key.header + aad_suffix(context) + row.bytes)
