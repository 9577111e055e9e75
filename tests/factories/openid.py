"""A provider of OpenID Connect on the loopback interface: discovery, keys, authorization with PKCE, tokens.

It signs in whoever the test says, at once. What it answers may be spoilt by `spoil`, a function from the claims (or the
signed token) to others.
"""

import base64
import hashlib
import json
import secrets
import time
from collections.abc import Callable
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa

CLIENT_ID, CLIENT_SECRET = "deltagerdata", "a secret of the client"


class Provider:
    server: ThreadingHTTPServer

    def __init__(self) -> None:
        self.key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        self.begin_anew()

    def begin_anew(self) -> None:
        """As if nobody had been here, and nothing was spoilt."""
        self.claims: dict[str, Any] = {"sub": "5f1c-employee"}
        self.asked: dict[str, str] = {}  # what the site asked for last
        self.tokens_given = 0
        self.cancels = False
        self.spoil: Callable[[dict], dict] = lambda claims: claims
        self.sign: Callable[[dict], str] = self.signed
        self.changed_discovery: dict[str, str] = {}
        self._codes: dict[str, dict[str, str]] = {}

    @property
    def issuer(self) -> str:
        return f"http://127.0.0.1:{self.server.server_port}"

    def signed(self, claims: dict, *, key: Any = None, algorithm: str = "RS256", kid: str = "one") -> str:
        return jwt.encode(claims, self.key if key is None else key, algorithm=algorithm, headers={"kid": kid})

    def discovery(self) -> dict:
        here = self.issuer
        return {
            "issuer": here,
            "authorization_endpoint": f"{here}/authorize",
            "token_endpoint": f"{here}/token",
            "jwks_uri": f"{here}/keys",
            "token_endpoint_auth_methods_supported": ["client_secret_basic"],
        } | self.changed_discovery

    def keys(self) -> dict:
        public = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(self.key.public_key()))
        return {"keys": [public | {"kid": "one", "use": "sig", "alg": "RS256"}]}

    def authorize(self, asked: dict[str, str]) -> str:
        """The address that the browser is sent back to."""
        self.asked = asked
        if self.cancels:
            return f"{asked['redirect_uri']}?{urlencode({'error': 'access_denied', 'state': asked['state']})}"
        assert (asked["response_type"], asked["client_id"]) == ("code", CLIENT_ID)
        assert asked["code_challenge_method"] == "S256"
        self._codes[code := secrets.token_urlsafe()] = asked
        return f"{asked['redirect_uri']}?{urlencode({'code': code, 'state': asked['state']})}"

    def token(self, sent: dict[str, str], authorization: str) -> dict | None:
        """None for a wrong code, verifier or client."""
        asked = self._codes.pop(sent.get("code", ""), None)
        login = base64.b64encode(f"{CLIENT_ID}:{CLIENT_SECRET}".encode()).decode()
        if asked is None or authorization != f"Basic {login}" or sent["redirect_uri"] != asked["redirect_uri"]:
            return None
        digest = hashlib.sha256(sent.get("code_verifier", "").encode()).digest()
        if base64.urlsafe_b64encode(digest).decode().rstrip("=") != asked["code_challenge"]:
            return None
        self.tokens_given += 1
        now = int(time.time())
        claims = {"iss": self.issuer, "aud": CLIENT_ID, "iat": now, "exp": now + 300, "nonce": asked["nonce"]}
        if "max_age" in asked:
            claims["auth_time"] = now
        token = self.sign(self.spoil(claims | self.claims))
        return {"access_token": secrets.token_urlsafe(), "token_type": "Bearer", "id_token": token}


def _handler(provider: Provider) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def log_message(self, *args: Any) -> None:
            pass

        def _json(self, found: dict | None) -> None:
            body = json.dumps(found or {"error": "invalid_grant"}).encode()
            self.send_response(200 if found else 400)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def do_GET(self) -> None:
            address = urlsplit(self.path)
            if address.path == "/authorize":
                asked = {name: values[0] for name, values in parse_qs(address.query).items()}
                self.send_response(302)
                self.send_header("Location", provider.authorize(asked))
                self.end_headers()
            elif address.path == "/moved":
                self.send_response(302)
                self.send_header("Location", "/keys")
                self.send_header("Content-Length", "0")
                self.end_headers()
            else:
                pages = {"/.well-known/openid-configuration": provider.discovery, "/keys": provider.keys}
                self._json(pages[address.path]())

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            sent = {name: values[0] for name, values in parse_qs(body).items()}
            self._json(provider.token(sent, self.headers.get("Authorization", "")))

    return Handler


@contextmanager
def running_provider():
    provider = Provider()
    provider.server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(provider))
    thread = Thread(target=provider.server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield provider
    finally:
        provider.server.shutdown()
        provider.server.server_close()
        thread.join()
