"""Registering through the page, with Django's client."""

import json
from datetime import date
from html import unescape

import pytest
from django.urls import reverse

from accounts.permissions import Role
from audit.models import Event
from collection.models import Participant, Participation
from consent.actions import tell
from consent.models import Audience, Decision, Outcome
from consent.queries import tally_sum
from tests.factories.cast import (
    cpr_text,
    make_activity,
    make_name_identity,
    make_participant,
    make_plan,
    make_text,
    make_user,
)
from tests.factories.forms import passing_number, typed, typed_name

pytestmark = [pytest.mark.django_db, pytest.mark.slow_on_postgres]
DOUBTFUL = cpr_text(date(1961, 7, 7))


@pytest.fixture
def activity():
    for audience in Audience:
        make_text(audience)
    return make_activity(make_plan(), start=date(2014, 2, 1), end=None)


@pytest.fixture
def save(client, activity):
    """Posts the form as the activity's responsible colleague and gives the response."""
    client.force_login(activity.responsible)

    def post(data, to=activity):
        return client.post(reverse("consent:enrol", args=[to.pk]), data | {"obtained_by": activity.responsible.pk})

    return post


def test_registers_with_consent_and_shows_the_number_masked(save, client, activity):
    number = passing_number()
    response = save(typed(cpr=number, working_name="Bodil"))
    participation = Participation.ungated.get()
    assert response["Location"].startswith(reverse("consent:participant", args=[participation.participant_id]))
    assert (participation.start, participation.start_precision) == (date(2016, 1, 1), "year")
    decision = Decision.objects.get(participant=participation.participant_id)
    assert (decision.method, decision.obtained_by, decision.decided_on) == (
        "paper",
        activity.responsible,
        date(2016, 3, 10),
    )
    page = client.get(response["Location"]).text
    assert f"{number[:6]}-••••" in page
    assert number[6:] not in page
    assert "Registrér en til" in page


@pytest.mark.parametrize("identity", [{"cpr": passing_number()}, {"same_person": "another"}], ids=["number", "name"])
def test_a_form_sent_again_when_its_answer_was_lost_registers_nobody_twice(save, client, activity, identity):
    """Not with a changed form either: who goes back and types somebody else has not registered the first again."""
    if "cpr" not in identity:
        save(typed_name())  # a namesake is registered, and the form says that this is somebody else
    fresh = client.get(reverse("consent:enrol", args=[activity.pk])).context["form"]
    form = (typed if "cpr" in identity else typed_name)(**identity, form_id=str(fresh["form_id"].value()))
    before = Participant.ungated.count()
    first, again = save(form), save(form)
    assert first["Location"] == again["Location"]
    assert Participant.ungated.count() == Participation.ungated.count() == Decision.objects.count() == before + 1
    other = {"cpr": passing_number()} if "cpr" in identity else {"address": "Birkevænget 9, 8000 Aarhus C"}
    assert save(form | other)["Location"] != first["Location"]
    assert Participant.ungated.count() == before + 2


def test_a_hard_error_keeps_everything_typed_in_a_page_that_no_cache_keeps(save):
    response = save(typed(cpr=DOUBTFUL, working_name="Bodil Ærenlund", start_year="2050"))
    assert response.status_code == 200
    assert "no-store" in response["Cache-Control"]
    assert DOUBTFUL in response.text
    assert "Bodil Ærenlund" in response.text
    assert not Participant.ungated.exists()


def test_all_doubts_are_told_together_after_saving_and_confirmed_together(save, activity):
    make_participant(activity, make_identity_of(DOUBTFUL))
    response = save(typed(cpr=DOUBTFUL))
    assert [question.target for question in response.context["form"].questions] == [
        "id_cpr_again",
        "id_add_to_registered",
    ]
    assert DOUBTFUL in response.text
    response = save(typed(cpr=DOUBTFUL, cpr_again=DOUBTFUL))
    assert [question.target for question in response.context["form"].questions] == ["id_add_to_registered"]
    response = save(typed(cpr=DOUBTFUL, cpr_again=DOUBTFUL, add_to_registered="on"))
    assert response.status_code == 302
    assert Participant.ungated.count() == 1
    assert Participation.ungated.count() == 2


