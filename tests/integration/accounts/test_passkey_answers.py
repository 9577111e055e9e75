"""What a passkey answers comes from a browser, that is from anybody: it opens an account when all of it is right."""

import json

import pytest
from allauth.account.internal.stagekit import LOGIN_SESSION_KEY
from allauth.mfa.models import Authenticator
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from django.test import Client
from django.urls import reverse
from fido2.cose import ES256
from fido2.utils import sha256, websafe_decode, websafe_encode
from fido2.webauthn import (
    Aaguid,
    AttestationObject,
    AttestedCredentialData,
    AuthenticatorData,
    CollectedClientData,
)

from tests.factories.cast import make_user
from tests.factories.second_factor import sign_in

pytestmark = pytest.mark.django_db
SITE = "localhost"
BY_PASSKEY = reverse("mfa_login_webauthn")
PRESENT, VERIFIED = AuthenticatorData.FLAG.UP, AuthenticatorData.FLAG.UV
ASKED = AuthenticatorData.FLAG.AT


class Key:
    """A security key in software, set up for `user`; it does what the one who holds it wants."""

    def __init__(self, user):
        self.user, self.private, self.id = user, ec.generate_private_key(ec.SECP256R1()), b"0123456789abcdef"
        made = AttestedCredentialData.create(
            Aaguid.NONE, self.id, ES256.from_cryptography_key(self.private.public_key())
        )
        data = AuthenticatorData.create(sha256(SITE.encode()), PRESENT | ASKED, 0, made)
        response = {
            "clientDataJSON": self._client_data("webauthn.create", b"x" * 32, f"https://{SITE}"),
            "attestationObject": AttestationObject.create("none", data, {}),
        }
        Authenticator.objects.create(
            user=user, type=Authenticator.Type.WEBAUTHN, data={"name": "", "credential": self._answer(response)}
        )

    def answer(
        self, challenge: bytes, *, flags=PRESENT | VERIFIED, origin=f"https://{SITE}", site=SITE, who=None
    ) -> str:
        data = AuthenticatorData.create(sha256(site.encode()), flags, 1)
        told = self._client_data("webauthn.get", challenge, origin)
        signature = self.private.sign(bytes(data) + sha256(told), ec.ECDSA(SHA256()))
        handle = str((who or self.user).pk).encode()
        response = {"clientDataJSON": told, "authenticatorData": data, "signature": signature, "userHandle": handle}
        return json.dumps(self._answer(response))

    def _client_data(self, kind: str, challenge: bytes, origin: str) -> bytes:
        return CollectedClientData.create(kind, challenge, origin)

    def _answer(self, response: dict) -> dict:
        name = websafe_encode(self.id)
        encoded = {key: websafe_encode(value) for key, value in response.items()}
        return {"id": name, "rawId": name, "type": "public-key", "response": encoded}


def browser() -> Client:
    return Client(HTTP_HOST=SITE)


def challenge_of(client: Client) -> bytes:
    page = client.get(BY_PASSKEY, headers={"X-Requested-With": "XMLHttpRequest"}).json()
    return websafe_decode(page["request_options"]["publicKey"]["challenge"])


def signed_in(client: Client, credential: str) -> bool:
    answer = client.post(BY_PASSKEY, {"credential": credential})
    assert answer.status_code == 302
    return "_auth_user_id" in client.session


def test_a_passkey_opens_its_own_account_once():
    key, client = Key(make_user()), browser()
    answer = key.answer(challenge_of(client))
    assert signed_in(client, answer)
    assert not signed_in(browser(), answer)
    again = browser()
    challenge_of(again)
    assert not signed_in(again, answer)


@pytest.mark.parametrize(
    "given",
    [{"origin": "https://ond.example"}, {"origin": f"http://{SITE}.ond.example"}, {"site": "ond.example"}, {"flags": 0},
     {"flags": PRESENT}],
)  # fmt: skip
def test_an_answer_that_is_for_elsewhere_or_of_an_unverified_user_opens_nothing(given):
    key, client = Key(make_user()), browser()
    assert not signed_in(client, key.answer(challenge_of(client), **given))


def test_a_key_opens_nobody_elses_account():
    key, client, other = Key(make_user()), browser(), make_user()
    assert not signed_in(client, key.answer(challenge_of(client), who=other))
    Key(other)
    assert not signed_in(client, key.answer(challenge_of(client), who=other))


def test_a_lost_key_alone_opens_nothing_by_the_challenge_of_another_page():
    """The page where a key is a second factor asks for no verified user; here the thief's own, given up by time."""
    key, thief, client = Key(make_user()), make_user(), browser()
    Key(thief)
    sign_in(client, thief)
    client.get(reverse("mfa_authenticate"))
    session = client.session
    del session[LOGIN_SESSION_KEY]
    session.save()
    challenge = websafe_decode(session["mfa.webauthn.state"]["challenge"])
    assert not signed_in(client, key.answer(challenge, flags=PRESENT))


@pytest.mark.parametrize("address", ["mfa_login_webauthn", "mfa_authenticate"])
def test_what_is_no_answer_at_all_opens_nothing(address):
    """Nested too deep, a number too long, bytes that are cut off or of another kind."""
    user = make_user()
    key, client = Key(user), browser()
    whole = json.loads(key.answer(challenge_of(client)))
    cut = whole | {"response": whole["response"] | {"authenticatorData": whole["response"]["authenticatorData"][:44]}}
    client_data = websafe_encode(b"[" * 9000)
    deep = whole | {"response": whole["response"] | {"clientDataJSON": client_data}}
    if address == "mfa_authenticate":
        sign_in(client, user)
    for wrong in ("[" * 99_999, "9" * 5000, json.dumps(cut), json.dumps(deep), '{"response": {"userHandle": "é"}}'):
        assert client.post(reverse(address), {"credential": wrong}).status_code in (200, 302)
        assert "_auth_user_id" not in client.session
