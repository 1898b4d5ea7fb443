"""Erasures, by two officers."""

from __future__ import annotations

from datetime import datetime

from mdm import permissions
from mdm.actions.governance import erasures
from mdm.models import Erasure, User
from mdm.rules.governance.roles import Role


def ask(enterprise_id: str, *, at: datetime, reason: str = "the person asked") -> Erasure:
    """One that waits for a second person."""
    return erasures.request(enterprise_id=enterprise_id, reason=reason, actor=_officer("first"), at=at)


def erase(enterprise_id: str, *, at: datetime, reason: str = "the person asked") -> Erasure:
    """One that is done."""
    row = ask(enterprise_id, at=at, reason=reason)
    erasures.confirm(erasure_id=row.pk, actor=_officer("second"), at=at)
    while erasures.erase_next(actor=permissions.machine(), at=at):
        pass
    row.refresh_from_db()
    return row


def _officer(name: str) -> User:
    said = {"role": Role.PRIVACY.value, "password": "!"}
    return User.objects.get_or_create(name=f"{name} officer", defaults=said)[0]