def make_identity_of(digits):
    from collection.cpr import parse
    from consent.actions.enrol import CprIdentity

    return CprIdentity(parse(digits, date.today()), "", check_digit_confirmed=True)


def test_registered_is_told_of_the_own_plan_only(save):
    make_participant(make_activity(make_plan(), start=date(2014, 1, 1)), make_identity_of(DOUBTFUL))
    response = save(typed(cpr=DOUBTFUL))
    assert [question.target for question in response.context["form"].questions] == ["id_cpr_again"]
    assert save(typed(cpr=DOUBTFUL, cpr_again=DOUBTFUL)).status_code == 302
    assert Participant.ungated.count() == 2


def test_every_answer_about_who_is_registered_is_audited(save, activity):
    save(typed(cpr=DOUBTFUL))
    assert Event.objects.filter(action="registered.not_found").count() == 1
    known = make_participant(activity, make_identity_of(DOUBTFUL))
    save(typed(cpr=DOUBTFUL))
    event = Event.objects.get(action="registered.told")
    assert event.actor == str(activity.responsible.pk)
    assert [subject.subject for subject in event.subjects.all()] == [known.pk]
    assert DOUBTFUL not in event.details


def test_who_was_told_too_often_waits_and_learns_nothing_meanwhile(save, activity, monkeypatch):
    monkeypatch.setattr(tell, "LIMIT", 2)
    make_participant(activity, make_identity_of(DOUBTFUL))
    for _ in range(2):
        assert save(typed(cpr=DOUBTFUL)).status_code == 200
    known, unknown = save(typed(cpr=DOUBTFUL)), save(typed(cpr=passing_number()))
    assert (known.status_code, unknown.status_code) == (429, 429)
    for response in (known, unknown):
        assert "Vent en time" in response.text
        assert "allerede registreret i denne helhedsplan" not in response.text
    assert DOUBTFUL in known.text
    assert Event.objects.filter(action="registered.told").count() == 2
    assert Participant.ungated.count() == 1


def test_who_tries_numbers_out_is_stopped_though_nobody_was_found(save, monkeypatch):
    monkeypatch.setattr(tell, "MISSES", 2)
    assert [save(typed(cpr=DOUBTFUL)).status_code for _ in range(3)] == [200, 200, 429]
    assert Event.objects.filter(action="registered.not_found").count() == 2


@pytest.mark.parametrize(("answer", "people"), [("same", 1), ("another", 2)])
def test_the_same_name_and_birth_date_is_the_same_person_or_another(save, activity, answer, people):
    identity = make_name_identity(born=date(1980, 5, 6))
    known = make_participant(activity, identity)
    data = typed_name(identity.name.upper(), born=identity.birth_date)
    response = save(data)
    assert [question.target for question in response.context["form"].questions] == ["id_same_person_0"]
    assert identity.name.upper() in unescape(response.text)
    assert save(data | {"same_person": "nogen"}).status_code == 200
    assert save(data | {"same_person": str(known.pk) if answer == "same" else "another"}).status_code == 302
    assert Participant.ungated.count() == people
    assert Participation.ungated.filter(participant=known).count() == 3 - people


def test_nobody_is_added_to_a_person_of_another_plan_by_a_forged_answer(save, activity):
    identity = make_name_identity(born=date(1980, 5, 6))
    mine = make_participant(activity, identity)
    theirs = make_participant(make_activity(make_plan(), start=date(2014, 1, 1)), identity)
    data = typed_name(identity.name, born=identity.birth_date)
    assert save(data | {"same_person": str(theirs.pk)}).status_code == 200
    assert save(data | {"same_person": str(mine.pk)}).status_code == 302
    assert Participation.ungated.filter(participant=theirs).count() == 1


def test_the_same_start_twice_is_refused_at_the_start(save, activity):
    number = passing_number()
    save(typed(cpr=number))
    response = save(typed(cpr=number, add_to_registered="on"))
    assert list(response.context["form"].errors) == ["start"]
    assert Decision.objects.count() == 1


def test_a_later_yes_lowers_the_earlier_count(save, activity):
    from consent.actions.count import count_without_consent

    for _ in range(2):
        count_without_consent(by=activity.responsible, activity=activity, year=2015, outcome=Outcome.REFUSED)
    assert save(typed(cpr=passing_number(), was_counted_as="refused-2015")).status_code == 302
    assert tally_sum(activity, 2015, Outcome.REFUSED) == 1


