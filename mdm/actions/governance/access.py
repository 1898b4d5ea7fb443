"""People, systems that act, and their tokens."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from mdm import audit, permissions
from mdm.errors import BadInput
from mdm.models import ApiToken, User
from mdm.rules.governance.roles import Role


@transaction.atomic
def put_user(
    *,
    name: str,
    role: Role,
    actor: User,
    at: datetime,
    kind: str = "person",
    password: str | None = None,
    domains: Sequence[str] = (),
    regions: Sequence[str] = (),
) -> User:
    """Make a user, or give an existing one this role, these confines and, when given, this password.

    Raises:
        NotAllowed: the actor may not manage users.
        BadInput: the name is empty.
    """
    permissions.check(actor, "users.admin")
    if not name.strip():
        raise BadInput("A user needs a name.")
    user = User.objects.select_for_update().filter(name=name).first() or User(name=name)
    before = {"role": user.role, "domains": user.domains, "regions": user.regions} if user.pk else None
    user.kind, user.role, user.domains, user.regions = kind, role.value, list(domains), list(regions)
    if password is not None:
        user.set_password(password)
    elif not user.pk:
        user.set_unusable_password()
    user.save()
    after = {"role": user.role, "domains": user.domains, "regions": user.regions}
    if before != after or password is not None:
        audit.record(at=at, actor=actor, verb="user.put", subject=f"user:{user.pk}", old=before, new=after)
    return user


@transaction.atomic
def issue_token(*, user: User, actor: User, at: datetime) -> str:
    """A new token for `user`, shown this once; only its hash is kept.

    Raises:
        NotAllowed: the actor may not manage users.
    """
    permissions.check(actor, "users.admin")
    token = f"cct_{secrets.token_urlsafe(30)}"
    row = ApiToken.objects.create(user=user, digest=digest(token), hint=token[:8], created_at=at)
    audit.record(at=at, actor=actor, verb="token.issue", subject=f"token:{row.pk}", new={"user": user.name})
    return token


def digest(token: str) -> str:
    """What is kept of a token: SHA-256, hexadecimal. Tokens are 240 random bits, so no salt is needed."""
    return hashlib.sha256(token.encode()).hexdigest()


def note_use(*, token_id: int, actor: User, at: datetime) -> None:
    """Remember that a token is in use; no audit entry, the acts done with it have theirs."""
    ApiToken.objects.filter(pk=token_id, user=actor).update(used_at=at)
