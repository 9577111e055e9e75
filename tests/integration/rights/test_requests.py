"""What a registered person asks for is taken in, answered in time, and done."""

import io
from datetime import date, timedelta

import pypdfium2
import pytest
from django.urls import reverse
from django.utils.timezone import localdate

from accounts.permissions import Role
from audit.models import Event
from collection.models import Participant
from consent import gate
from consent.actions.withdraw import withdraw
from consent.models import Purpose
from consent.models.restrictions import Ground
from consent.queries import EVALUATION
from exports.models import Reader
from rights.actions import requests as actions
from rights.deadlines import due_on
from rights.models import Extension, IdentityProof, Kind, Outcome, RefusalGround, Request
from rights.policies import NotAllowed
from tests.factories.cast import PASSWORD, make_activity, make_identity, make_participant, make_user
from tests.factories.deliveries import approve_and_build, fetch, make_delivery, make_project

pytestmark = pytest.mark.django_db


@pytest.fixture
def controller():
    return make_user(Role.CONTROLLER)


@pytest.fixture
def activity():
    return make_activity()


@pytest.fixture
def person(activity):
    return make_participant(activity)


def taken_in(person, by, kind=Kind.ACCESS, *, proof=IdentityProof.DOCUMENT, **options) -> Request:
    people = [person] if person else []
    return actions.take_in(by=by, kind=kind, people=people, received_on=localdate(), identity_proof=proof, **options)


def usable(person: Participant) -> bool:
    return gate.is_usable(person.pk, EVALUATION, on=localdate())


def is_erased(person: Participant) -> bool:
    return Participant.ungated.get(pk=person.pk).erased_at is not None


def text_of(content: bytes) -> str:
    with pypdfium2.PdfDocument(io.BytesIO(content)) as document:
        return " ".join(page.get_textpage().get_text_bounded() for page in document).replace("\r\n", " ")


# --- Deadlines ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("received", "due", "extended"),
    [
        (date(2026, 11, 23), date(2026, 12, 23), date(2027, 2, 23)),
        (date(2026, 1, 31), date(2026, 2, 28), date(2026, 4, 30)),  # the month's last day where the date is missing
        (date(2023, 11, 30), date(2023, 12, 30), date(2024, 2, 29)),
    ],
)
def test_an_answer_is_due_within_one_month_or_three(received, due, extended):
    assert (due_on(received), due_on(received, extended=True)) == (due, extended)


def test_the_deadline_is_extended_once_and_within_the_first_month(person, controller):
    asked = taken_in(person, controller)
    actions.extend(by=controller, request=asked, why=Extension.COMPLEX)
    assert asked.due_on == due_on(asked.received_on, extended=True)
    with pytest.raises(NotAllowed, match="too_late"):
        actions.extend(by=controller, request=asked, why=Extension.MANY)
    old = taken_in(person, controller)
    Request.objects.filter(pk=old.pk).update(received_on=localdate() - timedelta(days=40))
    with pytest.raises(NotAllowed, match="too_late"):
        actions.extend(by=controller, request=old, why=Extension.MANY)


# --- What is granted is done --------------------------------------------------------------------------------


def test_a_granted_erasure_ends_the_consent_and_erases_the_person_in_all_plans(controller, activity):
    identity = make_identity()
    here, there = make_participant(activity, identity), make_participant(make_activity(), identity)
    actions.answer(by=controller, request=taken_in(here, controller, Kind.ERASURE), outcome=Outcome.GRANTED)
    assert is_erased(here)
    assert is_erased(there)
    assert not gate.had_consent(here.pk, EVALUATION, on=localdate())


def test_a_granted_restriction_keeps_the_person_and_uses_nothing_of_them(person, controller):
    actions.answer(by=controller, request=taken_in(person, controller, Kind.RESTRICTION), outcome=Outcome.GRANTED)
    assert not usable(person)
    assert not is_erased(person)


def test_while_an_objection_is_considered_nothing_is_used_and_its_refusal_lets_it_go_on(person, controller):
    asked = taken_in(person, controller, Kind.OBJECTION, restricted=True)
    assert not usable(person)
    actions.answer(by=controller, request=asked, outcome=Outcome.REFUSED, refusal=RefusalGround.CONSENT)
    assert usable(person)


def test_while_data_are_checked_they_are_only_stored_and_once_rectified_they_are_used(person, controller):
    asked = taken_in(person, controller, Kind.RECTIFICATION, restricted=True)
    assert not usable(person)
    actions.answer(by=controller, request=asked, outcome=Outcome.GRANTED)
    assert usable(person)


