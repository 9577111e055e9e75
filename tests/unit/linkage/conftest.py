"""Each codebook is drawn once: WeasyPrint takes a second for a page that many of these tests make."""

from functools import cache

import pytest

from exports.linkage import codebook_page


@pytest.fixture(scope="session", autouse=True)
def each_codebook_drawn_once():
    drawn = codebook_page.codebook_pdf
    codebook_page.codebook_pdf = cache(drawn)
    yield
    codebook_page.codebook_pdf = drawn
