"""Scans and photos of signed forms: judged by content, and nothing kept of a picture but what can be seen."""

import io
import struct
import zlib
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, PngImagePlugin

from consent import scans
from consent.scans import LONGEST_SIDE, MOST_BYTES, ScanRefused, read_scan

pytestmark = pytest.mark.filterwarnings("ignore:.*(exceeds limit|Truncated|Corrupt EXIF|image file could be)")
PLACE = "55.6761 N, 12.5683 E"
PDF = b"%PDF-1.7\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"


def packed(objects: bytes) -> bytes:
    """A stream of objects, as newer programs write them."""
    content = zlib.compress(objects)
    return b"2 0 obj<</Type/ObjStm/N 1/First 4/Filter/FlateDecode/Length %d>>stream\r\n%s\r\nendstream endobj\n" % (
        len(content),
        content,
    )


def picture(size=(60, 40), mode="RGB", colour="white") -> Image.Image:
    return Image.new(mode, size, colour)


def saved(image: Image.Image, kind: str, **options) -> bytes:
    target = io.BytesIO()
    image.save(target, kind, **options)
    return target.getvalue()


def photo() -> bytes:
    """As a phone makes it: turned on its side, with place, time, maker, thumbnail and a comment."""
    image = picture()
    image.paste("black", (0, 0, 20, 40))  # the left third
    exif = Image.Exif()
    exif[0x0112] = 6  # shown turned a quarter to the right
    exif[0x010F], exif[0x0132] = "Telefonfabrikken", "2016:02:03 10:11:12"
    exif.get_ifd(0x8825).update({1: "N", 2: (55.0, 40.0, 34.0), 29: PLACE})
    return saved(image, "JPEG", exif=exif, comment=f"taget ved {PLACE}".encode(), xmp=f"<x>{PLACE}</x>".encode())


def refusal(content: bytes) -> str:
    with pytest.raises(ScanRefused) as refused:
        read_scan(content)
    return refused.value.code


def test_a_photo_keeps_what_can_be_seen_and_nothing_else():
    original = photo()
    assert PLACE.encode() in original
    assert Image.open(io.BytesIO(original)).getexif().get_ifd(0x8825)
    scan = read_scan(original)
    kept = Image.open(io.BytesIO(scan.content))
    assert scan.media_type == "image/jpeg"
    assert not kept.getexif()
    assert set(kept.info) <= {"jfif", "jfif_version", "jfif_unit", "jfif_density"}
    for told in (PLACE.encode(), b"Telefonfabrikken", b"2016:02:03", b"Exif"):
        assert told not in scan.content
    assert kept.size == (40, 60)  # turned as it was shown
    assert kept.convert("L").getpixel((20, 5)) < 60 < 200 < kept.convert("L").getpixel((20, 55))


def test_a_png_loses_its_texts_and_stands_on_white():
    texts = PngImagePlugin.PngInfo()
    texts.add_text("Location", PLACE)
    scan = read_scan(saved(picture(mode="RGBA", colour=(0, 0, 0, 0)), "PNG", pnginfo=texts))
    kept = Image.open(io.BytesIO(scan.content))
    assert kept.format == "JPEG"
    assert kept.getpixel((5, 5)) == (255, 255, 255)
    assert PLACE.encode() not in scan.content


@pytest.mark.parametrize("mode", ["1", "L", "P", "LA", "I;16", "CMYK", "RGB"])
def test_every_way_of_colouring_is_read(mode):
    kind = "JPEG" if mode == "CMYK" else "PNG"
    assert read_scan(saved(picture(mode=mode, colour=0), kind)).media_type == "image/jpeg"


