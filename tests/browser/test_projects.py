"""The controller sets a project up, with what it may get and what is linked on at Statistics Denmark."""

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from accounts.permissions import Role
from consent.models import Purpose
from consent.queries import EVALUATION
from exports.models import EvaluationProject
from tests.factories.cast import make_activity, make_participation, make_user
from tests.plugins.browser import DESKTOP, PHONE, assert_accessible, assert_fits, screenshot

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]


@pytest.mark.parametrize("width", [DESKTOP, PHONE])
def test_a_project_is_set_up_with_register_variables_that_exist(visit, width):
    controller, evaluator = make_user(Role.CONTROLLER), make_user(Role.EVALUATOR)
    Purpose.objects.get_or_create(code=EVALUATION, defaults={"name_da": "Statistik og evaluering", "name_en": "X"})
    make_participation(make_activity())
    page = visit(controller, width)
    page.goto(reverse("exports:project_new"))
    page.fill("#id_name", "Evaluering af familieindsats")
    page.fill("#id_dst_number", "700999")
    page.fill("#id_first_year", "2014")
    page.fill("#id_last_year", "2016")
    page.get_by_label("Forløbets varighed").check()
    page.get_by_label("person", exact=True).check()
    page.get_by_label(str(evaluator)).check()
    page.fill("#id_ends_on", "31.12.2030")
    page.fill("#id_register_variables", "BEF KOM 2014-2016\nLPR C_DIAG 2014-2016\nFAIN KOM 2005-2010")
    page.get_by_role("button", name="Opret projekt").click()
    expect(page.locator("main")).to_contain_text("Linje 2: LPR er ikke ét register, men flere.")
    expect(page.locator("#id_register_variables")).to_have_value(
        "BEF KOM 2014-2016\nLPR C_DIAG 2014-2016\nFAIN KOM 2005-2010"
    )
    assert_accessible(page)
    assert_fits(page)
    screenshot(page, "project-form-refused")

    page.fill("#id_register_variables", "BEF KOM 2014-2016\nLPR_DIAG C_DIAG 2014-2020\nBEFBOP BOP_VFRA 2014-2016")
    page.get_by_role("button", name="Opret projekt").click()
    registers = page.locator("table").filter(has_text="LPR_DIAG")
    expect(registers).to_contain_text("LPR_DIAG er lukket. Det sidste år er 2019. C_DIAG findes ikke for 2020.")
    expect(registers.locator(".badge-warning")).to_have_count(1)
    page.locator("tr", has_text="VARIGHED").locator("summary").click()
    expect(page.locator("tr", has_text="VARIGHED")).to_contain_text("6 måneder og under 12 måneder")
    screenshot(page, "project-page")
    assert_accessible(page)
    assert_fits(page)
    assert EvaluationProject.objects.get().grain == "person"

    page.get_by_role("link", name="Ret projektet").click()
    expect(page.locator(".register-notes")).to_contain_text("C_DIAG findes ikke for 2020.")
    assert_accessible(page)
    screenshot(page, "project-form")
