"""An evaluation project's key: 64 random bytes (32 to look up, 32 to seal), wrapped.

It is a file of the key folder, in no database and in no database backup. Destroying the file makes every pseudonym of
the project unlinkable for good, once the operator's copies of the key folder have lost it too: the site makes none.

The key is unwrapped anew each time and never kept: a process that has used it forgets it with the job or the page, so
that destroying the file is enough for all of them.
"""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import UUID

from django.conf import settings

from consent import erasures
from crypto.agefile import sync_folder
from crypto.errors import KeyUnavailable
from crypto.kek import Wrapper, load_kek

LENGTH = 64


def _folder() -> Path:
    return Path(settings.KEY_DIR) / "projects"


def _path(project: UUID) -> Path:
    return _folder() / f"{project}.key"


def _aad(project: UUID) -> bytes:
    return b"project key|" + project.bytes


def make(project: UUID) -> None:
    """Raises FileExistsError: a project's key is made once."""
    with _alone():
        _write(_path(project), load_kek().wrap(os.urandom(LENGTH), _aad(project)))


def is_there(project: UUID) -> bool:
    """Whether the key was not destroyed."""
    return _path(project).exists()


def destroy(project: UUID) -> None:
    """Removes the key for good; nothing happens where it is gone already.

    The file is not overwritten first: on flash disks and journalling file systems the new bytes land elsewhere, so that
    it would promise what it can't hold. What may be left on the disk is wrapped by the key-encryption key.
    """
    path = _path(project)
    with _alone():
        if not path.exists():
            return
        erasures.keep_project(project)  # whoever puts an old copy of the folder back has the key destroyed again
        path.unlink()
        sync_folder(path.parent)  # so that a power cut does not bring it back


def load(project: UUID) -> bytes:
    """The key (64 bytes). Raises KeyUnavailable when it was destroyed or can't be unwrapped."""
    try:
        wrapped = _path(project).read_bytes()
    except FileNotFoundError:
        raise KeyUnavailable("The evaluation project's key is not in the key folder.") from None
    return load_kek().unwrap(wrapped, _aad(project))


def rewrap_all() -> int:
    """Wraps every key with the key-encryption key of today; how many. Each file is whole at every moment."""
    wrapper, done = load_kek(), 0
    for project in there():
        with _alone():
            try:
                wrapped = _path(project).read_bytes()
            except FileNotFoundError:  # destroyed meanwhile, and so it stays
                continue
            fresh = _path(project).with_suffix(".new")
            fresh.unlink(missing_ok=True)
            _write(fresh, wrapper.wrap(wrapper.unwrap(wrapped, _aad(project)), _aad(project)))
            os.replace(fresh, _path(project))
            sync_folder(_folder())
            done += 1
    return done


def verify(wrapper: Wrapper) -> None:
    """Raises KeyUnavailable when a key does not open with `wrapper`."""
    for project in there():
        wrapper.unwrap(_path(project).read_bytes(), _aad(project))


def there() -> list[UUID]:
    """The projects whose key is in the folder."""
    return sorted(UUID(path.stem) for path in _folder().glob("*.key"))


def _write(path: Path, content: bytes) -> None:
    handle = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


@contextmanager
def _alone() -> Iterator[None]:
    """One process at a time changes the folder: a key that is destroyed is not put back by who wraps it anew."""
    _folder().mkdir(mode=0o700, exist_ok=True)
    handle = os.open(_folder(), os.O_RDONLY | os.O_DIRECTORY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)