def test_a_large_picture_is_made_no_larger_than_paper_needs():
    kept = Image.open(io.BytesIO(read_scan(saved(picture((5000, 2500)), "JPEG")).content))
    assert kept.size == (LONGEST_SIDE, LONGEST_SIDE // 2)


def bomb(width: int, height: int) -> bytes:
    """A PNG of a few bytes that says it has this many pixels."""

    def chunk(kind: bytes, content: bytes) -> bytes:
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    pixels = zlib.compress(b"\0" * 10_000)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", pixels) + chunk(b"IEND", b"")


def passes(number: int) -> bytes:
    """A JPEG that comes into focus, its last pass repeated."""
    content = saved(picture(), "JPEG", progressive=True)
    last = content[content.rindex(b"\xff\xda") : -2]
    return content[:-2] + last * number + b"\xff\xd9"


def test_a_jpeg_that_is_never_done_is_refused_before_it_is_decoded(monkeypatch):
    """0.4 MB of passes over a large picture take 20 seconds, in which nobody else is answered."""
    assert read_scan(passes(3)).media_type == "image/jpeg"
    monkeypatch.setattr(Image, "open", lambda *_, **__: pytest.fail("decoded"))
    assert refusal(passes(100)) == "broken"


@pytest.mark.parametrize("width, height", [(9_000, 9_000), (60_000, 60_000)])
def test_a_picture_that_would_fill_the_memory_is_refused_before_it_is_decoded(width, height, monkeypatch):
    monkeypatch.setattr(Image.Image, "load", lambda self: pytest.fail("decoded"))
    assert refusal(bomb(width, height)) == "too_many_pixels"


@pytest.mark.parametrize(
    "content, code",
    [
        (b"", "empty"),
        (b"x" * (MOST_BYTES + 1), "too_large"),
        (b"GIF89a" + b"\0" * 50, "unknown_type"),
        (b"<html><script>alert(1)</script>", "unknown_type"),
        (b"MZ\x90\0", "unknown_type"),
        (b"PK\x03\x04", "unknown_type"),
        (b"\0\0\0\x18ftypheic\0\0\0\0", "heic"),
        (b"\0\0\0\x18ftypmif1\0\0\0\0", "heic"),
        (b"\xff\xd8\xff\xe0" + b"nothing", "broken"),
        (b"\x89PNG\r\n\x1a\n" + b"nothing", "broken"),
        (saved(picture((600, 400)), "PNG")[:-200], "broken"),
        (saved(picture((600, 400)).effect_spread(9), "JPEG")[:900], "broken"),
        (PDF[:-6], "broken"),
        (PDF.replace(b"/Root", b"/Encrypt 5 0 R/Root"), "pdf_locked"),
        (PDF.replace(b"/Catalog", b"/Catalog/OpenAction<</S/JavaScript/JS(app.alert)>>"), "pdf_active"),
        (PDF.replace(b"/Catalog", b"/Catalog/OpenAction<</S/J#61vaScr#69pt/JS(app.alert)>>"), "pdf_active"),
        (PDF.replace(b"%%EOF", packed(b"1 0 <</S/JavaScript/JS(app.alert)>>") + b"%%EOF"), "pdf_active"),
        (PDF.replace(b"%%EOF", packed(bytes(scans.MOST_PACKED + 1)) + b"%%EOF"), "broken"),
        (PDF.replace(b"%%EOF", b"<</Type/ObjStm/Filter/ASCIIHexDecode>>stream\n789c>\nendstream\n%%EOF"), "broken"),
    ],
)
def test_what_is_no_readable_form_is_refused_with_its_reason(content, code):
    assert refusal(content) == code


def test_a_pdf_is_kept_as_it_is():
    for content in (PDF, PDF.replace(b"%%EOF", packed(b"1 0 <</Type/Page>>") + b"%%EOF")):
        scan = read_scan(content)
        assert (scan.media_type, scan.content) == ("application/pdf", content)


def test_a_scan_does_not_show_itself():
    assert "PDF-1" not in repr(read_scan(PDF))


@given(st.sampled_from([photo(), saved(picture(), "PNG"), PDF]), st.data())
def test_whatever_happened_to_the_bytes_they_are_read_or_refused(content, data):
    place = data.draw(st.integers(0, len(content) - 1))
    damaged = content[:place] + data.draw(st.binary(max_size=8)) + content[place + data.draw(st.integers(0, 40)) :]
    with suppress(ScanRefused):
        assert read_scan(damaged).media_type in ("image/jpeg", "application/pdf")


def test_every_refusal_has_a_sentence():
    from consent.forms.proofs import REFUSALS, sentence

    source = Path(scans.__file__).read_text()
    codes = {line.split('"')[1] for line in source.splitlines() if "raise ScanRefused(" in line}
    assert codes <= set(REFUSALS)
    assert "15 MB" in sentence("too_large")
