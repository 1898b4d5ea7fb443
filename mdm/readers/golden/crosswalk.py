"""From a system's own key to the enterprise ID, for one key or a thousand."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import connection

from mdm.errors import NotFound
from mdm.models import User
from mdm.readers.governance.sight import sees

ONE = """
    SELECT golden.enterprise_id, golden.domain, golden.status, home.valid_from, golden.regions
    FROM mdm_sourceobject source
    JOIN mdm_sourcerecord record ON record.source_id = source.id AND record.scope = %s AND record.native_id = %s
    JOIN mdm_crosswalk home ON home.record_id = record.id AND home.valid_to IS NULL
    JOIN mdm_golden golden ON golden.id = home.golden_id
    WHERE source.system_id = %s AND source.object = %s
"""
MANY = """
    SELECT wanted.place, golden.enterprise_id, golden.domain, golden.status, home.valid_from, golden.regions
    FROM unnest(%s::text[], %s::text[], %s::text[], %s::text[]) WITH ORDINALITY AS wanted (system, object, scope, native, place)
    JOIN mdm_sourceobject source ON source.system_id = wanted.system AND source.object = wanted.object
    JOIN mdm_sourcerecord record
      ON record.source_id = source.id AND record.scope = wanted.scope AND record.native_id = wanted.native
    JOIN mdm_crosswalk home ON home.record_id = record.id AND home.valid_to IS NULL
    JOIN mdm_golden golden ON golden.id = home.golden_id
"""

Key = tuple[str, str, str, str]
"""(system, object, scope, native id)"""


@dataclass(frozen=True, slots=True)
class Entry:
    """Where a source record belongs now. `since`: when it came there."""

    enterprise_id: str
    domain: str
    status: str
    since: datetime
    regions: list[str]

    def is_seen_by(self, viewer: User) -> bool:
        """Whether the entry lies within the viewer's domains and regions."""
        return sees(viewer, domain=self.domain, regions=self.regions)


def by_source_key(key: Key, *, viewer: User) -> Entry:
    """The entry of one source key; one query.

    Raises:
        NotFound: no live record has this key, or it lies outside the viewer's confines.
    """
    system, object, scope, native_id = key
    with connection.cursor() as cursor:
        cursor.execute(ONE, [scope, native_id, system, object])
        row = cursor.fetchone()
    entry = Entry(*row) if row else None
    if entry is None or not entry.is_seen_by(viewer):
        raise NotFound(f"No live record {system}/{object}/{native_id}{f' in scope {scope}' if scope else ''} is known.")
    return entry


def lookup(keys: Sequence[Key], *, viewer: User) -> list[Entry | None]:
    """The entries of many source keys, in order, None where there is none; one query."""
    found: list[Entry | None] = [None] * len(keys)
    if keys:
        systems, objects, scopes, natives = zip(*keys, strict=True)
        with connection.cursor() as cursor:
            cursor.execute(MANY, [list(systems), list(objects), list(scopes), list(natives)])
            for place, *row in cursor.fetchall():
                entry = Entry(*row)
                found[place - 1] = entry if entry.is_seen_by(viewer) else None
    return found
