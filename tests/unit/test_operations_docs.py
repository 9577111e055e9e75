"""The pages for operators and reviewers name only what there is: commands, options, settings, headings, tests."""

import re
from functools import cache
from pathlib import Path
from uuid import uuid4

import pytest
from django.core.management import get_commands, load_command_class
from django.urls import resolve, reverse

from tests.unit.config.test_settings import settings_of_the_example

ROOT = Path(__file__).resolve().parents[2]
OPERATORS = [
    *("README.md", "SECURITY.md", "docs/operations.md", "docs/incidents.md", "docs/keys.md", "docs/backups.md"),
    *("docs/audit.md", "docs/sign-in.md", "docs/reliability.md"),
]
PAGES = sorted({*OPERATORS, *(str(path.relative_to(ROOT)) for path in (ROOT / "docs").rglob("*.md"))})
NO_SETTINGS = {
    *("KOM", "VEJKODE", "TYPE", "ANSVARLIG", "SLUT"),  # columns
    *("UPDATE", "DELETE", "TRUNCATE", "VACUUM"),
    *("NAME", "NAME_FILE", "ACCOUNT_RATE_LIMITS", "USERNAME", "FILE", "FOLDER", "ARCHIVE"),
}
HAND_ON = {"match", "comparison"}  # their arguments are the runner's own
WITHOUT_REQUEST = re.compile(r"log_format [^;]*\$(?:request\b|request_uri|uri|http_referer)")


@cache
def text(page: str) -> str:
    return (ROOT / page).read_text()


def commands(page: str) -> list[tuple[str, str]]:
    """(name, what follows it) of each `manage.py NAME …`."""
    return re.findall(r"manage\.py ([a-z_]+)([^`\n|;#]*)", text(page))


def headings(page: str) -> set[str]:
    found = re.findall(r"^#+ (.+)$", text(page), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", each.lower()).replace(" ", "-") for each in found}


@pytest.mark.parametrize("page", PAGES)
def test_every_command_and_option_is_there(page):
    for name, rest in commands(page):
        assert name in get_commands(), name
        parser = load_command_class(get_commands()[name], name).create_parser("manage.py", name)
        if name in HAND_ON:
            continue
        known = {option for action in parser._actions for option in action.option_strings}
        assert set(re.findall(r"(?<!\w)--[a-z][a-z-]*", rest)) <= known, (name, rest)


@pytest.mark.parametrize("page", OPERATORS)
def test_every_setting_is_there(page):
    quoted = re.findall(r"`([A-Z][A-Z_]{2,})(?:=[^`]*)?`", text(page))
    assigned = re.findall(r"^(?:export )?([A-Z][A-Z_]{2,})=", text(page), re.MULTILINE)
    settings = settings_of_the_example().keys()
    assert not {re.sub(r"_FILE$", "", name) for name in [*quoted, *assigned]} - settings - NO_SETTINGS


@pytest.mark.parametrize("page", PAGES)
def test_every_link_leads_to_a_page_and_a_heading(page):
    for target, heading in re.findall(r"(?<!!)\[[^\]]*\]\((?!https?:)([^)#\s]*)(?:#([^)]+))?\)", text(page)):
        path = ((ROOT / page).parent / target).resolve() if target else ROOT / page
        assert path.exists(), target
        assert not heading or heading in headings(str(path.relative_to(ROOT))), (target, heading)


@pytest.mark.parametrize("page", ["SECURITY.md", "docs/reliability.md", "docs/audit.md", "docs/keys.md"])
def test_every_file_that_is_named_is_there(page):
    for name in re.findall(r"`((?:[a-z_]+/)+[a-z_]*(?:\.(?:py|md))?)`", text(page)):
        assert (ROOT / name).exists(), name


def test_the_proxy_of_the_guide_keeps_nothing_in_clear_and_believes_no_client():
    proxy = re.search(r"```nginx\n(.*?)```", text("docs/operations.md"), re.DOTALL)[1]
    for line in (
        "proxy_request_buffering off;", "proxy_max_temp_file_size 0;", "X-Forwarded-Proto $scheme;",
        "X-Forwarded-For $remote_addr;", "ssl_protocols TLSv1.2 TLSv1.3;", "access_log off;",
    ):  # fmt: skip
        assert line in proxy
    assert not WITHOUT_REQUEST.search(proxy)
    assert WITHOUT_REQUEST.search("log_format usual '$remote_addr \"$request\"';")


def test_a_wrong_name_is_found_out(monkeypatch):
    wrong = "`manage.py backup --none`, `NO_SUCH_SETTING`, [x](#nowhere)"
    monkeypatch.setitem(globals(), "text", lambda page: wrong)
    with pytest.raises(AssertionError):
        test_every_command_and_option_is_there("README.md")
    with pytest.raises(AssertionError):
        test_every_setting_is_there("README.md")
    with pytest.raises(AssertionError):
        test_every_link_leads_to_a_page_and_a_heading("README.md")


def test_the_proxy_passes_on_as_it_comes_what_takes_files_and_nothing_else():
    """What it holds in memory must be short, and what it passes on must say no to a stranger before it is read."""
    (pattern,) = re.findall(r"location ~ (\S+) \{", (ROOT / "docs/operations.md").read_text())
    uploads = {
        reverse("exports:extract_new"),
        reverse("spreadsheets:upload"),
        reverse("consent:proof_add", args=[uuid4(), 1]),
    }
    assert all(re.match(pattern, address) and resolve(address).func.csrf_exempt for address in uploads)
    assert not re.match(pattern, reverse("account_login"))
