"""A walk through every page in Chromium: nothing is asked of another host, no policy is broken, no script fails."""

import contextlib

import pytest
from django.urls import resolve, reverse
from playwright.sync_api import Error

from accounts.permissions import Role
from tests.factories.access_house import make_common, make_house
from tests.factories.access_table import OK, ROLES, TABLE
from tests.factories.cast import make_activity, make_participant, make_plan, make_user
from tests.plugins.browser import DESKTOP, button

PDF = "consent:text_pdf"  # Chromium's own viewer is an extension that loads itself
pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]


def test_every_page_is_of_this_site_alone(visit):
    """`open_browser` hears what goes wrong, and fails the test at its end."""
    controller = make_user(Role.CONTROLLER)
    house = make_house(controller)
    users, ids = house.users | {"controller": controller}, house.ids | make_common(controller)
    for role, user in users.items():
        page = visit(user, DESKTOP)
        for entry in TABLE:
            path = reverse(entry.name, args=ids[entry.about])
            asked = "GET" in getattr(resolve(path).func, "methods", ()) and entry.name != PDF
            if asked and entry.statuses[ROLES.index(role)] == OK:
                with contextlib.suppress(Error):  # a file to be saved is no page, and is told so
                    page.goto(path, wait_until="load")


def test_after_signing_out_the_way_back_shows_nobody(visit):
    activity = make_activity(make_plan())
    person = make_participant(activity)
    page = visit(activity.responsible, DESKTOP)
    page.goto(reverse("consent:participant", args=[person.pk]))
    name = page.locator("h1").inner_text()
    page.goto(reverse("consent:participants"))
    button(page, "Log ud").click()
    page.wait_for_url("**/log-ind/**")
    page.go_back()
    assert page.url.endswith(f"{reverse('account_login')}?next={reverse('consent:participants')}")
    page.go_back()
    assert name not in page.content()
