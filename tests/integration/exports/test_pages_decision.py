"""The page of the decision: what hinders a yes, what a yes takes, and that it is of what the page showed."""

import re

import pytest
from django.urls import reverse

from accounts.permissions import Role
from exports.actions.projects import change_project
from exports.approvals import shown
from exports.models import EvaluationProject, Reader, Recipient, State
from exports.policies import NotAllowed
from tests.factories.cast import make_activity, make_participant, make_user
from tests.factories.deliveries import make_delivery, make_project, run_jobs, say_yes
from tests.factories.delivery_states import delivery_in
from tests.factories.recipients import make_recipient

pytestmark = [pytest.mark.django_db, pytest.mark.slow_on_postgres]
BELOW = {
    "k": 5, "variables": ["REGION", "ROLLE"], "groups": 812, "groups_below": 3, "persons_below": 4, "smallest": "<5",
    "without": [["ROLLE", 0], ["REGION", 2]],
}  # fmt: skip


class Scene:
    def __init__(self):
        self.evaluator, self.controller = make_user(Role.EVALUATOR), make_user(Role.CONTROLLER)
        self.project = make_project(self.evaluator, by=self.controller)

    def waiting(self, project=None, **report):
        project = project or self.project
        return delivery_in(State.PREPARED, project, by=self.evaluator, decider=self.controller, **report)


@pytest.fixture
def scene(client):
    made = Scene()
    client.force_login(made.controller)
    return made


def page_of(client, delivery) -> tuple[str, list[str], str]:
    """Text, the answers that are offered, and what the form says was shown."""
    answer = client.get(reverse("exports:decide", args=[delivery.pk]))
    form = answer.context["form"]
    text = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.content.decode()))
    return text, [value for value, _ in form.fields["decision"].choices], form["shown"].value()


def decide(client, delivery, **answer):
    said = {"shown": shown(delivery), "decision": "yes", "reason": "Som aftalt."} | answer
    got = client.post(reverse("exports:decide", args=[delivery.pk]), said)
    delivery.refresh_from_db()
    return got


def test_it_names_each_recipient_with_the_fingerprint_in_groups_of_four_and_who_confirmed_it(client, scene):
    delivery = scene.waiting()
    text, _, _ = page_of(client, delivery)
    assert len(delivery.report["recipients"]) == 2
    for each in delivery.report["recipients"]:
        assert each["name"] in text
        assert re.fullmatch(r"([0-9a-f]{4} ){7}[0-9a-f]{4}", each["fingerprint"])
        assert each["fingerprint"] in text
        assert f"bekræftet af {Recipient.objects.get(pk=each['id']).confirmed_by.full_name}" in text


def test_groups_below_k_take_a_reason_of_their_own_which_the_requester_reads(client, scene):
    delivery = scene.waiting(k=BELOW)
    got = decide(client, delivery)
    assert list(got.context["form"].errors) == ["k_accepted"]
    assert delivery.state == State.PREPARED
    decide(client, delivery, k_accepted="Forskerne arbejder hos Danmarks Statistik.")
    assert (delivery.state, delivery.reason) == (State.APPROVED, "Som aftalt.")
    client.force_login(scene.evaluator)
    told = client.get(reverse("exports:delivery", args=[delivery.pk])).content.decode()
    assert "Som aftalt." in told
    assert "Forskerne arbejder hos Danmarks Statistik." in told


def test_a_no_takes_no_acceptance(client, scene):
    delivery = scene.waiting(k=BELOW)
    decide(client, delivery, decision="no", reason="Udelad rollen.")
    assert (delivery.state, delivery.reason, delivery.k_accepted) == (State.REJECTED, "Udelad rollen.", "")


def test_where_the_evaluator_keeps_the_file_groups_below_k_bar_a_yes_and_the_variable_to_leave_out_is_named(
    client, scene
):
    own = make_project(scene.evaluator, by=scene.controller, data_at="own")
    delivery = scene.waiting(own, k=BELOW, blocked=True, findings=[["accept", "data.csv", "k_anonymity", ""]])
    text, answers, _ = page_of(client, delivery)
    assert answers == ["no"]
    table = text[text.index("Variabel, der udelades") :]
    assert table.index("ROLLE") < table.index("REGION")
    decide(client, delivery, k_accepted="Alligevel.")
    assert delivery.state == State.PREPARED


