"""Age files: complete or absent, genuine or an error, and never a hang."""

import hashlib
import os
import random
import signal
import stat
import subprocess
import sys
import threading
import tracemalloc
from pathlib import Path

import pyrage
import pytest

from crypto.agefile import (
    AgeFileAltered,
    AgeFileBusy,
    AgeWriter,
    BadAgeKey,
    WrongAgeKey,
    new_identity,
    open_age,
    recipient_of,
)

IDENTITY = new_identity()
RECIPIENT = recipient_of(IDENTITY)
CHUNK = 64 * 1024  # of the age format
PLAIN = random.Random(7).randbytes(5 * CHUNK + 1234)


@pytest.fixture(autouse=True)
def no_thread_is_left():
    yield
    assert [thread.name for thread in threading.enumerate() if thread.name.startswith("age-")] == []


@pytest.fixture
def sealed(tmp_path) -> Path:
    path = tmp_path / "sealed.age"
    with AgeWriter(path, [RECIPIENT]) as out:
        out.write(PLAIN)
    return path


def read(path, **options) -> bytes:
    with open_age(path, IDENTITY, **options) as plain:
        return plain.read()


def read_until_it_fails(path, expected=AgeFileAltered) -> bytes:
    """What a reader of small pieces got before the error."""
    got = bytearray()

    def read_all():
        with open_age(path, IDENTITY) as plain:
            while piece := plain.read(4096):
                got.extend(piece)

    with pytest.raises(expected):
        read_all()
    return bytes(got)


def write(path, pieces) -> None:
    with AgeWriter(path, [RECIPIENT]) as out:
        for piece in pieces:
            out.write(piece)


@pytest.mark.parametrize("size", [0, 1, CHUNK - 1, CHUNK, CHUNK + 1, (1 << 20) - 1, 1 << 20, 3_000_000])
def test_what_was_written_in_uneven_pieces_is_read_back(tmp_path, size):
    plain = random.Random(size).randbytes(size)
    path = tmp_path / "a.age"
    with AgeWriter(path, [RECIPIENT]) as out:
        start = 0
        for length in (0, 1, 17, 70_000, 1_500_000, size):
            assert out.write(plain[start : start + length]) == len(plain[start : start + length])
            start += length
        out.write(memoryview(plain)[start:])
    assert read(path) == plain
    assert pyrage.decrypt(path.read_bytes(), [pyrage.x25519.Identity.from_str(IDENTITY)]) == plain


def test_tells_hash_and_size_of_the_sealed_file(tmp_path):
    with AgeWriter(tmp_path / "a.age", [RECIPIENT]) as out:
        out.write(PLAIN)
    sealed = (tmp_path / "a.age").read_bytes()
    assert (out.sha256, out.size) == (hashlib.sha256(sealed).hexdigest(), len(sealed))


def test_file_is_readable_by_its_owner_only_even_under_a_loose_umask(tmp_path):
    earlier = os.umask(0)
    try:
        with AgeWriter(tmp_path / "a.age", [RECIPIENT]) as out:
            out.write(b"x")
            assert stat.S_IMODE((tmp_path / "a.age.part").stat().st_mode) == 0o600
    finally:
        os.umask(earlier)
    assert stat.S_IMODE((tmp_path / "a.age").stat().st_mode) == 0o600


def test_nothing_clear_is_on_disk_while_writing(tmp_path):
    with AgeWriter(tmp_path / "a.age", [RECIPIENT]) as out:
        for _ in range(40):
            out.write(b"CANARY-0707614286" * 10_000)
        assert [file.name for file in tmp_path.iterdir()] == ["a.age.part"]
        assert b"CANARY" not in (tmp_path / "a.age.part").read_bytes()
    assert b"CANARY" not in (tmp_path / "a.age").read_bytes()


def test_each_recipient_can_open_and_nobody_else(tmp_path):
    second, stranger = new_identity(), new_identity()
    with AgeWriter(tmp_path / "a.age", [RECIPIENT, recipient_of(second)]) as out:
        out.write(PLAIN)
    for identity in (IDENTITY, second):
        with open_age(tmp_path / "a.age", identity) as plain:
            assert plain.read() == PLAIN
    with pytest.raises(WrongAgeKey):
        open_age(tmp_path / "a.age", stranger)


