"""Opening boxes. Only `collection.identities`, the audited door, and the stores named in the import
contracts may import this module."""

from collections.abc import Iterable, Iterator
from uuid import UUID

from cryptography.exceptions import InvalidTag

from crypto import keys
from crypto.box import HEADER, NONCE_END, SHORTEST, aad_suffix, field_purpose
from crypto.errors import MalformedRecord, TamperedRecord, WrongPurpose
from crypto.secret import Secret


def open_many(context: str, rows: Iterable[tuple[bytes, bytes]]) -> Iterator[str]:
    """Plain texts of (row id as 16 bytes, record) pairs of one column, in order.

    Raises MalformedRecord, UnknownKey, WrongPurpose or TamperedRecord at the first record that is not
    exactly what was sealed for that row and column; never yields a value of such a record.
    """
    suffix = aad_suffix(context)
    purpose = field_purpose(context)
    header, prefix, decrypt = b"", b"", None
    try:
        for row, record in rows:
            if decrypt is None or not record.startswith(header):
                header = record[:HEADER]
                decrypt, prefix = _opener(header, purpose), header + suffix
            yield decrypt(record[HEADER:NONCE_END], record[NONCE_END:], prefix + row).decode()
    except (InvalidTag, ValueError):  # ValueError: a nonce cut short
        if len(record) < SHORTEST:
            raise MalformedRecord("A record is too short.") from None
        raise TamperedRecord(f"A record of {context} is altered, or is not of this row.") from None


def _opener(header: bytes, purpose: str):
    if len(header) < HEADER or header[0] != keys.RECORD_VERSION:
        raise MalformedRecord("A record is too short, or of an unknown version.")
    key = keys.by_id(int.from_bytes(header[1:], "big"))
    if key.purpose != purpose or key.aead is None:
        raise WrongPurpose(f"A record of {purpose} names the key of another purpose.")
    return key.aead.decrypt


def open_one(context: str, row: UUID, record: bytes) -> Secret:
    """As `open_many`, for one value."""
    return Secret(next(open_many(context, [(row.bytes, bytes(record))])))
