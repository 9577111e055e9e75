"""Registering with a yes from the screen: once, in its plan, within a day, with its signature as the proof."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import connection
from django.urls import reverse
from django.utils.timezone import localdate

from accounts.permissions import Role
from audit.models import Event
from collection.models import Participant, Participation, Precision
from consent.actions.enrol import EnrolmentRefused, GivenConsent, Start, enrol
from consent.actions.proofs import open_proof
from consent.actions.screen import delete_old_answers
from consent.models import Audience, Decision, Method, Proof, ScreenAnswer
from consent.models.screen import KEPT_FOR
from consent.tasks import delete_screen_answers
from tests.factories.cast import make_activity, make_identity, make_plan, make_text, make_user
from tests.factories.forms import passing_number, typed
from tests.factories.screen import SIGNATURE, make_answer

pytestmark = [pytest.mark.django_db, pytest.mark.slow_on_postgres]


@pytest.fixture(autouse=True)
def folder(settings, tmp_path):
    settings.DATA_DIR = tmp_path
    return tmp_path


@pytest.fixture
def activity():
    return make_activity(make_plan(), start=date(2014, 2, 1), end=None)


@pytest.fixture
def save(client, activity):
    """Posts the person and the start as a colleague of the one who asked."""
    client.force_login(make_user(Role.STAFF, activity.plan))

    def post(answer, to=activity, **changes):
        data = {"cpr": passing_number(), "identification": "cpr", "start_year": "2016", "role": "mother"} | changes
        return client.post(f"{reverse('consent:enrol', args=[to.pk])}?svar={answer.pk}", data)

    return post


def enrol_with(answer, activity, identity=None, **changes):
    facts = GivenConsent(
        text=answer.text,
        method=Method.DIGITAL,
        decided_on=localdate(answer.answered_at),
        obtained_by=answer.started_by,
    )
    return enrol(
        by=activity.responsible,
        activity=activity,
        consent=replace(facts, **changes),
        identity=identity or make_identity(),
        start=Start(date(2016, 1, 1), Precision.YEAR, "mother"),
        answer=answer,
    )


# --- The page ----------------------------------------------------------------------------------------------------


def test_the_consent_is_shown_and_only_the_person_asked_for(client, activity):
    client.force_login(activity.responsible)
    answer = make_answer(activity, text=make_text(language="ar"))
    page = client.get(f"{reverse('consent:enrol', args=[activity.pk])}?svar={answer.pk}").text
    assert "Arabisk" in page
    assert "Skrevet på skærmen" in page
    for settled in ("audience", "wording", "method", "decided_on_year", "obtained_by", "guardian_relation"):
        assert f'name="{settled}"' not in page
    assert 'name="cpr"' in page


def test_the_decision_has_the_facts_of_the_answer_and_the_signature_is_its_proof(save, activity):
    answer = make_answer(activity, text=make_text(language="ar"))
    response = save(answer)
    person = Participation.ungated.get().participant
    assert response["Location"].startswith(reverse("consent:participant", args=[person.pk]))
    decision = Decision.objects.get(participant=person)
    assert (decision.text, decision.method, decision.obtained_by, decision.decided_on) == (
        answer.text,
        Method.DIGITAL,
        activity.responsible,
        localdate(answer.answered_at),
    )
    proof = Proof.objects.get(decision=decision)
    assert proof.kind == Proof.Kind.SIGNATURE
    with open_proof(by=activity.responsible, proof=proof) as plain:
        assert f'd="{SIGNATURE}"' in plain.read().decode()
    answer.refresh_from_db()
    assert answer.used_at is not None
    assert answer.signature is None
    event = Event.objects.get(action="participant.enrolled")
    assert str(answer.pk) in event.details


def test_nothing_that_is_sent_changes_what_was_answered(save, activity):
    answer = make_answer(activity)
    other = make_user(Role.STAFF, activity.plan)
    forged = typed(decided_on=date(2015, 1, 5), method="paper", wording="en", audience="youth", obtained_by=other.pk)
    assert save(answer, **forged, cpr=passing_number()).status_code == 302
    decision = Decision.objects.get()
    assert (decision.text, decision.method, decision.obtained_by) == (answer.text, "digital", answer.started_by)
    assert decision.decided_on == localdate(answer.answered_at)


def test_without_a_signature_there_is_no_proof_and_staff_see_it(client, save, activity):
    answer = make_answer(activity, signature="")
    page = client.get(f"{reverse('consent:enrol', args=[activity.pk])}?svar={answer.pk}").text
    assert "ville eller kunne ikke skrive under" in page
    assert save(answer).status_code == 302
    assert not Proof.objects.exists()


def test_a_guardian_answers_for_a_child_and_says_what_they_are_to_it(save, activity):
    answer = make_answer(activity, text=make_text(Audience.GUARDIAN))
    child = passing_number(localdate().replace(day=2, month=3, year=localdate().year - 9))
    assert "Vælg, hvem der giver samtykke for barnet." in save(answer, cpr=child, role="child").text
    response = save(answer, cpr=child, role="child", guardian_relation="father", start_year=str(localdate().year))
    assert response.status_code == 302
    assert Decision.objects.get().guardian_relation == "father"


def test_an_age_that_the_text_does_not_fit_is_refused_in_words(save, client, activity):
    answer = make_answer(activity)
    child = passing_number(localdate().replace(day=2, month=3, year=localdate().year - 9))
    response = save(answer, cpr=child)
    assert "teksten er til en anden alder" in response.text
    assert not Participant.ungated.exists()
    address = f"{reverse('consent:enrol_cpr', args=[activity.pk])}?svar={answer.pk}"
    assert "teksten er til en anden alder" in client.post(address, {"cpr": child, "identification": "cpr"}).text


def test_a_text_that_was_taken_out_of_use_meanwhile_is_refused_in_words(save, activity):
    answer = make_answer(activity)
    answer.text.version.ended_at = datetime.now(UTC)
    answer.text.version.save()
    assert "Teksten er netop taget ud af brug." in save(answer).text
    assert not Participant.ungated.exists()


def test_the_activitys_page_lists_who_waits_until_registered_or_deleted(client, save, activity):
    first, second, refusal = (
        make_answer(activity),
        make_answer(activity, signature=""),
        make_answer(activity, answer="no"),
    )
    page = client.get(reverse("consent:activity", args=[activity.pk])).text
    assert "2 svar venter på registrering" in page
    assert f"?svar={first.pk}" in page
    assert str(refusal.pk) not in page
    save(first)
    client.post(reverse("consent:screen_delete", args=[activity.pk, second.pk]))
    assert Event.objects.get(action="screen.deleted").object_id == str(second.pk)
    assert not ScreenAnswer.objects.filter(pk=second.pk).exists()
    assert "venter på registrering" not in client.get(reverse("consent:activity", args=[activity.pk])).text


# --- Once, in its plan, within a day -----------------------------------------------------------------------------


def test_a_used_or_old_answer_leads_back_with_a_sentence(client, save, activity):
    used, old = make_answer(activity), make_answer(activity)
    save(used)
    age(old)
    for answer in (used, old):
        response = save(answer)
        assert response["Location"] == reverse("consent:activity", args=[activity.pk])
        assert "Spørg personen igen." in client.get(response["Location"]).text
    assert Participant.ungated.count() == 1


def test_another_plans_answer_is_not_found(save, activity):
    elsewhere = make_activity(make_plan())
    assert save(make_answer(elsewhere)).status_code == 404
    assert save(make_answer(elsewhere), to=elsewhere).status_code == 404
    for not_yes in ("no", ""):
        assert save(make_answer(activity, answer=not_yes)).status_code == 404
    assert not Participant.ungated.exists()


def age(answer: ScreenAnswer) -> None:
    ScreenAnswer.objects.filter(pk=answer.pk).update(
        answered_at=datetime.now(UTC) - KEPT_FOR, started_at=datetime.now(UTC) - KEPT_FOR
    )


def spoil(how: str, answer: ScreenAnswer, activity):
    """The answer and activity to enrol with, after something about them isn't as it should be."""
    if how == "old":
        age(answer)
    elif how == "used":
        enrol_with(answer, activity)
    elif how == "deleted":
        ScreenAnswer.objects.all().delete()
    elif how == "no":
        ScreenAnswer.objects.filter(pk=answer.pk).update(answer="no")
    elif how == "open":
        ScreenAnswer.objects.filter(pk=answer.pk).update(answer="")
    return make_activity(make_plan()) if how == "plan" else activity


