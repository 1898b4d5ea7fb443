"""Quarantine: what was refused is kept, mended, sent in again or discarded."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import connection, transaction
from django.db.models.expressions import RawSQL

from mdm import audit, permissions
from mdm.actions import locks, retrying
from mdm.actions.governance import holding
from mdm.engine import releases
from mdm.engine.preparing import Prepared
from mdm.errors import Conflict, IllegalTransition, NotFound, Problem, StaleVersion
from mdm.models import QuarantinedRecord, User, copying
from mdm.rules.governance.domains import Region
from mdm.rules.intake.content import content_hash
from mdm.rules.intake.limits import storable
from mdm.rules.intake.quarantine_states import QuarantineStatus, check_arrow

KEY = ("system", "object", "scope", "native_id")
BESIDE = ("domain", "enterprise_id")
"""What a record is sent with, and that can be mended like its key."""
NEWS = ("problems", "codes", "regions", "enterprise_id")
"""What a repetition of a waiting record says anew."""
WAITING = """
    SELECT waiting.id
    FROM unnest(%s::text[], %s::text[], %s::text[], %s::text[], %s::text[]) AS said (system, object, scope, native_id, hash)
    JOIN mdm_quarantinedrecord waiting ON waiting.system = said.system AND waiting.object = said.object
         AND waiting.scope = said.scope AND waiting.native_id = said.native_id AND waiting.content_hash = said.hash
         AND waiting.status = 'OPEN'
"""
CLOSE = """
    UPDATE mdm_quarantinedrecord SET status = 'SUPERSEDED', closed_at = %s, closed_by_id = %s
    WHERE id IN (SELECT waiting.id
                 FROM unnest(%s::text[], %s::text[], %s::text[], %s::text[]) AS done (system, object, scope, native_id)
                 JOIN mdm_quarantinedrecord waiting ON waiting.system = done.system AND waiting.object = done.object
                      AND waiting.scope = done.scope AND waiting.native_id = done.native_id AND waiting.status = 'OPEN'
                 WHERE waiting.id <> ALL(%s::bigint[]) ORDER BY waiting.id FOR UPDATE OF waiting)
    RETURNING id
"""


def keep(*, prepared: Sequence[Prepared], actor: User, at: datetime) -> None:
    """Keep refused records with their problems. The same one sent again counts up; another one under its key takes its place.

    Two refused records of one batch never take each other's place, nor do those that have no whole key.
    """
    if prepared:
        holding.hold(prepared)
        domains = {item.source.domain for item in prepared if item.source is not None}
        regions = {domain: releases.current(domain).spec.region for domain in domains}
        _keep(sorted((_fields(item, regions) for item in prepared), key=_lock_order), actor=actor, at=at)


Fields = dict[str, Any]


def _fields(item: Prepared, regions: Mapping[str, Region | None]) -> Fields:
    """One refused record as a row of the quarantine holds it."""
    said = item.incoming
    payload = storable(dict(said.payload) if isinstance(said.payload, Mapping) else said.payload)
    payload = {} if payload is None else payload
    domain = said.domain or (item.source.domain if item.source else "")
    return {
        **{name: storable(str(getattr(said, name)))[:255] for name in KEY},
        "domain": storable(str(domain))[:255],
        "regions": _regions(item, regions),
        "enterprise_id": storable(str(said.enterprise_id))[:255],
        "payload": payload,
        "sequence": said.sequence,
        "source_updated_at": said.updated_at,
        "problems": storable(item.problems),
        "codes": sorted({problem["code"] for problem in item.problems}),
        "content_hash": content_hash(payload),
    }


def _regions(item: Prepared, regions: Mapping[str, Region | None]) -> list[str]:
    """Where the record would belong, as far as it was read; nowhere when it was not."""
    read = item.attributes or item.mapped
    region = regions[item.source.domain] if item.source is not None and read else None
    return [region.of(read)] if region is not None else []


def _lock_order(fields: Fields) -> list[str]:
    return [*(fields[name] for name in KEY), fields["content_hash"]]


@retrying.on_conflict
@transaction.atomic
def _keep(listed: Sequence[Fields], *, actor: User, at: datetime) -> None:
    # Two batches that bring the same refused record wait for each other; the transaction is short.
    locks.lock_keys([locks.number_of("quarantine")])
    waiting = _waiting(listed)
    fresh: dict[Place, QuarantinedRecord] = {}
    again: dict[Place, QuarantinedRecord] = {}
    for fields in listed:
        place = _place(fields)
        if place not in waiting and place not in fresh:
            fresh[place] = QuarantinedRecord(**fields, first_at=at, last_at=at)
            continue
        row = fresh.get(place) or again.setdefault(place, waiting[place])
        row.times, row.last_at = row.times + 1, at
        for name in NEWS:
            setattr(row, name, fields[name])
    copying.append(fresh.values(), numbers=True)
    if again:
        QuarantinedRecord.objects.bulk_update(again.values(), ["times", "last_at", *NEWS], batch_size=500)
    facts = [audit.Fact(f"quarantine:{row.pk}", row.domain, new=row.codes) for row in fresh.values()]
    audit.record_all(facts, at=at, actor=actor, verb="record.quarantine")
    _replace_older(listed, [row.pk for row in (*fresh.values(), *again.values())], actor=actor, at=at)


Place = tuple[str, ...]


def _place(fields: Fields) -> Place:
    return tuple(fields[name] for name in (*KEY, "content_hash"))


def _waiting(listed: Sequence[Fields]) -> dict[Place, QuarantinedRecord]:
    """Those of the refused records that wait already, with the same content; locked in ID order."""
    columns = [list(column) for column in zip(*(_place(fields) for fields in listed), strict=True)]
    rows = QuarantinedRecord.objects.select_for_update().filter(id__in=RawSQL(WAITING, columns)).order_by("id")
    return {_place(vars(row)): row for row in rows}


def _replace_older(listed: Sequence[Fields], kept: Sequence[int], *, actor: User, at: datetime) -> None:
    """Close what waited under the keys of `listed` with other content: the source says it otherwise now."""
    keys = [[fields[name] for name in KEY] for fields in listed if all(fields[name] for name in KEY if name != "scope")]
    _close_under(keys, actor=actor, at=at, without=kept)


def supersede(*, prepared: Sequence[Prepared], actor: User, at: datetime) -> None:
    """Close what waited under the keys of records that now came in well, in the caller's transaction."""
    _close_under([[getattr(item.incoming, name) for name in KEY] for item in prepared], actor=actor, at=at)


