"""What DuckDB can't hold in memory goes to disk through here, encrypted.

DuckDB's own `temp_file_encryption` refuses to work in the Python package unless its random numbers are declared
unsafe (docs/adr/0006), so its temporary folder is put on a file system of ours: AES-256-XTS by OpenSSL, the
construction for disks, where a block is written many times at one place. Each file has a random key that is only in
memory: what a killed run leaves behind is noise. XTS doesn't notice changes; who can write to the folder of a
running job can also stop it.
"""

import os
import shutil
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from fsspec import AbstractFileSystem  # type: ignore[import-untyped]

PROTOCOL = "sealedspill"
SECTOR = 32_768  # bytes under one tweak. DuckDB's temporary blocks are multiples of it


class _SpillFile:
    """A file that is plain to its user and ciphertext on disk. Any position and length; whole sectors are fastest."""

    def __init__(self, path: str) -> None:
        self._fd = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
        self._key = os.urandom(64)
        self.size = 0  # of the plain content: on disk the last sector is padded
        self._lock = threading.Lock()
        # DuckDB seeks and then reads or writes, from several threads on one file: each has a place of its own.
        self._places: dict[int, int] = {}

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        start = {os.SEEK_SET: 0, os.SEEK_CUR: self.tell(), os.SEEK_END: self.size}[whence]
        self._places[threading.get_ident()] = start + offset
        return start + offset

    def tell(self) -> int:
        return self._places.get(threading.get_ident(), 0)

    def read(self, size: int = -1) -> bytes:
        with self._lock:
            start = self.tell()
            end = self.size if size < 0 else min(start + size, self.size)
            if end <= start:
                return b""
            first = start // SECTOR * SECTOR
            data = self._plain(first, end)[start - first : end - first]
        self.seek(end)
        return data

    def write(self, data: bytes) -> int:
        with self._lock:
            start = self.tell()
            end = start + len(data)
            first, last = start // SECTOR * SECTOR, -(-end // SECTOR) * SECTOR
            if (first, last) == (start, end):
                block = bytes(data)
            else:
                patched = bytearray(self._plain(first, last).ljust(last - first, b"\0"))
                patched[start - first : end - first] = data
                block = bytes(patched)
            os.pwrite(self._fd, self._through(block, first, encrypt=True), first)
            self.size = max(self.size, end)
        self.seek(end)
        return len(data)

    def truncate(self, size: int) -> int:
        with self._lock:
            self.size = min(self.size, size)
            os.ftruncate(self._fd, -(-self.size // SECTOR) * SECTOR)
        return size

    def flush(self) -> None:
        """Nothing waits in memory."""

    def close(self) -> None:
        """The file may be opened again, and only this object has its key: `forget` ends it."""

    def forget(self) -> None:
        os.close(self._fd)

    def _plain(self, first: int, end: int) -> bytes:
        whole = -(-end // SECTOR) * SECTOR - first
        return self._through(os.pread(self._fd, whole, first), first, encrypt=False)

    def _through(self, data: bytes, first: int, *, encrypt: bool) -> bytes:
        out = []
        for offset in range(0, len(data), SECTOR):
            tweak = ((first + offset) // SECTOR).to_bytes(16, "little")
            cipher = Cipher(algorithms.AES(self._key), modes.XTS(tweak))
            step = cipher.encryptor() if encrypt else cipher.decryptor()
            out.append(step.update(data[offset : offset + SECTOR]))
        return b"".join(out)


class EncryptedSpill(AbstractFileSystem):
    """The part of a file system that DuckDB asks of its temporary folder."""

    protocol = PROTOCOL
    cachable = False

    def __init__(self) -> None:
        super().__init__()
        self._open_files: dict[str, _SpillFile] = {}

    def open(self, path: str, mode: str = "rb", **_: Any) -> _SpillFile:
        path = self._strip_protocol(path)
        # One object for each path while it lives: it alone has the key.
        if path not in self._open_files:
            self._open_files[path] = _SpillFile(path)
        return self._open_files[path]

    def touch(self, path: str, truncate: bool = True, **_: Any) -> None:
        self.open(path)

    def exists(self, path: str, **_: Any) -> bool:
        return os.path.exists(self._strip_protocol(path))

    def isdir(self, path: str) -> bool:
        return os.path.isdir(self._strip_protocol(path))

    def info(self, path: str, **_: Any) -> dict[str, Any]:
        path = self._strip_protocol(path)
        file = self._open_files.get(path)
        size = file.size if file is not None else os.path.getsize(path)
        return {"name": path, "size": size, "type": "directory" if os.path.isdir(path) else "file"}

    def ls(self, path: str, detail: bool = True, **_: Any) -> list[Any]:
        path = self._strip_protocol(path)
        names = [os.path.join(path, name) for name in sorted(os.listdir(path))]
        return [self.info(name) for name in names] if detail else names

    def rm_file(self, path: str) -> None:
        path = self._strip_protocol(path)
        file = self._open_files.pop(path, None)
        if file is not None:
            file.forget()
        os.remove(path)

    rm = rm_file

    def forget(self) -> None:
        """Close every file and let go of its key."""
        for file in self._open_files.values():
            file.forget()
        self._open_files.clear()


@contextmanager
def spill_folder(parent: Path) -> Iterator[tuple[EncryptedSpill, str]]:
    """A file system and the address of a new folder (mode 0700) on it; gone with all it holds at the end."""
    parent.mkdir(parents=True, exist_ok=True)
    folder = tempfile.mkdtemp(prefix="spill-", dir=parent)
    files = EncryptedSpill()
    try:
        yield files, f"{PROTOCOL}://{folder}"
    finally:
        files.forget()
        shutil.rmtree(folder, ignore_errors=True)
