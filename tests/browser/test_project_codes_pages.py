"""A code looked up, files reported deleted, and a project ended, in a browser and in both widths."""

from datetime import date, timedelta

import pytest
from django.urls import reverse

from consent.actions.withdraw import withdraw
from consent.models import Purpose
from consent.queries import EVALUATION
from exports import project_keys
from exports.actions.deliveries import record_fetch
from exports.models import Reader
from exports.pseudonymise import ProjectCodes
from tests.factories.cast import make_activity, make_identity, make_participant, make_user
from tests.factories.deliveries import approve_and_build, make_delivery, make_project
from tests.plugins.browser import DESKTOP, PHONE, assert_accessible, assert_fits, screenshot

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]


def looked_at(page, name: str) -> None:
    for width in (DESKTOP, PHONE):
        page.set_viewport_size({"width": width, "height": 900})
        assert_fits(page)
        screenshot(page, name)
    page.set_viewport_size({"width": DESKTOP, "height": 900})
    assert_accessible(page)


def test_the_life_of_a_projects_codes(visit):
    evaluator, controller = make_user("evaluator", name="Esther Højgaard"), make_user("controller", name="Håkon Øst")
    project = make_project(evaluator, ends_on=date.today() - timedelta(days=3))
    activity, identity = make_activity(), make_identity(working_name="Ayşe Yılmaz")
    people = [make_participant(activity) for _ in range(5)] + [make_participant(activity, identity)]
    make_participant(make_activity(), identity)
    delivery = approve_and_build(make_delivery(project, by=evaluator), by=controller)
    for reader, by in ((Reader.EVALUATOR, evaluator), (Reader.OFFICER, controller)):
        record_fetch(by=by, archive=delivery.archives.get(reader=reader))
    code = ProjectCodes(project).known([people[-1].pk])[people[-1].pk]

    theirs = visit(evaluator, DESKTOP)
    theirs.goto(reverse("exports:deletions"))
    looked_at(theirs, "deletions")
    theirs.get_by_role("link", name="Meld slettet").click()
    looked_at(theirs, "deletion-report")
    theirs.get_by_role("button", name="Filerne er slettet").click()
    theirs.get_by_text("Det er noteret").wait_for()
    looked_at(theirs, "deletion-reported")

    page = visit(controller, DESKTOP)
    page.goto(reverse("exports:look_up", args=[project.pk]))
    looked_at(page, "look-up")
    page.get_by_role("button", name="Slå koden op").click()
    page.get_by_text("Skriv koden.").first.wait_for()
    looked_at(page, "look-up-errors")
    page.get_by_label("Kode", exact=True).fill(f"{code[:6].lower()} {code[6:].lower()}")
    page.get_by_label("Evaluator spørger").check()
    page.get_by_role("button", name="Slå koden op").click()
    page.get_by_text("Ayşe Yılmaz").first.wait_for()
    assert code not in page.url
    looked_at(page, "look-up-found")
    page.goto(reverse("exports:deletions"))
    looked_at(page, "deletions-controller")

    purpose = Purpose.objects.get(pk=EVALUATION)
    withdraw(by=controller, participant=people[0], purpose=purpose, withdrawn_on=date.today())
    page.goto(reverse("exports:receipt", args=[people[0].pk]))
    looked_at(page, "receipt")
    page.goto(reverse("exports:project", args=[project.pk]))
    page.get_by_role("link", name="Afslut projektet").click()
    looked_at(page, "project-end")
    page.get_by_role("button", name="Afslut projektet").click()
    page.get_by_text("Skriv projektets nummer.").first.wait_for()
    page.get_by_label("Skriv projektets nummer").fill(project.dst_number)
    page.get_by_role("button", name="Afslut projektet").click()
    page.get_by_text("Projektet er afsluttet.").wait_for()
    looked_at(page, "project-ended")
    assert not project_keys.is_there(project.pk)
    make_delivery(other := make_project(evaluator), by=evaluator)
    page.goto(reverse("exports:end_project", args=[other.pk]))
    looked_at(page, "project-end-not-yet")
