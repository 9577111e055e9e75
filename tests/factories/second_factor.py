"""Second factors in tests: an app that gives codes, and signing in with them."""

import re
import time

from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, generate_totp_secret, hotp_value
from django.test import Client
from django.urls import reverse

from tests.factories.cast import PASSWORD


def code_of(secret: str, *, later: int = 0) -> str:
    """What an app shows now, or `later` periods of half a minute on."""
    return format_hotp_value(hotp_value(secret, int(time.time()) // 30 + later))


def give_app(user) -> str:
    """An app, set up for `user`, with recovery codes; its secret."""
    secret = generate_totp_secret()
    TOTP.activate(user, secret)
    RecoveryCodes.activate(user)
    return secret


def sign_in(client: Client, user, **given):
    """The answer to user name and password."""
    return client.post(reverse("account_login"), {"login": user.username, "password": PASSWORD} | given)


def sign_in_fully(client: Client, user) -> str:
    """With an app that is set up here; its secret. The code of now is used up by it."""
    secret = give_app(user)
    assert sign_in(client, user)["Location"] == reverse("mfa_authenticate")
    assert client.post(reverse("mfa_authenticate"), {"code": code_of(secret)})["Location"] == "/"
    return secret


def secret_shown(page: str) -> str:
    return re.search(r'<code class="fingerprint">([A-Z2-7]{32})</code>', page)[1]
