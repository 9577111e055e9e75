"""A wrong number, a number that comes later, another name or address: the row stays, and the consent must fit."""

import json
from datetime import date

import pytest
from django.urls import reverse

from audit.models import Event
from collection import cpr as cpr_rules
from collection import identities
from collection.models import Identification, Participant
from consent import gate
from consent.actions import tell
from consent.actions.correct import CorrectionRefused, NumberTaken, set_named, set_number, set_working_name
from consent.actions.enrol import EnrolmentRefused
from consent.models import Decision
from consent.queries import EVALUATION
from tests.factories.cast import (
    cpr_text,
    make_activity,
    make_identity,
    make_name_identity,
    make_participant,
    make_plan,
    make_user,
)
from tests.factories.forms import date_parts

pytestmark = pytest.mark.django_db


@pytest.fixture
def activity():
    return make_activity(make_plan(), start=date(2016, 2, 1))


@pytest.fixture
def staff(client, activity):
    client.force_login(activity.responsible)
    return activity.responsible


def number(born: date, n: int = 0) -> cpr_rules.Cpr:
    return cpr_rules.parse(cpr_text(born, n), date.today())


def read(person: Participant, field: str) -> str | None:
    person = Participant.ungated.get(pk=person.pk)
    secret = identities.read(person, field, by=None, reason=identities.Reason.CORRECT)
    return secret.reveal() if secret else None


def usable(person: Participant) -> bool:
    return gate.is_usable(person.pk, EVALUATION, on=date.today())


def correct(client, person, **data):
    return client.post(reverse("consent:correct", args=[person.pk]), data)


# --- A wrong number -------------------------------------------------------------------------------------------


def test_a_wrong_number_is_corrected_once_it_is_typed_twice_and_confirmed(client, staff, activity):
    person = make_participant(activity, make_identity(working_name="Bo"))
    right = number(date(1979, 4, 5), 7).digits
    asked = correct(client, person, cpr=right, cpr_again=right, working_name="Bo")
    assert "Kontrolcifret passer ikke" in asked.text
    assert f'value="{right}"' in asked.text  # what was typed stays
    assert "no-store" in asked["Cache-Control"]
    saved = correct(client, person, cpr=right, cpr_again=right, working_name="Bo", confirm="on")
    assert saved["Location"] == reverse("consent:participant", args=[person.pk])
    assert (read(person, "cpr"), read(person, "name")) == (right, "Bo")
    event = Event.objects.get(action="participant.corrected")
    assert json.loads(event.details) == {"field": "cpr"}
    assert usable(person)


def test_the_person_is_found_by_the_new_number_and_name_and_not_by_the_old(client, staff, activity):
    identity = make_identity(working_name="Bodil Ærenlund")
    person = make_participant(activity, identity)
    before = Participant.ungated.get(pk=person.pk)
    set_number(by=staff, participant=person, number=number(date(1979, 4, 5)))
    after = Participant.ungated.get(pk=person.pk)
    assert before.cpr_index != after.cpr_index
    assert before.name_birth_index != after.name_birth_index  # it is over the birth date too
    twin = make_participant(
        make_activity(make_plan()), make_identity(born=date(1979, 4, 5), working_name="Bodil Ærenlund")
    )
    assert twin.name_birth_index == after.name_birth_index


@pytest.mark.parametrize(
    ("typed", "field"),
    [
        ({"cpr": "", "cpr_again": "1"}, "cpr"),
        ({"cpr": "12"}, "cpr"),
        ({"cpr": cpr_text(date(1979, 4, 5)), "cpr_again": cpr_text(date(1979, 4, 5), 3)}, "cpr_again"),
        ({"cpr": cpr_text(date(1979, 4, 5))}, "cpr_again"),
        ({"cpr": (late := cpr_text(date(2018, 4, 5))), "cpr_again": late}, "cpr"),  # took part before that
    ],
)
def test_what_is_wrong_with_a_number_is_said_at_its_field(client, staff, activity, typed, field):
    person = make_participant(activity)
    answer = correct(client, person, **typed)
    assert list(answer.context["form"].errors) == [field]
    assert not Event.objects.filter(action="participant.corrected").exists()


