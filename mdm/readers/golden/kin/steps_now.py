"""Steps of a hierarchy as they stand now, read set by set: upwards by a recursive query, downwards level by level."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from django.db import connection, transaction

from mdm.readers.golden.blast_radius import AS_BEFORE, BY_INDEX
from mdm.readers.golden.kin.nodes import Node
from mdm.readers.governance.sight import Sight
from mdm.rules.golden.kin.hierarchy import DEEPEST, Step
from mdm.rules.governance.domains import Relation

# `path` is the guard: a golden record that was met already is not climbed from again, so that a circle ends where it closes.
CLIMB = """
    WITH RECURSIVE climb (child, parent, said_by, path) AS (
        SELECT golden.id, mdm_home(golden.relations -> %(name)s), golden.relations -> %(name)s ->> 'said_by', ARRAY[golden.id]
        FROM mdm_golden golden WHERE golden.id = ANY(%(ids)s) AND golden.relations ? %(name)s
        UNION ALL
        SELECT golden.id, mdm_home(golden.relations -> %(name)s), golden.relations -> %(name)s ->> 'said_by', path || golden.id
        FROM climb JOIN mdm_golden golden ON golden.id = climb.parent
        WHERE golden.relations ? %(name)s AND golden.domain = %(domain)s
          AND golden.id <> ALL(climb.path) AND cardinality(climb.path) < %(deepest)s
    )
    SELECT DISTINCT climb.child, climb.parent, climb.said_by
    FROM climb JOIN mdm_golden up ON up.id = climb.parent AND up.domain = %(domain)s
"""
# Whoever names one of their records, or an ID that leads to them, is looked at; a child is one whose parent survives so. They are
# found by the native ID alone, the only rare part of a key: the index need not go through all records that name the same system.
DESCEND = """
    WITH name_of AS (
        WITH RECURSIVE known (name) AS (
            SELECT golden.enterprise_id FROM mdm_golden golden WHERE golden.id = ANY(%(ids)s)
            UNION
            SELECT former.enterprise_id FROM known
            JOIN mdm_golden former ON former.successors @> ARRAY[known.name] AND former.status IN ('MERGED', 'SPLIT')
        )
        SELECT name FROM known
    ), named AS (
        SELECT DISTINCT jsonb_build_object('native_id', record.native_id) AS aim
        FROM mdm_crosswalk home JOIN mdm_sourcerecord record ON record.id = home.record_id
        WHERE home.golden_id = ANY(%(ids)s) AND home.valid_to IS NULL
        UNION ALL
        SELECT jsonb_build_object('enterprise_id', name) FROM name_of
    ), near AS MATERIALIZED (
        SELECT pin.carrier_id AS child FROM name_of
        JOIN mdm_override pin ON pin.value ->> 'enterprise_id' = name_of.name AND pin.attribute = %(name)s
         AND pin.ended_at IS NULL
        UNION
        SELECT home.golden_id AS child FROM named
        JOIN mdm_sourcerecord record ON record.relations @> jsonb_build_object(%(name)s::text, named.aim)
         AND record.relations <> '{}' AND record.domain = %(domain)s AND record.is_live
        JOIN mdm_crosswalk home ON home.record_id = record.id AND home.valid_to IS NULL
    ), under AS MATERIALIZED (
        SELECT child.id AS child, mdm_home(child.relations -> %(name)s) AS parent,
               child.relations -> %(name)s ->> 'said_by' AS said_by
        FROM near JOIN mdm_golden child ON child.id = near.child
        WHERE child.id > %(after)s AND (%(regions)s::text[] = '{}' OR child.regions::text[] && %(regions)s::text[])
    )
    SELECT child, parent, said_by FROM (
        SELECT under.*, row_number() OVER (PARTITION BY parent ORDER BY child) AS place FROM under WHERE parent = ANY(%(ids)s)
    ) AS placed
    WHERE place <= %(most)s ORDER BY parent, child
"""


@dataclass(frozen=True, slots=True)
class Now:
    """The hierarchy of one relation as it stands."""

    domain: str
    relation: Relation
    sight: Sight

    def above(self, ids: Collection[int]) -> list[Step]:
        """All steps on the ways up from these golden records, a circle with the step that closes it. One query."""
        return self._asked(CLIMB, ids, deepest=DEEPEST)

    def below(self, ids: Collection[int], *, after: int = 0, most: int) -> list[Step]:
        """The steps to the first `most` children of each, by row ID above `after`, as far as the viewer sees them. One query."""
        with transaction.atomic():
            self._set(BY_INDEX)
            found = self._asked(DESCEND, ids, after=after, most=most, regions=self.sight.viewer.regions)
            self._set(AS_BEFORE)
        return found

    def nodes(self, ids: Collection[int]) -> dict[int, Node]:
        """These golden records as far as the viewer sees them. One query."""
        rows = self.sight.goldens().filter(pk__in=ids)
        return {row.pk: Node(row.enterprise_id, self.sight.label(row), row.relations.get(self.relation.name, {})) for row in rows}

    def _asked(self, sql: str, ids: Collection[int], **values: Any) -> list[Step]:
        if not ids:
            return []
        with connection.cursor() as cursor:
            cursor.execute(sql, {"ids": list(ids), "name": self.relation.name, "domain": self.domain, **values})
            return [Step(child, parent, said_by or "") for child, parent, said_by in cursor.fetchall()]

    def _set(self, sql: str) -> None:
        with connection.cursor() as cursor:
            cursor.execute(sql)
