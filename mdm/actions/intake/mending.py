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


def mend(*, quarantined_id: int, payload: Mapping[str, Any], seen_version: int, actor: User, at: datetime) -> Mended:
    """Save the payload where it differs, then send the record in again: two transactions, so that the edit is kept either way.

    Raises:
        NotAllowed: the actor may not edit quarantine or write records.
        StaleVersion: it changed since the page was drawn.
        IllegalTransition: it is closed already.
    """
    stored = QuarantinedRecord.objects.filter(pk=quarantined_id).values_list("payload", flat=True).first()
    version = seen_version
    if stored is None or stored != dict(payload):
        row = quarantine.edit(quarantined_id=quarantined_id, payload=payload, seen_version=seen_version, actor=actor, at=at)
        version = row.version
    outcome = resubmit(quarantined_id=quarantined_id, seen_version=version, actor=actor, at=at)
    return Mended(outcome, quarantined_id)
