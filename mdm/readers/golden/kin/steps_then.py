"""Steps of a hierarchy as they were: what was true on a date, what the hub knew at a moment, or both.

The survivors of then are computed again, as for a single record of then, so that tree and record tell the same. Level by level: a
fixed number of queries each.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import connection, transaction

from mdm.engine import members, past, releases
from mdm.engine.people import pinned
from mdm.models import GoldenVersion
from mdm.readers.golden.blast_radius import AS_BEFORE, BY_INDEX
from mdm.readers.golden.kin.nodes import Node
from mdm.readers.governance.sight import Sight
from mdm.rules.golden.kin.hierarchy import DEEPEST, Step
from mdm.rules.governance.domains import Relation

MOST_NAMING = 5_000
"""Golden records that ever named one of a level, and are looked at: more is no tree that a person reads."""

NAMING = """
    WITH name_of AS (
        WITH RECURSIVE known (name) AS (
            SELECT golden.enterprise_id FROM mdm_golden golden WHERE golden.id = ANY(%(ids)s)
            UNION
            SELECT former.enterprise_id FROM known
            JOIN mdm_idlife life ON life.successors @> ARRAY[known.name] AND life.status IN ('MERGED', 'SPLIT')
            JOIN mdm_golden former ON former.id = life.golden_id
        )
        SELECT name FROM known
    ), named AS (
        SELECT DISTINCT jsonb_build_object('native_id', record.native_id) AS aim
        FROM mdm_crosswalk home JOIN mdm_sourcerecord record ON record.id = home.record_id
        WHERE home.golden_id = ANY(%(ids)s) AND home.valid_from <= %(known_at)s
          AND (home.valid_to IS NULL OR home.valid_to > %(known_at)s)
        UNION
        SELECT jsonb_build_object('enterprise_id', name) FROM name_of
    ), naming AS (
        SELECT home.golden_id FROM named
        JOIN mdm_sourceversion said ON said.relations @> jsonb_build_object(%(name)s::text, named.aim) AND said.relations <> '{}'
         AND said.recorded_at <= %(known_at)s
        JOIN mdm_crosswalk home ON home.record_id = said.record_id AND home.valid_from <= %(known_at)s
         AND (home.valid_to IS NULL OR home.valid_to > %(known_at)s)
        UNION
        SELECT unnest(ARRAY[pin.golden_id, pin.carrier_id]) FROM name_of
        JOIN mdm_override pin ON pin.value ->> 'enterprise_id' = name_of.name AND pin.attribute = %(name)s
         AND pin.made_at <= %(known_at)s
    )
    SELECT golden_id FROM naming WHERE golden_id > %(after)s ORDER BY 1 LIMIT %(most)s
"""
LEADS = """
    SELECT said.child, up.id FROM unnest(%(children)s::bigint[], %(aims)s::jsonb[]) AS said (child, aim)
    JOIN mdm_golden up ON up.id = mdm_home(said.aim, %(known_at)s) AND up.domain = %(domain)s
