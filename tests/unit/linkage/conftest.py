import pytest


@pytest.fixture(autouse=True)
def real_codebooks(drawn_codebooks):
    """Here the codebook itself is looked at."""