def test_a_restriction_lasts_as_long_as_one_ground_for_it(client, person, controller):
    """That one request was answered ends neither what another one brought, nor what is still being considered."""
    kept = taken_in(person, controller, Kind.RESTRICTION)
    actions.answer(by=controller, request=kept, outcome=Outcome.GRANTED, ground=Ground.CLAIM)
    first, second = (taken_in(person, controller, Kind.OBJECTION, restricted=True) for _ in range(2))
    refused = {"outcome": Outcome.REFUSED, "refusal": RefusalGround.CONSENT}
    actions.answer(by=controller, request=first, **refused)
    page = reverse("rights:lift", args=[kept.pk])
    client.force_login(controller)
    assert page in client.get(reverse("rights:request", args=[kept.pk])).text
    client.post(page)
    assert set(gate.restrictions().values_list("ground", flat=True)) == {Ground.OBJECTION}
    actions.answer(by=controller, request=second, **refused)
    assert usable(person)
    assert page not in client.get(reverse("rights:request", args=[kept.pk])).text
    with pytest.raises(NotAllowed, match="not_restricted"):
        actions.lift(by=controller, request=second)


def test_nothing_is_granted_before_it_is_known_who_asks(person, controller):
    asked = taken_in(person, controller, Kind.ERASURE, proof="")
    with pytest.raises(NotAllowed, match="not_identified"):
        actions.answer(by=controller, request=asked, outcome=Outcome.GRANTED)
    assert not is_erased(person)
    actions.prove(by=controller, request=asked, identity_proof=IdentityProof.DIGITAL)
    actions.answer(by=controller, request=asked, outcome=Outcome.GRANTED)
    assert is_erased(person)


def test_a_request_is_answered_once(person, controller):
    asked = taken_in(person, controller, Kind.OBJECTION)
    actions.answer(by=controller, request=asked, outcome=Outcome.TAKEN_BACK)
    with pytest.raises(NotAllowed, match="answered"):
        actions.answer(by=controller, request=asked, outcome=Outcome.GRANTED)
    assert not is_erased(person)


# --- The report -----------------------------------------------------------------------------------------------


def test_the_report_tells_all_that_is_held_and_who_saw_it_and_where_it_went(client, controller, activity):
    evaluator = make_user(Role.EVALUATOR)
    identity = make_identity(working_name="Bodil Ærenlund")
    person = make_participant(activity, identity)
    for _ in range(4):
        make_participant(activity)
    project = make_project(evaluator, name="Evaluering af familieindsatsen")
    delivery = approve_and_build(make_delivery(project, by=evaluator), by=controller)
    fetch(client, evaluator, delivery, Reader.EVALUATOR)
    client.force_login(activity.responsible)
    client.get(reverse("consent:participant", args=[person.pk]))
    asked = taken_in(person, controller)
    client.force_login(controller)
    answer = client.post(reverse("rights:report", args=[asked.pk]))
    assert answer["Content-Type"] == "application/pdf"
    assert "no-store" in answer["Cache-Control"]
    told = text_of(answer.content)
    digits = identity.cpr.digits
    for expected in (
        f"{digits[:6]}-{digits[6:]}",
        "Bodil Ærenlund",
        activity.name,
        str(activity.plan),
        "Samtykke givet",
        "Du bestemmer selv",  # the text that was said yes to
        "Evaluering af familieindsatsen",
        "Boligsocial medarbejder",
        "Opbevares højst til",
        "Datatilsynet",
    ):
        assert expected in told, expected
    assert activity.responsible.full_name not in told
    assert Event.objects.filter(action="request.reported").count() == 1
    assert digits not in answer["Content-Disposition"]


def test_an_access_request_is_not_granted_before_its_report_was_made(client, person, controller):
    asked = taken_in(person, controller)
    with pytest.raises(NotAllowed, match="no_report"):
        actions.answer(by=controller, request=asked, outcome=Outcome.GRANTED)
    client.force_login(controller)
    client.post(reverse("rights:report", args=[asked.pk]))
    actions.answer(by=controller, request=asked, outcome=Outcome.GRANTED)


def test_no_report_is_made_for_somebody_who_has_not_said_who_they_are(client, person, controller):
    asked = taken_in(person, controller, proof="")
    client.force_login(controller)
    answer = client.post(reverse("rights:report", args=[asked.pk]), follow=True)
    assert "hvem de er" in answer.text
    assert answer["Content-Type"].startswith("text/html")
    page = reverse("rights:report", args=[taken_in(person, controller, Kind.ERASURE).pk])  # who asked for no report
    assert client.post(page, follow=True)["Content-Type"].startswith("text/html")


