"""Mends a refused record and sends it in again, in one go."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from mdm.actions.intake import quarantine
from mdm.actions.intake.records import Outcome
from mdm.actions.intake.resubmit import resubmit
from mdm.models import QuarantinedRecord, User


@dataclass(frozen=True, slots=True)
class Mended:
    """`outcome.status` quarantined: it is still bad and waits on with its new problems."""

    outcome: Outcome
    quarantined_id: int


def mend(
    *,
    quarantined_id: int,
    payload: Mapping[str, Any],
    seen_version: int,
    actor: User,
    at: datetime,
    key: Mapping[str, str] | None = None,
) -> Mended:
    """Save payload and `key` where they differ, then send the record in again: two transactions, so that an edit is kept.

    `key`: system, object, domain, scope, native_id, as far as they are to change.

    Raises:
        NotAllowed: the actor may not edit quarantine or write records.
        StaleVersion: it changed since the page was drawn.
        Conflict: it is closed already, or would equal another one that waits under its key.
    """
    row = QuarantinedRecord.objects.filter(pk=quarantined_id).first()
    version = seen_version
    if row is None or row.payload != dict(payload) or any(getattr(row, name) != value for name, value in (key or {}).items()):
        edited = quarantine.edit(
            quarantined_id=quarantined_id, payload=payload, seen_version=seen_version, actor=actor, at=at, key=key
        )
        version = edited.version
    outcome = resubmit(quarantined_id=quarantined_id, seen_version=version, actor=actor, at=at)
    return Mended(outcome, quarantined_id)