def test_without_a_confirmed_key_for_each_reader_it_can_only_be_rejected_until_there_is_one(client, scene):
    bare = make_project(scene.evaluator, by=scene.controller, recipients=False)
    make_recipient(bare, Reader.OFFICER, by=scene.controller)
    delivery = scene.waiting(bare)
    text, answers, _ = page_of(client, delivery)
    assert "mangler en bekræftet nøgle" in text
    assert answers == ["no"]
    make_recipient(bare, Reader.EVALUATOR, by=scene.evaluator)
    assert page_of(client, delivery)[1] == ["yes", "no"]
    delivery.refresh_from_db()
    decide(client, delivery)
    assert delivery.state == State.APPROVED


def test_a_project_that_was_changed_since_can_only_be_rejected(client, scene):
    delivery = scene.waiting()
    scene.project.minimum_count = 4
    scene.project.save()
    text, answers, _ = page_of(client, delivery)
    assert "Projektet er ændret" in text
    assert answers == ["no"]
    decide(client, delivery)
    assert delivery.state == State.PREPARED


@pytest.mark.parametrize("decision", ["yes", "no"])
@pytest.mark.parametrize("change", ["recipient", "delivery"])
def test_what_the_page_did_not_show_is_looked_at_before_it_is_decided(client, scene, change, decision):
    delivery, other = scene.waiting(), scene.waiting()
    _, _, seen = page_of(client, delivery)
    if change == "recipient":
        scene.project.recipients.filter(reader=Reader.EVALUATOR).delete()
        make_recipient(scene.project, Reader.EVALUATOR, by=scene.evaluator, name="En anden")
    else:
        say_yes(other, by=scene.controller)
    assert decide(client, delivery, shown=seen, decision=decision).status_code == 302
    assert delivery.state == State.PREPARED
    text, _, now = page_of(client, delivery)
    assert now != seen
    assert ("En anden" if change == "recipient" else f"Forskel fra leverance {other.number}") in text
    decide(client, delivery, shown=now, decision=decision)
    assert delivery.state == (State.APPROVED if decision == "yes" else State.REJECTED)


@pytest.mark.parametrize("change", [{"variables": ["REGION"]}, {"k": 3}, {"grain": "person"}])
def test_who_changed_what_the_files_may_hold_since_it_was_asked_for_does_not_say_yes_to_it(client, scene, change):
    """Also when it is prepared again with the change: nobody but them would have seen it."""
    for _ in range(6):
        make_participant(make_activity())
    delivery = make_delivery(scene.project, by=scene.evaluator)
    say_yes(delivery, by=scene.controller)
    changed = EvaluationProject.objects.get(pk=scene.project.pk)
    vars(changed).update(change)
    change_project(by=scene.controller, project=changed, evaluators=[scene.evaluator])
    run_jobs()
    delivery.refresh_from_db()
    assert delivery.state == State.PREPARED
    with pytest.raises(NotAllowed, match="own_change"):
        say_yes(delivery, by=scene.controller)
    for name, status in (("decide", 403), ("delivery", 200)):
        answer = client.get(reverse(f"exports:{name}", args=[delivery.pk]))
        assert answer.status_code == status
        assert "siden leverancen blev bestilt" in answer.content.decode()
    say_yes(delivery, by=make_user(Role.CONTROLLER))


def test_who_changed_the_projects_name_or_changed_it_before_it_was_asked_for_may_decide(scene):
    for _ in range(6):
        make_participant(make_activity())
    for change in ({"k": 4}, {"name": "Nyt navn"}):
        vars(scene.project).update(change)
        if "name" in change:
            delivery = make_delivery(scene.project, by=scene.evaluator)
        change_project(by=scene.controller, project=scene.project, evaluators=[scene.evaluator])
    say_yes(delivery, by=scene.controller)
