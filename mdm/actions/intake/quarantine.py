"""Quarantine: what was refused is kept, mended, sent in again or discarded."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Q

from mdm import audit, permissions
from mdm.engine.preparing import Prepared
from mdm.errors import NotFound, Problem, StaleVersion
from mdm.models import QuarantinedRecord, User
from mdm.rules.intake.content import content_hash
from mdm.rules.intake.limits import storable
from mdm.rules.intake.quarantine_states import QuarantineStatus, check_arrow


@transaction.atomic
def keep(*, prepared: Sequence[Prepared], actor: User, at: datetime) -> None:
    """Keep refused records with their problems; the same one sent again only counts up."""
    for item in prepared:
        said = item.incoming
        fields = {
            "system": storable(said.system)[:255],
            "object": storable(said.object)[:255],
            "scope": storable(said.scope)[:255],
            "native_id": storable(said.native_id)[:255],
        }
        domain = said.domain or (item.source.domain if item.source else "")
        fresh = {
            "domain": storable(domain)[:255],
            "payload": storable(dict(said.payload)),
            "sequence": said.sequence,
            "source_updated_at": said.updated_at,
            "problems": storable(item.problems),
            "codes": sorted({problem["code"] for problem in item.problems}),
            "content_hash": content_hash(storable(dict(said.payload))),
            "last_at": at,
        }
        row, is_new = QuarantinedRecord.objects.select_for_update().get_or_create(
            **fields, status="OPEN", defaults={**fresh, "first_at": at}
        )
        if is_new:
            audit.record(
                at=at,
                actor=actor,
                verb="record.quarantine",
                subject=f"quarantine:{row.pk}",
                domain=row.domain,
                new=fresh["codes"],
            )
            continue
        row.times += 1
        row.version += row.content_hash != fresh["content_hash"]
        for name, value in fresh.items():
            setattr(row, name, value)
        row.save()


def supersede(*, prepared: Sequence[Prepared], actor: User, at: datetime) -> None:
    """Close what waited under the keys of records that now came in well, in the caller's transaction."""
    keys = Q()
    for item in prepared:
        said = item.incoming
        keys |= Q(system=said.system, object=said.object, scope=said.scope, native_id=said.native_id)
    if keys and QuarantinedRecord.objects.filter(status="OPEN").exists():
        QuarantinedRecord.objects.filter(keys, status="OPEN").update(status="SUPERSEDED", closed_at=at, closed_by=actor)


@transaction.atomic
def edit(*, quarantined_id: int, payload: Mapping[str, Any], seen_version: int, actor: User, at: datetime) -> QuarantinedRecord:
    """Mend the payload of a refused record.

    Raises:
        NotAllowed: the actor may not edit quarantine.
        StaleVersion: it changed since the page was drawn.
    """
    row = _open(quarantined_id, seen_version, actor)
    before, row.payload = row.payload, storable(dict(payload))
    row.version += 1
    row.content_hash = content_hash(row.payload)
    row.save(update_fields=["payload", "version", "content_hash"])
    audit.record(
        at=at, actor=actor, verb="quarantine.edit", subject=f"quarantine:{row.pk}", domain=row.domain, old=before, new=row.payload
    )
    return row


@transaction.atomic
def close(
    *, quarantined_id: int, status: QuarantineStatus, seen_version: int, actor: User, at: datetime, reason: str = ""
) -> QuarantinedRecord:
    """Discard a refused record, or note that it was sent in again.

    Raises:
        NotAllowed: the actor may not edit quarantine.
        StaleVersion: it changed since the page was drawn.
        IllegalTransition: it is closed already.
    """
    row = _open(quarantined_id, seen_version, actor)
    check_arrow(QuarantineStatus(row.status), status)
    before, row.status = row.status, status.value
    row.closed_at, row.closed_by = at, actor
    row.save(update_fields=["status", "closed_at", "closed_by"])
    audit.record(
        at=at,
        actor=actor,
        verb="quarantine.close",
        subject=f"quarantine:{row.pk}",
        domain=row.domain,
        old=before,
        new=row.status,
        reason=reason,
    )
    return row


def _open(quarantined_id: int, seen_version: int, actor: User) -> QuarantinedRecord:
    row = QuarantinedRecord.objects.select_for_update().filter(pk=quarantined_id).first()
    if row is None:
        raise NotFound(f"There is no quarantined record {quarantined_id}.")
    permissions.check(actor, "quarantine.edit", domain=row.domain)
    if row.version != seen_version:
        raise StaleVersion("Someone edited this record while you were reading it.")
    return row


def problems_of(row: QuarantinedRecord) -> list[Problem]:
    """The stored problems of a refused record."""
    return [
        Problem(**{name: problem.get(name, "") for name in ("code", "message", "field", "value", "remedy")})
        for problem in row.problems
    ]
