"""Reads and writes source records, their versions and their match keys, many in one statement."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from django.db import connection
from django.db.models.expressions import RawSQL

from mdm import audit
from mdm.engine import grading, statistics
from mdm.engine.preparing import Key, Prepared
from mdm.engine.releases import Release
from mdm.models import Delivery, Load, MatchKey, SourceObject, SourceRecord, SourceVersion, User, copying
from mdm.models.graded import GRADE
from mdm.rules.intake.content import content_hash

LoadOf = Callable[[SourceObject], Load]
BY_KEY = """
    SELECT record.id FROM unnest(%s::bigint[], %s::text[], %s::text[]) AS wanted (source, scope, native)
    JOIN mdm_sourcerecord record
      ON record.source_id = wanted.source AND record.scope = wanted.scope AND record.native_id = wanted.native
"""
ENTERPRISE_IDS = """
    SELECT record.source_id, record.scope, record.native_id, golden.enterprise_id
    FROM unnest(%s::bigint[], %s::text[], %s::text[]) AS wanted (source, scope, native)
    JOIN mdm_sourcerecord record
      ON record.source_id = wanted.source AND record.scope = wanted.scope AND record.native_id = wanted.native
    JOIN mdm_crosswalk home ON home.record_id = record.id AND home.valid_to IS NULL
    JOIN mdm_golden golden ON golden.id = home.golden_id
"""
CONFIRM = """
    UPDATE mdm_sourcerecord AS record
    SET sequence = greatest(record.sequence, fresh.sequence),
        confirmed_at = greatest(record.confirmed_at, record.source_updated_at, fresh.at)
    FROM unnest(%s::bigint[], %s::int[], %s::bigint[], %s::timestamptz[]) AS fresh (id, version, sequence, at)
    WHERE record.id = fresh.id AND record.version = fresh.version
