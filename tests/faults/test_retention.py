"""The job that erases a plan's people on their day, killed with -9: it goes on with whoever is left, told once."""

import os
import signal
import time

import pytest

pytestmark = pytest.mark.slow
PEOPLE = 1100  # three transactions
POINTS = [
    "erase:erase_people:begun",
    "erase:erase_people:confirm",
    "erase:erase_people:rows",
    "erase:certify:begun",
    "erase:certify:confirm",
    "erase:certify:end",
]


@pytest.mark.parametrize("point", POINTS)
def test_the_erasing_of_a_plan_that_is_killed_with_9_goes_on_and_is_certified_once(site, point):
    site.stop_at(point)
    certificate = site.do("due", PEOPLE)
    os.kill(site.stopped(), signal.SIGKILL)

    def ended() -> bool:
        site.do("sweep")
        time.sleep(0.2)
        return site.do("ended", certificate)

    site.wait(ended)
    assert site.do("left", certificate) == (0, PEOPLE, PEOPLE, True, 0)
    assert site.do("audit_faults") == []
