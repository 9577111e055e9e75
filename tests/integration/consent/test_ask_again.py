"""Asking somebody again: a yes renews, a no ends, and between the two the identity is locked."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.permissions import Role
from audit.models import Event
from collection.models import Participant
from consent import gate
from consent.actions.enrol import Start, enrol
from consent.actions.given import EnrolmentRefused, GivenConsent
from consent.actions.lapse import lapse_due
from consent.actions.renew import refuse_again, renew
from consent.models import Audience, Decision, Kind, Method, Purpose, Version
from consent.queries import EVALUATION
from consent.worklists import to_ask_again
from tests.factories.cast import (
    make_activity,
    make_identity,
    make_name_identity,
    make_participant,
    make_participation,
    make_plan,
    make_text,
    make_user,
)
from tests.factories.clock import today_is
from tests.factories.forms import date_parts

pytestmark = [pytest.mark.django_db, pytest.mark.slow_on_postgres]
BORN = date(2007, 5, 5)
COMES_OF_AGE = date(2025, 5, 5)
TODAY = date(2025, 6, 1)


@pytest.fixture(autouse=True)
def clock():
    with today_is(TODAY) as clock:
        yield clock


@pytest.fixture
def activity():
    return make_activity(make_plan(), start=date(2014, 2, 1))


@pytest.fixture
def grown_up(activity):
    """A child of 2014, eighteen four weeks ago."""
    return make_participant(activity, make_identity(born=BORN, working_name="Bodil"), role="child")


@pytest.fixture
def page(client, activity):
    client.force_login(activity.responsible)

    def answer(person, **typed):
        url = reverse("consent:ask_again", args=[person.pk])
        return client.post(url, typed) if typed else client.get(url)

    make_text()
    return answer


def yes(activity, on=TODAY, audience=Audience.ADULT, **facts):
    return GivenConsent(make_text(audience), Method.PAPER, on, activity.responsible, **facts)


def usable(person, on=TODAY):
    return gate.is_usable(person.pk, EVALUATION, on=on)


def typed(answer, on=TODAY, **changes):
    return {"answer": answer, "audience": "adult", "wording": "da", **date_parts("decided_on", on)} | changes


# --- Yes ---------------------------------------------------------------------------------------------------------


def test_who_has_come_of_age_consents_themselves_and_is_unlocked(activity, grown_up):
    assert not usable(grown_up)
    decision = renew(by=activity.responsible, participant=grown_up, consent=yes(activity))
    assert (decision.kind, decision.lapses_on, decision.guardian_relation) == (Kind.GIVEN, None, "")
    assert usable(grown_up)
    assert lapse_due(today=date(2026, 6, 1)) == (0, 0)


def test_a_consent_from_before_the_lapse_may_come_in_after_it(activity, grown_up):
    """Signed at 17, in the desk drawer until the lapse was on record."""
    lapse_due()
    signed = yes(activity, COMES_OF_AGE - timedelta(days=20), Audience.YOUTH)
    renew(by=activity.responsible, participant=grown_up, consent=signed)
    assert usable(grown_up)


@pytest.mark.parametrize(
    ("code", "day", "audience", "relation"),
    [
        ("decided_in_future", TODAY + timedelta(days=1), Audience.ADULT, ""),
        ("decided_before_birth", BORN - timedelta(days=1), Audience.GUARDIAN, "mother"),
        ("text_does_not_fit_age", TODAY, Audience.YOUTH, ""),
        ("text_does_not_fit_age", TODAY, Audience.GUARDIAN, "mother"),
        ("guardian_relation_not_needed", TODAY, Audience.ADULT, "mother"),
        ("guardian_relation_missing", date(2015, 3, 3), Audience.GUARDIAN, ""),
        ("consent_lapsed", date(2015, 3, 3), Audience.GUARDIAN, "mother"),
    ],
)
def test_a_renewal_that_says_nothing_is_refused(activity, grown_up, code, day, audience, relation):
    with pytest.raises(EnrolmentRefused, match=code):
        consent = yes(activity, day, audience, guardian_relation=relation)
        renew(by=activity.responsible, participant=grown_up, consent=consent)
    assert Decision.objects.filter(participant=grown_up, kind=Kind.GIVEN).count() == 1


def test_a_yes_is_not_from_before_the_latest_answer(activity):
    person = make_participant(activity, start=date(2016, 3, 3))
    renew(by=activity.responsible, participant=person, consent=yes(activity, date(2016, 3, 3)))
    with pytest.raises(EnrolmentRefused, match="decided_before_latest"):
        renew(by=activity.responsible, participant=person, consent=yes(activity, date(2016, 3, 2)))


def test_a_text_that_asks_again_itself_renews_nothing(activity, grown_up):
    consent = yes(activity)
    version = consent.text.version
    version.consents_lapse_on, version.lapse_known_at = date(2026, 1, 1), datetime(2025, 1, 1, tzinfo=UTC)
    version.save()
    with pytest.raises(EnrolmentRefused, match="text_not_published"):
        renew(by=activity.responsible, participant=grown_up, consent=consent)


def test_the_page_begins_with_the_text_of_their_age_and_saves_a_yes(page, client, grown_up, activity):
    form = page(grown_up).context["form"]
    assert form["audience"].initial == Audience.ADULT
    assert form["answer"].value() is None
    response = page(grown_up, **typed("yes", method="paper", obtained_by=str(activity.responsible.pk)))
    assert response.status_code == 302, response.context["form"].errors
    text = client.get(response["Location"]).text
    assert "Det nye samtykke er gemt." in text
    decision = Decision.objects.filter(participant=grown_up).latest("pk")
    assert (decision.kind, decision.decided_on, decision.method) == (Kind.GIVEN, TODAY, Method.PAPER)
    event = Event.objects.get(action="consent.renewed")
    assert [one.subject for one in event.subjects.all()] == [grown_up.pk]


def test_a_child_under_15_is_renewed_by_a_guardian(page, activity):
    child = make_participant(activity, make_identity(born=date(2015, 5, 5)), start=date(2021, 3, 3), role="child")
    make_text(Audience.GUARDIAN)
    assert page(child).context["form"]["audience"].initial == Audience.GUARDIAN
    filled = typed("yes", audience="guardian", method="paper", obtained_by=str(activity.responsible.pk))
    assert list(page(child, **filled).context["form"].errors) == ["guardian_relation"]
    assert page(child, **filled, guardian_relation="father").status_code == 302
    decision = Decision.objects.filter(participant=child).latest("pk")
    assert (decision.guardian_relation, decision.lapses_on) == ("father", date(2033, 5, 5))


def test_errors_stand_at_their_fields_and_keep_what_was_typed(page, grown_up, activity):
    response = page(grown_up, **typed("yes", on=TODAY + timedelta(days=9)))
    assert set(response.context["form"].errors) == {"decided_on", "method", "obtained_by"}
    assert 'value="10"' in response.text
    response = page(grown_up, audience="adult", wording="da")
    assert list(response.context["form"].errors) == ["answer", "decided_on"]
    make_text(Audience.YOUTH)
    filled = typed("yes", method="paper", obtained_by=str(activity.responsible.pk))
    response = page(grown_up, **filled | {"audience": "youth"})
    assert list(response.context["form"].errors) == ["audience"]


# --- No -----------------------------------------------------------------------------------------------------------


def test_a_no_needs_no_more_than_its_date_and_erases_the_person_in_all_plans(page, client, activity):
    another = make_participant(make_activity(make_plan()), make_identity(born=date(1980, 3, 3)))
    identity = make_identity(born=BORN)
    twin = make_participant(make_activity(make_plan(), start=date(2014, 2, 1)), identity, role="child")
    mine = make_participant(activity, identity, role="child")
    response = page(mine, **typed("no", wording=""))
    assert response.status_code == 302
    assert client.get(response["Location"]).status_code == 200
    for row in (mine, twin):
        row = Participant.ungated.get(pk=row.pk)
        assert row.erased_at
        assert row.cpr is None
        assert Decision.objects.filter(participant=row).latest("pk").kind == Kind.REFUSED
    assert Participant.ungated.get(pk=another.pk).erased_at is None
    assert Event.objects.filter(action="consent.refused").count() == 2
    assert client.get(reverse("consent:participant", args=[mine.pk])).status_code == 404


def test_a_no_is_not_in_the_future_nor_before_the_latest_answer(page, activity):
    person = make_participant(activity, start=date(2016, 3, 3))
    for day in (TODAY + timedelta(days=1), date(2016, 3, 2)):
        response = page(person, **typed("no", on=day))
        assert list(response.context["form"].errors) == ["decided_on"]
    assert usable(person)


def test_a_no_comes_too_late_for_who_was_erased_meanwhile(activity, grown_up):
    purpose = Purpose.objects.get(pk=EVALUATION)
    refuse_again(by=activity.responsible, participant=grown_up, purpose=purpose, refused_on=TODAY)
    with pytest.raises(EnrolmentRefused, match="erased"):
        refuse_again(by=activity.responsible, participant=grown_up, purpose=purpose, refused_on=TODAY)
    with pytest.raises(EnrolmentRefused, match="erased"):
        renew(by=activity.responsible, participant=grown_up, consent=yes(activity))


# --- Locked in between ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("recorded", [False, True])
def test_a_lapsed_identity_shows_only_what_it_takes_to_ask_again(client, activity, recorded):
    child = make_name_identity(born=BORN)
    person = make_participant(activity, child, role="child")
    if recorded:
        lapse_due()
    client.force_login(activity.responsible)
    text = client.get(reverse("consent:participant", args=[person.pk])).text
    assert reverse("consent:ask_again", args=[person.pk]) in text
    for shown in (child.name.partition(" ")[0], "5. maj 2025", "5. november 2025"):
        assert shown in text
    for hidden in (child.address, "5. maj 2007", "1. juni 2012", reverse("consent:reveal", args=[person.pk])):
        assert hidden not in text
    assert [event.action for event in Event.objects.filter(action__startswith="identity")][-1] == "identity.listed"


def test_nobody_reads_the_number_of_a_lapsed_identity(client, activity, grown_up):
    client.force_login(activity.responsible)
    url = reverse("consent:reveal", args=[grown_up.pk])
    assert client.post(url, {"reason": "contact"}).status_code == 404
    renew(by=activity.responsible, participant=grown_up, consent=yes(activity))
    assert client.post(url, {"reason": "contact"}).status_code == 200


def test_the_history_says_from_when_and_since_when_we_knew(client, activity, clock):
    person = make_participant(activity, start=date(2016, 3, 3))
    client.force_login(activity.responsible)
    text = client.get(reverse("consent:participant", args=[person.pk])).text
    assert "Gælder fra 3. marts 2016. Registreret 1. juni 2025 kl. 12.00" in text


def test_the_page_asks_few_questions_of_the_database(page, grown_up):
    page(grown_up)
    with CaptureQueriesContext(connection) as captured:
        page(grown_up)
    assert len([query for query in captured if "SAVEPOINT" not in query["sql"]]) <= 15


# --- Enrolment of somebody whose consent has lapsed ------------------------------------------------------------------


def test_who_joins_another_activity_after_the_lapse_says_yes_again_with_it(activity):
    identity = make_identity(born=BORN)
    person = make_participation(activity, identity, role="child").participant
    other = make_activity(activity.plan, start=date(2014, 2, 1))
    joined = make_participation(other, identity, start=TODAY, decided_on=TODAY)
    assert joined.participant_id == person.pk
    assert usable(person)
    assert [one.kind for one in gate.history(person, EVALUATION)] == [Kind.GIVEN, Kind.GIVEN]


def test_nobody_joins_on_a_consent_that_leaves_the_later_one_lapsed(activity):
    person_identity = make_identity(born=date(1980, 3, 3))
    person = make_participation(activity, person_identity, start=date(2016, 3, 3)).participant
    Version.objects.filter(pk=make_text().version_id).update(
        consents_lapse_on=date(2025, 1, 1), lapse_known_at=datetime(2024, 1, 1, tzinfo=UTC), ended_at=None
    )
    new = Version.objects.create(document=make_text().version.document, number=2, published_at=datetime.now(UTC))
    text = make_text()
    text.pk, text.version = None, new
    text.save(force_insert=True)
    other = make_activity(activity.plan, start=date(2014, 2, 1))
    consent = GivenConsent(text, Method.PAPER, date(2015, 1, 1), activity.responsible)
    with pytest.raises(EnrolmentRefused, match="decided_before_latest"):
        enrol(
            by=activity.responsible,
            activity=other,
            consent=consent,
            identity=person_identity,
            start=Start(date(2015, 1, 1), "day", "child"),
            add_to_registered=True,
        )
    assert Decision.objects.filter(participant=person).count() == 1


def test_nobody_is_registered_on_a_consent_that_has_lapsed_already(activity):
    with pytest.raises(EnrolmentRefused, match="consent_lapsed"):
        enrol(
            by=activity.responsible,
            activity=activity,
            consent=yes(activity, date(2015, 1, 1), Audience.GUARDIAN, guardian_relation="mother"),
            identity=make_identity(born=BORN),
            start=Start(date(2015, 1, 1), "day", "child"),
        )
    assert not Participant.ungated.exists()


# --- Who is to be asked ----------------------------------------------------------------------------------------------


def test_who_is_to_be_asked_again(activity):
    role = {"role": "child"}
    locked = make_participant(activity, make_identity(born=BORN), **role)
    soon = make_participant(activity, make_identity(born=date(2007, 7, 30)), **role)  # 18 in 59 days
    later = make_participant(activity, make_identity(born=date(2007, 8, 5)), **role)
    make_participant(activity)  # an adult
    make_participant(make_activity(make_plan()), make_identity(born=BORN), **role)  # another plan's
    assert list(to_ask_again([activity.plan], TODAY)) == [locked, soon]
    assert [person.lapses for person in to_ask_again([activity.plan], TODAY)] == [COMES_OF_AGE, date(2025, 7, 30)]
    guardians = Version.objects.get(document__audience=Audience.GUARDIAN)
    guardians.consents_lapse_on, guardians.lapse_known_at = date(2025, 7, 1), datetime(2025, 6, 1, tzinfo=UTC)
    guardians.save()
    asked = to_ask_again([activity.plan], TODAY)
    assert {person.pk: person.lapses for person in asked} == {
        locked.pk: COMES_OF_AGE,
        soon.pk: date(2025, 7, 1),
        later.pk: date(2025, 7, 1),
    }
    assert asked.count() == 3
    renew(by=activity.responsible, participant=locked, consent=yes(activity))
    assert locked not in to_ask_again([activity.plan], TODAY)


def test_the_participants_page_says_that_it_is_time(client, activity):
    person = make_participant(activity, make_identity(born=date(2007, 7, 30)), role="child")
    client.force_login(activity.responsible)
    assert "30. juli 2025" in client.get(reverse("consent:participant", args=[person.pk])).text


@pytest.mark.parametrize(("role", "status"), [(Role.STAFF, 404), (Role.EVALUATOR, 403), (Role.CONTROLLER, 403)])
def test_others_do_not_ask(client, grown_up, role, status):
    client.force_login(make_user(role, make_plan()))
    assert client.get(reverse("consent:ask_again", args=[grown_up.pk])).status_code == status
