"""Readers of SAS transport 8 and SPSS system files, written from their published layouts, to read ours by.

SAS: "Record Layout of a SAS Version 8 or 9 Data Set in SAS Transport Format". SPSS: the system file format as the
developers' guide of PSPP has it. They read what our files use, and nothing else: anything else raises.
"""

import struct
from dataclasses import dataclass, field
from typing import Any

Value = float | str | None


@dataclass
class Read:
    """What a file says: names in order; by name the label, value labels and measure; rows, None for missing."""

    dataset: str = ""
    times: list[str] = field(default_factory=list)
    names: list[str] = field(default_factory=list)
    labels: dict[str, str] = field(default_factory=dict)
    value_labels: dict[str, dict[Value, str]] = field(default_factory=dict)
    measures: dict[str, str] = field(default_factory=dict)
    rows: list[tuple[Value, ...]] = field(default_factory=list)


# --- SAS transport, version 8: records of 80 bytes, numbers as IBM's floating point ------------------------


def read_xpt(data: bytes) -> Read:
    assert len(data) % 80 == 0
    found, places = Read(), []
    assert _is_header(data, 0, "LIBV8")
    found.times += [data[144:160].decode(), data[160:176].decode()]
    assert _is_header(data, 240, "MEMBV8")
    assert _is_header(data, 320, "DSCPTV8")
    found.dataset = data[408:440].decode().rstrip()
    found.times += [data[464:480].decode(), data[480:496].decode()]
    assert _is_header(data, 560, "NAMSTV8")
    count, at = int(data[560 + 48 : 560 + 58]), 640
    for _ in range(count):
        kind, _, length, number = struct.unpack_from(">4h", data, at)
        (position,) = struct.unpack_from(">i", data, at + 84)
        name = data[at + 88 : at + 120].decode().rstrip()
        assert number == len(found.names) + 1
        found.names.append(name)
        found.labels[name] = data[at + 16 : at + 56].decode(errors="ignore").rstrip()
        places.append((kind == 1, position, length))
        at += 140
    at = _whole(at)
    if _is_header(data, at, "LABELV8"):
        at, long = at + 80, int(data[at + 48 : at + 80])
        for _ in range(long):
            number, name_length, label_length = struct.unpack_from(">3h", data, at)
            at += 6
            assert data[at : at + name_length].decode() == found.names[number - 1]
            at += name_length
            found.labels[found.names[number - 1]] = data[at : at + label_length].decode()
            at += label_length
        at = _whole(at)
    assert _is_header(data, at, "OBSV8")
    at, width = at + 80, sum(length for _, _, length in places)
    while at + width <= len(data) and data[at : at + width].strip(b" "):
        row = [(numeric, data[at + position : at + position + length]) for numeric, position, length in places]
        found.rows.append(tuple(_of_ibm(raw) if numeric else raw.decode().rstrip() for numeric, raw in row))
        at += width
    assert data[at:].strip(b" ") == b""
    return found


def _is_header(data: bytes, at: int, name: str) -> bool:
    return data[at : at + 48] == f"HEADER RECORD*******{name:<8}HEADER RECORD!!!!!!!".encode()


