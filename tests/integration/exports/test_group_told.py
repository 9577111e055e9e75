"""What the page of a prepared group told counts, whatever becomes of the delivery; and a permission is used once."""

import pytest
from django.urls import reverse

from exports import groups, wording
from exports.actions.deliveries import cancel, mark_failed, request_delivery
from exports.actions.projects import change_project
from exports.models import Delivery, EvaluationProject, State
from exports.policies import NotAllowed
from exports.states import move
from tests.factories.deliveries import make_project, say_no
from tests.factories.delivery_states import delivery_in
from tests.factories.groups import group_report
from tests.factories.neighbourhood import definition
from tests.integration.exports.test_pages_projects import typed

pytestmark = pytest.mark.django_db
COMPARISON = Delivery.Kind.COMPARISON
NO_LIST = "00000000-0000-0000-0000-000000000000"


@pytest.fixture
def project(evaluator):
    return make_project(evaluator)


@pytest.fixture
def prepared(project, evaluator, controller):
    """A group that was seen and not built."""
    told = group_report() | {"group": "its id", "drawn": 2343, "counted": True}
    return delivery_in(
        State.PREPARED,
        project,
        by=evaluator,
        decider=controller,
        kind=COMPARISON,
        definition=definition(NO_LIST),
        **told,
    )


def order(project, evaluator, **changes) -> Delivery:
    return request_delivery(by=evaluator, project=project, kind=COMPARISON, definition=definition(NO_LIST, **changes))


def rejected(delivery, evaluator, controller):
    say_no(delivery, by=controller)


def cancelled(delivery, evaluator, controller):
    cancel(by=evaluator, delivery=delivery)


def failed(delivery, evaluator, controller):
    move(delivery, State.APPROVED, decided_by=controller, decided_hash=delivery.prepared_hash)
    mark_failed(delivery, code="disk_full")


@pytest.mark.parametrize("end", [None, rejected, cancelled, failed])
def test_a_near_rule_takes_a_decision_as_soon_as_a_page_has_told_of_the_first(
    prepared, project, evaluator, controller, end
):
    if end:
        end(prepared, evaluator, controller)
    with pytest.raises(NotAllowed, match="another_group"):
        order(project, evaluator, oldest=7)
    assert order(project, evaluator).state == State.REQUESTED  # the same rule is no other group


def test_what_failed_before_anything_was_told_binds_nobody(project, evaluator, controller):
    delivery_in(
        State.FAILED, project, by=evaluator, decider=controller, kind=COMPARISON, definition=definition(NO_LIST)
    )
    assert order(project, evaluator, oldest=7).state == State.REQUESTED


def test_who_typed_a_wrong_rule_reads_who_may_allow_another(client, prepared, project, evaluator, controller):
    client.force_login(evaluator)
    with pytest.raises(NotAllowed) as refused:
        order(project, evaluator, oldest=7)
    assert "bed en dataansvarlig om skriftligt at tillade endnu en gruppe" in str(wording.REFUSALS[refused.value.code])
    client.force_login(controller)
    form = client.get(reverse("exports:project_edit", args=[project.pk])).context["form"]
    assert "another_group" in form.fields
    permit(project, controller, evaluator, "Reglen havde en forkert alder.")
    assert order(project, evaluator, oldest=7).definition["permitted"] == "Reglen havde en forkert alder."


def permit(project, controller, evaluator, why: str) -> None:
    project = EvaluationProject.objects.get(pk=project.pk)
    shown = groups.mark(project.another_group)
    change_project(by=controller, project=project, evaluators=[evaluator], another_group=(shown, why))


def test_an_old_page_gives_no_used_up_permission_again(client, prepared, project, evaluator, controller):
    permit(project, controller, evaluator, "Reglen havde en forkert alder.")
    client.force_login(controller)
    address = reverse("exports:project_edit", args=[project.pk])
    form = client.get(address).context["form"]
    on_the_page = typed(
        project,
        evaluator,
        dst_number=project.dst_number,
        name="Et nyt navn",
        another_group=form["another_group"].value(),
        another_group_shown=form["another_group_shown"].value(),
    )
    order(project, evaluator, oldest=7)

    answer = client.post(address, on_the_page)

    assert "Tilladelsen er brugt eller ændret, siden du åbnede siden" in answer.content.decode()
    project.refresh_from_db()
    assert (project.another_group, project.name == "Et nyt navn") == ("", False)
    with pytest.raises(NotAllowed):
        order(project, evaluator, oldest=8)
    # what the page shows now is what holds, and can be saved
    form = answer.context["form"]
    now = {name: form[name].value() or "" for name in ("another_group", "another_group_shown")}
    assert f'name="another_group_shown" value="{now["another_group_shown"]}"' in answer.content.decode()
    assert now["another_group"] == ""
    assert client.post(address, on_the_page | now).status_code == 302
    project.refresh_from_db()
    assert (project.another_group, project.name) == ("", "Et nyt navn")
