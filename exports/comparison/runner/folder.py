"""A folder of results that is there whole or not at all."""

import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from .texts import Refused

MANIFEST = "manifest.json"


class Folder:
    """Takes files by name; `digests` has the SHA-256 (hex) of each."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.digests: dict[str, str] = {}

    def __call__(self, name: str, content: bytes) -> None:
        (self.path / name).write_bytes(content)
        self.digests[name] = hashlib.sha256(content).hexdigest()

    def manifest(self, about: dict[str, object]) -> None:
        """Writes manifest.json: `about`, and size and SHA-256 of each file so far."""
        files = [
            {"name": name, "size": (self.path / name).stat().st_size, "sha256": self.digests[name]}
            for name in sorted(self.digests)
        ]
        text = json.dumps(about | {"files": files}, ensure_ascii=False, indent=2) + "\n"
        self(MANIFEST, text.encode())


@contextmanager
def new_folder(out: Path) -> Iterator[Folder]:
    """A Folder that becomes `out` at the end; on an error nothing is left. Raises Refused when `out` has something in
    it, or can't be made.

    The files are written beside `out` and appear by one rename.
    """
    check_free(out)
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        work = Path(tempfile.mkdtemp(prefix=f".{out.name}-", dir=out.parent))  # mode 0700
    except OSError:
        raise Refused({str(out): ("Mappen kan ikke oprettes.", "The folder can't be made.")}) from None
    try:
        yield Folder(work)
        for path in work.iterdir():
            with path.open("rb+") as stream:
                os.fsync(stream.fileno())
        if out.exists():
            out.rmdir()
        work.rename(out)
    except BaseException:
        shutil.rmtree(work, ignore_errors=True)
        raise


def check_free(out: Path) -> None:
    """Raises Refused when `out` is a file, or a folder with something in it."""
    if out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise Refused(
            {
                str(out): (
                    "Mappen findes allerede og er ikke tom. Vælg en ny mappe.",
                    "The folder is there already and isn't empty. Choose a new one.",
                )
            }
        )


def sha256(path: Path) -> str:
    """In hex."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
