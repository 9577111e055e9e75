"""A project's group is drawn once: told with deliveries, withdrawals and second orders on a handful of families."""

from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings
from django.urls import reverse

from exports import storage
from exports.actions.deliveries import build_again, cancel, request_delivery
from exports.actions.projects import change_project, end_project
from exports.expiry import expire_due
from exports.groups import mark
from exports.models import Delivery, EvaluationProject, RegisterExtract, State
from exports.policies import NotAllowed
from exports.pseudonymise import ProjectCodes
from tests.factories.deliveries import approve_and_build, make_delivery, run_jobs
from tests.factories.neighbourhood import ADULT, CHILD, content, draw, leave, rows

pytestmark = [pytest.mark.django_db, pytest.mark.one_database]


@pytest.fixture
def group(town, evaluator, controller):
    """A built delivery of 7 participant and 8 comparison families, and the participants."""
    participants = [town.participant_family(ADULT, CHILD) for _ in range(7)]
    for _ in range(8):
        town.family(ADULT, CHILD)
    return approve_and_build(draw(town, evaluator, controller), by=controller), participants


def lines(delivery: Delivery, member: str) -> set[tuple]:
    return {tuple(row.items()) for row in rows(content(delivery)[member])}


def test_a_second_delivery_is_what_is_left_of_the_first(town, group, evaluator, controller):
    first, participants = group
    told = content(first)
    leave(town, first, participants[0])
    second = make_delivery(first.project, by=evaluator, kind=Delivery.Kind.COMPARISON, definition=first.definition)
    assert second.report["group"] == str(first.pk)
    second = approve_and_build(second, by=controller)
    for member, gone in (("familier.csv", 1), ("personer.csv", 2)):
        before = {tuple(row.items()) for row in rows(told[member])}
        assert lines(second, member) < before
        assert len(before) - len(lines(second, member)) == gone
    # one family less tells nothing new: the tables are those of the first, or the two could be subtracted
    assert content(second)["table1.csv"] == told["table1.csv"]
    build_again(by=controller, delivery=first)
    run_jobs()
    first.refresh_from_db()
    assert lines(first, "familier.csv") == lines(second, "familier.csv")


def test_participants_have_their_code_of_the_project_and_nobody_else_has(town, group, controller):
    delivery, participants = group
    own = set(ProjectCodes(delivery.project).known(one.pk for one in participants).values())
    persons = rows(content(delivery)["personer.csv"])
    assert len(own) == len(participants)
    assert {row["PSEUDONYM"] for row in persons if row["DELTAGER"] == "1"} == own
    assert not {row["PSEUDONYM"] for row in rows(content(delivery)["familier.csv"])} & own
    others = [row for row in persons if row["GRUPPE"] == "1" and row["DELTAGER"] == "0"]
    assert len(others) == 7  # the child of each: what the list says, in coarse groups
    assert set(persons[0]) == {
        *("PSEUDONYM", "FAMILIE", "GRUPPE", "DELTAGER", "VOKSEN", "REF_AAR", "REGION", "SEX", "AGE"),
    }
    for participant in participants:
        assert not any(participant.pk.bytes in member for member in content(delivery).values())


@pytest.mark.slow
def test_another_rule_takes_a_controllers_decision_in_writing(town, group, evaluator, controller):
    first, _ = group
    project = EvaluationProject.objects.get(pk=first.project_id)
    other = first.definition | {"definition": first.definition["definition"] | {"oldest": 9}}

    def order() -> Delivery:
        return request_delivery(by=evaluator, project=project, kind=Delivery.Kind.COMPARISON, definition=other)

    with pytest.raises(NotAllowed, match="another_group"):
        order()
    reason = "Undersøgelsen skal også omfatte børn på 7-9 år."
    change_project(by=controller, project=project, evaluators=[evaluator], another_group=(mark(""), reason))
    delivery = order()
    assert delivery.definition["permitted"] == reason
    project.refresh_from_db()
    assert project.another_group == ""  # it was good for one order
    run_jobs()
    delivery.refresh_from_db()
    assert delivery.state == State.PREPARED
    with pytest.raises(NotAllowed, match="another_group"):
        request_delivery(
            by=evaluator,
            project=project,
            kind=Delivery.Kind.COMPARISON,
            definition=other | {"definition": other["definition"] | {"oldest": 10}, "permitted": "Ja."},
        )


@pytest.mark.slow
def test_a_group_outlives_its_files_and_its_list_but_not_its_project(town, group, evaluator, controller):
    first, participants = group
    expire_due(first.expires_on + timedelta(days=1))
    expire_due(RegisterExtract.objects.get().delete_on)
    first.refresh_from_db()
    assert first.state == State.EXPIRED
    assert not storage.absolute(first.archives.get()).exists()
    again = make_delivery(first.project, by=evaluator, kind=Delivery.Kind.COMPARISON, definition=first.definition)
    assert (again.state, again.report["persons"]) == (State.PREPARED, 15)
    cancel(by=evaluator, delivery=again)
    end_project(by=controller, project=first.project)
    assert not (Path(settings.DATA_DIR) / "deliveries" / str(first.pk)).exists()


def test_the_pictures_are_shown_and_can_do_nothing(client, town, group, evaluator):
    delivery, _ = group
    client.force_login(evaluator)
    page = client.get(reverse("exports:delivery", args=[delivery.pk])).content.decode()
    for name in ("flow", "love"):
        address = reverse("exports:picture", args=[delivery.pk, name])
        assert f'src="{address}"' in page
        answer = client.get(address)
        assert answer["Content-Type"] == "image/svg+xml"
        assert answer["Content-Security-Policy"].startswith("default-src 'none'")
        assert "no-store" in answer["Cache-Control"]
        assert b"<script" not in answer.content
    assert client.get(reverse("exports:picture", args=[delivery.pk, "other"])).status_code == 404