@pytest.mark.parametrize("cut", [1, 16, CHUNK, 2 * CHUNK + 16, len(PLAIN)])
def test_truncated_file_is_an_error_and_what_came_before_is_genuine(sealed, cut):
    sealed.write_bytes(sealed.read_bytes()[:-cut])
    got = read_until_it_fails(sealed)
    assert PLAIN.startswith(got)
    assert len(got) < len(PLAIN)


def test_file_cut_exactly_between_two_chunks_is_an_error(sealed):
    whole = sealed.read_bytes()
    last = len(PLAIN) % CHUNK + 16
    sealed.write_bytes(whole[:-last])
    with pytest.raises(AgeFileAltered):
        read(sealed)


def test_file_cut_within_its_header_is_an_error(sealed):
    whole = sealed.read_bytes()
    for length in (0, 1, 21, 60, 150):
        sealed.write_bytes(whole[:length])
        with pytest.raises((AgeFileAltered, WrongAgeKey)):
            read(sealed)


def test_appended_bytes_are_an_error(sealed):
    sealed.write_bytes(sealed.read_bytes() + b"x")
    with pytest.raises(AgeFileAltered):
        read(sealed)


def test_every_flipped_bit_is_an_error_and_never_a_value(sealed):
    whole = sealed.read_bytes()
    places = [*range(420), *random.Random(1).sample(range(420, len(whole)), 60), len(whole) - 1]
    for place in places:
        broken = bytearray(whole)
        broken[place] ^= 1 << (place % 8)
        sealed.write_bytes(broken)
        assert PLAIN.startswith(read_until_it_fails(sealed, (AgeFileAltered, WrongAgeKey)))


def test_swapped_chunks_are_an_error(sealed):
    whole = sealed.read_bytes()
    end = len(whole) - (len(PLAIN) % CHUNK + 16)
    size = CHUNK + 16
    first, second = whole[end - 2 * size : end - size], whole[end - size : end]
    sealed.write_bytes(whole[: end - 2 * size] + second + first + whole[end:])
    with pytest.raises(AgeFileAltered):
        read(sealed)


def test_with_its_hash_an_altered_file_gives_out_nothing_at_all(sealed):
    known = hashlib.sha256(sealed.read_bytes()).hexdigest()
    assert read(sealed, sha256=known) == PLAIN
    sealed.write_bytes(sealed.read_bytes()[:-1])
    with pytest.raises(AgeFileAltered):
        open_age(sealed, IDENTITY, sha256=known)


def test_with_its_hash_a_file_sealed_by_somebody_else_is_refused(sealed):
    known = hashlib.sha256(sealed.read_bytes()).hexdigest()
    with AgeWriter(sealed, [RECIPIENT]) as out:  # the public key is all a forger needs
        out.write(PLAIN)
    assert read(sealed) == PLAIN
    with pytest.raises(AgeFileAltered):
        open_age(sealed, IDENTITY, sha256=known)


def test_exception_in_the_block_leaves_no_file_and_keeps_the_earlier_one(tmp_path, sealed):
    before = sealed.read_bytes()

    def pieces(size):
        yield bytes(size)
        raise ZeroDivisionError

    for size in (0, 10, 5_000_000):
        with pytest.raises(ZeroDivisionError):
            write(sealed, pieces(size))
    assert [file.name for file in tmp_path.iterdir()] == ["sealed.age"]
    assert sealed.read_bytes() == before


def test_closing_or_dropping_an_unfinished_writer_leaves_no_file(tmp_path):
    writer = AgeWriter(tmp_path / "a.age", [RECIPIENT])
    writer.write(PLAIN * 20)
    writer.close()
    dropped = AgeWriter(tmp_path / "b.age", [RECIPIENT])
    dropped.write(PLAIN * 20)
    del dropped
    assert list(tmp_path.iterdir()) == []


