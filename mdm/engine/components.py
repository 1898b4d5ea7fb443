"""Reads whole components: records that hang together by pairs, decisions and present homes."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection

from mdm.engine.comparing import Node
from mdm.models import MatchPair
from mdm.rules.golden.links import through

REACH = """
    WITH RECURSIVE reached (node) AS (
        SELECT unnest(%(ids)s::bigint[])
        UNION
        SELECT next.node FROM reached CROSS JOIN LATERAL (
            SELECT right_id FROM mdm_matchpair WHERE left_id = reached.node AND band <> 'ASKED'
            UNION ALL SELECT left_id FROM mdm_matchpair WHERE right_id = reached.node AND band <> 'ASKED'
            UNION ALL SELECT right_id FROM mdm_decision WHERE left_id = reached.node AND undone_at IS NULL AND verdict = 'SAME'
            UNION ALL SELECT left_id FROM mdm_decision WHERE right_id = reached.node AND undone_at IS NULL AND verdict = 'SAME'
            UNION ALL SELECT -golden_id FROM mdm_crosswalk WHERE record_id = reached.node AND valid_to IS NULL
            UNION ALL SELECT record_id FROM mdm_crosswalk WHERE golden_id = -reached.node AND valid_to IS NULL
        ) AS next (node)
    )
    SELECT node FROM reached
"""
NODES = """
    SELECT record.id, record.key, record.standardised, source.is_unique, source.system_id, source.object, record.scope,
           home.golden_id
    FROM mdm_sourcerecord record
    JOIN mdm_sourceobject source ON source.id = record.source_id
    LEFT JOIN mdm_crosswalk home ON home.record_id = record.id AND home.valid_to IS NULL
    WHERE record.id = ANY(%(ids)s) AND record.is_live
"""
LIVING = "SELECT id FROM mdm_sourcerecord WHERE id = ANY(%(ids)s) AND is_live"
DEPARTED = """
    SELECT home.record_id, home.golden_id FROM mdm_crosswalk home JOIN mdm_sourcerecord record ON record.id = home.record_id
    WHERE home.record_id = ANY(%(ids)s) AND home.valid_to IS NULL AND NOT record.is_live
"""
HOMES = "SELECT DISTINCT golden_id FROM mdm_crosswalk WHERE record_id = ANY(%(ids)s) AND valid_to IS NULL"
LINKS = """
    SELECT left_id, right_id, verdict FROM mdm_decision
    WHERE undone_at IS NULL AND left_id = ANY(%(ids)s) AND right_id = ANY(%(ids)s)
"""
FORMER = """
    SELECT past.record_id, past.golden_id FROM mdm_crosswalk past JOIN mdm_golden golden ON golden.id = past.golden_id
    WHERE past.record_id = ANY(%(ids)s) AND past.valid_to IS NOT NULL
      AND golden.status IN ('MERGED', 'RETIRED') AND golden.domain = %(domain)s
    ORDER BY past.record_id, past.id DESC
"""
CANDIDATES = """
    SELECT DISTINCT least(mine.record_id, other.record_id), greatest(mine.record_id, other.record_id)
    FROM mdm_matchkey mine JOIN mdm_matchkey other ON other.key = mine.key AND other.record_id <> mine.record_id
    WHERE mine.record_id = ANY(%(ids)s)
"""


@dataclass(frozen=True, slots=True)
class Component:
    """One or several whole components. `homes`: record to its present golden record; homeless ones are left out.

    `departed`: deleted records that still stand in a golden record's crosswalk. `inhabited`: golden records with members
    that are left out here. `implied`: those of `same` that nobody said of the two, but of each and a record that is gone.
    """

    nodes: tuple[Node, ...]
    homes: dict[int, int]
    departed: dict[int, int]
    pairs: tuple[MatchPair, ...]
    same: tuple[tuple[int, int], ...]
    different: tuple[tuple[int, int], ...]
    unsure: tuple[tuple[int, int], ...]
    inhabited: frozenset[int] = frozenset()
    implied: frozenset[tuple[int, int]] = frozenset()


def reach(start: Collection[int]) -> tuple[set[int], list[int]]:
    """All records that hang together with `start`, itself included, and their golden records in ID order. One query.

    A golden record hangs together with its members, so it is a node of the walk like a record; its ID counts as negative.
    """
    nodes = {row[0] for row in rows(REACH, ids=start)}
    return {node for node in nodes if node > 0}, sorted(-node for node in nodes if node < 0)


def expand(start: Collection[int]) -> set[int]:
    """All records that hang together with `start`, itself included. One query."""
    return reach(start)[0]


def homes(records: Collection[int]) -> list[int]:
    """The present golden records of `records`, in ID order: what a writer has to lock."""
    return sorted(row[0] for row in rows(HOMES, ids=records))


def read(records: Collection[int]) -> Component:
    """Everything clustering needs to know of `records`, which must be whole components."""
    nodes, present = [], {}
    for record, key, standardised, is_unique, system, object, scope, golden in rows(NODES, ids=records):
        nodes.append(Node(record, key, json.loads(standardised), f"{system}/{object}/{scope}" if is_unique else None))
        if golden is not None:
            present[record] = golden
    alive = [node.id for node in nodes]
    pairs = tuple(MatchPair.objects.filter(left_id__any=alive, right_id__any=alive).order_by("id")) if len(alive) > 1 else ()
    links: dict[str, list[tuple[int, int]]] = {"SAME": [], "DIFFERENT": [], "UNSURE": []}
    living = frozenset(alive)
    for left, right, verdict in rows(LINKS, ids=records) if len(alive) > 1 else ():
        if verdict == "SAME" or (left in living and right in living):
            links[verdict].append((left, right))
    departed = dict(rows(DEPARTED, ids=records)) if len(alive) < len(records) else {}
    different, unsure = tuple(links["DIFFERENT"]), tuple(links["UNSURE"])
    same = through(links["SAME"], living)
    implied = frozenset(same) - {*links["SAME"]}
    return Component(tuple(nodes), present, departed, pairs, same, different, unsure, implied=implied)


def strangers(records: Collection[int]) -> Component:
    """The homeless among `records`, each by itself: what gets a home while a component is too large to cluster now."""
    whole = read(records)
    homeless = tuple(node for node in whole.nodes if node.id not in whole.homes)
    return Component(homeless, {}, whole.departed, (), (), (), (), inhabited=frozenset(whole.homes.values()))


def firsts(records: Collection[int]) -> list[int]:
    """The first live record of each component among `records`: what was one component may have come apart. One query each."""
    left = {row[0] for row in rows(LIVING, ids=records)}
    found = []
    while left:
        found.append(min(left))
        left -= expand({found[-1]})
    return found


def former_homes(domain: str, records: Collection[int]) -> dict[int, tuple[int, ...]]:
    """Merged-away or emptied golden records that `records` once belonged to, latest first."""
    found: dict[int, list[int]] = {}
    for record, golden in rows(FORMER, ids=records, domain=domain):
        found.setdefault(record, []).append(golden)
    return {record: tuple(goldens) for record, goldens in found.items()}


def candidates(records: Collection[int]) -> list[tuple[int, int]]:
    """Pairs of live records that share a match key, at least one of them among `records`; left < right."""
    return [(left, right) for left, right in rows(CANDIDATES, ids=records)]


def rows(sql: str, *, ids: Iterable[int], **more: Any) -> Sequence[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, {"ids": list(ids), **more})
        found: list[tuple[Any, ...]] = cursor.fetchall()
    return found