@pytest.mark.parametrize("how", ["old", "used", "deleted", "no", "open", "plan", "text", "day"])
def test_the_verb_refuses_an_answer_that_is_not_the_consents(activity, how, folder):
    answer = make_answer(activity)
    where = spoil(how, answer, activity)
    known = Participant.ungated.count()
    files = len(list(folder.rglob("*.age")))
    changes = {"text": {"text": make_text(language="en")}, "day": {"decided_on": localdate() - timedelta(days=1)}}
    with pytest.raises(EnrolmentRefused) as refusal:
        enrol_with(answer, where, **changes.get(how, {}))
    assert refusal.value.code == "answer_unusable"
    assert Participant.ungated.count() == known
    assert len(list(folder.rglob("*.age"))) == files


def test_an_enrolment_that_is_refused_leaves_the_answer_waiting(activity):
    answer, identity = make_answer(activity), make_identity()
    enrol_with(make_answer(activity), activity, identity)
    with pytest.raises(EnrolmentRefused):
        enrol_with(answer, activity, identity)
    answer.refresh_from_db()
    assert answer.is_waiting
    assert answer.signature is not None


# --- What is kept, and for how long ------------------------------------------------------------------------------


def test_neither_signature_nor_number_stands_in_clear_in_the_database(save, activity, folder):
    waiting, number = make_answer(activity), passing_number()
    save(make_answer(activity), cpr=number)
    with connection.cursor() as cursor:
        held = b""
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f'SELECT * FROM "{table}"')
            held += b"\n".join(
                bytes(value) if isinstance(value, bytes | memoryview) else str(value).encode()
                for row in cursor.fetchall()
                for value in row
            )
    assert str(waiting.pk).encode() in held or waiting.pk.hex.encode() in held
    for secret in (SIGNATURE, "M100 200", number):
        assert secret.encode() not in held
    assert not [path for path in folder.rglob("*") if path.is_file() and b"M100 200" in path.read_bytes()]


def test_after_a_day_all_of_it_is_deleted_and_an_unused_yes_leaves_a_trace(activity):
    old = [make_answer(activity), make_answer(activity, answer="no"), make_answer(activity, answer="")]
    enrol_with(used := make_answer(activity), activity)
    for answer in (*old, used):
        age(answer)
    fresh = make_answer(activity)
    ScreenAnswer.objects.filter(pk=fresh.pk).update(started_at=datetime.now(UTC) - KEPT_FOR)  # answered since
    delete_screen_answers()
    assert list(ScreenAnswer.objects.all()) == [fresh]
    assert [event.object_id for event in Event.objects.filter(action="screen.deleted")] == [str(old[0].pk)]
    assert delete_old_answers() == 0
