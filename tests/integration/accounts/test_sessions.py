"""Sessions: how long they last, where one is signed in, and what ends them."""

import json

import pytest
from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts import sessions
from accounts.permissions import Role
from audit.models import Event
from consent import middleware
from operations.tasks import forget_sessions
from tests.factories.cast import PASSWORD, make_plan, make_user
from tests.factories.second_factor import sign_in

pytestmark = pytest.mark.django_db
LIST = reverse("usersessions_list")
MINUTE, HOUR = 60, 3600


@pytest.fixture
def user():
    return make_user(Role.COORDINATOR, make_plan())


def signed_in(user, agent: str = "Firefox on Windows") -> Client:
    client = Client(HTTP_USER_AGENT=agent)
    assert sign_in(client, user).status_code == 302
    return client


def is_in(client: Client) -> bool:
    return client.get("/opgaver/").status_code == 200


def passes(client: Client, seconds: int) -> None:
    """So much time passes for the client's session."""
    session = client.session
    for clock in (sessions.SIGNED_IN_AT, sessions.SEEN_AT):
        session[clock] -= seconds
    session.save()


def why_ended() -> list[str]:
    ended = Event.objects.filter(action="session.ended").order_by("sequence")
    return [json.loads(event.details)["why"] for event in ended]


# --- Limits -----------------------------------------------------------------------------------------


def test_a_session_that_nobody_uses_ends_and_the_page_says_why(user, settings):
    client = signed_in(user)
    passes(client, settings.IDLE_MINUTES * MINUTE - 5)
    assert is_in(client)
    passes(client, settings.IDLE_MINUTES * MINUTE)
    answer = client.get("/deltagere/?side=2")
    assert answer["Location"] == f"{reverse('account_login')}?next=%2Fdeltagere%2F%3Fside%3D2"
    page = client.get(answer["Location"]).text
    assert "Siden har ikke været brugt i 60 minutter, så vi har logget dig ud." in page
    assert why_ended() == ["idle"]
    assert not UserSession.objects.exists()


def test_using_it_keeps_a_session_but_not_for_ever(user, settings):
    client = signed_in(user)
    for _ in range(settings.SESSION_HOURS * 2 - 1):
        passes(client, HOUR // 2)
        assert is_in(client)
    passes(client, HOUR // 2)
    answer = client.get("/opgaver/", follow=True)
    assert "Du har været logget ind i 10 timer, så vi har logget dig ud." in answer.text
    assert why_ended() == ["age"]


def test_a_session_that_does_not_know_when_it_began_is_over(user):
    client = signed_in(user)
    session = client.session
    del session[sessions.SIGNED_IN_AT]
    session.save()
    assert not is_in(client)


def test_a_part_of_a_page_asked_for_by_a_script_leads_to_the_sign_in_page_too(user):
    client = signed_in(user)
    passes(client, HOUR)
    part = client.get("/opgaver/", headers={"HX-Request": "true"})
    assert (part["HX-Redirect"], part.content) == (reverse("account_login"), b"")


def test_what_is_posted_after_the_end_is_not_done(user):
    client = signed_in(user)
    passes(client, HOUR)
    form = {
        "oldpassword": PASSWORD,
        "password1": "en helt ny og lang sætning",
        "password2": "en helt ny og lang sætning",
    }
    assert client.post(reverse("account_change_password"), form)["Location"] == reverse("account_login")
    user.refresh_from_db()
    assert user.check_password(PASSWORD)


def test_a_device_in_a_participants_hands_stays_locked_however_long_it_lies(user):
    assert sessions.LENT == middleware.KEY
    client = signed_in(user)
    session = client.session
    session[sessions.LENT] = "00000000-0000-4000-8000-000000000000"
    session.save()
    passes(client, 5 * HOUR)
    assert client.get("/opgaver/")["Location"].startswith("/skaerm/")
    passes(client, 5 * HOUR)
    assert client.get("/opgaver/")["Location"].startswith(reverse("account_login"))


# --- One's own sessions -----------------------------------------------------------------------------


def test_one_sees_where_one_is_signed_in_and_ends_one_of_them(user):
    here = signed_in(user, "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:130.0) Gecko/20100101 Firefox/130.0")
    lost = signed_in(user, "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Version/18.0 Mobile Safari/604.1")
    other = signed_in(user)
    page = here.get(LIST).text
    assert "Firefox på Windows" in page
    assert "Safari på iPhone" in page
    row = UserSession.objects.get(user_agent__contains="iPhone")
    here.post(LIST, {"session": row.pk})
    assert [is_in(each) for each in (here, lost, other)] == [True, False, True]
    assert why_ended() == ["asked"]
    here.post(LIST, {"session": "others"})
    assert [is_in(each) for each in (here, lost, other)] == [True, False, False]


@pytest.mark.parametrize("asked", ["", "x", "1.5", "9" * 30, "-1"])
def test_nobody_ends_anothers_session_nor_the_one_they_sit_in(user, asked):
    theirs, own = signed_in(make_user(Role.STAFF, make_plan())), signed_in(user)
    for row in UserSession.objects.all():
        own.post(LIST, {"session": row.pk})
    assert own.post(LIST, {"session": asked}).status_code == 302
    assert is_in(theirs)
    assert is_in(own)
    assert why_ended() == []


def test_what_is_known_of_sessions_that_are_over_is_forgotten(user):
    stays, ends = signed_in(user), signed_in(user)
    stranger = Client()
    stranger.get(reverse("mfa_login_webauthn"), headers={"X-Requested-With": "XMLHttpRequest"})
    over = [client.session.session_key for client in (ends, stranger)]
    Session.objects.filter(session_key__in=over).update(expire_date=timezone.now())
    forget_sessions()
    assert [row.session_key for row in Session.objects.all()] == [stays.session.session_key]
    assert [row.session_key for row in UserSession.objects.all()] == [stays.session.session_key]
    assert is_in(stays)


def test_a_session_is_listed_still_when_its_key_was_changed(user, rf):
    client = signed_in(user)
    request = rf.get("/")
    request.session = client.session
    sessions.new_key(request)
    assert UserSession.objects.get().session_key == request.session.session_key


# --- What ends them ---------------------------------------------------------------------------------


def test_another_password_ends_all_sessions_but_this(user):
    here, other = signed_in(user), signed_in(user)
    new = "en helt ny og lang sætning"
    here.post(reverse("account_change_password"), {"oldpassword": PASSWORD, "password1": new, "password2": new})
    assert [is_in(here), is_in(other)] == [True, False]
    assert "Firefox" in here.get(LIST).text


@pytest.mark.parametrize("change", [{"is_active": False}, {"role": Role.STAFF}])
def test_a_closed_account_or_another_role_ends_them_at_once(user, change):
    client = signed_in(user)
    type(user).objects.filter(pk=user.pk).update(**change)
    assert not is_in(client)


def test_guesses_at_the_old_password_are_limited_as_at_sign_in(user):
    client, new = signed_in(user), "en helt ny og lang sætning"
    for _ in range(8):
        client.post(reverse("account_change_password"), {"oldpassword": "gæt", "password1": new, "password2": new})
    sign_in(stranger := Client(), user)
    assert not is_in(stranger)
