"""Asking on the screen: the lock of the device, the answers, and what they leave behind."""

import json
import re
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from django.conf import settings
from django.test import Client
from django.urls import get_resolver, reverse
from django.urls.resolvers import URLPattern
from django.utils.timezone import localdate

from accounts.permissions import Role
from audit.models import Event
from consent.actions.screen import answer_sitting, start_sitting
from consent.models import Audience, Outcome, ScreenAnswer, Text
from consent.models.texts import LANGUAGES
from consent.queries import tally_sum
from consent.screen_words import WORDS
from tests.factories.cast import PASSWORD, make_activity, make_plan, make_text, make_user

pytestmark = [pytest.mark.django_db, pytest.mark.slow_on_postgres]
ATTEMPTS = int(settings.GUESSES.partition("/")[0])
STROKES = json.dumps([[[100, 200], [300, 120]], [[5, 5]]])


@pytest.fixture
def activity():
    make_text()
    return make_activity(make_plan(end=localdate().replace(month=12, day=31)))


@pytest.fixture
def begin(client, activity):
    """Signs the activity's staff in with their password, hands the device over, and gives the sitting's id."""

    def start(**chosen) -> str:
        client.post(reverse("account_login"), {"login": activity.responsible.username, "password": PASSWORD})
        data = {"audience": "adult", "language": "da"} | chosen
        response = client.post(reverse("consent:screen", args=[activity.pk]), data)
        sitting = ScreenAnswer.objects.latest("started_at")
        assert response["Location"] == page_of(sitting)
        return str(sitting.pk)

    return start


def page_of(sitting, name: str = "sitting") -> str:
    return reverse(f"consent:{name}", args=[getattr(sitting, "pk", sitting)])


def every_address() -> list[str]:
    """One address of each pattern that the site has, and some that it hasn't."""
    samples = {"uuid": str(uuid4()), "int": "1", "str": "x", "slug": "x"}

    def walk(patterns, before="/"):
        for pattern in patterns:
            route = before + str(pattern.pattern)
            if isinstance(pattern, URLPattern):
                yield re.sub(r"<(?:(\w+):)?\w+>", lambda match: samples[match[1] or "str"], route)
            else:
                yield from walk(pattern.url_patterns, route)

    return [*walk(get_resolver().url_patterns), "/findes-ikke/", "/skaerm/", f"/skaerm/{uuid4()}/laas-op/"]


# --- The lock ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("method", ["get", "post", "put"])
def test_a_locked_device_answers_every_address_with_the_participants_page(client, activity, begin, method):
    page = page_of(begin())
    others = [*every_address(), reverse("consent:activity", args=[activity.pk]), f"{page}x/", page.upper()]
    assert len(others) > 40
    for address in others:
        response = getattr(client, method)(address)
        assert (address, response.status_code, response["Location"]) == (address, 302, page)
    assert "_auth_user_id" in client.session  # also sign-out was answered so


def test_a_part_of_another_page_asked_for_by_a_script_leads_there_too(client, activity, begin):
    page = page_of(begin())
    response = client.post(reverse("consent:enrol_cpr", args=[activity.pk]), headers={"HX-Request": "true"})
    assert (response.status_code, response["HX-Redirect"], response.content) == (200, page, b"")


def test_the_way_back_finds_no_page_kept_by_the_browser(client, activity, begin):
    client.force_login(activity.responsible)
    before = [client.get(reverse(name)) for name in ("collection:activities", "consent:participants")]
    sitting = begin()
    within = [client.get(page_of(sitting, name)) for name in ("sitting", "sitting_sign", "sitting_unlock")]
    for response in [*before, *within, client.get("/")]:
        assert "no-store" in response["Cache-Control"]


def test_the_cookie_from_before_opens_nothing(client, begin, activity):
    client.force_login(activity.responsible)
    before = client.cookies[settings.SESSION_COOKIE_NAME].value
    begin()
    copy = Client()
    copy.cookies[settings.SESSION_COOKIE_NAME] = before
    assert copy.get(reverse("collection:activities"))["Location"].startswith(reverse("account_login"))


def test_a_browser_opened_again_and_an_idle_one_are_locked_still(client, begin):
    sitting = begin()
    again = Client()
    again.cookies[settings.SESSION_COOKIE_NAME] = client.cookies[settings.SESSION_COOKIE_NAME].value
    ScreenAnswer.objects.update(started_at=datetime.now(UTC) - timedelta(hours=7))
    assert again.get("/deltagere/")["Location"] == page_of(sitting)
    ScreenAnswer.objects.all().delete()  # after a day
    assert again.get("/deltagere/")["Location"] == page_of(sitting)
    assert again.get(page_of(sitting))["Location"] == page_of(sitting, "sitting_unlock")
    assert again.post(page_of(sitting, "sitting_unlock"), {"password": PASSWORD})["Location"] == "/"
    assert again.get("/deltagere/").status_code == 200


