"""Aliases: the names that other hubs gave to our things, and where they lead now."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import connection

from mdm.models import Golden, IdAlias

# A record's last home, so that a deleted one still leads somewhere.
LEADS = """
    SELECT alias.id, coalesce(alias.golden_id, (
        SELECT home.golden_id FROM mdm_crosswalk home WHERE home.record_id = alias.record_id
        ORDER BY home.valid_to IS NULL DESC, home.id DESC LIMIT 1))
    FROM mdm_idalias alias WHERE alias.id = ANY(%s)
"""
# Those told by a record that stands there now; those told by an ID that leads there. A hub without aliases pays one look each.
UNDER = """
    WITH RECURSIVE led (heir, id, name) AS (
        SELECT golden.enterprise_id, golden.id, golden.enterprise_id FROM mdm_golden golden
        WHERE golden.enterprise_id = ANY(%(names)s) AND EXISTS (SELECT 1 FROM mdm_idalias WHERE golden_id IS NOT NULL)
        UNION
        SELECT led.heir, former.id, former.enterprise_id FROM led
        JOIN mdm_golden former ON former.successors @> ARRAY[led.name] AND former.status IN ('MERGED', 'SPLIT')
    ), found (name, id) AS (
        SELECT led.heir, alias.id FROM led JOIN mdm_idalias alias ON alias.golden_id = led.id
        UNION
        SELECT golden.enterprise_id, alias.id FROM mdm_golden golden
        JOIN mdm_crosswalk home ON home.golden_id = golden.id
        JOIN mdm_idalias alias ON alias.record_id = home.record_id
        WHERE golden.enterprise_id = ANY(%(names)s) AND EXISTS (SELECT 1 FROM mdm_idalias WHERE record_id IS NOT NULL)
          AND NOT EXISTS (SELECT 1 FROM mdm_crosswalk later WHERE later.record_id = home.record_id AND later.id > home.id)
    )
    SELECT found.name, alias.issuer, alias.alias, alias.imported_at, coalesce(record.key, '')
    FROM found JOIN mdm_idalias alias ON alias.id = found.id LEFT JOIN mdm_sourcerecord record ON record.id = alias.record_id
    ORDER BY alias.issuer, alias.alias
"""


@dataclass(frozen=True, slots=True)
class Alias:
    """One name. `key`: the record it follows, system/object/scope/native_id; empty where it follows an enterprise ID."""

    issuer: str
    alias: str
    since: datetime
    key: str

    @property
    def name(self) -> str:
        return f"{self.issuer}:{self.alias}"


def under(enterprise_ids: Collection[str]) -> dict[str, list[Alias]]:
    """The aliases that lead to each of these IDs now; one query. After a split those told by an ID lead to every branch."""
    found: dict[str, list[Alias]] = {}
    if enterprise_ids:
        with connection.cursor() as cursor:
            cursor.execute(UNDER, {"names": sorted(set(enterprise_ids))})
            for name, *parts in cursor.fetchall():
                found.setdefault(name, []).append(Alias(parts[0], parts[1], parts[2], parts[3]))
    return found


def leads(rows: Sequence[IdAlias]) -> list[tuple[IdAlias, Golden]]:
    """Each alias with the golden record its record stands in, or its ID names, live or ended; two queries."""
    if not rows:
        return []
    with connection.cursor() as cursor:
        cursor.execute(LEADS, [[row.pk for row in rows]])
        ends = dict(cursor.fetchall())
    goldens = Golden.objects.in_bulk([end for end in ends.values() if end is not None])
    return [(row, goldens[ends[row.pk]]) for row in rows if ends.get(row.pk) in goldens]
