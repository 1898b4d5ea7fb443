"""Ways to prove who we are, by the name a manifest uses."""

from __future__ import annotations

import base64
import hashlib
import hmac
import threading
import time
from collections.abc import Callable, Generator, Mapping
from pathlib import Path
from typing import Any

import httpx2
import jwt
from authlib.oauth1 import ClientAuth
from authlib.oauth1.rfc5849.signature import generate_signature_base_string
from authlib.oauth1.rfc5849.util import escape

from connectors.errors import ErrorClass, of_class
from connectors.http import Authentication, seconds_of

_ASSERTION_SECONDS = 180
_GRANT = "urn:ietf:params:oauth:grant-type:jwt-bearer"
_HMAC_SHA256 = "HMAC-SHA256"


class JwtBearer(Authentication):
    """OAuth 2.0 JWT bearer grant (RFC 7523): an assertion signed with our key buys a session token."""

    requires_response_body = True

    def __init__(self, *, token_url: str, client_id: str, username: str, private_key: str, audience: str) -> None:
        self._token_url = token_url
        self._client_id = client_id
        self._username = username
        self._private_key = private_key
        self._audience = audience
        self._token = ""
        self._logging_in = threading.Lock()

    def sync_auth_flow(self, request: httpx2.Request) -> Generator[httpx2.Request, httpx2.Response, None]:
        """Log in when there is no token yet, then send the request with it.

        Raises:
            ConnectorError: the system does not let us in.
        """
        token = self._token
        if not token:
            # One thread logs in, the others wait and use its token.
            with self._logging_in:
                if not self._token:
                    answer = yield self._login()
                    answer.read()
                    self._token = _token(answer)
                token = self._token
        request.headers["Authorization"] = f"Bearer {token}"
        yield request

    def renew(self, refused: str) -> None:
        """Forget the token, unless another thread has replaced it already."""
        with self._logging_in:
            if refused == f"Bearer {self._token}":
                self._token = ""

    def _login(self) -> httpx2.Request:
        claims = {
            "iss": self._client_id,
            "sub": self._username,
            "aud": self._audience,
            "exp": int(time.time()) + _ASSERTION_SECONDS,
        }
        assertion = jwt.encode(claims, self._private_key, algorithm="RS256")
        return httpx2.Request("POST", self._token_url, data={"grant_type": _GRANT, "assertion": assertion})


class TokenBased(Authentication):
    """OAuth 1.0a (RFC 5849) with HMAC-SHA256 over each request: NetSuite's token-based authentication."""

    def __init__(self, *, realm: str, consumer_key: str, consumer_secret: str, token_id: str, token_secret: str) -> None:
        self._client = ClientAuth(
            consumer_key, consumer_secret, token=token_id, token_secret=token_secret, signature_method=_HMAC_SHA256, realm=realm
        )

    def auth_flow(self, request: httpx2.Request) -> Generator[httpx2.Request, httpx2.Response, None]:
        """Sign the request; its JSON body is no part of the signature."""
        # The content type is named so that authlib does not guess a form and sign the body.
        _, headers, _ = self._client.prepare(request.method, str(request.url), {"Content-Type": "application/json"}, b"")
        request.headers["Authorization"] = headers["Authorization"]
        yield request


def oauth2_jwt_bearer(auth: Mapping[str, Any], settings: Mapping[str, str]) -> Authentication:
    """Settings: url, client_id, username, key_file, audience. Manifest: token_path."""
    return JwtBearer(
        token_url=settings["url"].rstrip("/") + auth["token_path"],
        client_id=settings["client_id"],
        username=settings["username"],
        private_key=Path(settings["key_file"]).read_text(encoding="ascii"),
        audience=settings["audience"],
    )


def oauth1_tba(auth: Mapping[str, Any], settings: Mapping[str, str]) -> Authentication:
    """Settings: account, consumer_key, consumer_secret, token_id, token_secret."""
    return TokenBased(
        realm=settings["account"],
        consumer_key=settings["consumer_key"],
        consumer_secret=settings["consumer_secret"],
        token_id=settings["token_id"],
        token_secret=settings["token_secret"],
    )


KINDS: Mapping[str, Callable[[Mapping[str, Any], Mapping[str, str]], Authentication]] = {
    "oauth2_jwt_bearer": oauth2_jwt_bearer,
    "oauth1_tba": oauth1_tba,
}


def _token(answer: httpx2.Response) -> str:
    if answer.status_code == 200:
        return str(answer.json()["access_token"])
    if answer.status_code in {429, 500, 502, 503, 504}:
        kind = ErrorClass.THROTTLE if answer.status_code == 429 else ErrorClass.RETRY
        wait = seconds_of(answer.headers.get("Retry-After", ""))
        raise of_class(kind, f"The login answered {answer.status_code}.", code="login_unavailable", retry_after_seconds=wait)
    raise of_class(ErrorClass.PERMANENT, f"The login was refused: {answer.text[:300]}", code="login_refused")


def _sign(client: ClientAuth, request: Any) -> str:
    """RFC 5849 section 3.4.2 with SHA-256 instead of SHA-1, which is all that NetSuite takes."""
    key = f"{escape(client.client_secret)}&{escape(client.token_secret)}"
    digest = hmac.new(key.encode(), generate_signature_base_string(request).encode(), hashlib.sha256).digest()
    return base64.b64encode(digest).decode("ascii")


ClientAuth.register_signature_method(_HMAC_SHA256, _sign)
