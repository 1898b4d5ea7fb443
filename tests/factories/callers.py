"""Callers of the REST interface, with a token as a system has one."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import quote

from django.http import HttpResponse
from django.test import Client

from mdm import permissions
from mdm.actions.governance import access
from mdm.models import User
from tests.factories.times import NOON

PREFIX = "/api/v1/"


class Caller:
    """`get("golden/customer")` and so on; `user` None is nobody."""

    def __init__(self, user: User | None) -> None:
        self.headers: dict[str, str] = {}
        if user is not None:
            token = access.issue_token(user=user, actor=permissions.machine(), at=NOON)
            self.headers["Authorization"] = f"Token {token}"
        self.client = Client(raise_request_exception=False)

    def get(self, path: str, **query: Any) -> HttpResponse:
        return self.client.get(PREFIX + quote(path, safe="/:%"), query, headers=self.headers)

    def post(self, path: str, body: Any, *, key: str = "") -> HttpResponse:
        return self.send("post", path, body, **({"Idempotency-Key": key} if key else {}))

    def send(self, method: str, path: str, body: Any, **headers: str) -> HttpResponse:
        raw = body if isinstance(body, bytes) else json.dumps(body)
        call = getattr(self.client, method)
        return call(
            PREFIX + quote(path, safe="/:%?=&"), raw, content_type="application/json", headers={**self.headers, **headers}
        )
