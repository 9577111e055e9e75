"""Files encrypted with age (X25519, ChaCha20-Poly1305 in chunks of 64 KiB), written and read as streams.

`AgeWriter` never has a clear byte on disk, and the file appears under its name only when it is complete. `open_age`
gives out only bytes that passed authentication, and an end of file only when the last chunk says that it is the last.
Memory is a few MiB whatever the size. The format is that of https://age-encryption.org/v1, so `age -d` reads it.

age tells the reader that nothing was altered since it was sealed, **not who sealed it**: whoever knows the public key
can make a file. So keep `AgeWriter.sha256` where files can't be swapped (the database), and give it to `open_age`.

pyrage pulls and pushes (`encrypt_io(reader, writer)`) where we want to be pushed and pulled, so each file has a thread.
It asks for 8 KiB at a time and holds Python's lock in between; a hand-over costs up to 5 ms when the other side is
busy, so the two sides hand over pieces of 1 MiB.
"""

import fcntl
import hashlib
import io
import os
import queue
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Self

import pyrage

from crypto.errors import CryptoError

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer, WriteableBuffer

_PIECE = 1 << 20  # bytes handed over at once between the caller and the age thread


class AgeError(CryptoError):
    """Base of what can go wrong with an age file."""


class BadAgeKey(AgeError):
    """A text is no X25519 identity or recipient."""


class WrongAgeKey(AgeError):
    """The file was sealed to other keys than this identity's."""


class AgeFileAltered(AgeError):
    """The file was altered, cut off or lengthened since it was sealed, or is no age file."""


class AgeFileBusy(AgeError):
    """Another process is writing the same file."""


def new_identity() -> str:
    """A new secret key, "AGE-SECRET-KEY-1…". Whoever stores it keeps it out of the database."""
    return str(pyrage.x25519.Identity.generate())


def recipient_of(identity: str) -> str:
    """The public key "age1…" of a secret key. Raises BadAgeKey."""
    return str(_identity(identity).to_public())


def public_key(text: str) -> str:
    """A public key as age writes it, "age1…" in small letters. Raises BadAgeKey."""
    return str(_recipient(text))


class AgeWriter(io.RawIOBase):
    """A binary stream that seals what is written to it. Use it as a context manager.

    Writes to `<path>.part` (mode 0600), and at the end of the with-block syncs and renames it to `path`, replacing an
    earlier file. When the block raises, or sealing fails (disk full), no file is left under either name; after a
    kill, `<path>.part` may be left, still sealed, and the next writer of the same path overwrites it. Afterwards
    `sha256` (hex) and `size` (bytes) are those of the sealed file.
    """

    def __init__(self, path: str | os.PathLike[str], recipients: Sequence[str]):
        """`recipients`: public keys "age1…", at least one. Raises BadAgeKey, AgeFileBusy, OSError."""
        super().__init__()
        self.path = Path(path)
        self.sha256 = ""
        self.size = 0
        self._part = self.path.with_name(self.path.name + ".part")
        self._finished = False
        keys = [_recipient(text) for text in recipients]
        if not keys:
            raise BadAgeKey("An age file needs at least one recipient.")
        self._buffer = bytearray()
        self._file = _open_part(self._part)
        self._sealing = _Sealing(self._file, keys)

    def writable(self) -> bool:
        return True

    def write(self, data: "ReadableBuffer", /) -> int:
        """Takes all of it. Raises what stopped the sealing (for example OSError: no space left)."""
        if self.closed or self._finished:
            raise ValueError("write to a finished age file")
        self._sealing.check()
        self._buffer += data
        if len(self._buffer) >= _PIECE:
            self._sealing.feed(bytes(self._buffer))
            self._buffer.clear()
        return memoryview(data).nbytes

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind, error, traceback) -> None:
        if kind is None:
            self.finish()
        else:
            self.discard()

    def finish(self) -> None:
        """Seals the rest and gives the file its name. Raises what stopped the sealing; then no file is left."""
        if self._finished:
            return
        try:
            self._sealing.feed(bytes(self._buffer))
            self.sha256, self.size = self._sealing.end()
            os.fsync(self._file.fileno())
            os.replace(self._part, self.path)
            sync_folder(self.path.parent)
        except BaseException:
            self.discard()
            raise
        self._finished = True
        self._file.close()
        super().close()

    def discard(self) -> None:
        """Ends the thread and removes what was written."""
        if self._finished:
            return
        self._finished = True
        self._sealing.abandon()
        self._part.unlink(missing_ok=True)
        self._file.close()
        super().close()

    def close(self) -> None:
        """Closing without finishing discards: half a file is never left."""
        if not self.closed and hasattr(self, "_sealing"):
            self.discard()
        super().close()


