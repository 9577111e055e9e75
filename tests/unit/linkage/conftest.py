import pytest

from exports.linkage import codebook_page
from tests.plugins.codebooks import drawn


@pytest.fixture(scope="module", autouse=True)
def codebooks_drawn_here():
    """For the fixtures of these modules too: here the codebook itself is looked at."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(codebook_page, "codebook_pdf", drawn)
        yield