def test_without_a_new_number_only_the_working_name_changes(client, staff, activity):
    identity = make_identity(working_name="Bo")
    person = make_participant(activity, identity)
    assert correct(client, person, working_name="Bodil").status_code == 302
    assert (read(person, "name"), read(person, "cpr")) == ("Bodil", identity.cpr.digits)
    assert correct(client, person, working_name="").status_code == 302
    assert read(person, "name") is None
    assert [json.loads(event.details) for event in Event.objects.filter(action="participant.corrected")] == [
        {"field": "name"}
    ] * 2


def test_a_number_of_somebody_else_in_the_plan_leads_to_the_page_that_shows_both(client, staff, activity):
    taken = make_identity()
    other = make_participant(activity, taken)
    person = make_participant(activity)
    typed = {"cpr": taken.cpr.digits, "cpr_again": taken.cpr.digits, "confirm": "on"}
    answer = correct(client, person, **typed)
    assert answer["Location"] == reverse("exports:merge", args=[person.pk, other.pk])
    told = Event.objects.get(action="registered.told")
    assert [row.subject for row in told.subjects.all()] == [other.pk]


def test_a_number_in_another_plan_is_nobodys_business(staff, activity):
    taken = make_identity()
    make_participant(make_activity(make_plan()), taken)
    person = make_participant(activity)
    set_number(by=staff, participant=person, number=taken.cpr)
    assert read(person, "cpr") == taken.cpr.digits


def test_who_was_told_often_in_an_hour_is_told_no_more(client, staff, activity, monkeypatch):
    monkeypatch.setattr(tell, "LIMIT", 0)
    taken = make_identity()
    make_participant(activity, taken)
    person = make_participant(activity)
    typed = {"cpr": taken.cpr.digits, "cpr_again": taken.cpr.digits, "confirm": "on"}
    assert correct(client, person, **typed).status_code == 429
    assert not Event.objects.filter(action="registered.told").exists()


# --- The consent must fit -------------------------------------------------------------------------------------


def test_a_correction_that_makes_the_text_one_for_another_age_is_refused_and_says_what_to_do(client, staff, activity):
    person = make_participant(activity)  # an adult's text, in 2016
    child = cpr_text(date(2005, 4, 5))
    answer = correct(client, person, cpr=child, cpr_again=child, confirm="on")
    assert "Spørg først igen" in answer.text
    assert Decision.objects.filter(participant=person).count() == 1
    assert not Event.objects.filter(action="participant.corrected").exists()


def test_the_day_on_which_a_guardians_consent_lapses_follows_in_a_new_decision_with_the_same_facts(staff, activity):
    person = make_participant(activity, make_identity(born=date(2012, 6, 4)), role="child")
    old = Decision.objects.get(participant=person)
    set_number(by=staff, participant=person, number=number(date(2013, 9, 2)))
    new = Decision.objects.filter(participant=person).latest("pk")
    assert (old.lapses_on, new.lapses_on) == (date(2030, 6, 4), date(2031, 9, 2))
    for fact in ("text", "method", "obtained_by", "decided_on", "guardian_relation", "purpose", "kind"):
        assert getattr(old, fact) == getattr(new, fact)
    assert new.recorded_by == staff
    assert Decision.objects.get(pk=old.pk).lapses_on == old.lapses_on


def test_a_birth_date_after_the_consent_is_refused(staff, activity):
    person = make_participant(activity)
    with pytest.raises(CorrectionRefused):
        set_number(by=staff, participant=person, number=number(date(2017, 4, 5)))


# --- Somebody without a number ----------------------------------------------------------------------------------


