"""Signing in by OpenID Connect, at a real provider on this machine: who gets in, and what is not believed."""

import base64
import json
import time
from urllib.parse import parse_qs, urlsplit

import jwt
import pytest
import requests
from cryptography.hazmat.primitives.asymmetric import rsa
from django.test import Client
from django.urls import reverse

from accounts import openid
from accounts.models import User
from accounts.permissions import Role
from audit.models import Event
from tests.factories.cast import make_plan, make_user
from tests.factories.openid import CLIENT_ID, CLIENT_SECRET, running_provider
from tests.factories.second_factor import code_of, give_app, sign_in

pytestmark = [pytest.mark.django_db, pytest.mark.one_database]
SUBJECT = "5f1c-employee"
LOGIN, BACK = reverse("openid_connect_login"), reverse("openid_connect_callback")


@pytest.fixture(scope="module")
def running():
    with running_provider() as provider:
        yield provider


@pytest.fixture
def provider(running, settings):
    running.begin_anew()
    settings.OIDC_ISSUER = running.issuer
    settings.SOCIALACCOUNT_PROVIDERS = {
        "openid_connect": {
            "APPS": [
                {
                    "provider_id": openid.PROVIDER,
                    "name": "MitID Erhverv",
                    "client_id": CLIENT_ID,
                    "secret": CLIENT_SECRET,
                    "settings": {"server_url": running.issuer, "oauth_pkce_enabled": True},
                }
            ]
        }
    }
    return running


@pytest.fixture
def user():
    user = make_user(Role.COORDINATOR, make_plan())
    user.oidc_subject = SUBJECT
    user.save()
    return user


def go(client, query: str = "") -> str:
    """To the provider and back, as a browser goes: the address that one is sent to, here."""
    there = client.get(LOGIN + query)["Location"]
    back = urlsplit(requests.get(there, allow_redirects=False, timeout=10).headers["Location"])
    assert back.path == BACK
    return f"{back.path}?{back.query}"


def is_in(client) -> bool:
    return client.get("/opgaver/").status_code == 200


def told(client) -> str:
    return client.get(reverse("account_login")).text


# --- Who gets in ------------------------------------------------------------------------------------


def test_who_is_connected_gets_in_and_where_they_were_going(client, provider, user):
    assert f'href="{LOGIN}?next=/deltagere/"' in client.get(reverse("account_login"), {"next": "/deltagere/"}).text
    assert client.get(go(client, "?next=/deltagere/"))["Location"] == "/deltagere/"
    assert is_in(client)
    assert json.loads(Event.objects.get(action="sign_in.done").details) == {"method": "socialaccount"}
    assert Event.objects.get(action="sign_in.done").actor == str(user.pk)


def test_the_provider_is_asked_for_who_it_is_and_nothing_else(client, provider, user):
    go(client, "?scope=email,profile&auth_params=nonce%3Dx%26prompt%3Dnone&process=connect")
    assert provider.asked["scope"] == "openid"
    assert provider.asked.keys() == {
        *("client_id", "redirect_uri", "scope", "response_type", "state", "nonce"),
        *("code_challenge", "code_challenge_method", "prompt", "max_age"),
    }
    assert len(provider.asked["nonce"]) >= 40


@pytest.mark.parametrize("auth_time", [None, 0])
def test_a_sign_in_that_is_still_open_there_lets_nobody_in_who_holds_the_browser(client, provider, user, auth_time):
    provider.spoil = lambda claims: claims | {"auth_time": auth_time}
    client.get(go(client))
    assert not is_in(client)


@pytest.mark.parametrize("claims", [{"sub": "somebody"}, {"sub": "x", "email": "karen@example.com", "name": "Karen"}])
def test_nobody_gets_an_account_or_anothers_by_their_mail_address(client, provider, claims):
    make_user(username="karen@example.com")
    before = User.objects.count()
    provider.claims = claims | {"email_verified": True}
    assert client.get(go(client))["Location"] == reverse("account_login")
    assert not is_in(client)
    assert "Du er ikke oprettet her." in told(client)
    assert User.objects.count() == before
    assert Event.objects.filter(action="sign_in.failed", object_id="").count() == 1


def test_a_closed_account_does_not_open(client, provider, user):
    User.objects.update(is_active=False)
    client.get(go(client))
    assert not is_in(client)


def test_an_operator_may_say_that_a_claim_is_the_user_name(client, provider, settings):
    settings.OIDC_MATCH, settings.OIDC_CLAIM = "username", "cvr_uid"
    make_user(Role.COORDINATOR, make_plan(), username="bodil")
    provider.claims = {"sub": "x", "cvr_uid": "bodil"}
    client.get(go(client))
    assert is_in(client)


