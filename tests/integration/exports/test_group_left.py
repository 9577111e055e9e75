"""Who is out of a group stays out, nothing is kept of them, and nobody works out who they are."""

from datetime import date, timedelta

import pytest
from django.urls import reverse

from accounts.permissions import Role
from audit.verify import verify
from collection import cpr as cpr_rules
from collection.models import Participant
from consent.actions.correct import set_number
from exports import group_sets, groups, storage
from exports.actions.deliveries import build_again
from exports.actions.projects import change_project
from exports.expiry import expire_due
from exports.jobs import ClaimLost
from exports.models import Delivery, DeliveryPerson, EvaluationProject, Job, State
from tests.factories.cast import cpr_text, make_activity, make_identity, make_participation, make_user
from tests.factories.deliveries import approve_and_build, make_delivery, run_jobs, say_yes
from tests.factories.neighbourhood import ADULT, CHILD, content, draw, group_sizes, leave, rows

pytestmark = [pytest.mark.django_db, pytest.mark.one_database]


def correct(participant: Participant, n: int) -> None:
    number = cpr_rules.parse(cpr_text(date(1979, 3, 3), n), date.today())
    by = participant.plan.activities.first().responsible
    set_number(by=by, participant=Participant.ungated.get(pk=participant.pk), number=number)


def again(delivery: Delivery, evaluator, **changes) -> Delivery:
    rule = delivery.definition | {"definition": delivery.definition["definition"] | changes}
    return make_delivery(delivery.project, by=evaluator, kind=Delivery.Kind.COMPARISON, definition=rule)


def held(delivery: Delivery) -> set:
    rows = DeliveryPerson.objects.filter(delivery=delivery, taken_out_at=None)
    return set(rows.values_list("participant", flat=True))


def sets_of(delivery: Delivery) -> list[str]:
    return [path.name for path in storage.delivery_folder(delivery).glob("frozen*.age")]


def test_a_family_found_by_a_number_that_was_wrong_is_out(town, evaluator, controller):
    """One number was a stranger's; another was in two plans, in one of them by mistake."""
    people = [town.participant_family(ADULT, CHILD) for _ in range(7)]
    identity = make_identity(born=ADULT)
    town.family(ADULT, CHILD, adult_number=identity.cpr.digits)
    both = [
        make_participation(activity, identity, start=date(2015, 3, 1)).participant
        for activity in (town.activity, make_activity(town.silent))
    ]
    for _ in range(6):
        town.family(ADULT, CHILD)
    delivery = draw(town, evaluator, controller)
    assert delivery.report["persons"] == 14
    (own,) = {*both} & set(Participant.ungated.filter(pk__in=_relied_on(delivery)))
    correct(people[0], 1)
    correct(next(row for row in both if row != own), 2)  # the group rests on the other one

    built = approve_and_build(delivery, by=controller)

    assert group_sizes(built) == (6, 6)
    assert held(built) == {person.pk for person in people[1:]}
    assert _relied_on(built) == held(built)
    assert again(built, evaluator).report["persons"] == 12


def _relied_on(delivery: Delivery) -> set:
    ids = {one.hex() for one in group_sets.read_of(delivery).relied_on()}
    return {row.pk for row in Participant.ungated.all() if row.pk.bytes.hex() in ids}


@pytest.mark.slow
def test_nothing_is_kept_of_who_left(town, evaluator, controller):
    """The approved set lies there until the files are built; then the one that the files have; of several deliveries
    that of the newest; and that is made smaller every day."""
    people = [town.participant_family(ADULT, CHILD) for _ in range(8)]
    for _ in range(6):
        town.family(ADULT, CHILD)
    first = draw(town, evaluator, controller)
    say_yes(first, by=controller)
    leave(town, first, people[0])
    run_jobs()
    first.refresh_from_db()
    assert sets_of(first) == [f"frozen-{groups.set_of(first)}.age"]
    assert _relied_on(first) == {person.pk for person in people[1:]}

    second = again(first, evaluator)
    assert len(sets_of(first)) == 1  # its files may have to be built again
    expire_due(first.expires_on + timedelta(days=1))
    assert (sets_of(first), len(sets_of(second))) == ([], 1)
    leave(town, second, people[1])
    second = approve_and_build(second, by=controller)
    assert sets_of(second) == [f"frozen-{groups.set_of(second)}.age"]
    assert second.prepared_hash not in sets_of(second)[0]

    expire_due(second.expires_on + timedelta(days=1))
    leave(town, second, people[2])
    expire_due()  # the next day, though nobody asked for the group again
    second.refresh_from_db()
    assert sets_of(second) == [f"frozen-{groups.set_of(second)}.age"]
    assert _relied_on(second) == held(second) == {person.pk for person in people[3:]}
    assert verify()[1] == []


def test_a_group_prepared_again_is_what_is_left_of_it_also_when_it_is_interrupted(
    town,
    evaluator,
    controller,
    monkeypatch,
):
    people = [town.participant_family(ADULT, CHILD) for _ in range(7)]
    for _ in range(6):
        town.family(ADULT, CHILD)
    delivery = approve_and_build(draw(town, evaluator, controller), by=controller)
    leave(town, delivery, people[0])
    project = EvaluationProject.objects.get(pk=delivery.project_id)
    project.k = 4
    change_project(by=controller, project=project, evaluators=[evaluator])
    build_again(by=controller, delivery=delivery)
    in_place, times = storage.put_in_place, iter(range(9))

    def killed(folder):  # once its files are in place, before the database knows of them
        in_place(folder)
        if next(times) == 0:
            raise ClaimLost

    monkeypatch.setattr(storage, "put_in_place", killed)
    run_jobs()
    delivery.jobs.filter(state=Job.State.RUNNING).update(state=Job.State.QUEUED)  # as when its lease has run out
    run_jobs()
    delivery.refresh_from_db()
    assert next(times) == 2
    assert (delivery.state, delivery.report["persons"]) == (State.PREPARED, 12)
    assert approve_and_build(delivery, by=make_user(Role.CONTROLLER)).state == State.BUILT
    assert held(delivery) == _relied_on(delivery) == {person.pk for person in people[1:]}


def test_beside_a_near_group_no_size_is_told(client, town, evaluator, controller):
    """The wider rule has one family more: a controller allowed it, and nobody can subtract the two."""
    for _ in range(7):
        town.participant_family(ADULT, CHILD)
        town.family(ADULT, CHILD)
    town.family(ADULT, date(2009, 5, 5))  # seven in 2016
    first = draw(town, evaluator, controller)
    project = EvaluationProject.objects.get(pk=first.project_id)
    change_project(
        by=controller, project=project, evaluators=[evaluator], another_group=(groups.mark(""), "Også de syvårige.")
    )
    client.force_login(evaluator)
    page = client.get(reverse("exports:delivery", args=[first.pk])).content.decode()
    assert '<span class="number">14</span> rækker' in page
    second = again(first, evaluator, oldest=7)
    assert second.report["rows_by_file"]["familier.csv"] == 15
    page = client.get(reverse("exports:delivery", args=[second.pk])).content.decode()
    assert "Antallet af rækker vises ikke" in page
    assert "Tallene vises ikke" in page
    assert '<td class="number">15</td>' not in page
    assert '<span class="number">15' not in page
    assert "N = 8" not in page
    assert client.get(reverse("exports:picture", args=[second.pk, "flow"])).status_code == 404
    files = content(approve_and_build(second, by=controller))
    assert not [name for name in files if name.startswith("flow.")]
    assert {row["participants"] for row in rows(files["table1.csv"], delimiter=",")} == {"hidden"}
