"""Token-based authentication: OAuth 1.0a (RFC 5849) with HMAC-SHA256, checked by oauthlib; no nonce is taken twice."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass
from typing import Any

from oauthlib.oauth1 import RequestValidator, ResourceEndpoint

from connectors.twins.errors import Refused
from connectors.twins.web import Request

_CLOCKS_MAY_DIFFER_SECONDS = 300


@dataclass(frozen=True, slots=True)
class Account:
    """The account and its one integration."""

    realm: str
    consumer_key: str
    consumer_secret: str
    token_id: str
    token_secret: str


class TokenAuthentication:
    """Answers who signed a request."""

    def __init__(self, account: Account) -> None:
        self._account = account
        self._endpoint = ResourceEndpoint(_Validator(account))

    def client_of(self, request: Request) -> str:
        """The token's id.

        Raises:
            Refused: the signature, the realm, the clock or the nonce is wrong.
        """
        header = request.headers.get("authorization", "")
        if f'realm="{self._account.realm}"' not in header:
            raise Refused("bad_login", "Invalid login attempt.")
        # A form would be part of the signature; JSON is not, and oauthlib tells by the content type.
        headers = {"Authorization": header, "Content-Type": request.headers.get("content-type", "")}
        is_signed, _ = self._endpoint.validate_protected_resource_request(request.url, request.method, "", headers)
        if not is_signed:
            raise Refused("bad_login", "Invalid login attempt.")
        return self._account.token_id


class _Validator(RequestValidator):  # type: ignore[misc]
    enforce_ssl = False  # the twin speaks plain HTTP on loopback
    allowed_signature_methods = ("HMAC-SHA256",)
    timestamp_lifetime = _CLOCKS_MAY_DIFFER_SECONDS
    nonce_length = (8, 64)
    dummy_client = "nobody"
    dummy_access_token = "nothing"

    def __init__(self, account: Account) -> None:
        super().__init__()
        self._account = account
        self._seen: dict[str, float] = {}
        self._seeing = threading.Lock()

    def check_client_key(self, client_key: str) -> bool:
        return bool(client_key)

    def check_access_token(self, request_token: str) -> bool:
        return bool(request_token)

    def check_nonce(self, nonce: str) -> bool:
        low, high = self.nonce_length
        return low <= len(nonce) <= high

    def validate_client_key(self, client_key: str, request: Any) -> bool:
        return client_key == self._account.consumer_key

    def validate_access_token(self, client_key: str, token: str, request: Any) -> bool:
        return token == self._account.token_id

    def validate_realms(self, client_key: str, token: str, *_rest: Any, **_named: Any) -> bool:
        return True  # compared before, as a whole

    def validate_timestamp_and_nonce(self, client_key: str, timestamp: str, nonce: str, *_rest: Any, **_named: Any) -> bool:
        with self._seeing:
            if len(self._seen) > 50_000:
                oldest = time.time() - 2 * _CLOCKS_MAY_DIFFER_SECONDS
                self._seen = {known: at for known, at in self._seen.items() if at > oldest}
            is_new = nonce not in self._seen
            self._seen[nonce] = time.time()
            return is_new

    def get_client_secret(self, client_key: str, request: Any) -> str:
        return self._account.consumer_secret

    def get_access_token_secret(self, client_key: str, token: str, request: Any) -> str:
        return self._account.token_secret
