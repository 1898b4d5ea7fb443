"""Who somebody is: by the digest of a token, or by name."""

from __future__ import annotations

from mdm.errors import NotFound
from mdm.models import ApiToken, User


def by_digest(digest: str) -> ApiToken | None:
    """The valid token with this digest, its user with it; one query."""
    return ApiToken.objects.select_related("user").filter(digest=digest, revoked_at=None, user__is_active=True).first()


def person(name: str) -> User:
    """The person of that name who may log in.

    Raises:
        NotFound: there is none.
    """
    user = User.objects.filter(name=name, kind="person", is_active=True).first()
    if user is None:
        raise NotFound(f"There is no person called {name!r}.")
    return user
