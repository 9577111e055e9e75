"""Strange requests: what no form of ours would send, and what anybody can.

Values are bytes, as they travel: a browser sends UTF-8, a stranger whatever they like.
"""

import io
import json
import struct
import zipfile
import zlib
from dataclasses import dataclass, field
from urllib.parse import quote_from_bytes

from hypothesis import strategies as st

CANARY = "310299-4993"  # of no day that there is; no answer that is an error, and no log, may quote it

TEXTS = [
    *("", " ", "\0", "a\0b", "\x01\x1b[31m", "\u202eabc\u2066", "\ufeff", "\r\nSet-Cookie: a=b", "ﬃ" * 200, "İ" * 60),
    *("²", "½", "٣", "-1", "0", "1.5", "1e999", "NaN", "Infinity", "0x10", "1_000", "9" * 20, "9" * 5000),
    *(str(2**31), str(2**63)),
    *(str(-(2**63) - 1), "31-02-2020", "31.02.2020", "0000-00-00", "9999-12-31", "10000-01-01", "31.12.9999"),
    *("true", "null", "[]", "{}", '{"a":', '"\\ud800"', "[" * 20_000, '{"a": 1e400}', "[[[0, 1e308], [NaN, 2]]]"),
    *("' OR 1=1 --", "<script>alert(1)</script>", "{{ settings }}", "{% include x %}", "%s%n%(a)s", "{0.__class__}"),
    *("../../etc/passwd", "//evil.example", "https:evil.example", "javascript:alert(1)", "http://[", "x" * 70_000),
    *("=HYPERLINK(1)", "on", "__all__", "00000000-0000-0000-0000-000000000000", "not-a-uuid", "01.01.0001"),
    *(CANARY, CANARY.replace("-", "")),
]  # fmt: skip
BYTES = [b"\xff\xfe\x00", b"\xed\xa0\x80", b"\xc0\x80", b"caf\xe9", b"\xf4\x90\x80\x80", b"\xf0\x9f\x98"]
STRANGE = [*(text.encode() for text in TEXTS), *BYTES]

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters()) | st.sampled_from(TEXTS[:40]),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)
values = (
    st.sampled_from(STRANGE)
    | st.text().map(str.encode)
    | st.integers().map(lambda number: str(number).encode())
    | st.dates().map(lambda day: day.strftime("%d.%m.%Y").encode())
    | st.binary(max_size=40)
    | json_values.map(lambda value: json.dumps(value).encode())
)


# --- Files ----------------------------------------------------------------------------------------------


def zipped(**parts: bytes) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name.replace("__", "/"), content)
    return target.getvalue()


def png(width: int, height: int, content: bytes = b"") -> bytes:
    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + head + chunk(b"IDAT", zlib.compress(content)) + chunk(b"IEND", b"")


_LOL = b'<!DOCTYPE l [<!ENTITY a "lol"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]><workbook>&b;</workbook>'
FILES = [
    *(b"", b"\0", b"\xff\xd8\xff", b"%PDF-1.7", b"%PDF-1.7\n%%EOF", b"PK\x03\x04", b"\xef\xbb\xbf", b'"' * 200_000),
    *(b"<svg onload='alert(1)'/>", b"<html><script>alert(1)</script>", b"a;b\n" * 3000, b";" * 500 + b"\n"),
    b"\0" * 3_000_000,
    *(png(100_000, 100_000), png(10, 10), png(1, 1, b"\0" * 4)[:-9], b"\x00\x00\x00\x18ftypheic"),
    b"CPR\n" + CANARY.encode(),
    *(zipped(a=b"0" * 5_000_000), zipped(xl__workbook_xml=_LOL), zipped()[:-3]),
    zipped(**{"xl__workbook.xml": _LOL, "xl___rels__workbook.xml.rels": b"<Relationships/>"}),
    *(b"{}", b'{"version": 1e999}', json.dumps({"definition": "\ud800"}).encode()),
]  # fmt: skip
NAMES = ["a.csv", "", "a" * 5000, "../../a.csv", "\0.png", "a\r\nb", 'a".csv', "CON", ".", "grå.xlsx", f"{CANARY}.csv"]
files = st.sampled_from(FILES) | st.binary(max_size=200)


# --- Requests -------------------------------------------------------------------------------------------


def urlencoded(pairs: list[tuple[str, bytes]]) -> bytes:
    return b"&".join(f"{quote_from_bytes(name.encode())}={quote_from_bytes(value)}".encode() for name, value in pairs)