"""


def register_objects(prepared: Sequence[Prepared]) -> None:
    """Store the source objects that a batch names for the first time."""
    named: list[SourceObject] = [item.source for item in prepared if item.source is not None and item.source._state.adding]
    for source in {(source.system_id, source.object): source for source in named}.values():
        known, _ = SourceObject.objects.get_or_create(
            system_id=source.system_id, object=source.object, defaults={"domain": source.domain}
        )
        source.pk, source.domain, source.mapping = known.pk, known.domain, known.mapping


def find_known(items: Sequence[Prepared]) -> None:
    """Give each record the one that is stored under its key."""
    known = by_key([item.key for item in items if item.source is not None and item.source.pk])
    for item in items:
        item.before = known.get(item.key)


def foretell(items: Sequence[Prepared]) -> None:
    """Say what writing would make of each record."""
    for item in items:
        if item.is_open:
            item.status = "deleted" if item.incoming.is_deleted else "updated" if item.before else "created"


WRITTEN = ("created", "updated", "deleted")


def look_again(items: Sequence[Prepared]) -> list[Prepared]:
    """Under their locks: give each record the one that is stored now; returns those for which that is another.

    An attempt that was rolled back may have said already what became of a record; that is forgotten.
    """
    known = by_key([item.key for item in items])
    moved = []
    for item in items:
        fresh = known.get(item.key)
        if _state(fresh) != _state(item.before):
            moved.append(item)
        item.before = fresh
        item.status = "" if item.status in WRITTEN else item.status
    return moved


def _state(row: SourceRecord | None) -> Any:
    """What the outcome of an update depends on: the stored version, and what was pushed into it."""
    if row is None:
        return None
    delivery: Delivery | None = getattr(row, "delivery", None)
    return (row.version, delivery and (delivery.sent, delivery.held, delivery.echo_hash))


def by_key(keys: Sequence[Key]) -> dict[Key, SourceRecord]:
    """Stored records by key, each with its delivery; one query."""
    if not keys:
        return {}
    ids = RawSQL(BY_KEY, [list(column) for column in zip(*keys, strict=True)])
    rows = SourceRecord.objects.filter(id__in=ids).select_related("delivery")
    return {(row.source_id, row.scope, row.native_id): row for row in rows}


def enterprise_ids(items: Sequence[Prepared]) -> dict[Key, str]:
    """The enterprise ID that each record stands for now, by key; one query."""
    keys = [item.key for item in items if item.source is not None and item.source.pk]
    if not keys:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(ENTERPRISE_IDS, [list(column) for column in zip(*keys, strict=True)])
        return {(source, scope, native): name for source, scope, native, name in cursor.fetchall()}


def is_known(system: str, object: str, scope: str, native_id: str) -> bool:
    """Whether the hub ever had this record, live or deleted."""
    rows = SourceRecord.objects.filter(source__system=system, source__object=object, scope=scope, native_id=native_id)
    return rows.exists()


def stored_keys(items: Sequence[Prepared]) -> set[int]:
    """The match keys that the stored versions of these records have now."""
    ids = [item.before.pk for item in items if item.before is not None]
    return set(MatchKey.objects.filter(record_id__in=ids).values_list("key", flat=True)) if ids else set()


def confirm(items: Sequence[Prepared]) -> None:
    """Note that a state that is stored was said again, later: what is older than that is out of date from now on.

    No version, no event: nothing changed. A record that changed meanwhile is left alone.
    """
    newer = [item for item in items if item.status == "unchanged" and not item.incoming.is_deleted and _is_newer(item)]
    if not newer:
        return
    columns = zip(
        *(
            (item.before.pk, item.before.version, item.incoming.sequence, item.incoming.updated_at)
            for item in newer
            if item.before
        ),
        strict=True,
    )
    with connection.cursor() as cursor:
        cursor.execute(CONFIRM, [list(column) for column in columns])


def _is_newer(item: Prepared) -> bool:
    before, said = item.before, item.incoming
    if before is None:
        return False
    seen_at = before.confirmed_at or before.source_updated_at
    by_number = said.sequence is not None and (before.sequence is None or said.sequence > before.sequence)
    return by_number or (said.updated_at is not None and (seen_at is None or said.updated_at > seen_at))


FIELDS = [
    "version", "is_live", "payload", "attributes", "relations", "invalid", "standardised", "release", "content_hash", "sequence",
    "source_updated_at", "confirmed_at", "changed_at", "load", *GRADE,
]  # fmt: skip


def write(items: Sequence[Prepared], *, release: Release, at: datetime, load: LoadOf) -> set[int]:
    """Insert or update the records, append their versions, replace their match keys; returns their IDs."""
    if not items:
        return set()
    return {row.pk for row in put(items, release=release, at=at, load=load)}


def put(items: Sequence[Prepared], *, release: Release, at: datetime, load: LoadOf) -> list[SourceRecord]:
    """The same; returns the rows, in the order of `items`."""
    rows = [_row(item, release, at, load) for item in items]
    grading.records(release.spec, rows, at=at)
    fresh = [row for row, item in zip(rows, items, strict=True) if item.before is None]
    copying.append(fresh, numbers=True)
    copying.overwrite([row for row, item in zip(rows, items, strict=True) if item.before is not None], FIELDS)
    _append(rows, items, at=at)
    replace_keys({row.pk: item.keys for row, item in zip(rows, items, strict=True)}, fresh=len(fresh) == len(rows))
    return rows


def _row(item: Prepared, release: Release, at: datetime, load: LoadOf) -> SourceRecord:
    said, before, source = item.incoming, item.before, item.source
    assert source is not None
    return SourceRecord(
        pk=before.pk if before else None,
        source=source,
        domain=release.domain,
        scope=said.scope,
        native_id=said.native_id,
        key=item.name,
        version=before.version + 1 if before else 1,
        is_live=True,
        payload=dict(said.payload),
        attributes=item.attributes,
        relations=item.relations,
        invalid=item.invalid,
        standardised=item.standardised,
        release=release.number,
        content_hash=item.content_hash,
        sequence=said.sequence,
        source_updated_at=said.updated_at,
        confirmed_at=None,
        first_seen_at=before.first_seen_at if before else at,
        changed_at=at,
        load=load(source),
    )


def _append(rows: Sequence[SourceRecord], items: Sequence[Prepared], *, at: datetime) -> None:
    pairs = zip(rows, items, strict=True)
    copying.append(version_of(row, recorded_at=at, valid_from=item.incoming.updated_at or at) for row, item in pairs)


def version_of(row: SourceRecord, *, recorded_at: datetime, valid_from: datetime) -> SourceVersion:
    """The version of a record that its row stands for now."""
    return SourceVersion(
        record=row,
        version=row.version,
        is_live=row.is_live,
        payload=row.payload,
        attributes=row.attributes,
        relations=row.relations,
        invalid=row.invalid,
        release=row.release,
        sequence=row.sequence,
        recorded_at=recorded_at,
        valid_from=valid_from,
        load_id=row.load_id,
    )


def replace_keys(keys: dict[int, list[int]], *, fresh: bool) -> None:
    if not fresh:
        MatchKey.objects.filter(record_id__in=keys).delete()
    pairs = [(key, record) for record, mine in keys.items() for key in mine]
    with connection.cursor() as cursor, cursor.copy("COPY mdm_matchkey (key, record_id) FROM STDIN") as copy:
        for pair in pairs:
            copy.write_row(pair)
    statistics.refresh("mdm_sourcerecord", written=len(keys))
    statistics.refresh("mdm_matchkey", written=len(pairs))


def remove(items: Sequence[Prepared], *, at: datetime, load: LoadOf) -> set[int]:
    """Take records out of matching; their rows and versions stay."""
    if not items:
        return set()
    rows = []
    for item in items:
        row, said = item.before, item.incoming
        assert row is not None
        assert item.source is not None
        row.version, row.is_live, row.changed_at, row.load = row.version + 1, False, at, load(item.source)
        row.sequence = row.sequence if said.sequence is None else said.sequence
        row.confirmed_at = said.updated_at or row.confirmed_at
        rows.append(row)
    fields = ["version", "is_live", "changed_at", "load", "sequence", "confirmed_at"]
    SourceRecord.objects.bulk_update(rows, fields, batch_size=1_000)
    _append(rows, items, at=at)
    MatchKey.objects.filter(record_id__in=[row.pk for row in rows]).delete()
    return {row.pk for row in rows}


def write_stale(items: Sequence[Prepared], *, release: Release, at: datetime, load: LoadOf) -> None:
    """Record out-of-date versions, each once, cleaned like any other; they never win (P8)."""
    if not items:
        return
    past = SourceVersion.objects.filter(record__in=[item.before.pk for item in items if item.before is not None])
    known = {
        (record, number, content_hash(payload))
        for record, number, payload in past.values_list("record_id", "sequence", "payload")
    }
    copying.append(
        SourceVersion(
            record=item.before,
            version=item.before.version,
            is_live=not item.incoming.is_deleted,
            payload=dict(item.incoming.payload),
            attributes=item.attributes,
            relations=item.relations,
            invalid=item.invalid,
            release=release.number,
            sequence=item.incoming.sequence,
            recorded_at=at,
            valid_from=item.incoming.updated_at or at,
            is_superseded=True,
            load=load(item.source),
        )
        for item in items
        if item.before is not None
        and item.source is not None
        and (item.before.pk, item.incoming.sequence, content_hash(dict(item.incoming.payload))) not in known
    )


def note(items: list[Prepared], *, actor: User, at: datetime) -> None:
    """One entry a source a sub-batch: which records were written, by key."""
    done: dict[SourceObject, dict[str, list[str]]] = {}
    for item in items:
        if item.source is not None and item.status in {"created", "updated", "deleted", "stale"}:
            done.setdefault(item.source, {}).setdefault(item.status, []).append(item.name)
    facts = [audit.Fact(f"source:{source.system_id}/{source.object}", source.domain, new=names) for source, names in done.items()]
    audit.record_all(facts, at=at, actor=actor, verb="record.write")