"""


@dataclass(frozen=True, slots=True)
class _State:
    """One golden record of then: its values, and what it said of its parent."""

    enterprise_id: str
    values: dict[str, Any]
    aim: dict[str, Any]
    regions: frozenset[str]


@dataclass(frozen=True, slots=True)
class Then:
    """The hierarchy of one relation at a moment; what was read of a golden record is kept for the whole tree."""

    domain: str
    relation: Relation
    sight: Sight
    known_at: datetime
    as_of: datetime | None = None
    _states: dict[int, _State | None] = field(default_factory=dict)

    def above(self, ids: Collection[int]) -> list[Step]:
        """All steps on the ways up, a circle with the step that closes it. About six queries a level."""
        found: dict[int, Step] = {}
        waiting = set(ids)
        for _ in range(DEEPEST):
            steps = self._steps(waiting)
            found |= {step.child: step for step in steps}
            waiting = {step.parent for step in steps} - found.keys()
            if not waiting:
                break
        return list(found.values())

    def below(self, ids: Collection[int], *, after: int = 0, most: int) -> list[Step]:
        """The steps to the first `most` children of each, by row ID above `after`, as far as the viewer sees them."""
        above = set(ids)
        steps = [step for step in self._steps(self._naming(ids, after)) if step.parent in above]
        seen = self.nodes({step.child for step in steps})
        found: dict[int, list[Step]] = {}
        for step in sorted(steps, key=lambda step: (step.parent, step.child)):
            mine = found.setdefault(step.parent, [])
            if step.child in seen and len(mine) < most:
                mine.append(step)
        return [step for mine in found.values() for step in mine]

    def nodes(self, ids: Collection[int]) -> dict[int, Node]:
        """These golden records as they were, as far as the viewer sees them, now and then."""
        states = self._read(ids)
        near = set(self.sight.goldens().filter(pk__in=states).values_list("pk", flat=True))
        label, confines = self.sight.spec(self.domain).label, set(self.sight.viewer.regions)
        return {
            number: Node(state.enterprise_id, self.sight.named(self.domain, str(state.values.get(label, ""))), state.aim)
            for number, state in states.items()
            if number in near and not (confines and state.regions and confines.isdisjoint(state.regions))
        }

    def _steps(self, ids: Collection[int]) -> list[Step]:
        aims = {number: state.aim for number, state in self._read(ids).items() if state.aim}
        if not aims:
            return []
        values: dict[str, Any] = {"children": list(aims), "aims": [json.dumps(aim) for aim in aims.values()]}
        with connection.cursor() as cursor:
            cursor.execute(LEADS, {**values, "known_at": self.known_at, "domain": self.domain})
            return [Step(child, parent, aims[child].get("said_by", "")) for child, parent in cursor.fetchall()]

    def _naming(self, ids: Collection[int], after: int) -> set[int]:
        """Golden records that ever named one of these in a version known by then."""
        values: dict[str, Any] = {
            "ids": list(ids),
            "name": self.relation.name,
            "known_at": self.known_at,
            "after": after,
            "most": MOST_NAMING,
        }
        if not ids:
            return set()
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(BY_INDEX)
            cursor.execute(NAMING, values)
            found = {number for (number,) in cursor.fetchall()}
            cursor.execute(AS_BEFORE)
        return found

    def _read(self, ids: Iterable[int]) -> dict[int, _State]:
        """What these were then, those that were not there left out."""
        wanted = set(ids)
        if fresh := wanted - self._states.keys():
            self._states.update(dict.fromkeys(fresh))
            self._states.update(self._computed(fresh))
        return {number: state for number in sorted(wanted) if (state := self._states[number]) is not None}

    def _computed(self, ids: Collection[int]) -> dict[int, _State]:
        rows = GoldenVersion.objects.filter(golden__in=ids, golden__domain=self.domain, recorded_at__lte=self.known_at)
        newest = rows.select_related("golden").order_by("golden_id", "-version").distinct("golden_id")
        versions = [version for version in newest if version.status == "LIVE"]
        said = self._survivors(versions)
        return {
            version.golden_id: self._state(version, said[version.golden_id]) for version in versions if version.golden_id in said
        }

    def _survivors(self, versions: Collection[GoldenVersion]) -> dict[int, members.Survivors]:
        """What stood in the hub, or what was true on the date; a golden record that nobody had spoken of then is left out."""
        if self.as_of is None:
            return {one.golden_id: members.Survivors(one.values, one.relations, one.provenance) for one in versions}
        settled = releases.settled_by(self.domain, self.known_at)
        numbers = {one.golden_id: max(one.release, settled) for one in versions}
        rules = {number: releases.numbered(self.domain, number) for number in {*numbers.values()}}
        dated = {relation.name: relation for release in rules.values() for relation in release.spec.dated}
        records = {record for one in versions for record in one.members}
        rows = past.rows_as_of(records, as_of=self.as_of, known_at=self.known_at, dated=tuple(dated.values()))
        by_record = {row.member.record_id: row for row in rows}
        pins = pinned.as_of_each(list(versions), at=self.as_of, known_at=self.known_at)
        asked = {}
        for one in versions:
            mine = [by_record[record] for record in one.members if record in by_record]
            if mine:
                rules_then = rules[numbers[one.golden_id]]
                asked[one.golden_id] = members.Asked(rules_then, mine, self.as_of, pins[one.golden_id])
        return dict(zip(asked, members.survive_each([*asked.values()]), strict=True))

    def _state(self, version: GoldenVersion, said: members.Survivors) -> _State:
        region = releases.numbered(self.domain, version.release).spec.region
        regions = frozenset({region.of(said.values)}) if region else frozenset[str]()
        return _State(version.golden.enterprise_id, said.values, said.relations.get(self.relation.name, {}), regions)
