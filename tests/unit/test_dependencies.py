"""What a site installs is locked with hashes, has a reason, and a licence that somebody has judged."""

import re

import pytest

from scripts import dependencies
from scripts.dependencies import PAGE, ROOT, UnknownLicence, licence, locked, reasons


def test_the_page_of_dependencies_is_what_is_locked():
    assert PAGE.read_text() == dependencies.page()


@pytest.mark.parametrize("name", ["requirements", "requirements-dev", "requirements-spark", "requirements-supply"])
def test_each_package_asked_for_has_its_reason_and_is_locked_with_hashes(name):
    source, lock = (ROOT / f"{name}.in").read_text(), (ROOT / f"{name}.txt").read_text()
    asked = re.findall(r"^([A-Za-z0-9._-]+)[\[=<>]|^([A-Za-z0-9._-]+)\s", source, re.MULTILINE)
    names = {dependencies.normal(first or second) for first, second in asked if not (first or second).startswith("-")}
    assert names
    assert names == set(reasons(source))
    assert names <= set(locked(lock))
    packages = re.split(r"(?m)^(?=[a-z0-9])", lock)
    assert all("--hash=sha256:" in package for package in packages if "==" in package)


def test_a_licence_that_nobody_has_judged_fails(monkeypatch):
    monkeypatch.setattr(dependencies, "metadata", lambda name: {"License-Expression": "AGPL-3.0-only"})
    with pytest.raises(UnknownLicence):
        licence("something")
