"""Only approved variables leave, of the grain that the project has: held at preparing and again at building."""

import csv
import io
from datetime import date

import pytest

from exports.linkage.schema import ON_APPROVAL, STANDARD
from exports.linkage_delivery import layout_of
from exports.models import EvaluationProject, Reader, State
from tests.factories.cast import make_activity, make_identity, make_participant
from tests.factories.deliveries import approve_and_build, make_delivery, make_project, members, run_jobs, say_yes

pytestmark = pytest.mark.django_db


def data_of(delivery) -> list[dict[str, str]]:
    archive = delivery.archives.get(reader=Reader.EVALUATOR)
    return list(csv.DictReader(io.StringIO(members(archive)["data.csv"].decode()), delimiter=";"))


@pytest.mark.parametrize("approved", [["REGION"], [*STANDARD, *ON_APPROVAL]])
def test_the_file_has_the_approved_variables_and_no_other(evaluator, controller, activity, approved):
    project = make_project(evaluator, variables=approved)
    for _ in range(3):
        make_participant(activity, identity=make_identity(born=date(1985, 7, 7)))
    rows = data_of(approve_and_build(make_delivery(project, by=evaluator), by=controller))
    assert set(rows[0]) == {"PSEUDONYM", "FORLOEB_NR", *approved}
    if "FOEDSELSAAR" in approved:
        assert {row["FOEDSELSAAR"] for row in rows} == {"1985"}
        assert {row["VARIGHED"] for row in rows} == {"6"}
        assert {row["SAMTYKKE_UDG"] for row in rows} == {"1001"}


def test_a_variable_that_is_taken_from_the_project_leaves_no_more_though_it_was_approved_before(
    evaluator, controller, activity
):
    project = make_project(evaluator, variables=["REGION", "KOMMUNE"])
    for _ in range(3):
        make_participant(activity)
    delivery = make_delivery(project, by=evaluator)
    say_yes(delivery, by=controller)
    project.variables = ["REGION"]
    project.save()
    run_jobs()
    delivery.refresh_from_db()
    assert not delivery.archives.exists()
    assert (delivery.state, delivery.report["variables"]) == (State.PREPARED, ["PSEUDONYM", "FORLOEB_NR", "REGION"])
    assert "KOMMUNE" not in data_of(approve_and_build(delivery, by=controller))[0]


@pytest.mark.parametrize("change", [{"grain": "person"}, {"first_year": 2015}])
def test_a_set_of_another_grain_or_of_more_years_than_the_project_has_leaves_no_more(
    evaluator, controller, activity, change
):
    project = make_project(evaluator, variables=["REGION"])
    for begun in (2014, 2015, 2015, 2015, 2015):
        make_participant(activity, start=date(begun, 3, 1))
    delivery = make_delivery(project, by=evaluator)
    say_yes(delivery, by=controller)
    EvaluationProject.objects.filter(pk=project.pk).update(**change)
    run_jobs()
    delivery.refresh_from_db()
    assert not delivery.archives.exists()
    assert delivery.state == State.PREPARED
    rows = data_of(approve_and_build(delivery, by=controller))
    assert len(rows) == 4 if "first_year" in change else "ANTAL_FORLOEB" in rows[0]


def test_a_variable_that_is_added_to_the_project_does_not_come_into_what_was_approved(evaluator, controller, activity):
    project = make_project(evaluator, variables=["REGION"])
    for _ in range(3):
        make_participant(activity)
    delivery = make_delivery(project, by=evaluator)
    project.variables = ["REGION", "KOMMUNE"]
    project.save()
    assert "KOMMUNE" not in data_of(approve_and_build(delivery, by=controller))[0]


def test_a_project_with_a_variable_that_is_no_more_is_told_so(evaluator, activity):
    project = make_project(evaluator, variables=["REGION", "DIAGNOSE"])
    make_participant(activity)
    delivery = make_delivery(project, by=evaluator)
    assert (delivery.state, delivery.reason) == (State.FAILED, "variable_gone")


def test_a_project_of_persons_gets_a_row_for_each_with_the_first_participation(evaluator, controller, activity):
    project = make_project(evaluator, variables=["START_AAR", "ROLLE"], grain="person")
    twice = make_identity()
    for identity in (twice, make_identity(), make_identity(), make_identity()):
        make_participant(activity, identity, start=date(2015, 3, 1))
    make_participant(make_activity(), twice, start=date(2014, 2, 1), role="father")  # in another plan
    assert layout_of(project).grain == ("PSEUDONYM",)
    delivery = make_delivery(project, by=evaluator)
    assert (delivery.report["rows"], delivery.report["persons"]) == (4, 4)
    rows = data_of(approve_and_build(delivery, by=controller))
    assert set(rows[0]) == {"PSEUDONYM", "ANTAL_FORLOEB", "START_AAR", "ROLLE"}
    assert sorted((row["START_AAR"], row["ROLLE"], row["ANTAL_FORLOEB"]) for row in rows) == [
        ("2014", "2", "2"),
        *[("2015", "1", "1")] * 3,
    ]
