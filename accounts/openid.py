"""Signing in by OpenID Connect, and how much of it is believed.

allauth does the authorization code flow with state and PKCE. What it leaves unchecked is done here, by OpenID Connect
Core 1.0, 3.1.3.7: the ID token's signature by one of the provider's keys, its issuer, audience, times and nonce.
Nothing else is asked for and nothing of it is kept: no e-mail, no name, no userinfo.
"""

import base64
import hashlib
from typing import Any
from urllib.parse import urlsplit

import jwt
import requests
from allauth.account.utils import get_next_redirect_url
from allauth.mfa.stages import AuthenticateStage
from allauth.socialaccount.adapter import get_adapter
from allauth.socialaccount.models import SocialApp, SocialToken
from allauth.socialaccount.providers.base.constants import AuthProcess
from allauth.socialaccount.providers.oauth2.client import OAuth2Error
from allauth.socialaccount.providers.openid_connect.provider import OpenIDConnectProvider
from allauth.socialaccount.providers.openid_connect.views import OpenIDConnectOAuth2Adapter
from django.conf import settings
from django.http import HttpRequest

from accounts import sessions

PROVIDER = "oidc"
ALGORITHMS = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"]
CLOCKS_DIFFER = 60  # seconds
LONGEST_SUBJECT = 191
MUST_CLAIM = ["iss", "aud", "exp", "iat", "sub", "nonce"]


class Refused(OAuth2Error):
    """The provider's answer is not to be believed. The message is for the log and quotes nothing of it."""


def nonce_of(code_verifier: str) -> str:
    """The nonce of a sign-in: made from the PKCE verifier, which this session alone knows."""
    digest = hashlib.sha256(b"nonce|" + code_verifier.encode()).digest()
    return base64.urlsafe_b64encode(digest).decode().rstrip("=")


def _checked(address: str) -> str:
    """Keys and codes travel by TLS, but on this machine itself."""
    parts = urlsplit(address)
    if parts.scheme != "https" and parts.hostname not in ("localhost", "127.0.0.1", "::1"):
        raise Refused("an address of the provider is not https")
    return address


class Adapter(OpenIDConnectOAuth2Adapter):
    nonce = ""

    @property
    def openid_config(self) -> dict:
        if not hasattr(self, "_openid_config"):
            config = self._fetched(self.get_provider().server_url)
            if str(config.get("issuer", "")).rstrip("/") != settings.OIDC_ISSUER.rstrip("/"):
                raise Refused("the provider has another issuer than OIDC_ISSUER")
            for name in ("authorization_endpoint", "token_endpoint", "jwks_uri"):
                _checked(str(config.get(name, "")))
            self._openid_config = config
        return self._openid_config

    def get_access_token_data(self, request: HttpRequest, app, client, pkce_code_verifier=None) -> dict:
        if not pkce_code_verifier:
            raise Refused("the sign-in was begun without PKCE")
        self.nonce = nonce_of(pkce_code_verifier)
        return super().get_access_token_data(request, app, client, pkce_code_verifier=pkce_code_verifier)

    def parse_token(self, data: dict) -> SocialToken:
        if not data.get("id_token"):
            raise Refused("no ID token")
        return SocialToken(token="")  # the access token opens nothing that is asked for

    def complete_login(self, request: HttpRequest, app, token: SocialToken, **kwargs):
        claims = self._decode_id_token(app, kwargs["response"]["id_token"])
        subject = claims.get(settings.OIDC_CLAIM)
        if not isinstance(subject, str) or not 0 < len(subject) <= LONGEST_SUBJECT:
            raise Refused("no usable claim OIDC_CLAIM")
        return self.get_provider().sociallogin_from_response(request, claims)

    def _decode_id_token(self, app: SocialApp, id_token: str) -> dict:
        config = self.openid_config
        try:
            keys = jwt.PyJWKSet.from_dict(self._fetched(config["jwks_uri"])).keys
            wanted = jwt.get_unverified_header(id_token).get("kid")
            key = next((key for key in keys if key.key_id == wanted or (wanted is None and len(keys) == 1)), None)
            if key is None:
                raise Refused("the ID token is signed with a key that the provider doesn't have")
            claims = jwt.decode(
                id_token,
                key,
                algorithms=ALGORITHMS,
                audience=app.client_id,
                issuer=config["issuer"],
                leeway=CLOCKS_DIFFER,
                options={"require": MUST_CLAIM},
            )
        except jwt.PyJWTError as error:
            raise Refused(f"the ID token is not valid: {type(error).__name__}") from None
        if claims["nonce"] != self.nonce:
            raise Refused("the ID token is of another sign-in")
        if isinstance(claims["aud"], list) and len(claims["aud"]) > 1 and claims.get("azp") != app.client_id:
            raise Refused("the ID token is for another client too")
        return claims

    def _fetched(self, address: str) -> dict:
        try:
            with get_adapter().get_requests_session() as session:
                response = session.get(_checked(address), allow_redirects=False)
                response.raise_for_status()
                found = response.json()
        except requests.RequestException as error:
            raise Refused(f"the provider doesn't answer: {type(error).__name__}") from None
        if not isinstance(found, dict):
            raise Refused("the provider's answer is no object")
        return found


class Provider(OpenIDConnectProvider):
    oauth2_adapter_class = Adapter

    def get_pkce_params(self) -> dict:
        params = super().get_pkce_params()
        return params | {"nonce": nonce_of(params["code_verifier"])}

    def get_default_scope(self) -> list[str]:
        return ["openid"]

    def get_redirect_from_request_kwargs(self, request: HttpRequest) -> dict:
        """The way back, and nothing else from the address: allauth would take scopes and parameters from there.

        Always signed in anew, here and now: a sign-in that is still open there would let in who holds the browser, as
        when ours ended because nobody used it, or a participant hands back the device of somebody without a password.
        """
        asked: dict[str, Any] = {"next_url": get_next_redirect_url(request), "process": AuthProcess.LOGIN}
        asked["auth_params"] = {"prompt": "login", "max_age": "0"}
        if request.user.is_authenticated and "forbind" in request.GET:
            asked["process"] = AuthProcess.CONNECT
        if settings.OIDC_ACR:
            asked["auth_params"]["acr_values"] = " ".join(settings.OIDC_ACR)
        return asked

    def extract_uid(self, data: dict) -> str:
        return data[settings.OIDC_CLAIM]

    def extract_common_fields(self, data: dict) -> dict:
        return {}

    def extract_email_addresses(self, data: dict) -> list:
        return []


def counts_as_second_factor(claims: dict) -> bool:
    """Whether the provider's word is enough: OIDC_SECOND_FACTOR says so and, with OIDC_ACR, so does the ID token."""
    return settings.OIDC_SECOND_FACTOR and (not settings.OIDC_ACR or claims.get("acr") in settings.OIDC_ACR)


class SecondFactorStage(AuthenticateStage):
    """allauth's, passed by who has shown a second factor to the provider."""

    def _should_handle(self, request: HttpRequest) -> bool:
        user = self.login.user
        if user is not None and request.session.get(sessions.SECOND_FACTOR) == str(user.pk):
            return False
        return super()._should_handle(request)
