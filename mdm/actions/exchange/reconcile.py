"""Reconciliation: compares a system's rows with the hub page by page, keeps the drift ledger, heals by policy."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import Any

from django.db import connection, transaction
from django.db.models import F

from mdm import audit, permissions
from mdm.actions.exchange import sync
from mdm.actions.intake import records
from mdm.engine import reading, releases
from mdm.engine.preparing import Incoming
from mdm.errors import Conflict
from mdm.models import Crosswalk, Drift, QuarantinedRecord, ReconcileRun, ReconcileSeen, SourceObject, SourceRecord, User
from mdm.ports import RawRecord
from mdm.readers.governance import suppressions
from mdm.rules.exchange.drift import DriftKind, differences

UNSEEN = """
    INSERT INTO mdm_drift AS drift (source_id, record_id, scope, native_id, kind, attribute, status, seen,
                                    first_seen_at, last_seen_at, first_run_id, last_run_id)
    SELECT record.source_id, record.id, record.scope, record.native_id, %(kind)s, '', 'OPEN', 1, %(at)s, %(at)s, %(run)s, %(run)s
    FROM mdm_sourcerecord record
    WHERE record.source_id = %(source)s AND record.is_live AND record.changed_at < %(began)s
      AND NOT EXISTS (SELECT 1 FROM mdm_reconcileseen seen WHERE seen.run_id = %(run)s AND seen.record_id = record.id)
    ORDER BY record.id
    ON CONFLICT (source_id, scope, native_id, kind, attribute) WHERE status IN ('OPEN', 'HEALING') DO UPDATE SET
        seen = drift.seen + (drift.last_run_id <> excluded.last_run_id)::int, last_seen_at = excluded.last_seen_at,
        last_run_id = excluded.last_run_id, status = 'OPEN', closed_at = NULL
