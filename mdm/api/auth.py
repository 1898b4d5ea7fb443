"""How callers of the REST interface say who they are: a token, or the desk's own session."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any, cast

from django.utils import timezone
from rest_framework.authentication import BaseAuthentication, SessionAuthentication, get_authorization_header
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request

from mdm.actions.governance import access
from mdm.readers.governance import tokens

if TYPE_CHECKING:
    from mdm.models import User

USED_EVERY = timedelta(minutes=10)


class Token(BaseAuthentication):
    """`Authorization: Token …`."""

    def authenticate(self, request: Request) -> tuple[Any, Any] | None:
        scheme, _, token = get_authorization_header(request).decode("latin-1").partition(" ")
        if scheme.lower() != "token":
            return None
        found = tokens.by_digest(access.digest(token.strip()))
        if found is None:
            raise AuthenticationFailed("This token is not known, or was revoked.")
        now = timezone.now()
        if found.used_at is None or now - found.used_at > USED_EVERY:
            access.note_use(token_id=found.pk, actor=found.user, at=now)
        return found.user, found

    def authenticate_header(self, request: Request) -> str:
        return "Token"


class Session(SessionAuthentication):
    """A person logged in at the desk; writes need the CSRF token."""


def caller(request: Request) -> User:
    """Who calls; every view of the interface asks for one."""
    return cast("User", request.user)