def _whole(at: int) -> int:
    return -(-at // 80) * 80


def _of_ibm(raw: bytes) -> float | None:
    """Sign, exponent of 16 in excess of 64, fraction of 56 bits. "." and nothing else is a missing value."""
    if raw == b".\0\0\0\0\0\0\0":
        return None
    size = int.from_bytes(raw[1:]) * 16.0 ** ((raw[0] & 127) - 64) / 2.0**56
    return -size if raw[0] & 128 else size


# --- SPSS system file -------------------------------------------------------------------------------------

_MEASURES = {1: "nominal", 2: "ordinal", 3: "scale"}


def read_sav(data: bytes) -> Read:
    assert data[:4] == b"$FL2"
    layout, _, compressed, _, cases = struct.unpack_from("<5i", data, 64)
    (bias,) = struct.unpack_from("<d", data, 84)
    assert (layout, compressed, bias) == (2, 1, 100.0)
    found, at = Read(times=[data[92:109].decode("ascii")]), 176
    short: dict[int, str] = {}  # place of the first eight bytes -> short name
    widths: list[int] = []
    labels: dict[str, str] = {}
    values: dict[str, dict[Any, str]] = {}
    long_names: dict[str, str] = {}
    measures: list[int] = []
    long_values: dict[str, dict[Value, str]] = {}
    while (record := struct.unpack_from("<i", data, at)[0]) != 999:
        at += 4
        if record == 2:
            width, has_label, missing, _, _ = struct.unpack_from("<5i", data, at)
            assert missing == 0
            name = data[at + 20 : at + 28].decode("ascii").rstrip()
            at += 28
            widths.append(width)
            if width >= 0:
                short[len(widths)] = name
            if has_label:
                (length,) = struct.unpack_from("<i", data, at)
                labels[name] = data[at + 4 : at + 4 + length].decode()
                at += 4 + -(-length // 4) * 4
        elif record == 3:
            (count,) = struct.unpack_from("<i", data, at)
            at, pairs = at + 4, []
            for _ in range(count):
                length = data[at + 8]
                pairs.append((data[at : at + 8], data[at + 9 : at + 9 + length].decode()))
                at += 8 + -(-(length + 1) // 8) * 8
            record, count = struct.unpack_from("<2i", data, at)
            assert record == 4
            for place in struct.unpack_from(f"<{count}i", data, at + 8):
                numeric = widths[place - 1] == 0
                values[short[place]] = {
                    struct.unpack("<d", raw)[0] if numeric else raw.decode().rstrip(): label for raw, label in pairs
                }
            at += 8 + 4 * count
        else:
            assert record == 7
            subtype, size, count = struct.unpack_from("<3i", data, at)
            content = data[at + 12 : at + 12 + size * count]
            at += 12 + size * count
            if subtype == 11:
                measures = list(struct.unpack(f"<{count}i", content)[::3])
            elif subtype == 13:
                long_names = dict(entry.split("=") for entry in content.decode().split("\t") if entry)
            elif subtype == 20:
                assert content == b"UTF-8"
            elif subtype == 21:
                long_values = _long_values(content)
    found.names = [long_names[name] for name in short.values()]
    found.labels = {long_names[name]: label for name, label in labels.items()}
    found.value_labels = {long_names[name]: pairs for name, pairs in values.items()} | long_values
    found.measures = dict(zip(found.names, (_MEASURES[each] for each in measures), strict=True))
    pieces = _uncompressed(data[at + 8 :], bias)
    for _ in range(cases):
        row = []
        for width in widths:
            piece = next(pieces)
            if width == 0:
                row.append(
                    None if piece is None else piece if isinstance(piece, float) else struct.unpack("<d", piece)[0]
                )
            elif width > 0:
                row.append(piece)
            else:
                row[-1] += piece
        found.rows.append(tuple(each.decode().rstrip() if isinstance(each, bytes) else each for each in row))
    assert next(pieces, None) is None
    return found


def _long_values(content: bytes) -> dict[str, dict[Value, str]]:
    found: dict[str, dict[Value, str]] = {}
    at = 0

    def text() -> str:
        nonlocal at
        (length,) = struct.unpack_from("<i", content, at)
        at += 4 + length
        return content[at - length : at].decode().rstrip()

    while at < len(content):
        name = text()
        _, count = struct.unpack_from("<2i", content, at)
        at += 8
        found[name] = {text(): text() for _ in range(count)}
    return found


def _uncompressed(data: bytes, bias: float):
    """Eight bytes of text or of a number, a number, or None for a missing one, as the codes before them say."""
    at = 0
    while at < len(data):
        codes, at = data[at : at + 8], at + 8
        for code in codes:
            if 1 <= code <= 251:
                yield code - bias
            elif code == 252:
                return
            elif code == 253:
                yield data[at : at + 8]
                at += 8
            elif code == 254:
                yield b" " * 8
            elif code == 255:
                yield None