@pytest.mark.parametrize("subject", [None, "", 17, ["x"], "x" * 192])
def test_a_claim_that_names_nobody_lets_nobody_in(client, provider, settings, subject):
    settings.OIDC_CLAIM = "uid"
    provider.claims = {"sub": SUBJECT, "uid": subject}
    client.get(go(client))
    assert not is_in(client)
    assert "Det lykkedes ikke" in told(client)


def test_where_it_is_not_set_up_there_is_no_such_way(client):
    assert client.get(LOGIN).status_code == client.get(BACK).status_code == 404
    assert LOGIN not in told(client)


# --- What is not believed ---------------------------------------------------------------------------

OTHER_KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)
SPOILT = {
    "another audience": lambda claims: claims | {"aud": "another site"},
    "for another site too": lambda claims: claims | {"aud": [CLIENT_ID, "another site"]},
    "another issuer": lambda claims: claims | {"iss": "https://ond.example"},
    "another nonce": lambda claims: claims | {"nonce": "x"},
    "without nonce": lambda claims: {name: value for name, value in claims.items() if name != "nonce"},
    "too old": lambda claims: claims | {"exp": time.time() - 120},
    "without end": lambda claims: {name: value for name, value in claims.items() if name != "exp"},
    "made tomorrow": lambda claims: claims | {"iat": time.time() + 86400},
}


@pytest.mark.parametrize("spoil", SPOILT.values(), ids=SPOILT)
def test_claims_that_are_not_for_this_sign_in_are_refused(client, provider, user, spoil):
    provider.spoil = spoil
    assert client.get(go(client))["Location"] == reverse("account_login")
    assert provider.tokens_given == 1
    assert not is_in(client)
    assert "Det lykkedes ikke at logge ind med MitID Erhverv." in told(client)


SIGNED_WRONG = {
    "by another key": lambda provider, claims: provider.signed(claims, key=OTHER_KEY),
    "by a key that the provider has not": lambda provider, claims: provider.signed(claims, key=OTHER_KEY, kid="two"),
    "by the client's secret": lambda provider, claims: provider.signed(claims, key="s" * 64, algorithm="HS256"),
    "by nobody": lambda provider, claims: jwt.encode(claims, None, algorithm="none", headers={"kid": "one"}),
    "altered": lambda provider, claims: provider.signed(claims)[:-6] + "AAAAAA",
    "no token": lambda provider, claims: "x",
    "nothing": lambda provider, claims: "",
}


@pytest.mark.parametrize("sign", SIGNED_WRONG.values(), ids=SIGNED_WRONG)
def test_what_the_provider_did_not_sign_is_refused(client, provider, user, sign):
    provider.sign = lambda claims: sign(provider, claims)
    client.get(go(client))
    assert not is_in(client)
    assert "Det lykkedes ikke" in told(client)


def test_a_key_that_everybody_can_read_signs_nothing(client, provider, user, monkeypatch):
    shared = b"s" * 64
    key = {"kty": "oct", "k": base64.urlsafe_b64encode(shared).decode().rstrip("="), "kid": "shared", "alg": "HS256"}
    monkeypatch.setattr(provider, "keys", lambda: {"keys": [key]})
    provider.sign = lambda claims: provider.signed(claims, key=shared, algorithm="HS256", kid="shared")
    client.get(go(client))
    assert not is_in(client)


def test_keys_are_fetched_where_the_provider_says_and_nowhere_that_leads_on_to(client, provider, user):
    """To plain HTTP, for one."""
    provider.changed_discovery = {"jwks_uri": f"{provider.issuer}/moved"}
    client.get(go(client))
    assert not is_in(client)


def test_an_answer_works_once_and_only_where_it_was_asked_for(client, provider, user):
    answer = go(client)
    client.get(answer, follow=True)
    client.post(reverse("account_logout"))
    client.get(answer)
    assert not is_in(client)
    stranger = Client()
    stranger.get(go(client))  # somebody's answer, put under another's browser
    assert not is_in(stranger)


def test_a_code_of_another_sign_in_is_refused_by_its_verifier(client, provider, user):
    """An attacker's code, put into the answer that a browser waits for."""
    stolen = parse_qs(urlsplit(go(Client())).query)["code"][0]
    waiting = parse_qs(urlsplit(go(client)).query)["state"][0]
    client.get(BACK, {"code": stolen, "state": waiting})
    assert provider.tokens_given == 0
    assert not is_in(client)


