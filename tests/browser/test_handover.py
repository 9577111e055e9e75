"""Somebody leaves: the morning's page shows what waits, and a coordinator hands the work over and lets them go."""

from datetime import date

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from accounts.permissions import Role
from collection.models import Activity, Headcount
from consent.models import ScreenAnswer
from tests.factories.cast import (
    PASSWORD,
    make_activity,
    make_identity,
    make_participant,
    make_plan,
    make_text,
    make_user,
)
from tests.plugins.browser import assert_accessible, screenshot

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]


@pytest.fixture
def plan(live_server):
    return make_plan("Kvarteret ved Søen")


def sign_in(page: Page, user) -> None:
    page.goto("/log-ind/")
    page.fill("#id_login", user.username)
    page.fill("#id_password", PASSWORD)
    page.click("main button[type=submit]")
    page.wait_for_url("**/opgaver/")


def test_a_coordinator_hands_over_the_work_of_who_leaves(plan, page, phone):
    karen = make_user(Role.COORDINATOR, plan, name="Karen")
    lene, sofie = (make_user(Role.STAFF, plan, name=name) for name in ("Lene", "Sofie"))
    cafe = make_activity(plan, responsible=lene, name="Familiecafé", start=date(2016, 2, 1), end=date(2016, 12, 16))
    make_participant(cafe, make_identity())
    advice = make_activity(plan, responsible=lene, name="Åben rådgivning", start=timezone.localdate())
    ScreenAnswer.objects.create(
        activity=advice, text=make_text(), started_by=lene, answer="yes", answered_at=timezone.now()
    )

    sign_in(page, karen)
    assert_accessible(page)
    row = page.get_by_role("row").filter(has_text="Familiecafé")
    expect(row).to_contain_text("Skøn for 2016")
    screenshot(page, "tasks")

    page.get_by_role("link", name="Medarbejdere").first.click()
    page.get_by_role("link", name="Fjern Lene fra planen").click()
    expect(page.locator("main")).to_contain_text("har åbent arbejde og kan ikke fjernes")
    assert_accessible(page)
    page.get_by_role("link", name="Overdrag arbejdet").click()

    expect(page.get_by_role("heading", level=1)).to_have_text("Overdrag arbejdet fra Lene")
    expect(page.get_by_role("link", name="Registrér den, der svarede")).to_be_visible()
    page.get_by_role("button", name="Overdrag arbejdet").click()
    expect(page.locator(".error-summary")).to_contain_text("Vælg, hvem der tager over.")
    expect(page.locator(".error-summary")).to_contain_text("Spørg først.")
    assert_accessible(page)
    page.get_by_role("group", name="Familiecafé").get_by_label("2016").fill("14")
    page.get_by_label("Der er spurgt").check()
    page.get_by_label("Hvem tager over?").select_option(label="Sofie")
    screenshot(page, "hand-over")
    page.get_by_role("button", name="Overdrag arbejdet").click()
    expect(page.get_by_role("status")).to_contain_text("2 aktiviteter er overdraget fra Lene til Sofie.")
    assert set(Activity.objects.values_list("responsible__full_name", flat=True)) == {"Sofie"}
    assert Headcount.objects.get().estimate == 14

    sign_in(phone, sofie)
    expect(phone.locator(".tasks")).to_contain_text("Ja på skærmen, der skal registreres: Åben rådgivning")
    assert_accessible(phone)
    page.get_by_role("link", name="Fjern Lene fra planen").click()
    expect(page.locator("main")).to_contain_text("et ja på skærmen, der ikke er registreret")
    ScreenAnswer.objects.update(used_at=timezone.now())  # Sofie has registered the one who answered
    page.reload()
    expect(page.locator("main")).to_contain_text("kontoen lukkes")
    page.get_by_role("button", name="Fjern adgangen").click()
    expect(page.get_by_role("status")).to_contain_text("Kontoen er lukket.")
    screenshot(phone, "tasks")
    phone.get_by_role("link", name="Se efter").click()
    phone.locator("main tbody").get_by_role("link", name="Se efter").click()
    assert_accessible(phone)
    screenshot(phone, "doubt")
    phone.get_by_role("button", name="Nummeret er rigtigt").click()
    expect(phone.get_by_role("status")).to_contain_text("Det er noteret, at der er set efter.")
    expect(phone.locator("main")).to_contain_text("Der er ingen at se efter")
    assert_accessible(phone)

    lene.refresh_from_db()
    assert not lene.is_active
