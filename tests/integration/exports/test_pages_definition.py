"""A definition as JSON: it fills the form of the rule, what is wrong is said by field, and a delivery's can be had."""

import json
from dataclasses import replace

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from collection.models import Department
from exports.comparison.runner.definition import EVALUATION, Chosen, Dwellings, from_json, to_json
from exports.comparison.runner.matching.spec import MatchSpec
from exports.forms.comparison_file import MOST_BYTES
from exports.models import Delivery, State
from tests.factories.cast import make_plan
from tests.factories.delivery_states import delivery_in

pytestmark = pytest.mark.django_db
PLAIN = to_json(EVALUATION)


@pytest.fixture
def send(client, evaluator, project, extract):
    client.force_login(evaluator)
    address = reverse("exports:comparison_file", args=[project.pk])
    return lambda **given: client.post(address, given)


def as_file(content) -> SimpleUploadedFile:
    text = content if isinstance(content, bytes) else json.dumps(content).encode()
    return SimpleUploadedFile("definition.json", text)


def wrong(answer) -> list[str]:
    """What the page says is wrong; it has the text that was given, and nothing is filled in."""
    assert answer.status_code == 200
    assert "exports/comparison_file.html" in [template.name for template in answer.templates]
    return [message for found in answer.context["form"].errors.values() for message in found]


RULES = [
    EVALUATION,
    replace(
        EVALUATION,
        unit="person",
        youngest=18,
        oldest=40,
        areas="chosen",
        chosen_departments=("10-2",),
        exclusion="since",
        excluded_from=2010,
        excluded_types=("mentor", "familieindsats"),
        characteristics=(Chosen("origin", "danish_western"), Chosen("children"), Chosen("age", "bands")),
        matching=MatchSpec(method="mahalanobis", variables=("children",), exact=("origin",), ratio=2, order="data"),
        dwellings=None,
        minimum=8,
    ),
    replace(
        EVALUATION,
        characteristics=(Chosen("family_type"), Chosen("children"), Chosen("m2_per_resident", "bands")),
        matching=MatchSpec(method="coarsened", variables=("children",), cutpoints={"children": (1.5, 3)}),
        dwellings=Dwellings(most_residents=12, most_rooms=40),
    ),
]


@pytest.mark.parametrize("rule", RULES, ids=["evaluation", "person", "coarsened"])
@pytest.mark.parametrize("language", ["da", "en"])
def test_the_form_is_filled_in_and_ordered_as_it_stands_is_what_was_given(client, send, project, rule, language):
    Department.objects.create(plan=make_plan(), organisation_number=10, department_number=2, name="Bøgeparken")
    client.cookies["django_language"] = language
    answer = send(file=as_file(to_json(rule)))
    form, told = answer.context["form"], answer.content.decode()
    filled = answer.context["definition"]
    assert filled == replace(rule, dwellings=filled.dwellings)  # asked for with dwelling figures only
    assert f'action="{reverse("exports:comparison_new", args=[project.pk])}"' in told
    assert not Delivery.objects.exists()

    shown = {name: form[name].value() for name in form.fields}
    typed = {name: value for name, value in shown.items() if value is not None and value is not False}
    typed |= {"caliper": str(typed["caliper"]).replace(".", ",")} if language == "da" and "caliper" in typed else {}
    again = client.post(reverse("exports:comparison_new", args=[project.pk]), typed)
    assert again.status_code == 302, again.context["form"].errors
    assert from_json(Delivery.objects.get().definition["definition"]) == filled


def test_what_the_form_cannot_show_as_it_was_given_is_named(send):
    answer = send(text=json.dumps(PLAIN | {"seed": 7, "characteristics": ["family_type", "origin", "age"]}))
    assert answer.context["differing"] == ["characteristics", "seed"]


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("", "Vælg en fil, eller sæt definitionen ind."),
        ("  \n", "Vælg en fil, eller sæt definitionen ind."),
        ('{"unit": "family",\n "oldest" 6}', "Det er ikke gyldig JSON: se linje 2, tegn 11."),
        ("[" * 100_000, "Det er ikke gyldig JSON."),
        ('{"oldest": ' + "9" * 5000 + "}", "Det er ikke gyldig JSON."),
        ("[]", "Reglen skal være et JSON-objekt."),
        (json.dumps(PLAIN | {"oldest": 60}), "oldest: Den højeste alder skal være et helt tal: fra 0 til 17"),
        (json.dumps(PLAIN | {"last_year": 2013}), "last_year: Det sidste deltagerår kan ikke ligge før det første."),
        (json.dumps(PLAIN | {"activity_types": ["fodbold"]}), "activity_types: En af aktivitetstyperne findes ikke."),
        (json.dumps(PLAIN | {"matching": {"method": "magic"}}), "matching.method: "),
        (json.dumps(PLAIN | {"areas": "chosen", "chosen_departments": ["9-9"]}), "chosen_departments: Disse boligafd"),
        (json.dumps(PLAIN | {"\ud800": 1}), "Feltet kendes ikke."),
        (" " * (MOST_BYTES + 1) + "{}", "Definitionen er for stor. Den må højst fylde 200 kB."),
    ],
)
def test_what_is_wrong_is_said_by_field_and_what_was_pasted_stays(send, given, expected):
    answer = send(text=given)
    (message,) = wrong(answer)
    assert message.startswith(expected)
    assert answer.context["form"]["text"].value() == given


def test_matching_on_what_is_not_on_a_list_is_for_where_the_registers_are(send):
    matching = {"method": "exact", "variables": ["education"]}
    (message,) = wrong(send(text=json.dumps(PLAIN | {"characteristics": ["education"], "matching": matching})))
    assert message.startswith("matching.variables: Her kan der kun matches på det, som beboerlisten har")
    assert "education" in message


@pytest.mark.parametrize(
    ("content", "expected", "kept"),
    [
        (b"\xff\xfe{", "Filen er ikke tekst i UTF-8", ""),
        (b"[" * (MOST_BYTES + 1), "Definitionen er for stor", ""),
        (b"\xef\xbb\xbf{", "Det er ikke gyldig JSON: se linje 1", "{"),
    ],
)
def test_a_file_that_is_wrong_is_shown_as_text_where_it_is_text(send, content, expected, kept):
    answer = send(file=as_file(content), text="")
    (message,) = wrong(answer)
    assert message.startswith(expected)
    assert answer.context["form"]["text"].value() == kept


def test_a_deliverys_rule_is_had_as_a_file_that_fills_in_the_form_again(
    client, send, evaluator, controller, project, extract
):
    delivery = delivery_in(
        State.CANCELLED,
        project,
        by=evaluator,
        decider=controller,
        kind=Delivery.Kind.COMPARISON,
        definition={"definition": PLAIN, "extract": str(extract.pk)},
    )
    address = reverse("exports:definition", args=[delivery.pk])
    assert address in client.get(reverse("exports:delivery", args=[delivery.pk])).content.decode()
    answer = client.get(address)
    assert answer["Content-Type"] == "application/json"
    assert answer["Content-Disposition"] == f'attachment; filename="definition-{project.dst_number}-1.json"'
    filled = send(file=as_file(answer.content))
    assert filled.context["definition"] == EVALUATION