"""


@dataclass(slots=True)
class Finding:
    """One difference. `golden`: the golden record to push again, None when there is none."""

    kind: DriftKind
    native_id: str
    scope: str = ""
    record: int | None = None
    golden: int | None = None
    attribute: str = ""
    expected: Any = None
    actual: Any = None


@dataclass(slots=True)
class Compared:
    """What one page gave."""

    findings: list[Finding] = field(default_factory=list)
    unknown: list[RawRecord] = field(default_factory=list)


@transaction.atomic
def start(*, source: SourceObject, actor: User, at: datetime) -> ReconcileRun:
    """Begin a comparison, or go on with one that was stopped.

    Raises:
        NotAllowed: the actor may not run reconciliations.
    """
    permissions.check(actor, "reconcile.run", domain=source.domain)
    run, _ = ReconcileRun.objects.get_or_create(source=source, status="RUNNING", defaults={"started_at": at})
    return run


def page(*, run: ReconcileRun, rows: Sequence[RawRecord], cursor: str, actor: User, at: datetime) -> int:
    """Compare one page of live rows; returns how many differences it holds. Safe to repeat.

    Unknown rows come in first, by the usual door and its locks; then the ledger, the repairs and the cursor are one commit.

    Raises:
        NotAllowed: the actor may not run reconciliations.
        Conflict: the run is over.
    """
    permissions.check(actor, "reconcile.run", domain=run.source.domain)
    compared = _compare(run, rows)
    taken = _take_in(run, compared.unknown, actor=actor, at=at)
    _write(run, compared.findings, taken=taken, rows=len(rows), cursor=cursor, actor=actor, at=at)
    return len(compared.findings)


@transaction.atomic
def _write(
    run: ReconcileRun, findings: list[Finding], *, taken: set[str], rows: int, cursor: str, actor: User, at: datetime
) -> None:
    if not ReconcileRun.objects.select_for_update().filter(pk=run.pk, status="RUNNING").exists():
        raise Conflict(f"Reconciliation {run.pk} is over.")
    heals = releases.current(run.source.domain).spec.heal == "push"
    for finding in findings:
        healed = finding.kind is DriftKind.MISSING_IN_HUB and finding.native_id in taken
        _note(run, finding, at=at, status="HEALED" if healed else "HEALING" if heals and finding.golden is not None else "OPEN")
    goldens = {finding.golden for finding in findings if finding.golden is not None}
    if heals and goldens:
        sync.push_again(golden_ids=sorted(goldens), target=run.source.system_id, actor=actor, at=at)
    healing = sum(heals and finding.golden is not None for finding in findings)
    ReconcileRun.objects.filter(pk=run.pk).update(
        cursor=cursor, compared=F("compared") + rows, found=F("found") + len(findings), healing=F("healing") + healing
    )


def _compare(run: ReconcileRun, rows: Sequence[RawRecord]) -> Compared:
    """Rows against what the hub knows of them."""
    source, result = run.source, Compared()
    release = releases.current(source.domain)
    known = _known(source, [row.native_id for row in rows])
    homes = _homes([record.pk for record in known.values()])
    _mark_seen(run, [record.pk for record in known.values()])
    waiting = QuarantinedRecord.objects.filter(system=source.system_id, object=source.object, status="OPEN")
    held_back = set(waiting.filter(native_id__in=[row.native_id for row in rows]).values_list("scope", "native_id"))
    strange = {(source.system_id, source.object, row.scope, row.native_id) for row in rows} - {
        (source.system_id, source.object, *key) for key in known
    }
    held_back |= {(scope, native_id) for *_, scope, native_id in suppressions.among(strange)}
    for row, now in zip(rows, reading.canonical(release, source, [row.payload for row in rows]), strict=True):
        record = known.get((row.scope, row.native_id))
        if record is not None:
            result.findings += _differences(source, record, homes.get(record.pk), (row, now))
        elif (row.scope, row.native_id) not in held_back:
            result.unknown.append(row)
            result.findings.append(Finding(DriftKind.MISSING_IN_HUB, row.native_id, row.scope))
    return result


def _known(source: SourceObject, native_ids: Sequence[str]) -> dict[tuple[str, str], SourceRecord]:
    """The live records of one page with their deliveries, by (scope, native ID); only what a comparison needs."""
    rows = SourceRecord.objects.filter(source=source, native_id__in=native_ids, is_live=True).select_related("delivery")
    columns = ("scope", "native_id", "delivery__sent", "delivery__held")
    return {(record.scope, record.native_id): record for record in rows.only(*columns)}


def _homes(records: Sequence[int]) -> dict[int, tuple[int, str]]:
    """Record to its golden record's row ID and enterprise ID."""
    rows = Crosswalk.objects.filter(record_id__in=records, valid_to=None)
    return {
        record: (golden, name) for record, golden, name in rows.values_list("record_id", "golden_id", "golden__enterprise_id")
    }


def _differences(
    source: SourceObject, record: SourceRecord, home: tuple[int, str] | None, shown: tuple[RawRecord, reading.Reading]
) -> list[Finding]:
    """What a row shows against what it should show: its ID, and every attribute we pushed as it was read back."""
    row, now = shown
    known = partial(Finding, native_id=record.native_id, scope=record.scope, record=record.pk, golden=home[0] if home else None)
    if home is None:
        return [known(DriftKind.ORPHAN)]
    if not source.is_target:
        return []
    found, delivery = [], getattr(record, "delivery", None)
    stamped = row.payload.get(source.enterprise_id_field) or ""
    if stamped != home[1]:
        kind = DriftKind.WRONG_ID if stamped else DriftKind.ID_NOT_STAMPED
        found.append(known(kind, expected=home[1], actual=stamped))
    if delivery is not None:
        # What the target did not even show right after the push is the push's problem (its outcome says so), no drift.
        expected = {name: delivery.held[name] for name in delivery.sent if name in delivery.held}
        found += [
            known(DriftKind.DRIFTED, attribute=name, expected=wanted, actual=actual)
            for name, wanted, actual in differences(expected, now.attributes)
        ]
    return found