class FullDisk:
    """Stands in for the part file: the disk is full after `room` bytes."""

    def __init__(self, file, room):
        self._file, self._room = file, room

    def write(self, data):
        if self._room < len(data):
            raise OSError(28, "No space left on device")
        self._room -= len(data)
        return self._file.write(data)

    def __getattr__(self, name):
        return getattr(self._file, name)


@pytest.mark.parametrize("room", [0, 300, 3_000_000])
def test_full_disk_is_told_and_never_hangs(tmp_path, room, monkeypatch):
    import crypto.agefile as agefile

    real = agefile._open_part
    monkeypatch.setattr(agefile, "_open_part", lambda part: FullDisk(real(part), room))
    with pytest.raises(OSError, match="No space left"):
        write(tmp_path / "a.age", [bytes(500_000)] * 50)
    assert list(tmp_path.iterdir()) == []


def test_writer_killed_in_the_middle_leaves_no_final_file_and_the_next_one_succeeds(tmp_path):
    path = tmp_path / "a.age"
    program = (
        "import sys; from crypto.agefile import AgeWriter\n"
        "with AgeWriter(sys.argv[1], [sys.argv[2]]) as out:\n"
        "    for _ in range(8): out.write(b'CANARY' * 500_000)\n"
        "    print('written', flush=True); sys.stdin.read()\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", program, path, RECIPIENT], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as process:
        assert process.stdout.readline() == b"written\n"
        with pytest.raises(AgeFileBusy):
            AgeWriter(path, [RECIPIENT])
        process.send_signal(signal.SIGKILL)
    assert [file.name for file in tmp_path.iterdir()] == ["a.age.part"]
    assert b"CANARY" not in (tmp_path / "a.age.part").read_bytes()
    with AgeWriter(path, [RECIPIENT]) as out:
        out.write(PLAIN)
    assert [file.name for file in tmp_path.iterdir()] == ["a.age"]
    assert read(path) == PLAIN


def test_reader_may_stop_early_or_be_dropped(tmp_path):
    with AgeWriter(tmp_path / "a.age", [RECIPIENT]) as out:
        for _ in range(40):
            out.write(PLAIN)
    with open_age(tmp_path / "a.age", IDENTITY) as plain:
        assert plain.read(10) == PLAIN[:10]
    dropped = open_age(tmp_path / "a.age", IDENTITY)
    dropped.read(10)
    del dropped


def test_after_the_end_the_reader_keeps_saying_so_and_after_a_flaw_it_keeps_failing(sealed):
    with open_age(sealed, IDENTITY) as plain:
        plain.read()
        assert plain.read() == plain.read(1) == b""
    with AgeWriter(sealed, [RECIPIENT]) as out:
        out.write(PLAIN * 8)
    sealed.write_bytes(sealed.read_bytes()[:-1])
    with open_age(sealed, IDENTITY) as plain:
        assert plain.read(1000) == PLAIN[:1000]
        for _ in range(3):
            with pytest.raises(AgeFileAltered):
                plain.read()


def test_memory_is_flat_in_the_size_of_the_file(tmp_path):
    piece = bytes(1 << 20)
    tracemalloc.start()
    try:
        with AgeWriter(tmp_path / "a.age", [RECIPIENT]) as out:
            for _ in range(60):
                out.write(piece)
        with open_age(tmp_path / "a.age", IDENTITY) as plain:
            total = sum(len(part) for part in iter(lambda: plain.read(1 << 20), b""))
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert total == 60 << 20
    assert peak < 12 << 20


def test_texts_that_are_no_keys_are_refused_without_being_quoted(tmp_path):
    for attempt in (
        lambda: recipient_of("AGE-SECRET-KEY-1NOTONE"),
        lambda: AgeWriter(tmp_path / "a.age", ["AGE-SECRET-KEY-1NOTONE"]),
        lambda: AgeWriter(tmp_path / "a.age", []),
    ):
        with pytest.raises(BadAgeKey) as caught:
            attempt()
        assert "NOTONE" not in str(caught.value)
    assert list(tmp_path.iterdir()) == []


def test_writing_after_the_end_is_refused(tmp_path):
    with AgeWriter(tmp_path / "a.age", [RECIPIENT]) as out:
        out.write(b"x")
    with pytest.raises(ValueError):
        out.write(b"y")
