"""The form of a comparison group: what it proposes, what an order keeps, what is wrong and where."""

from dataclasses import replace

import pytest
from django.http import QueryDict
from django.urls import reverse

from collection.models import Department
from exports.comparison.runner.definition import (
    EVALUATION,
    EVALUATION_SINCE_2012,
    Chosen,
    Dwellings,
    from_json,
)
from exports.comparison.runner.matching.spec import MatchSpec
from exports.forms.comparison_rule import EXAMPLES, example
from exports.forms.comparisons import ComparisonForm
from exports.models import Delivery, EvaluationProject, RegisterExtract
from tests.factories.cast import make_plan

pytestmark = [pytest.mark.django_db, pytest.mark.slow_on_postgres]

PLAIN = {
    "unit": "family",
    "youngest": "0",
    "oldest": "6",
    "activity_types": ["familieindsats"],
    "first_year": "2014",
    "last_year": "2016",
    "comparison_year": "2016",
    "areas": "plans",
    "exclusion": "window",
    "excluded_since": "2012",
    "excluding": "same",
    "method": "none",
    "ratio": "1",
    "order": "largest",
    "seed": "1",
    "caliper": "0,2",
    "caliper_unit": "sd",
    "distance": "logit",
    "minimum": "5",
    "k": "5",
}
NEAREST = {
    "characteristics": ["family_type", "children"],
    "method": "nearest",
    "match_on": ["family_type", "children"],
}


def rule(extract, /, **changes) -> dict:
    return PLAIN | {"extract": str(extract.pk)} | changes


@pytest.fixture
def order(client, evaluator, project):
    client.force_login(evaluator)
    return reverse("exports:comparison_new", args=[project.pk])


def as_posted(typed: dict) -> QueryDict:
    posted = QueryDict(mutable=True)
    for name, value in typed.items():
        posted.setlist(name, value if isinstance(value, list) else [value])
    return posted


def ordered(client, order, typed):
    """The definition that an order with what was typed keeps."""
    answer = client.post(order, typed)
    assert answer.status_code == 302, answer.context["form"].errors
    return from_json(Delivery.objects.get().definition["definition"])


@pytest.mark.parametrize(
    ("address", "wanted"), [("", EVALUATION), ("?regel=since", EVALUATION_SINCE_2012), ("?regel=x", EVALUATION)]
)
def test_the_empty_form_is_the_evaluations_own_rule_and_ordered_as_it_stands_it_is_kept(
    client, order, extract, address, wanted
):
    answer = client.get(f"{order}{address}")
    form = answer.context["form"]
    proposed = {name: form.get_initial_for_field(field, name) for name, field in form.fields.items()}
    kept = ordered(
        client, order, {name: value for name, value in proposed.items() if value is not None and value is not False}
    )
    assert replace(kept, characteristics=()) == wanted
    assert kept.characteristics[0] == Chosen("origin", "danish_western")
    assert {"education", "poverty_50", "conviction"} <= {each.name for each in kept.characteristics}
    assert "familier med et barn på 0-6 år" in answer.context["rule"][0]


@pytest.mark.parametrize("name", list(EXAMPLES))
def test_the_examples_keep_to_the_years_and_limits_of_the_project(project, name):
    project.first_year, project.last_year, project.minimum_count, project.k = 2010, 2011, 8, 9
    shown = example(name, project)
    assert (shown.first_year, shown.last_year, shown.comparison_year) == (2010, 2011, 2011)
    assert (shown.minimum, shown.k) == (8, 9)
    assert shown.excluded_from in (None, 2010)


def test_an_order_keeps_the_list_and_what_is_not_asked_for_is_not_read(client, order, extract):
    hidden = {"window_to": "then", "chosen_departments": ["1-1"], "ratio": "none", "caliper": "-1", "seed": ""}
    kept = ordered(client, order, rule(extract, **hidden | {"exclusion": "since", "excluded_types": ["nothing"]}))
    assert kept == replace(EVALUATION_SINCE_2012, characteristics=())
    delivery = Delivery.objects.get()
    assert (delivery.kind, delivery.definition["extract"]) == ("comparison", str(extract.pk))


