"""A colleague is invited, opens their account by the link, and leaves their job again."""

import pytest
from playwright.sync_api import expect

from accounts.models import User
from accounts.permissions import Role
from collection.models import Activity
from tests.factories.cast import PASSWORD, make_activity, make_plan, make_user
from tests.plugins.browser import assert_accessible, assert_fits, button, link, screenshot

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]


def test_a_colleague_is_invited_chooses_a_password_and_leaves_again(live_server, visit, open_browser):
    plan = make_plan("Kvarteret ved Søen")
    karen = make_user(Role.COORDINATOR, plan, name="Karen Lindholm")
    page = visit(karen, 390)
    page.goto("/medarbejdere/")
    link(page, "Invitér en kollega").click()
    page.fill("#id_full_name", "Sofie Bruun")
    page.fill("#id_username", "sofie@plan.example")
    assert_accessible(page)
    screenshot(page, "invite")
    button(page, "Invitér").click()
    address = page.locator(".invitation-link").inner_text()
    assert_accessible(page)
    assert_fits(page)
    screenshot(page, "invited")

    sofie = open_browser(1280)
    sofie.goto(address)
    assert sofie.url.endswith("/invitation/")
    expect(sofie.get_by_role("heading", level=1)).to_have_text("Velkommen til Deltagerdata")
    assert_accessible(sofie)
    screenshot(sofie, "invitation")
    sofie.fill("#id_new_password1", PASSWORD)
    sofie.fill("#id_new_password2", PASSWORD)
    button(sofie, "Gem adgangskoden").click()
    sofie.wait_for_url("**/log-ind/**")
    sofie.goto(address)
    expect(sofie.get_by_role("heading", level=1)).to_have_text("Linket virker ikke")
    screenshot(sofie, "invitation-over")

    user = User.objects.get(username="sofie@plan.example")
    assert user.check_password(PASSWORD)
    make_activity(plan, name="Mødregruppe", responsible=user)
    wide = visit(karen, 1280)
    wide.goto("/medarbejdere/")
    screenshot(wide, "staff")
    page.goto("/medarbejdere/")
    assert_fits(page)
    screenshot(page, "staff")
    link(wide, "Sofie Bruun").click()
    assert_accessible(wide)
    screenshot(wide, "colleague")
    link(wide, "Fratrådt").click()
    assert_accessible(wide)
    screenshot(wide, "leave")
    button(wide, "Luk kontoen").click()
    expect(wide.get_by_text("Sofie Bruun er fratrådt. Kontoen er lukket.")).to_be_visible()
    user.refresh_from_db()
    assert not user.is_active
    assert Activity.objects.get(name="Mødregruppe").responsible == karen


def test_a_data_controller_finds_all_accounts(live_server, visit):
    plan = make_plan("Kvarteret ved Søen")
    make_user(Role.COORDINATOR, plan, name="Karen Lindholm")
    make_user(Role.EVALUATOR, name="Eva Lund")
    for width in (1280, 390):
        page = visit(make_user(Role.CONTROLLER, name="Dorthe Holm"), width)
        page.goto("/konti/")
        assert_accessible(page)
        assert_fits(page)
        screenshot(page, "accounts")
        link(page, "Invitér en kollega").click()
        assert_accessible(page)
        screenshot(page, "account-new")
