"""The browser of the tests reaches the site and nothing else, and hears of what goes wrong in a page."""

import pytest
from playwright.sync_api import Error

from tests.plugins.browser import assert_accessible


@pytest.fixture
def troubles(open_browser):
    """What was heard; emptied at the end, because here it was asked for."""
    yield open_browser.troubles
    open_browser.troubles.clear()


def test_a_request_off_the_site_is_stopped_and_heard(page, troubles):
    with pytest.raises(Error, match="ERR_NAME_NOT_RESOLVED"):
        page.goto("http://192.0.2.1/")  # RFC 5737: an address for documentation
    assert troubles == ["request off the site: http://192.0.2.1/"]


def test_what_the_content_security_policy_forbids_is_heard(page, troubles):
    page.goto("/")
    with page.expect_console_message():
        page.evaluate("document.body.insertAdjacentHTML('beforeend', '<p style=\"color: red\">red</p>')")
    assert any("Content Security Policy" in trouble for trouble in troubles)


def test_a_script_error_is_heard(page, troubles):
    page.goto("/")
    with page.expect_event("pageerror"):
        page.evaluate("setTimeout(() => { throw new Error('broken') })")
    assert any("broken" in trouble for trouble in troubles)


def test_an_inaccessible_page_is_found(page):
    page.goto("/")
    assert_accessible(page)
    page.evaluate("document.querySelectorAll('label').forEach(label => label.remove())")
    with pytest.raises(AssertionError, match="label"):
        assert_accessible(page)
