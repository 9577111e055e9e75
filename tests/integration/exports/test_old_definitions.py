"""Orders that were made before definitions had a format: they are read as what they said then."""

import importlib

import pytest
from django.apps import apps

from exports.comparison.runner.definition import EVALUATION, EVALUATION_SINCE_2012, from_json, to_json
from exports.models import Delivery

pytestmark = pytest.mark.django_db
convert = importlib.import_module("exports.migrations.0008_definitions_of_today").convert

OLD = {
    "activity_types": ["familieindsats"],
    "first_year": 2014,
    "last_year": 2016,
    "youngest": 0,
    "oldest": 6,
    "comparison_year": 2016,
    "excluded_since": None,
    "areas": "reporting",
}


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        (OLD, EVALUATION),
        (OLD | {"excluded_since": 2012}, EVALUATION_SINCE_2012),
        (to_json(EVALUATION_SINCE_2012), EVALUATION_SINCE_2012),
    ],
)
def test_an_old_order_still_means_what_it_said(evaluator, project, written, meant):
    delivery = Delivery.objects.create(
        project=project,
        kind=Delivery.Kind.COMPARISON,
        number=1,
        definition={"definition": written, "extract": "a list"},
        requested_by=evaluator,
    )
    convert(apps, None)
    delivery.refresh_from_db()
    assert from_json(delivery.definition["definition"]) == meant
    assert delivery.definition["extract"] == "a list"