def multipart(
    pairs: list[tuple[str, bytes]], uploads: list[tuple[str, str, bytes]], boundary: bytes = b"grens"
) -> bytes:
    def named(text: str) -> bytes:
        return text.replace("\\", "\\\\").replace('"', '\\"').encode()

    parts = [b'Content-Disposition: form-data; name="%s"\r\n\r\n%s' % (named(name), value) for name, value in pairs]
    parts += [
        b'Content-Disposition: form-data; name="%s"; filename="%s"\r\nContent-Type: text/csv\r\n\r\n%s'
        % (named(name), named(called), content)
        for name, called, content in uploads
    ]
    return b"".join(b"--%s\r\n%s\r\n" % (boundary, part) for part in parts) + b"--%s--\r\n" % boundary


FORM, PARTS = "application/x-www-form-urlencoded", "multipart/form-data; boundary=grens"
KINDS = [
    *(FORM, PARTS, "multipart/form-data", "multipart/form-data; boundary=", "multipart/form-data; boundary=\xe6"),
    *("multipart/form-data; boundary=other", "application/json", "text/plain", "", ";;;", "a/b; charset"),
    *(f"{kind}; charset={name}" for kind in (FORM, PARTS) for name in ("hex", "utf-16", "utf-7", "idna", "x")),
    *("text/plain; charset*=hex''a", "text/plain; charset*=nothing''a", f"{FORM}; charset=iso-8859-1"),
]  # fmt: skip
_PART = b"--grens\r\n%s\r\n\r\nx\r\n--grens--\r\n"
BROKEN_PARTS = [
    *(b"--grens", b"--grens--", b"--grens\r\n\r\n", b"--grens\r\n\r\n\r\n--grens--", b"\r\n" * 500),
    b"--grens\r\n" * 300,
    _PART % b"Content-Disposition: form-data",
    _PART % b"Content-Disposition: form-data; name*=hex''61",
    _PART % b"Content-Disposition: form-data; name*=nothing''61; filename*=utf-8''%00%ff",
    _PART % b"Content-Disposition: form-data; name*0*=utf-8''a; name*2=b; name*1",
    _PART % b'Content-Disposition: form-data; name="file"; filename="a"\r\nContent-Type: text/plain; charset=hex',
    _PART % b'Content-Disposition: form-data; name="file"; filename="a"\r\nContent-Type: multipart/mixed; boundary=b',
    _PART % b'Content-Disposition: form-data; name="file"; filename="a"\r\nContent-Length: -1',
    _PART % b'Content-Disposition: form-data; name="name"\r\nContent-Transfer-Encoding: base64',
    _PART % b'Content-Disposition: form-data; name="name"\r\nContent-Transfer-Encoding: quoted-printable',
    _PART % (b"A" * 20_000),
]  # fmt: skip
_COOKIES = [
    *("sessionid=", 'sessionid="\\000abcdefghijkl"', "sessionid=" + "x" * 4000, "=;=;;", "a" * 9000, "csrftoken=\xe6"),
    *('django_language="\\000"', "django_language=../../etc", 'messages="\\000"', "messages=[["),
]
_ODD = {
    "host": ("", "evil.example", "localhost:99999", "[::1", "a b", "\xe6", "localhost/../"),
    "accept-language": ("xx", "en;q=2", "da" * 3000, "*", ";;,,", "en-\0", "zh-Hant-" + "a" * 600),
    "range": ("bytes=0-0", "bytes=-1", "bytes=9-1", "items=1", "bytes=" + "0-1," * 500),
    "origin": ("null", "http://[", "https://evil.example", "\xe6"),
    "referer": ("http://[", "x" * 5000, "https://evil.example/"),
    "cookie": _COOKIES,
    "x-forwarded-for": ("1.2.3", "::", "a, b", "\0"),
    "authorization": ("Basic \xe6",),
    "x-csrftoken": ("x",),
    **dict.fromkeys(("if-none-match", "if-modified-since", "if-match"), ("*", '"a"', "x, y", "0")),
}
_HTMX = ("hx-target", "hx-current-url", "hx-current-url-uri-autoencoded", "hx-boosted", "triggering-event")
HEADERS = [{name: value} for name, odd in _ODD.items() for value in odd]
HEADERS += [
    {"hx-request": "true", name: value}
    for name in _HTMX
    for value in ("true", "http://[", "%ff%00", "{", "https://e.x/")
]


@dataclass
class Wanted:
    """One request, as bytes."""

    method: str
    path: str
    query: bytes = b""
    body: bytes = b""
    kind: str = FORM
    headers: dict[str, str] = field(default_factory=dict)
