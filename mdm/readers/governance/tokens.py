"""Tokens by their digest."""

from __future__ import annotations

from mdm.models import ApiToken


def by_digest(digest: str) -> ApiToken | None:
    """The valid token with this digest, its user with it; one query."""
    return ApiToken.objects.select_related("user").filter(digest=digest, revoked_at=None, user__is_active=True).first()