def test_the_session_holds_the_id_of_the_sitting_and_nothing_else_of_it(client, activity, begin):
    own = {"login": activity.responsible.username, "password": PASSWORD}
    (before := Client()).post(reverse("account_login"), own)
    sitting = begin()
    assert client.session["sitting"] == sitting
    assert set(client.session.keys()) - set(before.session.keys()) == {"sitting"}


def test_the_participants_page_holds_no_way_into_the_site(client, begin):
    sitting = begin()
    for name in ("sitting", "sitting_sign"):
        page = client.get(page_of(sitting, name)).text
        assert set(re.findall(r'<a href="([^"]+)', page)) <= {page_of(sitting), page_of(sitting, "sitting_unlock")}
        assert not re.search("<(header|nav|footer)", page)


def test_the_password_of_who_is_signed_in_unlocks(client, activity, begin):
    sitting = begin()
    assert client.post(page_of(sitting, "sitting_unlock"), {"password": "forkert"}).status_code == 200
    assert client.get("/deltagere/")["Location"] == page_of(sitting)
    response = client.post(page_of(sitting, "sitting_unlock"), {"password": PASSWORD})
    assert response["Location"] == reverse("consent:activity", args=[activity.pk])
    assert "Der blev ikke svaret, og intet er gemt." in client.get(response["Location"]).text
    assert not ScreenAnswer.objects.exists()
    assert client.get(page_of(sitting)).status_code == 404


def test_who_has_no_password_here_ends_it_by_signing_out(client, activity, begin):
    activity.responsible.set_unusable_password()
    activity.responsible.save()
    sitting = begin_by_force(client, activity)
    assert "Log ud" in client.get(page_of(sitting, "sitting_unlock")).text
    assert client.post(page_of(sitting, "sitting_unlock"))["Location"] == reverse("account_login")
    assert "_auth_user_id" not in client.session
    assert not ScreenAnswer.objects.exists()


def test_guesses_are_limited_as_at_sign_in_and_the_right_password_waits_too(client, activity, begin):
    sitting = begin()
    for _ in range(ATTEMPTS):
        client.post(page_of(sitting, "sitting_unlock"), {"password": "forkert"})
    assert Event.objects.filter(action="sign_in.failed").count() == ATTEMPTS
    response = client.post(page_of(sitting, "sitting_unlock"), {"password": PASSWORD})
    assert "Der har været for mange forsøg." in response.text
    assert client.get("/deltagere/")["Location"] == page_of(sitting)
    own = {"login": activity.responsible.username, "password": PASSWORD}
    assert "Der har været for mange forsøg." in Client().post(reverse("account_login"), own).text


def test_another_users_password_does_not_unlock(client, activity, begin):
    colleague = make_user(Role.STAFF, activity.plan)
    colleague.set_password("en helt anden adgangskode")
    colleague.save()
    sitting = begin()
    for form in ({"username": colleague.username, "password": "en helt anden adgangskode"}, {"password": ""}):
        assert client.post(page_of(sitting, "sitting_unlock"), form).status_code == 200
        assert client.get("/")["Location"] == page_of(sitting)


def test_a_sittings_pages_are_nobody_elses_and_no_other_sittings(client, activity, begin):
    own, other = begin(), make_sitting(activity)
    assert client.get(page_of(other))["Location"] == page_of(own)
    colleague = Client()
    colleague.force_login(make_user(Role.STAFF, activity.plan))
    for name in ("sitting", "sitting_sign", "sitting_unlock"):
        assert colleague.get(page_of(own, name)).status_code == 404
        assert colleague.post(page_of(own, name), {"answer": "no", "password": PASSWORD}).status_code == 404
    assert not ScreenAnswer.objects.exclude(answer="").exists()


def test_a_form_without_its_token_leads_back_to_the_text(activity):
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(activity.responsible)
    sitting = make_sitting(activity)
    session = strict.session
    session["sitting"] = str(sitting.pk)
    session.save()
    assert strict.post(page_of(sitting), {"answer": "no"})["Location"] == page_of(sitting)
    assert tally_sum(activity, localdate().year, Outcome.REFUSED) == 0


def begin_by_force(client, activity) -> ScreenAnswer:
    client.force_login(activity.responsible)
    client.post(reverse("consent:screen", args=[activity.pk]), {"audience": "adult", "language": "da"})
    return ScreenAnswer.objects.latest("started_at")


def make_sitting(activity) -> ScreenAnswer:
    return start_sitting(by=activity.responsible, activity=activity, text=Text.objects.get())


