"""The job of a comparison group, killed in whatever step: it is done again, once, and leaves nothing behind."""

import os
import signal

import pytest

pytestmark = pytest.mark.slow

FAMILIES = 60
STEPS = {
    "prepare": ["persons", "draw_units", "codes", "freeze", "ledger", "describe", "check"],
    "build": ["check", "data_file"],
}
POINTS = [
    *(f"{kind}:{step}:begun" for kind, steps in STEPS.items() for step in steps),
    "prepare:ledger:confirm",
    *(f"{kind}:{steps[-1]}:{what}" for kind, steps in STEPS.items() for what in ("confirm", "placed", "end")),
]
PICTURES = [f"{name}-{language}.svg.age" for name in ("flow", "love") for language in ("da", "en")]
FILES = {"prepared": PICTURES, "built": ["evaluator.zip.age", *PICTURES]}


@pytest.fixture(scope="module")
def extract(whole_site):
    return whole_site.do("load_list", FAMILIES)


@pytest.fixture(scope="module")
def built(whole_site, extract):
    """A group that was built undisturbed, and the SHA-256 of its files."""
    whole_site.start_workers()
    delivery = whole_site.do("request_group", whole_site.projects[0], extract)
    whole_site.until(delivery, "prepared")
    whole_site.do("approve", delivery)
    whole_site.until(delivery, "built")
    return delivery, whole_site.do("members_of", delivery)


def check(site, delivery, state: str, ledger: tuple[int, int, int] = (FAMILIES, FAMILIES, 0)) -> None:
    assert site.do("state", delivery)[0] == state
    assert site.do("open_jobs", delivery) == 0
    assert site.do("files_of", delivery) == sorted([f"frozen-{site.do('set_of', delivery)}.age", *FILES[state]])
    assert site.do("clear_files") == []
    assert site.do("in_ledger", delivery) == ledger
    assert site.do("audit_faults") == []


@pytest.mark.parametrize("point", POINTS)
def test_a_process_killed_with_9_loses_nothing(site, extract, built, point):
    kind = point.partition(":")[0]
    site.stop_at(point)
    if kind == "prepare":  # drawn anew, in a project without a group
        delivery = site.do("request_group", site.do("new_project"), extract)
    else:
        site.do("build_again", delivery := built[0])
    os.kill(site.stopped(), signal.SIGKILL)
    state = {"prepare": "prepared", "build": "built"}[kind]
    site.until(delivery, state)
    check(site, delivery, state)
    told = site.do("events", delivery)
    if kind == "prepare":
        assert told.count("delivery.prepared") == 1
    else:
        assert told.count("delivery.built") == told.count("delivery.built_again") + 1
        assert site.do("members_of", delivery) == built[1]


@pytest.mark.parametrize("point", ["prepare:ledger:confirm", "prepare:check:placed"])
def test_a_built_group_is_prepared_again_of_itself_and_nobody_comes_back(site, extract, point):
    project = site.do("new_project")
    site.until(delivery := site.do("request_group", project, extract), "prepared")
    site.do("approve", delivery)
    site.until(delivery, "built")
    everybody = site.do("in_ledger", delivery)[0]
    withdrawn = site.do("withdraw_one", delivery)
    site.people -= 1
    site.built.clear()  # the person is in those
    site.do("raise_k", project)
    site.stop_at(point)
    site.do("build_again", delivery)
    os.kill(site.stopped(), signal.SIGKILL)
    site.until(delivery, "prepared")
    assert site.do("in_ledger", delivery) == (everybody, everybody - 1, 0)
    assert withdrawn not in site.do("in_set", delivery)
    site.do("approve", delivery)
    site.until(delivery, "built")
    check(site, delivery, "built", (everybody, everybody - 1, 0))