def _mark_seen(run: ReconcileRun, records: Sequence[int]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO mdm_reconcileseen (run_id, record_id) SELECT %s, unnest(%s::bigint[]) ON CONFLICT DO NOTHING",
            [run.pk, list(records)],
        )


def _note(run: ReconcileRun, finding: Finding, *, at: datetime, status: str) -> None:
    """Write a difference into the ledger; one that is known there is seen once more."""
    place = {
        "source": run.source,
        "scope": finding.scope,
        "native_id": finding.native_id,
        "kind": finding.kind.value,
        "attribute": finding.attribute,
    }
    closed = at if status == "HEALED" else None
    drift = Drift.objects.select_for_update().filter(**place, status__in=["OPEN", "HEALING"]).first()
    if drift is None:
        seen = {"first_seen_at": at, "last_seen_at": at, "first_run": run, "last_run": run}
        what = {"record_id": finding.record, "expected": finding.expected, "actual": finding.actual}
        Drift.objects.create(**place, **seen, **what, status=status, closed_at=closed)
        return
    drift.seen += drift.last_run_id != run.pk
    drift.last_seen_at, drift.last_run, drift.status, drift.closed_at = at, run, status, closed
    drift.expected, drift.actual = finding.expected, finding.actual
    drift.save(update_fields=["seen", "last_seen_at", "last_run", "expected", "actual", "status", "closed_at"])


def _take_in(run: ReconcileRun, rows: Sequence[RawRecord], *, actor: User, at: datetime) -> set[str]:
    """Rows that the hub did not know come in by the usual door; returns the native IDs it took."""
    source = run.source
    incoming = [
        Incoming(
            source.system_id, source.object, row.native_id, row.payload, source.domain, row.scope, row.updated_at, row.sequence
        )
        for row in rows
    ]
    outcomes = records.ingest(records=incoming, actor=actor, at=at, way="REPAIR") if incoming else []
    return {row.native_id for row, outcome in zip(rows, outcomes, strict=True) if outcome.status != "quarantined"}


@transaction.atomic
def finish(*, run: ReconcileRun, actor: User, at: datetime, error: str = "") -> ReconcileRun:
    """Close a run: what the hub knows and no page showed is missing in the target; what no longer differs is healed.

    Raises:
        NotAllowed: the actor may not run reconciliations.
    """
    permissions.check(actor, "reconcile.run", domain=run.source.domain)
    run = ReconcileRun.objects.select_for_update().get(pk=run.pk)
    if not error:
        run.found += _note_unseen(run, at=at)
        gone = Drift.objects.filter(source=run.source, status__in=["OPEN", "HEALING"]).exclude(last_run=run)
        gone = gone.exclude(kind=DriftKind.NAMES_ANOTHER_ID.value)
        gone.update(status="HEALED", closed_at=at)
    ReconcileSeen.objects.filter(run=run).delete()
    run.status, run.ended_at, run.error = "FAILED" if error else "DONE", at, error
    run.save()
    counts = {name: getattr(run, name) for name in ("status", "compared", "found", "healing")}
    name = f"source:{run.source.system_id}/{run.source.object}"
    audit.record(at=at, actor=actor, verb="reconcile.finish", subject=name, domain=run.source.domain, new=counts)
    return run


def _note_unseen(run: ReconcileRun, *, at: datetime) -> int:
    """Note live records that were known before the run began and that no page showed, however many; one statement."""
    said: dict[str, Any] = {"run": run.pk, "source": run.source_id, "began": run.started_at, "at": at}
    with connection.cursor() as cursor:
        cursor.execute(UNSEEN, {**said, "kind": DriftKind.MISSING_IN_TARGET.value})
        return int(cursor.rowcount)
