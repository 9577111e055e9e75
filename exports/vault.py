"""What exports keep sealed that is no identity: the archives' own key and the run keys of extracts.

A file stays sealed to the key that was current when it was written, until it is deleted on its date: approvals rest on
the sealed bytes of frozen sets. So a change of the archive key is for new files, and the old key opens the old ones.
"""

from contextlib import suppress
from io import BufferedReader
from pathlib import Path

from django.conf import settings

from crypto import agefile, keys
from crypto.opening import open_one

ARCHIVE = "archive"


def new_archive_identity() -> bytes:
    """An age X25519 identity, as text, for the site's own sealing of archives at rest."""
    return agefile.new_identity().encode()


def archive_identity() -> str:
    """What new files are sealed to. Raises UnknownKey, KeyUnavailable."""
    return keys.current(ARCHIVE).material.decode()


def open_sealed(path: Path, *, sha256: str | None = None) -> BufferedReader:
    """The content of a file that the site has sealed for itself, as `crypto.agefile.open_age` gives it."""
    for key in keys.of_purpose(ARCHIVE)[:-1]:
        with suppress(agefile.WrongAgeKey):
            return agefile.open_age(path, key.material.decode(), sha256=sha256)
    return agefile.open_age(path, keys.of_purpose(ARCHIVE)[-1].material.decode(), sha256=sha256)


def files_sealed_to(key: keys.Key) -> int:
    """How many files below DATA_DIR only this archive key opens."""
    identity = key.material.decode()
    return sum(agefile.opens(path, identity) for path in Path(settings.DATA_DIR).rglob("*.age"))


def run_key_of(extract) -> bytes:
    """The 32-byte key of a RegisterExtract. Raises TamperedRecord and its kin."""
    return bytes.fromhex(open_one("extract.run_key", extract.pk, extract.run_key.record).reveal())