@pytest.mark.parametrize(
    "changed",
    [
        {"issuer": "https://ond.example"},
        {"jwks_uri": "http://ond.example/keys"},
        {"token_endpoint": "http://ond.example/token"},
        {"authorization_endpoint": "javascript:alert(1)"},
    ],
)
def test_a_provider_that_is_another_or_sends_codes_in_the_open_is_not_used(client, provider, changed):
    provider.changed_discovery = changed
    assert client.get(LOGIN)["Location"] == reverse("account_login")
    assert "Det lykkedes ikke" in told(client)


def test_a_provider_that_does_not_answer_is_told_of_and_the_password_still_works(client, provider, settings, user):
    settings.SOCIALACCOUNT_PROVIDERS["openid_connect"]["APPS"][0]["settings"]["server_url"] = "http://127.0.0.1:9"
    assert client.get(LOGIN)["Location"] == reverse("account_login")
    assert "Det lykkedes ikke at logge ind med MitID Erhverv." in told(client)
    assert sign_in(client, user)["Location"] == "/"


def test_who_gives_up_there_is_back_at_the_sign_in_page(client, provider):
    provider.cancels = True
    assert client.get(go(client))["Location"] == reverse("account_login")
    assert "Du afbrød." in told(client)


def test_the_way_on_is_of_this_site(client, provider, user):
    assert client.get(go(client, "?next=https://ond.example/"))["Location"] == "/"


# --- The second factor --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "believed, asked, claimed, enough",
    [
        (False, [], "high", False),
        (True, [], None, True),
        (True, ["high"], "high", True),
        (True, ["high"], "low", False),
    ],
)
def test_the_provider_counts_as_the_second_factor_if_the_operator_says_so(
    client, provider, settings, user, believed, asked, claimed, enough
):
    settings.SECOND_FACTOR, settings.OIDC_SECOND_FACTOR, settings.OIDC_ACR = True, believed, asked
    provider.claims |= {"acr": claimed} if claimed else {}
    client.get(go(client))
    assert is_in(client) == enough
    assert provider.asked.get("acr_values") == ("high" if asked else None)


@pytest.mark.parametrize("believed", [True, False])
def test_who_has_a_second_factor_here_is_asked_for_it_unless_the_provider_is_enough(
    client, provider, settings, user, believed
):
    settings.SECOND_FACTOR, settings.OIDC_SECOND_FACTOR = True, believed
    secret = give_app(user)
    answer = client.get(go(client))
    if not believed:
        assert answer["Location"] == reverse("mfa_authenticate")
        assert not is_in(client)
        client.post(reverse("mfa_authenticate"), {"code": code_of(secret)})
    assert is_in(client)


def test_whoever_was_signed_in_is_not_when_somebody_else_signs_in_there(client, provider, user):
    """Also while a code of theirs is still asked for."""
    give_app(user)
    client.force_login(make_user(Role.COORDINATOR, make_plan()))
    assert client.get(go(client))["Location"] == reverse("mfa_authenticate")
    assert not is_in(client)


# --- Connecting, and confirming -----------------------------------------------------------------------


def test_one_connects_ones_own_account(client, provider):
    user = make_user(Role.COORDINATOR, make_plan())
    sign_in(client, user)
    assert client.get(go(client, f"?forbind&next={reverse('mfa_index')}"))["Location"] == reverse("mfa_index")
    assert provider.asked["prompt"] == "login"
    user.refresh_from_db()
    assert user.oidc_subject == SUBJECT
    assert Event.objects.get(action="sign_in.connected").actor == str(user.pk)
    other = Client()
    other.get(go(other))
    assert is_in(other)


def test_a_login_that_is_connected_to_one_account_is_not_connected_to_another(client, provider, user):
    other = make_user(Role.COORDINATOR, make_plan())
    sign_in(client, other)
    client.get(go(client, "?forbind"))
    other.refresh_from_db()
    assert other.oidc_subject is None


def test_a_session_that_lay_open_connects_nothing(client, provider):
    user = make_user(Role.COORDINATOR, make_plan())
    client.force_login(user)  # signed in, but proved nothing lately
    assert client.get(go(client, "?forbind"))["Location"].startswith(reverse("account_reauthenticate"))
    user.refresh_from_db()
    assert user.oidc_subject is None


@pytest.mark.parametrize("auth_time", [None, "now", 0])
def test_a_sign_in_that_was_not_made_anew_confirms_nothing(client, provider, user, auth_time):
    client.force_login(user)
    provider.spoil = lambda claims: claims | {"auth_time": auth_time}
    client.get(go(client))
    assert "account_authentication_methods" not in client.session


def test_signing_in_there_again_confirms_here_and_keeps_the_session(client, provider, user):
    client.force_login(user)
    before = client.session.session_key
    assert client.get(go(client, "?next=/opgaver/"))["Location"] == "/opgaver/"
    assert client.session["account_authentication_methods"][-1]["reauthenticated"]
    assert client.session.session_key == before