def test_every_choice_of_the_form_reaches_the_definition(client, order, extract):
    Department.objects.create(plan=make_plan(), organisation_number=10, department_number=2, name="Bøgeparken")
    kept = ordered(
        client,
        order,
        rule(
            extract,
            unit="person",
            youngest="18",
            oldest="40",
            areas="chosen",
            chosen_departments=["10-2"],
            exclusion="window",
            window_from="2012",
            window_to="2017",
            excluding="others",
            excluded_types=["mentor", "familieindsats"],
            characteristics=["origin", "age", "children"],
            register_characteristics=["m2_per_resident", "employment"],
            grouping_origin="danish_western",
            grouping_m2_per_resident="bands",
            grouping_employment="any",
            leave_out="on",
            most_residents="12",
            most_rooms="40",
            method="nearest",
            match_on=["origin", "age"],
            equal_on=["children"],
            ratio="3",
            replacement="on",
            order="random",
            seed="7",
            caliper="0,25",
            caliper_unit="own",
            distance="probability",
            minimum="10",
            k="6",
        ),
    )
    assert kept == replace(
        EVALUATION,
        unit="person",
        youngest=18,
        oldest=40,
        areas="chosen",
        chosen_departments=("10-2",),
        excluded_from=2012,
        excluded_to=2017,
        excluded_types=("familieindsats", "mentor"),
        characteristics=(
            Chosen("origin", "danish_western"),
            Chosen("children"),
            Chosen("employment", "any"),
            Chosen("m2_per_resident", "bands"),
            Chosen("age", "bands"),
        ),
        dwellings=Dwellings(12, 40),
        matching=MatchSpec(
            method="nearest",
            variables=("origin", "age"),
            exact=("children",),
            distance="probability",
            caliper=0.25,
            caliper_sd=False,
            ratio=3,
            replacement=True,
            order="random",
            seed=7,
        ),
        minimum=10,
        k=6,
    )


@pytest.mark.parametrize(("typed", "cut"), [("", "sturges"), ("1; 2,5;4", (1.0, 2.5, 4.0))])
def test_numbers_are_cut_as_typed_or_by_sturges(client, order, extract, typed, cut):
    changes = NEAREST | {"method": "coarsened", "cutpoints_children": typed}
    assert ordered(client, order, rule(extract, **changes)).matching.cutpoints == {"children": cut}


@pytest.mark.parametrize(
    ("field", "changes"),
    [
        ("activity_types", {"activity_types": []}),
        ("activity_types", {"activity_types": ["nothing"]}),
        ("first_year", {"first_year": "2013"}),
        ("last_year", {"first_year": "2016", "last_year": "2015"}),
        ("oldest", {"youngest": "7"}),
        ("oldest", {"oldest": "18"}),
        ("oldest", {"unit": "person", "oldest": "121"}),
        ("comparison_year", {"comparison_year": "soon"}),
        ("chosen_departments", {"areas": "chosen"}),
        ("chosen_departments", {"areas": "chosen", "chosen_departments": ["1-1"]}),
        ("window_from", {"window_from": "2015"}),
        ("window_to", {"window_to": "2015"}),
        ("excluded_since", {"exclusion": "since", "excluded_since": ""}),
        ("excluded_since", {"exclusion": "since", "excluded_since": "2015"}),
        ("excluded_types", {"excluding": "others"}),
        ("exclusion", {"exclusion": "", "excluded_since": "then"}),
        ("characteristics", {"characteristics": ["education"]}),
        (
            "most_rooms",
            {"register_characteristics": ["m2_per_resident"], "leave_out": "on", "most_residents": "5"},
        ),
        ("match_on", {"method": "exact"}),
        ("match_on", NEAREST | {"characteristics": ["children"]}),
        ("match_on", NEAREST | {"characteristics": ["age"], "match_on": ["age"]}),
        ("equal_on", NEAREST | {"equal_on": ["origin"]}),
        ("ratio", NEAREST | {"ratio": ""}),
        ("ratio", NEAREST | {"ratio": "0"}),
        ("seed", NEAREST | {"order": "random", "seed": ""}),
        ("caliper", NEAREST | {"caliper": "0"}),
        ("caliper", NEAREST | {"caliper": "wide"}),
        ("cutpoints_children", NEAREST | {"method": "coarsened", "cutpoints_children": "2; 1"}),
        ("cutpoints_children", NEAREST | {"method": "coarsened", "cutpoints_children": "few"}),
        ("minimum", {"minimum": "2"}),
        ("k", {"k": "101"}),
        ("extract", {"comparison_year": "2017"}),
        ("extract", {"extract": ""}),
    ],
)
def test_what_is_wrong_is_said_at_its_field_and_what_was_typed_stays(field, changes):
    """By the form itself, with a project and a list that are not saved: there are many cases."""
    project = EvaluationProject(first_year=2014, last_year=2016, minimum_count=5, k=5)
    listed = RegisterExtract(name="Beboere", years=[2014, 2015, 2016])
    typed = rule(listed, **changes)
    form = ComparisonForm(as_posted(typed), project=project, extracts=[listed], words="", cancel="")
    assert list(form.errors) == [field]
    assert {name: form[name].value() for name in typed if typed[name] != "on"} == {
        name: value for name, value in typed.items() if value != "on"
    }