class _Sealing:
    """The thread that seals what `feed` gives it into `file`. It knows nothing of the writer, which may be dropped."""

    def __init__(self, file: io.FileIO, keys: list):
        self._pieces: queue.Queue[bytes | None] = queue.Queue(maxsize=2)
        self._rest = memoryview(b"")
        self._ended = self._abandoned = False
        self._failure: BaseException | None = None
        self._file = file
        self._hash = hashlib.sha256()
        self._size = 0
        self._thread = threading.Thread(target=self._run, args=(keys,), name="age-seal", daemon=True)
        self._thread.start()

    def feed(self, piece: bytes) -> None:
        self._pieces.put(piece)

    def check(self) -> None:
        if self._failure is not None:
            raise self._failure

    def end(self) -> tuple[str, int]:
        self._pieces.put(None)
        self._thread.join()
        self.check()
        return self._hash.hexdigest(), self._size

    def abandon(self) -> None:
        self._abandoned = True
        if self._thread.is_alive():
            self._pieces.put(None)
            self._thread.join()

    def _run(self, keys: list) -> None:
        try:
            pyrage.encrypt_io(self, self, keys)
        except BaseException as error:  # whatever it is, it belongs to the writer's thread
            if self._failure is None:
                self._failure = AgeError(f"Sealing failed: {error}")
        while not self._ended:  # so that a writer that has not noticed yet is never left waiting
            self._ended = self._pieces.get() is None

    # The two ends that pyrage holds. It wraps an error of theirs in a text, so the error itself is kept here.

    def read(self, size: int) -> bytes:
        if not self._rest and not self._ended:
            piece = self._pieces.get()
            if piece is None:
                self._ended = True
            else:
                self._rest = memoryview(piece)
        if self._abandoned:
            raise AgeError("abandoned")
        given, self._rest = self._rest[:size], self._rest[size:]
        return bytes(given)

    def write(self, data: bytes) -> int:
        try:
            view = memoryview(data)
            while view:
                view = view[self._file.write(view) :]
        except BaseException as error:
            self._failure = error
            raise
        self._hash.update(data)
        self._size += len(data)
        return len(data)

    def flush(self) -> None:
        pass


def open_age(path: str | os.PathLike[str], identity: str, *, sha256: str | None = None) -> io.BufferedReader:
    """The plain bytes of an age file, as a stream to be closed (`with open_age(…) as plain`).

    With `sha256` (hex, of the sealed file) the whole file is checked before anything is given out; without it, what
    was read before a flaw is genuine but may not be all. Raises WrongAgeKey, AgeFileAltered (here or when reading
    reaches the flaw), BadAgeKey, OSError.
    """
    key = _identity(identity)
    file = open(path, "rb", buffering=0)  # noqa: SIM115  closed by the reader
    try:
        if sha256 is not None:
            if hashlib.file_digest(file, "sha256").hexdigest() != sha256:
                raise AgeFileAltered("The file is not the one that was sealed.")
            file.seek(0)
        stream: io.BufferedReader = io.BufferedReader(_AgeReader(file, key), buffer_size=_PIECE)
    except BaseException:
        file.close()
        raise
    try:
        stream.peek(1)  # a wrong key or a broken header is told here, not later
    except BaseException:
        stream.close()
        raise
    return stream


