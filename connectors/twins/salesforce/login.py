"""The OAuth 2.0 JWT bearer flow (RFC 7523) and the sessions it opens."""

from __future__ import annotations

import secrets
import time
from urllib.parse import parse_qs

import jwt

from connectors.twins.errors import Refused
from connectors.twins.store import Store
from connectors.twins.web import Answer, Request, Routes

TOKEN_PATH = "/services/oauth2/token"
_GRANT = "urn:ietf:params:oauth:grant-type:jwt-bearer"
# An assertion may live three minutes; servers grant some more for clocks that differ.
_LONGEST_ASSERTION_SECONDS = 300


class Login:
    """Checks assertions against the one registered public key, and session tokens against the store."""

    def __init__(
        self, *, store: Store, client_id: str, username: str, public_key: str, audience: str, session_seconds: int
    ) -> None:
        self._store = store
        self._client_id = client_id
        self._username = username
        self._public_key = public_key
        self._audience = audience
        self._session_seconds = session_seconds

    def routes(self) -> Routes:
        """The token endpoint."""
        return [("POST", TOKEN_PATH, self._token)]

    def client_of(self, request: Request) -> str:
        """The client whose session the bearer token is.

        Raises:
            Refused: there is no such session, or it ended.
        """
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        session = self._store.kept("session", token) if scheme.lower() in {"bearer", "oauth"} else None
        if session is None or session["opened_at"] + self._session_seconds < time.time():
            raise Refused("bad_login", "Session expired or invalid")
        return str(session["client"])

    def _token(self, request: Request) -> Answer:
        form = {name: values[0] for name, values in parse_qs(request.body.decode("utf-8", "replace")).items()}
        if form.get("grant_type") != _GRANT:
            return Answer(400, {"error": "unsupported_grant_type", "error_description": "grant type not supported"})
        problem = self._problem(form.get("assertion", ""))
        if problem:
            return Answer(400, {"error": "invalid_grant", "error_description": problem})
        token = f"00DTw0000000001!{secrets.token_urlsafe(48)}"
        self._store.keep("session", token, {"client": self._client_id, "opened_at": time.time()})
        return Answer(
            200,
            {
                "access_token": token,
                "scope": "api",
                "instance_url": request.host_url,
                "id": f"{request.host_url}/id/00DTw0000000001EAA/005Tw0000000001EAA",
                "token_type": "Bearer",
            },
        )

    def _problem(self, assertion: str) -> str:
        try:
            claims = jwt.decode(
                assertion,
                self._public_key,
                algorithms=["RS256"],
                audience=[self._audience, self._audience.rstrip("/") + TOKEN_PATH],
                options={"require": ["iss", "sub", "aud", "exp"]},
            )
        except jwt.ExpiredSignatureError:
            return "expired authorization code"
        except jwt.InvalidAudienceError:
            return "audience is invalid"
        except jwt.PyJWTError:
            return "invalid assertion"
        if claims["exp"] > time.time() + _LONGEST_ASSERTION_SECONDS:
            return "assertion lives too long"
        if claims["iss"] != self._client_id:
            return "client identifier invalid"
        return "" if claims["sub"] == self._username else "user hasn't approved this consumer"
