"""Sends quarantined records in again."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from mdm import permissions
from mdm.actions import retrying
from mdm.actions.governance import holding
from mdm.actions.intake import quarantine, records
from mdm.engine.preparing import Incoming
from mdm.errors import Conflict
from mdm.models import QuarantinedRecord, User
from mdm.rules.intake.quarantine_states import QuarantineStatus


class _StillBad(Exception):
    """Unwinds the attempt, so that the record stays as it was."""


@retrying.on_conflict
def resubmit(*, quarantined_id: int, seen_version: int, actor: User, at: datetime) -> records.Outcome:
    """Send one refused record in again; it stays in quarantine, with its new problems, when it is still bad.

    Raises:
        NotAllowed: the actor may not edit quarantine or write records.
        StaleVersion: it changed since the page was drawn.
        IllegalTransition: it is closed already.
        Conflict: it is held because its person was erased.
    """
    permissions.check(actor, "quarantine.edit")
    outcome = None
    try:
        with transaction.atomic():
            status = QuarantineStatus.RESUBMITTED
            row = quarantine.close(quarantined_id=quarantined_id, status=status, seen_version=seen_version, actor=actor, at=at)
            if holding.CODE in row.codes:
                raise Conflict("Nothing was kept of this record of an erased person; only its source can send it in again.")
            outcome = records.ingest(records=[_incoming(row)], actor=actor, at=at)[0]
            if outcome.status == "quarantined":
                raise _StillBad
    except _StillBad:
        return records.ingest(records=[_incoming(row)], actor=actor, at=at)[0]
    return outcome


def _incoming(row: QuarantinedRecord) -> Incoming:
    return Incoming(
        row.system,
        row.object,
        row.native_id,
        row.payload,
        domain=row.domain,
        scope=row.scope,
        updated_at=row.source_updated_at,
        sequence=row.sequence,
        enterprise_id=row.enterprise_id,
    )