# --- What is shown -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_text_and_the_choice_are_in_the_participants_language(client, begin, language):
    make_text(language=language)
    sitting = begin(language=language)
    page = client.get(page_of(sitting)).text
    way = "rtl" if language in ("ar", "fa", "ur") else "ltr"
    assert f'<html lang="{language}" dir="{way}">' in page
    assert page.index(f'value="yes" class="button button-secondary">{WORDS[language].yes}<') < page.index(
        f'value="no" class="button button-secondary">{WORDS[language].no}<'
    )
    assert ('lang="da" dir="ltr"><h2>' in page) == (language != "da")
    assert WORDS[language].cannot_sign in client.get(page_of(sitting, "sitting_sign")).text
    client.post(page_of(sitting), {"answer": "no"})
    thanks = client.get(page_of(sitting)).text
    assert WORDS[language].said_no in thanks
    assert WORDS[language].give_back in thanks


def test_there_are_words_for_every_language_that_a_text_may_have():
    assert set(WORDS) == set(LANGUAGES)
    assert all(all(vars(words).values()) for words in WORDS.values())


def test_only_what_has_a_text_can_be_chosen(client, activity):
    client.force_login(activity.responsible)
    make_text(Audience.YOUTH, "tr")
    address = reverse("consent:screen", args=[activity.pk])
    page = client.get(address).text
    assert "Tyrkisk (Türkçe)" in page
    assert "Somali" not in page
    wrong = client.post(address, {"audience": "adult", "language": "tr"})
    assert "Teksten findes ikke på dette sprog til denne aldersgruppe." in wrong.text
    assert client.post(address, {"audience": "youth", "language": "so"}).status_code == 200
    assert (
        client.post(address, {"audience": "adult"}).text.count("Vælg et sprog.") == 2
    )  # in the summary and at the field
    assert not ScreenAnswer.objects.exists()


# --- The answers -------------------------------------------------------------------------------------------------


def test_a_no_is_counted_once_however_often_it_is_pressed(client, activity, begin):
    sitting = begin()
    for _ in range(3):
        assert client.post(page_of(sitting), {"answer": "no"}).status_code in (200, 302)
    client.post(page_of(sitting, "sitting_sign"), {"strokes": STROKES})
    assert tally_sum(activity, localdate().year, Outcome.REFUSED) == 1
    assert ScreenAnswer.objects.get().answer == "no"
    response = client.post(page_of(sitting, "sitting_unlock"), {"password": PASSWORD})
    assert response["Location"] == reverse("consent:activity", args=[activity.pk])


def test_the_first_answer_stands(activity):
    sitting = make_sitting(activity)
    for answer in ("no", "yes", "no"):
        answer_sitting(by=activity.responsible, sitting=sitting, answer=answer, signature="M1 1L2 2")
    sitting.refresh_from_db()
    assert (sitting.answer, sitting.signature) == ("no", None)
    assert tally_sum(activity, localdate().year, Outcome.REFUSED) == 1


def test_a_no_in_an_activity_that_has_ended_counts_in_its_last_year():
    make_text()
    ended = make_activity(make_plan(), end=datetime(2016, 12, 16).date())
    answer_sitting(by=ended.responsible, sitting=make_sitting(ended), answer="no")
    assert tally_sum(ended, 2016, Outcome.REFUSED) == 1


def test_yes_alone_is_no_answer_until_it_is_signed_or_passed_by(client, begin):
    sitting = begin()
    assert client.post(page_of(sitting), {"answer": "yes"})["Location"] == page_of(sitting, "sitting_sign")
    assert ScreenAnswer.objects.get().answer == ""
    assert client.post(page_of(sitting), {"answer": "maybe"}).status_code == 200
    client.post(page_of(sitting, "sitting_sign"))
    assert (ScreenAnswer.objects.get().answer, ScreenAnswer.objects.get().signature) == ("yes", None)


@pytest.mark.parametrize("strokes", ["", "[]", "[[[1,99999]]]", '[[["1",2]]]', "[[[1,2]]]" + " " * 70_000])
def test_strokes_that_are_none_are_asked_for_again(client, begin, strokes):
    sitting = begin()
    response = client.post(page_of(sitting, "sitting_sign"), {"strokes": strokes})
    assert WORDS["da"].sign_again in response.text
    assert ScreenAnswer.objects.get().answer == ""


def test_after_a_yes_staff_come_to_the_enrolment_with_it(client, activity, begin):
    sitting = begin()
    client.post(page_of(sitting, "sitting_sign"), {"strokes": STROKES})
    response = client.post(page_of(sitting, "sitting_unlock"), {"password": PASSWORD})
    assert response["Location"] == f"{reverse('consent:enrol', args=[activity.pk])}?svar={sitting}"


def test_each_step_is_audited_without_saying_who(client, activity, begin):
    sitting = begin()
    client.post(page_of(sitting, "sitting_sign"), {"strokes": STROKES})
    client.post(page_of(sitting, "sitting_unlock"), {"password": PASSWORD})
    events = Event.objects.filter(object_id=sitting).order_by("sequence")
    assert [event.action for event in events] == ["screen.started", "screen.answered", "screen.ended"]
    assert not any(event.subjects.exists() or event.plan != str(activity.plan_id) for event in events)