def test_without_a_published_text_the_page_says_so(client):
    activity = make_activity(make_plan())
    client.force_login(activity.responsible)
    response = client.get(reverse("consent:enrol", args=[activity.pk]))
    assert "Der er ingen samtykketekst i brug" in response.text
    assert '<form method="post" autocomplete' not in response.text


# --- The number's own feedback ------------------------------------------------------------------------


@pytest.fixture
def feedback(client, activity):
    client.force_login(activity.responsible)
    url = reverse("consent:enrol_cpr", args=[activity.pk])
    return lambda **data: client.post(url, typed(**data), headers={"HX-Request": "true"})


def test_feedback_masks_the_number_and_asks_for_it_again(feedback):
    response = feedback(cpr=DOUBTFUL)
    assert "no-store" in response["Cache-Control"]
    assert f"{DOUBTFUL[:6]}-••••" in response.text
    assert DOUBTFUL[6:] not in response.text
    assert 'name="cpr_again"' in response.text
    assert 'name="cpr_again"' not in feedback(cpr=passing_number()).text


def test_feedback_never_depends_on_who_is_registered(feedback, activity):
    before = feedback(cpr=DOUBTFUL).content
    make_participant(activity, make_identity_of(DOUBTFUL))
    assert feedback(cpr=DOUBTFUL).content == before
    assert not Event.objects.filter(action__startswith="registered").exists()


def test_feedback_counts_down_instead_of_complaining_while_typing(feedback):
    assert "Der mangler 7 cifre." in feedback(cpr="070").text
    assert "Der mangler 1 ciffer." in feedback(cpr=DOUBTFUL[:9]).text
    assert "feedback-problem" in feedback(cpr="320161" + "1234").text
    assert "feedback" not in feedback(cpr="").text


def test_feedback_says_which_text_fits(feedback):
    assert "Vælg »Forælder eller værge" in feedback(cpr=passing_number(date(2010, 5, 5))).text


def test_feedback_takes_no_number_in_an_address(client, activity):
    client.force_login(activity.responsible)
    url = reverse("consent:enrol_cpr", args=[activity.pk])
    assert client.get(url, {"cpr": DOUBTFUL}).status_code == 405


# --- Doors ----------------------------------------------------------------------------------------------

PAGES = ["activity", "enrol", "count"]


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize(
    ("role", "own", "status"),
    [
        (Role.STAFF, True, 200),
        (Role.COORDINATOR, True, 200),
        (Role.STAFF, False, 404),
        (Role.COORDINATOR, False, 404),
        (Role.EVALUATOR, False, 403),
        (Role.CONTROLLER, False, 403),
    ],
)
def test_only_those_who_work_in_the_plan_come_in(client, activity, page, role, own, status):
    client.force_login(make_user(role, activity.plan if own else make_plan()))
    response = client.get(reverse(f"consent:{page}", args=[activity.pk]))
    assert response.status_code == status
    if status == 200:
        assert "no-store" in response["Cache-Control"]


@pytest.mark.parametrize("page", ["enrol", "enrol_cpr", "count"])
def test_nobody_posts_to_another_plans_activity(client, activity, page):
    client.force_login(make_user(Role.STAFF, make_plan()))
    data = typed(cpr=passing_number()) | {"year": "2016", "outcome": "refused", "change": "1"}
    assert client.post(reverse(f"consent:{page}", args=[activity.pk]), data).status_code == 404
    assert not Participant.ungated.exists()


def test_a_consent_text_is_shown_as_a_page_and_as_a_part(client, activity):
    client.force_login(activity.responsible)
    url = reverse("consent:text", args=[make_text().pk])
    assert "<!doctype html>" in client.get(url).text
    part = client.get(url, headers={"HX-Request": "true"}).text
    assert "<!doctype html>" not in part
    assert "Du bestemmer selv." in part


def test_audit_details_are_codes_only(save):
    save(typed(cpr=passing_number(), working_name="Bodil"))
    event = Event.objects.get(action="participant.enrolled")
    assert set(json.loads(event.details)) == {"activity", "text", "method", "identification"}
