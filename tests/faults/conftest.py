import pytest

from tests.faults.running import Running
from tests.faults.site import Site


@pytest.fixture(scope="session")
def whole_site():
    site = Site()
    yield site
    site.close()


@pytest.fixture
def site(whole_site):
    """The site with two workers that wait for work."""
    whole_site.start_workers()
    yield whole_site
    for left in whole_site.points.iterdir():
        left.unlink()


@pytest.fixture(scope="session")
def running():
    """The whole site with people at work."""
    site = Running()
    try:
        site.open()
        site.is_worked_at(2)
        yield site
    finally:
        site.close()
