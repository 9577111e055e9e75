import pytest

from audit.recording import audited


@pytest.fixture
def witness_folder(settings, tmp_path):
    """A witness of the test's own: without it, the next test's chain would be compared with this one's."""
    settings.WITNESS_DIR = tmp_path
    return tmp_path


@pytest.fixture
def record():
    """`record(3, subjects=[…], number=1)` adds three events."""

    def add(count: int = 1, *, subjects=(), **details) -> None:
        for _ in range(count):
            with audited(by=None) as log:
                log("test.happened", subjects=subjects, **details)

    return add
