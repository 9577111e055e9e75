"""An evaluation project's key: 64 random bytes (32 to look up, 32 to seal), wrapped.

It is a file of the key folder, in no database and in no database backup. Destroying the file makes every pseudonym of
the project unlinkable for good, once the operator's copies of the key folder have lost it too: the site makes none.

The key is unwrapped anew each time and never kept: a process that has used it forgets it with the job or the page, so
that destroying the file is enough for all of them.
"""

import os
from pathlib import Path
from uuid import UUID

from django.conf import settings

from crypto.agefile import sync_folder
from crypto.errors import KeyUnavailable
from crypto.kek import load_kek

LENGTH = 64


def _path(project: UUID) -> Path:
    return Path(settings.KEY_DIR) / "projects" / f"{project}.key"


def _aad(project: UUID) -> bytes:
    return b"project key|" + project.bytes


def make(project: UUID) -> None:
    """Raises FileExistsError: a project's key is made once."""
    path = _path(project)
    path.parent.mkdir(mode=0o700, exist_ok=True)
    handle = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(load_kek().wrap(os.urandom(LENGTH), _aad(project)))
        file.flush()
        os.fsync(file.fileno())


def is_there(project: UUID) -> bool:
    """Whether the key was not destroyed."""
    return _path(project).exists()


def destroy(project: UUID) -> None:
    """Removes the key for good; nothing happens where it is gone already.

    The file is not overwritten first: on flash disks and journalling file systems the new bytes land elsewhere, so that
    it would promise what it can't hold. What may be left on the disk is wrapped by the key-encryption key.
    """
    path = _path(project)
    try:
        path.unlink()
    except FileNotFoundError:
        return
    sync_folder(path.parent)  # so that a power cut does not bring it back


def load(project: UUID) -> bytes:
    """The key (64 bytes). Raises KeyUnavailable when it was destroyed or can't be unwrapped."""
    try:
        wrapped = _path(project).read_bytes()
    except FileNotFoundError:
        raise KeyUnavailable("The evaluation project's key is not in the key folder.") from None
    return load_kek().unwrap(wrapped, _aad(project))
