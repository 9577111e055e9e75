"""Scans and photos of signed forms: what is taken, judged by content, and what of it is kept.

A picture is decoded and drawn anew, so that nothing but what can be seen is kept: no place, no time, no camera. A PDF
is kept as it is, for nobody but its maker can say what may be left out of it.
"""

import io
import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from threading import Lock

from PIL import Image, ImageOps

MOST_BYTES = 15 * 1024 * 1024
MOST_PIXELS = 64_000_000  # 600 MB while one is drawn; the largest pictures of ordinary phones have 50 million
MOST_PASSES = 40  # over the whole picture, of a JPEG that comes into focus; programs make about ten
LONGEST_SIDE = 3508  # of A4 at 300 dots an inch
_TAIL = 2048
MOST_PACKED = 32 * 1024 * 1024  # of a PDF's objects, unpacked; those of an ordinary scan take some kilobytes


def _named(*names: str) -> re.Pattern[bytes]:
    """Names in a PDF, any sign of which may be written as its number: /J#61vaScript (ISO 32000-1, 7.3.5)."""
    spelt = ["".join(f"(?:{sign}|#(?i:{ord(sign):02x}))" for sign in name) for name in names]
    return re.compile(f"/(?:{'|'.join(spelt)})".encode())


_LOCKED, _ACTIVE, _OBJECTS = _named("Encrypt"), _named("JavaScript", "Launch", "EmbeddedFile"), _named("ObjStm")
_STREAM = re.compile(rb"(?<!end)stream\r?\n")
_DICTIONARY = 500  # bytes before a stream in which it is said what it holds
_AT_ONCE = 4096  # bytes to unpack: what follows the end of a stream is copied, of each of perhaps a million
_one_at_a_time = Lock()  # each takes memory, and anybody may send small files that become large pictures


class ScanRefused(Exception):
    """`code`: empty, too_large, heic, unknown_type, too_many_pixels, broken, pdf_locked, pdf_active."""

    def __init__(self, code: str):
        super().__init__(code)
        self.code = code


@dataclass(frozen=True, repr=False)
class Scan:
    media_type: str
    content: bytes


def read_scan(content: bytes) -> Scan:
    """What is to be kept of an uploaded file. Raises ScanRefused."""
    if not content:
        raise ScanRefused("empty")
    if len(content) > MOST_BYTES:
        raise ScanRefused("too_large")
    if content.startswith(b"%PDF-"):
        return _pdf(content)
    if content.startswith((b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n")):
        if content.count(b"\xff\xda") > MOST_PASSES:  # would keep the process busy for minutes
            raise ScanRefused("broken")
        with _one_at_a_time:
            return Scan("image/jpeg", _drawn_anew(content))
    if content[4:8] == b"ftyp" and content[8:12] in (b"heic", b"heix", b"heim", b"heis", b"hevc", b"mif1", b"msf1"):
        raise ScanRefused("heic")
    raise ScanRefused("unknown_type")


def _pdf(content: bytes) -> Scan:
    """As far as it can be told without a PDF reader; it is never opened here, and never shown inside a page."""
    if b"%%EOF" not in content[-_TAIL:]:
        raise ScanRefused("broken")
    if _LOCKED.search(content):
        raise ScanRefused("pdf_locked")
    for part in [content, *_packed_objects(content)]:
        if _ACTIVE.search(part):
            raise ScanRefused("pdf_active")
    return Scan("application/pdf", content)


def _packed_objects(content: bytes) -> Iterator[bytes]:
    """The object streams of a PDF (ISO 32000-1, 7.5.7), in which anything but pictures and pages may be hidden."""
    left = MOST_PACKED
    for found in _STREAM.finditer(content):
        if not _OBJECTS.search(content, max(found.start() - _DICTIONARY, 0), found.start()):
            continue
        part, unpack = bytearray(), zlib.decompressobj()
        try:
            for at in range(found.end(), len(content), _AT_ONCE):
                part += unpack.decompress(content[at : at + _AT_ONCE])
                if unpack.eof or len(part) > left:
                    break
        except zlib.error:
            raise ScanRefused("broken") from None
        left -= len(part)
        if left < 0:
            raise ScanRefused("broken")
        yield bytes(part)


def _drawn_anew(content: bytes) -> bytes:
    try:
        with Image.open(io.BytesIO(content), formats=["JPEG", "PNG"]) as picture:
            picture.verify()
        with Image.open(io.BytesIO(content), formats=["JPEG", "PNG"]) as picture:
            if picture.width * picture.height > MOST_PIXELS:
                raise ScanRefused("too_many_pixels")
            picture.draft("RGB", (LONGEST_SIDE, LONGEST_SIDE))  # a JPEG is decoded no larger than needed
            ImageOps.exif_transpose(picture, in_place=True)
            picture.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
            return _as_jpeg(picture)
    except ScanRefused:
        raise
    except Image.DecompressionBombError:
        raise ScanRefused("too_many_pixels") from None
    except Exception:  # Pillow's readers raise whatever the broken bytes make them stumble over
        raise ScanRefused("broken") from None


def _as_jpeg(picture: Image.Image) -> bytes:
    """On white, on a canvas of its own: what hangs on the picture besides its pixels stays behind."""
    canvas = Image.new("RGB", picture.size, "white")
    if picture.has_transparency_data:
        picture = picture.convert("RGBA")
        canvas.paste(picture, mask=picture)
    else:
        canvas.paste(picture.convert("RGB"))
    target = io.BytesIO()
    canvas.save(target, "JPEG", quality=85, optimize=True)
    return target.getvalue()