def opens(path: str | os.PathLike[str], identity: str) -> bool:
    """Whether the file is sealed to this key; False also where it is gone or is no age file."""
    try:
        open_age(path, identity).close()
    except (AgeError, FileNotFoundError):
        return False
    return True


class _AgeReader(io.RawIOBase):
    def __init__(self, file: io.FileIO, key):
        super().__init__()
        self._opening = _Opening(file, key)
        self._rest = memoryview(b"")

    def readable(self) -> bool:
        return True

    def readinto(self, into: "WriteableBuffer", /) -> int:
        if not self._rest:
            self._rest = memoryview(self._opening.next())
        target = memoryview(into).cast("B")
        size = min(len(target), len(self._rest))
        target[:size] = self._rest[:size]
        self._rest = self._rest[size:]
        return size

    def close(self) -> None:
        if not self.closed and hasattr(self, "_opening"):
            self._opening.abandon()
        super().close()


class _Opening:
    """The thread that opens `file`; `next` gives its plain pieces, then b"" for ever, or raises."""

    def __init__(self, file: io.FileIO, key):
        self._file = file
        self._pieces: queue.Queue[bytes | BaseException] = queue.Queue(maxsize=2)
        self._gathered = bytearray()
        self._last: bytes | BaseException | None = None
        self._abandoned = False
        self._thread = threading.Thread(target=self._run, args=(key,), name="age-open", daemon=True)
        self._thread.start()

    def next(self) -> bytes:
        piece = self._pieces.get() if self._last is None else self._last
        if isinstance(piece, BaseException):
            self._last = piece
            raise piece
        if not piece:
            self._last = piece
        return piece

    def abandon(self) -> None:
        self._abandoned = True
        while self._last is None:
            piece = self._pieces.get()
            if not piece or isinstance(piece, BaseException):
                self._last = piece
        self._thread.join()

    def _run(self, key) -> None:
        last: bytes | BaseException = b""
        try:
            with self._file:
                pyrage.decrypt_io(self._file, self, [key])
            if self._gathered:
                self._pieces.put(bytes(self._gathered))
        except pyrage.DecryptError as error:
            # pyrage tells its errors apart by their text only
            wrong_key = "no matching keys" in str(error).lower()
            last = WrongAgeKey("The file is sealed to another key.") if wrong_key else _altered()
        except OSError as error:
            last = _altered() if error.errno is None else error
        except BaseException as error:
            last = error
        self._pieces.put(last)

    # the end that pyrage writes to
    def write(self, data: bytes) -> int:
        if self._abandoned:
            raise AgeError("abandoned")
        self._gathered += data
        if len(self._gathered) >= _PIECE:
            self._pieces.put(bytes(self._gathered))
            self._gathered.clear()
        return len(data)

    def flush(self) -> None:
        pass


def _altered() -> AgeFileAltered:
    return AgeFileAltered("The file was altered or cut off since it was sealed.")


def _identity(text: str):
    try:
        return pyrage.x25519.Identity.from_str(text)
    except pyrage.IdentityError:
        raise BadAgeKey("This is no age identity.") from None


def _recipient(text: str):
    try:
        return pyrage.x25519.Recipient.from_str(text)
    except pyrage.RecipientError:
        raise BadAgeKey("This is no age recipient (age1…).") from None


def _open_part(part: Path) -> io.FileIO:
    """An empty file that only we write: a lock, gone with the process, tells a busy file from one left by a kill."""
    while True:
        handle = os.open(part, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        file = io.FileIO(handle, "r+")
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            os.fchmod(handle, 0o600)
            # between open and lock, another writer may have finished and renamed the file that we hold
            if _is_at(handle, part):
                file.truncate(0)
                return file
        except BlockingIOError:
            file.close()
            raise AgeFileBusy("Another process is writing this file.") from None
        except BaseException:
            file.close()
            raise
        file.close()


def _is_at(handle: int, path: Path) -> bool:
    try:
        return os.path.samestat(os.fstat(handle), os.stat(path))
    except FileNotFoundError:
        return False


def sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