def test_an_order_with_a_fault_is_shown_again_and_nothing_is_ordered(client, order, extract):
    answer = client.post(order, rule(extract, oldest="18"))
    assert "fra 0 til 17 for børn" in answer.content.decode()
    assert not Delivery.objects.exists()


def test_the_projects_limits_may_be_raised_and_not_lowered(client, order, extract, project):
    project.minimum_count, project.k = 6, 7
    project.save()
    form = client.post(order, rule(extract, minimum="5", k="6")).context["form"]
    assert list(form.errors) == ["minimum", "k"]
    assert (form.initial["minimum"], form.initial["k"]) == (6, 7)
    kept = ordered(client, order, rule(extract, minimum="6", k="8"))
    assert (kept.minimum, kept.k) == (6, 8)


def test_departments_are_offered_once_with_municipality_and_number(client, order, extract):
    for plan in (make_plan(), make_plan()):
        Department.objects.create(plan=plan, organisation_number=10, department_number=2, name="Bøgeparken")
    offered = client.get(order).context["form"].fields["chosen_departments"].choices
    assert [code for code, _ in offered] == ["10-2"]
    assert offered[0][1].endswith(": Bøgeparken (10-2)")


def test_what_no_resident_list_gives_is_said_to_be_formed_elsewhere(client, order, extract):
    form = client.get(order).context["form"]
    here, elsewhere = (
        {name for name, _ in form.fields[field].choices} for field in ("characteristics", "register_characteristics")
    )
    assert not here & elsewhere
    assert ("family_type" in here, "conviction" in elsewhere) == (True, True)
    assert "Definitionspakken danner dem" in form.fields["register_characteristics"].help_text
    assert not {name for name, _ in form.fields["match_on"].choices} & elsewhere


def test_a_list_that_is_not_ready_cannot_be_used(client, order, extract):
    RegisterExtract.objects.update(state=RegisterExtract.State.DELETED)
    assert not client.get(order).context["any_list"]
    client.post(order, rule(extract))
    assert not Delivery.objects.exists()


def test_the_button_in_words_shows_the_rule_and_orders_nothing(client, order, extract):
    answer = client.post(order, rule(extract, oldest="3", preview="1"))
    assert "på 0-3 år" in answer.context["rule"][0]
    assert not Delivery.objects.exists()


def test_the_part_in_words_follows_what_is_typed(client, order, extract, project):
    words = reverse("exports:comparison_words", args=[project.pk])
    changes = NEAREST | {"exclusion": "since", "excluded_since": "2011"}
    told = client.post(words, rule(extract, **changes)).content.decode()
    for part in ("siden 2011", "familietype; hjemmeboende børn", "højst afvige 0,2 standardafvigelser"):
        assert part in told
    assert "<html" not in told
    told = client.post(words, rule(extract, youngest="9")).content.decode()
    assert "kan ikke læses i ord endnu" in told
    assert "kan ikke være under den laveste" in told


def test_years_that_the_list_does_not_cover_are_told(client, order, extract, project):
    RegisterExtract.objects.update(years=[2016])
    told = client.post(reverse("exports:comparison_words", args=[project.pk]), rule(extract)).content.decode()
    assert "dækker ikke 2014, 2015" in told
    client.post(order, rule(extract))
    assert Delivery.objects.count() == 1
