"""Codebooks to print: drawing one takes WeasyPrint most of the time of a delivery, and few tests look at it.

A delivery gets a stand-in that only tells one page from another. Tests that are about the PDF ask for
`drawn_codebooks`; other processes of the site draw theirs in any case.
"""

from functools import cache
from hashlib import sha256

import pytest

from exports.linkage import codebook_page

drawn = cache(codebook_page.codebook_pdf)


def _stand_in(html: str) -> bytes:
    return b"%PDF-1.7\n%" + sha256(html.encode()).hexdigest().encode() + b"\n%%EOF\n"


@pytest.fixture(scope="session", autouse=True)
def codebooks_not_drawn():
    codebook_page.codebook_pdf = _stand_in


@pytest.fixture
def drawn_codebooks(monkeypatch):
    """Codebooks are drawn, each page once in a process."""
    monkeypatch.setattr(codebook_page, "codebook_pdf", drawn)
