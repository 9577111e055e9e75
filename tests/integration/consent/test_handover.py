"""Handing over: what the leaver knows is asked for, their work goes to a colleague, and then they can leave."""

from datetime import date

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts.permissions import Role
from audit.models import Event
from collection.models import Headcount, Membership
from consent.actions.handover import NotInPlan, WorkIsOpen, hand_over, remove_member
from consent.models import ScreenAnswer
from tests.factories.cast import make_activity, make_estimate, make_participant, make_plan, make_text, make_user

pytestmark = pytest.mark.django_db
STAFF = reverse("collection:staff")


@pytest.fixture
def plan():
    return make_plan()


@pytest.fixture
def coordinator(plan, client):
    user = make_user(Role.COORDINATOR, plan)
    client.force_login(user)
    return user


@pytest.fixture
def leaver(plan):
    return make_user(Role.STAFF, plan, name="Lene Går")


@pytest.fixture
def successor(plan):
    return make_user(Role.STAFF, plan, name="Sofie Bliver")


def page_of(leaver, plan) -> str:
    return reverse("consent:hand_over", args=[plan.pk, leaver.pk])


def said_yes(activity, by) -> ScreenAnswer:
    return ScreenAnswer.objects.create(
        activity=activity, text=make_text(), started_by=by, answer="yes", answered_at=timezone.now()
    )


def settled(plan, leaver, **fields):
    """An activity about which there is nothing to ask."""
    activity = make_activity(plan, responsible=leaver, start=date(2016, 2, 1), end=date(2016, 12, 16), **fields)
    make_participant(activity)
    make_estimate(activity, 2016, 9)
    return activity


def test_activities_go_to_the_successor_but_who_obtained_an_answer_stays(client, coordinator, plan, leaver, successor):
    activities = [settled(plan, leaver), settled(plan, leaver)]
    others = settled(plan, make_user(Role.STAFF, plan))
    answer = said_yes(activities[0], leaver)
    response = client.post(page_of(leaver, plan), {"successor": successor.pk, "asked": "on"}, follow=True)
    assert "2 aktiviteter er overdraget fra Lene Går til Sofie Bliver." in response.content.decode()
    for activity in [*activities, others, answer]:
        activity.refresh_from_db()
    assert {activity.responsible for activity in activities} == {successor}
    assert others.responsible not in (leaver, successor)
    assert answer.started_by == leaver
    events = Event.objects.filter(action="activity.handed_over", actor=str(coordinator.pk), plan=str(plan.pk))
    assert {event.object_id for event in events} == {str(activity.pk) for activity in activities}
    assert str(leaver.pk) in events[0].details


def test_what_only_the_leaver_knows_is_asked_for_first(client, coordinator, plan, leaver, successor):
    activity = make_activity(
        plan, responsible=leaver, start=date(2015, 2, 1), end=date(2016, 12, 16), name="Åben rådgivning"
    )
    page = client.get(page_of(leaver, plan)).content.decode()
    assert "1. Spørg Lene Går" in page
    assert "Hvor mange deltog i alt" in page
    assert reverse("consent:enrol", args=[activity.pk]) in page
    response = client.post(page_of(leaver, plan), {"successor": successor.pk})
    assert list(response.context["form"].errors) == ["asked"]
    activity.refresh_from_db()
    assert activity.responsible == leaver
    client.post(page_of(leaver, plan), {"successor": successor.pk, "asked": "on"})
    activity.refresh_from_db()
    assert activity.responsible == successor


def test_estimates_from_memory_are_kept_and_leave_nothing_to_ask(client, coordinator, plan, leaver, successor):
    activity = make_activity(plan, responsible=leaver, start=date(2015, 2, 1), end=date(2016, 12, 16))
    make_participant(activity)
    typed = {f"estimate-{activity.pk}-{year}": n for year, n in ((2015, "12"), (2016, "0"))}
    response = client.post(page_of(leaver, plan), {"successor": successor.pk} | typed)
    assert response.status_code == 302
    found = Headcount.objects.filter(activity=activity).order_by("year")
    assert [(one.year, one.estimate, one.basis, one.made_by) for one in found] == [
        (2015, 12, "memory", coordinator),
        (2016, 0, "memory", coordinator),
    ]


def test_a_wrong_estimate_moves_nothing_and_stays_on_the_page(client, coordinator, plan, leaver, successor):
    activity = make_activity(plan, responsible=leaver, start=date(2016, 2, 1), end=date(2016, 12, 16))
    name = f"estimate-{activity.pk}-2016"
    response = client.post(page_of(leaver, plan), {"successor": successor.pk, "asked": "on", name: "omkring 20"})
    assert response.context["form"].errors[name] == ["Skriv antallet som et helt tal."]
    assert "omkring 20" in response.content.decode()
    activity.refresh_from_db()
    assert activity.responsible == leaver