def test_who_makes_the_report_proves_once_more_who_they_are(client, person, controller, settings):
    settings.STEP_UP = True
    asked = taken_in(person, controller)
    client.force_login(controller)
    page = reverse("rights:report", args=[asked.pk])
    assert client.post(page)["Content-Type"].startswith("text/html")
    assert Request.objects.get().reported_at is None
    assert client.post(page, {"password": PASSWORD})["Content-Type"] == "application/pdf"


def test_of_somebody_who_withdrew_the_report_says_that_nobody_knows_any_more_who_it_was(person, controller):
    from rights import report

    purpose = Purpose.objects.get(pk=EVALUATION)
    asked = taken_in(person, controller)
    withdraw(by=controller, participant=person, purpose=purpose, withdrawn_on=localdate())
    made = report.make(by=controller, request=asked)
    assert made.registrations[0].identity == {}
    assert "Slettet" in text_of(report.pdf(made))


# --- Pages ------------------------------------------------------------------------------------------------------


def dated(day: date) -> dict[str, int]:
    return {"received_on_day": day.day, "received_on_month": day.month, "received_on_year": day.year}


def test_a_controller_finds_the_person_by_number_and_takes_the_request_in(client, activity, controller):
    identity = make_identity()
    person = make_participant(activity, identity)
    client.force_login(controller)
    typed = {"identification": "cpr", "cpr": identity.cpr.digits, "kind": "access", "identity_proof": "digital"}
    long_ago = client.post(reverse("rights:take_in"), typed | dated(localdate()) | {"received_on_year": "0026"})
    assert "Datoen ligger mere end ti år tilbage." in long_ago.text
    answer = client.post(reverse("rights:take_in"), typed | dated(localdate()))
    asked = Request.objects.get()
    assert answer.url == reverse("rights:request", args=[asked.pk])
    assert [row.pk for row in asked.people.all()] == [person.pk]
    assert asked.due_on == due_on(localdate())
    page = client.get(answer.url)
    assert identity.cpr.digits not in page.text


def test_a_request_of_somebody_who_is_not_registered_is_kept_only_when_that_is_said(client, controller):
    client.force_login(controller)
    typed = {"identification": "cpr", "cpr": make_identity().cpr.digits, "kind": "erasure", "identity_proof": "not_yet"}
    typed |= dated(localdate())
    answer = client.post(reverse("rights:take_in"), typed)
    assert "Ingen er registreret med det" in answer.text
    assert typed["cpr"] in answer.text  # what was typed stays
    assert not Request.objects.exists()
    client.post(reverse("rights:take_in"), typed | {"nobody": "1"})
    assert Request.objects.get().people.count() == 0


def test_a_refusal_needs_its_ground_and_the_page_says_so(client, person, controller):
    asked = taken_in(person, controller)
    client.force_login(controller)
    page = reverse("rights:answer", args=[asked.pk])
    assert "Vælg grunden." in client.post(page, {"outcome": "refused"}).text
    client.post(page, {"outcome": "refused", "refusal": "not_identified"})
    asked.refresh_from_db()
    assert (asked.outcome, asked.refusal, asked.answered_by) == ("refused", "not_identified", controller)


def test_staff_take_in_what_people_in_their_plan_ask_and_leave_the_answer_to_the_controller(
    client, person, activity, controller
):
    client.force_login(activity.responsible)
    page = reverse("rights:take_in_for", args=[person.pk])
    answer = client.post(page, {"kind": "access", "identity_proof": "known"} | dated(localdate()), follow=True)
    assert "Gem svaret" not in answer.text
    client.force_login(controller)
    assert "Anmodninger om egne oplysninger" in client.get(reverse("exports:tasks")).text


def test_staff_are_not_told_that_somebody_takes_part_in_another_plan(client, activity, controller):
    identity = make_identity()
    colleague = make_user(Role.STAFF, name="Kollega fra en anden plan")
    elsewhere = make_activity(responsible=colleague)
    person, there = make_participant(activity, identity), make_participant(elsewhere, identity)
    asked = taken_in(there, colleague)
    for user, told in ((activity.responsible, False), (controller, True)):
        client.force_login(user)
        for page in (reverse("rights:requests"), reverse("rights:request", args=[asked.pk])):
            answer = client.get(page).text
            assert str(activity.plan) in answer
            assert (str(there.plan) in answer) is told
        assert (colleague.full_name in answer) is told  # a name tells of the plan
    assert asked.people.filter(pk=person.pk).exists()