def named(**changes) -> dict:
    data = {"name": "Bodil Ærenlund", "address": "Birkevænget 9, 8000 Aarhus C", "born": date(1980, 5, 6)}
    data |= changes
    return {key: data[key] for key in data if key != "born"} | (
        date_parts("birth_date", data["born"]) | date_parts("residence_date", date(2013, 1, 2))
    )


def test_name_birth_date_address_and_residence_are_corrected(client, staff, activity):
    person = make_participant(activity, make_name_identity(born=date(1980, 5, 6)))
    page = client.get(reverse("consent:correct", args=[person.pk]))
    assert "Birkevænget" in page.text
    assert correct(client, person, **named()).status_code == 302
    held = [read(person, field) for field in ("name", "birth_date", "address", "residence_date")]
    assert held == ["Bodil Ærenlund", "1980-05-06", "Birkevænget 9, 8000 Aarhus C", "2013-01-02"]
    assert json.loads(Event.objects.get(action="participant.corrected").details) == {
        "field": "name, address, residence_date"
    }


def test_an_unusual_birth_date_is_asked_about(client, staff, activity):
    person = make_participant(activity, make_name_identity(born=date(1980, 5, 6)))
    old = named(born=date(1901, 5, 6))
    assert "over 110 år" in correct(client, person, **old).text
    assert correct(client, person, **old, confirm="on").status_code == 302


def test_a_name_that_would_stop_every_delivery_is_refused(client, staff, activity):
    person = make_participant(activity, make_name_identity())
    assert list(correct(client, person, **named(name="-")).context["form"].errors) == ["name"]
    with pytest.raises(EnrolmentRefused):
        wrong = make_name_identity()
        set_named(by=staff, participant=person, identity=type(wrong)("-", wrong.birth_date, "x", wrong.residence_date))


def test_a_number_that_comes_later_takes_the_place_of_address_and_dates(client, staff, activity):
    identity = make_name_identity(born=date(1980, 5, 6))
    person = make_participant(activity, identity)
    address = reverse("consent:add_number", args=[person.pk])
    digits = cpr_text(date(1980, 5, 6))
    answer = client.post(address, {"cpr": digits, "cpr_again": digits, "confirm": "on"})
    assert answer["Location"] == reverse("consent:participant", args=[person.pk])
    row = Participant.ungated.get(pk=person.pk)
    assert row.identification == Identification.CPR
    assert (row.birth_date, row.address, row.residence_date) == (None, None, None)
    assert (read(person, "name"), read(person, "cpr")) == (identity.name, digits)
    assert usable(person)
    assert Event.objects.filter(action="participant.number_added").count() == 1
    assert client.get(address).status_code == 404


def test_a_number_of_another_birth_date_is_asked_about(client, staff, activity):
    person = make_participant(activity, make_name_identity(born=date(1980, 5, 6)))
    digits = cpr_text(date(1980, 5, 7))
    answer = client.post(reverse("consent:add_number", args=[person.pk]), {"cpr": digits, "cpr_again": digits})
    assert "en anden end den" in answer.text
    assert read(person, "cpr") is None


# --- Who is gone meanwhile --------------------------------------------------------------------------------------


def test_nobody_who_is_erased_is_corrected(staff, activity):
    person = make_participant(activity)
    Participant.ungated.filter(pk=person.pk).update(
        cpr=None, name=None, cpr_index=None, name_birth_index=None, erased_at="2026-01-01T00:00Z"
    )
    for change in (
        lambda: set_number(by=staff, participant=person, number=number(date(1979, 4, 5))),
        lambda: set_working_name(by=staff, participant=person, name="Bo"),
    ):
        with pytest.raises(CorrectionRefused):
            change()


def test_two_who_give_the_same_number_at_the_same_time_are_told_of_each_other(staff, activity, monkeypatch):
    first, second = (make_participant(activity) for _ in range(2))
    right = number(date(1979, 4, 5))
    set_number(by=make_user(), participant=first, number=right)
    with pytest.raises(NumberTaken) as taken:
        set_number(by=staff, participant=second, number=right)
    assert taken.value.participant == first
