"""What exports keep sealed that is no identity: the archives' own key and the run keys of extracts."""

from crypto import agefile, keys
from crypto.opening import open_one

ARCHIVE = "archive"


def new_archive_identity() -> bytes:
    """An age X25519 identity, as text, for the site's own sealing of archives at rest."""
    return agefile.new_identity().encode()


def archive_identity() -> str:
    """Raises UnknownKey, KeyUnavailable."""
    return keys.current(ARCHIVE).material.decode()


def run_key_of(extract) -> bytes:
    """The 32-byte key of a RegisterExtract. Raises TamperedRecord and its kin."""
    return bytes.fromhex(open_one("extract.run_key", extract.pk, extract.run_key.record).reveal())
