"""An evaluation project's key: 64 random bytes (32 to look up, 32 to seal), wrapped.

It is a file of the key folder and in no database.

Destroying the file makes every pseudonym of the project unlinkable for good.
"""

import os
from functools import lru_cache
from pathlib import Path
from uuid import UUID

from django.conf import settings

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


@lru_cache(maxsize=64)
def _unwrapped(path: Path, modified: int, project: UUID) -> bytes:
    return load_kek().unwrap(path.read_bytes(), _aad(project))


def load(project: UUID) -> bytes:
    """The key (64 bytes). Raises KeyUnavailable when it was destroyed or can't be unwrapped."""
    path = _path(project)
    try:
        return _unwrapped(path, path.stat().st_mtime_ns, project)
    except FileNotFoundError:
        raise KeyUnavailable("The evaluation project's key is not in the key folder.") from None