def _close_under(keys: Sequence[Sequence[str]], *, actor: User, at: datetime, without: Sequence[int] = ()) -> None:
    if not keys:
        return
    columns = [list(column) for column in zip(*keys, strict=True)]
    with connection.cursor() as cursor:
        cursor.execute(CLOSE, [at, actor.pk, *columns, list(without)])
        closed = [number for (number,) in cursor.fetchall()]
    for number in sorted(closed):
        audit.record(at=at, actor=actor, verb="quarantine.close", subject=f"quarantine:{number}", old="OPEN", new="SUPERSEDED")


@retrying.on_conflict
@transaction.atomic
def edit(
    *,
    quarantined_id: int,
    payload: Mapping[str, Any],
    seen_version: int,
    actor: User,
    at: datetime,
    key: Mapping[str, str] | None = None,
) -> QuarantinedRecord:
    """Mend the payload of a refused record; `key`: also its key, domain or enterprise_id, as far as named there.

    Raises:
        NotAllowed: the actor may not edit quarantine.
        StaleVersion: it changed since the page was drawn.
        Conflict: it is closed already, or would equal another one that waits under its key.
    """
    row = _open(quarantined_id, seen_version, actor)
    if row.status != QuarantineStatus.OPEN.value:
        raise IllegalTransition(f"This record is {row.status} and can no longer be edited.")
    before = _said(row)
    row.payload = storable(dict(payload))
    for name in {*KEY, *BESIDE} & set(key or {}):
        setattr(row, name, storable(str((key or {})[name]))[:255])
    permissions.check(actor, "quarantine.edit", domain=row.domain)
    row.version += 1
    row.content_hash = content_hash(row.payload)
    place = {name: getattr(row, name) for name in (*KEY, "content_hash")}
    if QuarantinedRecord.objects.filter(**place, status="OPEN").exclude(pk=row.pk).exists():
        raise Conflict("The same record with this very content waits in quarantine already; discard one of the two.")
    row.save(update_fields=["payload", "version", "content_hash", *KEY, *BESIDE])
    audit.record(
        at=at, actor=actor, verb="quarantine.edit", subject=f"quarantine:{row.pk}", domain=row.domain, old=before, new=_said(row)
    )
    return row


def _said(row: QuarantinedRecord) -> dict[str, Any]:
    return {name: getattr(row, name) for name in (*KEY, *BESIDE, "payload")}


@retrying.on_conflict
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
    permissions.check_region(actor, row.regions)
    if row.version != seen_version:
        raise StaleVersion("Someone edited this record while you were reading it.")
    return row


def problems_of(row: QuarantinedRecord) -> list[Problem]:
    """The stored problems of a refused record."""
    return [
        Problem(**{name: problem.get(name, "") for name in ("code", "message", "field", "value", "remedy")})
        for problem in row.problems
    ]