def test_only_a_colleague_of_the_plan_can_take_over(client, coordinator, plan, leaver):
    activity = settled(plan, leaver)
    stranger = make_user(Role.STAFF, make_plan())
    for wrong in (stranger, leaver):
        assert client.post(page_of(leaver, plan), {"successor": wrong.pk}).context["form"].errors["successor"]
        with pytest.raises(NotInPlan):
            hand_over(by=coordinator, plan=plan, leaver=leaver, successor=wrong, estimates=[(activity, 2016, 3)])
    assert activity.headcounts.count() == 1


def test_activities_of_another_plan_stay(client, coordinator, plan, leaver, successor):
    elsewhere = make_plan()
    Membership.objects.create(user=leaver, plan=elsewhere)
    there = settled(elsewhere, leaver)
    settled(plan, leaver)
    client.post(page_of(leaver, plan), {"successor": successor.pk})
    there.refresh_from_db()
    assert there.responsible == leaver


def test_somebody_without_work_has_nothing_to_hand_over(client, coordinator, plan, leaver, successor):
    assert "Der er ikke noget at overdrage." in client.get(page_of(leaver, plan)).content.decode()
    assert page_of(leaver, plan) not in client.get(STAFF).content.decode()


@pytest.mark.parametrize("size", [1, 12])
def test_the_page_takes_few_queries_whatever_its_size(
    client, coordinator, plan, leaver, successor, size, django_assert_max_num_queries
):
    for _ in range(size):
        make_participant(make_activity(plan, responsible=leaver))
    with django_assert_max_num_queries(15):
        client.get(page_of(leaver, plan))


# --- Leaving ----------------------------------------------------------------------------------------------


def remove_page(member, plan) -> str:
    return reverse("consent:member_remove", args=[plan.pk, member.pk])


def test_who_has_open_work_stays_until_it_is_handed_over(client, coordinator, plan, leaver, successor):
    activity = make_activity(plan, responsible=leaver, name="Åben rådgivning")
    asked = client.get(remove_page(leaver, plan)).content.decode()
    assert "kan ikke fjernes, før det er overdraget eller gjort" in asked
    assert "Åben rådgivning" in asked
    assert page_of(leaver, plan) in asked
    assert "Fjern adgangen" not in asked
    refused = client.post(remove_page(leaver, plan), follow=True)
    assert "har åbent arbejde" in refused.content.decode()
    assert refused.redirect_chain[-1][0] == page_of(leaver, plan)
    hand_over(by=coordinator, plan=plan, leaver=leaver, successor=successor)
    assert "har ikke længere adgang" in client.post(remove_page(leaver, plan), follow=True).content.decode()
    activity.refresh_from_db()
    assert activity.responsible == successor


def test_a_yes_on_screen_that_nobody_is_registered_with_is_open_work(coordinator, plan, leaver):
    answer = said_yes(settled(plan, coordinator), leaver)
    with pytest.raises(WorkIsOpen):
        remove_member(by=coordinator, plan=plan, user=leaver)
    ScreenAnswer.objects.filter(pk=answer.pk).update(used_at=timezone.now())
    remove_member(by=coordinator, plan=plan, user=leaver)


def test_an_activity_that_has_ended_keeps_nobody(coordinator, plan, leaver):
    activity = settled(plan, leaver)
    remove_member(by=coordinator, plan=plan, user=leaver)
    activity.refresh_from_db()
    assert activity.responsible == leaver


def test_with_the_last_plan_the_account_is_closed_and_the_page_says_so(client, coordinator, plan, leaver):
    assert "kontoen lukkes" in client.get(remove_page(leaver, plan)).content.decode()
    assert "Kontoen er lukket." in client.post(remove_page(leaver, plan), follow=True).content.decode()
    leaver.refresh_from_db()
    assert not leaver.is_active
    assert not Membership.objects.filter(user=leaver).exists()
    assert set(Event.objects.filter(object_id=str(leaver.pk)).values_list("action", flat=True)) == {
        "member.removed",
        "user.closed",
    }


def test_with_another_plan_the_account_stays_open(client, coordinator, plan, leaver):
    Membership.objects.create(user=leaver, plan=make_plan())
    assert "kontoen lukkes" not in client.get(remove_page(leaver, plan)).content.decode()
    client.post(remove_page(leaver, plan))
    leaver.refresh_from_db()
    assert leaver.is_active


def test_nobody_removes_themselves(client, coordinator, plan):
    assert client.post(remove_page(coordinator, plan)).status_code == 404


def test_who_was_let_out_is_signed_out_at_once(client, coordinator, plan, leaver):
    client.force_login(leaver)
    assert client.get(reverse("exports:tasks")).status_code == 200
    remove_member(by=coordinator, plan=plan, user=leaver)
    assert client.get(reverse("exports:tasks")).status_code == 302
