"""Taking a definition along: the rule that was typed and the site's departments, and nobody."""

import io
import json
import zipfile

import pandas as pd
import pytest
from django.urls import reverse

from audit.models import Event
from collection.models import AddressKey, Department
from exports.comparison.runner.definition import EVALUATION, from_json
from exports.models import Delivery
from tests.factories.cast import make_identity, make_participant, make_plan
from tests.integration.exports.test_pages_comparison import PLAIN, rule

pytestmark = pytest.mark.django_db


@pytest.fixture
def take(client, evaluator, project):
    """Posts a rule to the package's address."""
    client.force_login(evaluator)
    return lambda typed: client.post(reverse("exports:comparison_package", args=[project.pk]), typed)


def members(answer) -> zipfile.ZipFile:
    assert (answer.status_code, answer["Content-Type"]) == (200, "application/zip")
    return zipfile.ZipFile(io.BytesIO(answer.content))


def test_an_evaluator_takes_the_rule_along_without_any_list_and_it_is_recorded(take, project):
    answer = take(PLAIN)
    assert f'filename="definitionspakke-{project.dst_number}.zip"' in answer["Content-Disposition"]
    assert from_json(json.loads(members(answer).read("definition.json"))) == EVALUATION
    assert Event.objects.filter(action="package.taken", object_id=str(project.pk)).count() == 1
    assert not Delivery.objects.exists()


def test_the_departments_are_in_it_with_the_addresses_that_registers_know(take):
    plan = make_plan(municipality="461")
    department = Department.objects.create(plan=plan, organisation_number=10, department_number=7, name="Parken")
    AddressKey.objects.create(
        department=department, municipality_code="461", street_code="0123", house_from=2, house_to=8
    )
    archive = members(take(PLAIN))
    areas = pd.read_csv(archive.open("omraader.csv"), dtype=str).set_index("AFDELING").loc["10-7"]
    assert (areas["PLAN"], areas["KOM"]) == (plan.lbf_number, "461")
    addresses = pd.read_csv(archive.open("adresser.csv"), dtype=str).set_index("AFDELING").loc["10-7"]
    assert addresses.tolist() == ["461", "0123", "2", "8"]


def test_nobody_who_took_part_is_in_it(take, activity):
    identity = make_identity(working_name="Aisha Testesen")
    make_participant(activity, identity)
    archive = members(take(PLAIN))
    for name in archive.namelist():
        text = archive.read(name).decode()
        assert identity.cpr.digits not in text
        assert "Aisha Testesen" not in text


def test_a_rule_that_does_not_hold_is_sent_back_with_what_is_wrong_and_what_was_typed(take):
    answer = take(PLAIN | {"youngest": "9"})
    assert answer.status_code == 200
    told = answer.content.decode()
    assert "kan ikke være under den laveste" in told
    assert 'value="9"' in told
    assert not Event.objects.filter(action="package.taken").exists()


def test_the_page_offers_the_package_with_and_without_a_list(client, evaluator, project, extract, take):
    page = reverse("exports:comparison_new", args=[project.pk])
    address = reverse("exports:comparison_package", args=[project.pk])
    told = client.get(page).content.decode()
    assert f'formaction="{address}"' in told
    assert members(take(rule(extract)))
    extract.delete()
    told = client.get(page).content.decode()
    assert f'action="{address}"' in told
    assert "Bestil sammenligningsgruppe</button>" not in told
