"""Reads and writes source records, their versions and their match keys, many in one statement."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from django.db import connection

from mdm.engine import preparing
from mdm.engine.preparing import Key, Prepared
from mdm.engine.releases import Release
from mdm.errors import Problem
from mdm.models import Load, MatchKey, SourceObject, SourceRecord, SourceVersion

LoadOf = Callable[[SourceObject], Load]
DEEPEST = 50
"""Levels of a hierarchy that are walked upwards when a circle is looked for."""


def register_objects(prepared: Sequence[Prepared]) -> None:
    """Store the source objects that a batch names for the first time."""
    fresh = {
        (item.source.system_id, item.source.object): item.source
        for item in prepared
        if item.source is not None and item.source.pk is None
    }
    for source in fresh.values():
        known, _ = SourceObject.objects.get_or_create(
            system_id=source.system_id, object=source.object, defaults={"domain": source.domain}
        )
        source.pk, source.domain, source.mapping = known.pk, known.domain, known.mapping


def find_known(items: Sequence[Prepared]) -> None:
    """Give each record the one that is stored under its key."""
    known = _by_key([item.key for item in items if item.source is not None and item.source.pk])
    for item in items:
        item.before = known.get(item.key)


def foretell(items: Sequence[Prepared]) -> None:
    """Say what writing would make of each record."""
    for item in items:
        if item.is_open:
            item.status = "deleted" if item.incoming.is_deleted else "updated" if item.before else "created"


def look_again(items: Sequence[Prepared]) -> None:
    """Under the locks: what changed since the records were prepared may make some unchanged, or out of date."""
    known = _by_key([item.key for item in items])
    for item in items:
        fresh = known.get(item.key)
        if item.before is None or fresh is None or fresh.version != item.before.version:
            item.status = ""
            preparing.compare(item, fresh)
        item.before = fresh


def _by_key(keys: Sequence[Key]) -> dict[Key, SourceRecord]:
    """Stored records by key, each with its delivery; one query."""
    if not keys:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT record.id FROM unnest(%s::bigint[], %s::text[], %s::text[]) AS wanted (source, scope, native)"
            " JOIN mdm_sourcerecord record ON record.source_id = wanted.source AND record.scope = wanted.scope"
            " AND record.native_id = wanted.native",
            [list(column) for column in zip(*keys, strict=True)],
        )
        ids = [row[0] for row in cursor.fetchall()]
    rows = SourceRecord.objects.filter(id__in=ids).select_related("delivery")
    return {(row.source_id, row.scope, row.native_id): row for row in rows}


def record_ids(items: Sequence[Prepared]) -> dict[str, int]:
    """Row IDs by stable name."""
    known = _by_key([item.key for item in items if item.source is not None and item.source.pk])
    return {row.key: row.pk for row in known.values()}


def stored_keys(items: Sequence[Prepared]) -> set[int]:
    """The match keys that the stored versions of these records have now."""
    ids = [item.before.pk for item in items if item.before is not None]
    return set(MatchKey.objects.filter(record_id__in=ids).values_list("key", flat=True)) if ids else set()


FIELDS = [
    "version", "is_live", "payload", "attributes", "relations", "invalid", "standardised", "release", "content_hash", "sequence",
    "source_updated_at", "changed_at", "load",
]  # fmt: skip


def write(items: Sequence[Prepared], *, release: Release, at: datetime, load: LoadOf) -> set[int]:
    """Insert or update the records, append their versions, replace their match keys; returns their IDs."""
    if not items:
        return set()
    rows = SourceRecord.objects.bulk_create(
        (_row(item, release, at, load) for item in items),
        batch_size=1_000,
        update_conflicts=True,
        unique_fields=["source", "scope", "native_id"],
        update_fields=FIELDS,
    )
    _append(rows, items, at=at)
    _replace_keys(
        {row.pk: item.keys for row, item in zip(rows, items, strict=True)}, fresh=all(item.before is None for item in items)
    )
    return {row.pk for row in rows}


def _row(item: Prepared, release: Release, at: datetime, load: LoadOf) -> SourceRecord:
    said, before, source = item.incoming, item.before, item.source
    assert source is not None
    return SourceRecord(
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
        first_seen_at=before.first_seen_at if before else at,
        changed_at=at,
        load=load(source),
    )


def _append(rows: Sequence[SourceRecord], items: Sequence[Prepared], *, at: datetime) -> None:
    SourceVersion.objects.bulk_create(
        (
            SourceVersion(
                record=row,
                version=row.version,
                is_live=row.is_live,
                payload=row.payload,
                attributes=row.attributes,
                relations=row.relations,
                sequence=row.sequence,
                recorded_at=at,
                valid_from=item.incoming.updated_at or at,
                load_id=row.load_id,
            )
            for row, item in zip(rows, items, strict=True)
        ),
        batch_size=1_000,
    )


def _replace_keys(keys: dict[int, list[int]], *, fresh: bool) -> None:
    if not fresh:
        MatchKey.objects.filter(record_id__in=keys).delete()
    pairs = [(key, record) for record, mine in keys.items() for key in mine]
    with connection.cursor() as cursor, cursor.copy("COPY mdm_matchkey (key, record_id) FROM STDIN") as copy:
        for pair in pairs:
            copy.write_row(pair)


def remove(items: Sequence[Prepared], *, at: datetime, load: LoadOf) -> set[int]:
    """Take records out of matching; their rows and versions stay."""
    rows = []
    for item in items:
        row = item.before
        assert row is not None
        assert item.source is not None
        row.version, row.is_live, row.changed_at, row.load = row.version + 1, False, at, load(item.source)
        row.save(update_fields=["version", "is_live", "changed_at", "load"])
        rows.append(row)
    _append(rows, items, at=at)
    MatchKey.objects.filter(record_id__in=[row.pk for row in rows]).delete()
    return {row.pk for row in rows}


def write_stale(items: Sequence[Prepared], *, at: datetime, load: LoadOf) -> None:
    """Record out-of-date versions; they never win (P8)."""
    SourceVersion.objects.bulk_create(
        SourceVersion(
            record=item.before,
            version=item.before.version,
            is_live=True,
            payload=dict(item.incoming.payload),
            attributes=item.mapped,
            relations=item.relations,
            sequence=item.incoming.sequence,
            recorded_at=at,
            valid_from=item.incoming.updated_at or at,
            is_superseded=True,
            load=load(item.source),
        )
        for item in items
        if item.before is not None and item.source is not None
    )


def refuse_circles(release: Release, items: Sequence[Prepared]) -> None:
    """Refuse records that would be their own ancestor in a hierarchy (parents as their own system tells them)."""
    for relation in release.spec.relations:
        if relation.is_hierarchy:
            parents = {item.name: _parent(item.relations, relation.name) for item in items if item.is_open}
            for item in items:
                if item.is_open and item.relations.get(relation.name) and _is_own_ancestor(item.name, relation.name, parents):
                    parents.pop(item.name)
                    item.problems.append(_circle(item, relation.name))


def _circle(item: Prepared, relation: str) -> Problem:
    return Problem(
        code="circular_parent",
        field=relation,
        value=str(item.relations[relation].get("native_id", "")),
        message=f"{item.name} would be its own ancestor through {relation}.",
        remedy="name another one, or leave it empty",
    )


def _is_own_ancestor(name: str, relation: str, parents: dict[str, str | None]) -> bool:
    """Walk upwards through the batch first, then through what is stored. Cost: one query a stored level."""
    seen, current = {name}, parents.get(name)
    for _ in range(DEEPEST):
        if current is None:
            return False
        if current in seen:
            return current == name
        seen.add(current)
        current = parents[current] if current in parents else _stored_parent(current, relation, parents)
    return False


def _stored_parent(name: str, relation: str, parents: dict[str, str | None]) -> str | None:
    relations: Any = SourceRecord.objects.filter(key=name, is_live=True).values_list("relations", flat=True).first()
    parents[name] = _parent(relations or {}, relation)
    return parents[name]


def _parent(relations: dict[str, Any], name: str) -> str | None:
    aim = relations.get(name)
    if not aim or "native_id" not in aim:
        return None
    return f"{aim['system']}/{aim['object']}/{aim.get('scope', '')}/{aim['native_id']}"
