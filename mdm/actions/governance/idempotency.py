"""Keys that make a repeated request one request."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.db import transaction

from mdm.actions.exchange import jobs
from mdm.errors import BadInput, Conflict, IdempotencyClash
from mdm.models import IdempotencyKey, User

KEPT = timedelta(days=7)
ABANDONED = timedelta(seconds=120)
"""An unanswered key older than this belonged to a process that died; the next caller takes it over."""


@transaction.atomic
def claim(*, key: str, request_hash: str, actor: User, at: datetime) -> IdempotencyKey | None:
    """The stored first answer, or None: the caller is the first and has to `keep` its answer.

    Raises:
        BadInput: the key is longer than 255 characters.
        Conflict: the first request is still under way.
        IdempotencyClash: the key was used for another request.
    """
    if len(key) > 255 or not key.isprintable():
        raise BadInput("An Idempotency-Key has at most 255 printable characters.")
    row, is_first = IdempotencyKey.objects.select_for_update().get_or_create(
        user=actor, key=key, defaults={"request_hash": request_hash, "created_at": at}
    )
    if is_first:
        return None
    if row.request_hash != request_hash:
        raise IdempotencyClash("This Idempotency-Key was used for another request; use a new key.")
    if row.status is not None:
        return row
    if at - row.created_at < ABANDONED:
        raise Conflict("The first request with this Idempotency-Key is still under way; ask again in a moment.")
    row.created_at = at
    row.save(update_fields=["created_at"])
    return None


def keep(*, key: str, status: int, body: Any, actor: User, at: datetime) -> None:
    """Store the answer for those who ask again within 7 days."""
    IdempotencyKey.objects.filter(user=actor, key=key).update(status=status, body=body, created_at=at)


def release(*, key: str, actor: User, at: datetime) -> None:
    """Forget a key whose request failed without effect, so that it can be tried again."""
    IdempotencyKey.objects.filter(user=actor, key=key, status=None, created_at__lte=at).delete()


def purge_next(*, actor: User, at: datetime) -> bool:
    """Do the waiting `purge` job; False when none waits.

    Raises:
        NotAllowed: the actor may not work on jobs.
    """
    return jobs.do_next(kind="purge", target="", act=lambda _: purge(actor=actor, at=at), actor=actor, at=at, seconds=600)


def purge(*, actor: User, at: datetime) -> int:
    """Forget keys older than 7 days; returns how many."""
    return IdempotencyKey.objects.filter(created_at__lt=at - KEPT).delete()[0] if actor.is_active else 0
