"""What is stored of a domain, as columns of numbers: records and their homes, pairs, and what people said."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from django.db import connection
from numpy.typing import NDArray

from mdm.rules.golden import links

Numbers = NDArray[np.int64]
PORTION = 50_000
"""Rows that are fetched at once."""

HOMES = """
    SELECT record.id, coalesce(home.golden_id, 0) FROM mdm_sourcerecord record
    LEFT JOIN mdm_crosswalk home ON home.record_id = record.id AND home.valid_to IS NULL
    WHERE record.domain = %s AND record.is_live ORDER BY record.id
"""
PAIRS = """
    SELECT left_id, right_id, weight, (band = 'AUTO')::int, pattern FROM mdm_matchpair
    WHERE domain = %s AND band <> 'ASKED' ORDER BY left_id, right_id
"""
DECISIONS = """
    SELECT decision.id, decision.left_id, decision.right_id, decision.verdict = 'SAME', one.is_live AND two.is_live
    FROM mdm_decision decision
    JOIN mdm_sourcerecord one ON one.id = decision.left_id JOIN mdm_sourcerecord two ON two.id = decision.right_id
    WHERE one.domain = %s AND decision.undone_at IS NULL AND decision.verdict <> 'UNSURE' ORDER BY decision.id
"""


@dataclass(frozen=True, slots=True, eq=False)
class Pairs:
    """Pairs of records by row ID, left < right, in ascending order; each column (p,).

    `weight`: bits, rounded as stored. `is_auto`: joined without asking. `pattern`: the levels of the comparisons, as stored.
    """

    left: Numbers
    right: Numbers
    weight: NDArray[np.float64]
    is_auto: NDArray[np.bool_]
    pattern: NDArray[np.bytes_]

    def __len__(self) -> int:
        return len(self.left)

    def only(self, chosen: NDArray[Any]) -> Pairs:
        """Some of them: a mask, or places."""
        return Pairs(*(column[chosen] for column in (self.left, self.right, self.weight, self.is_auto, self.pattern)))

    @classmethod
    def of(cls, rows: list[tuple[Any, ...]]) -> Pairs:
        left, right, weight, is_auto, pattern = list(zip(*rows, strict=True)) or ((), (), (), (), ())
        return cls(
            np.array(left, np.int64),
            np.array(right, np.int64),
            np.array(weight, np.float64),
            np.array(is_auto, bool),
            np.array(pattern, np.bytes_),
        )


@dataclass(frozen=True, slots=True, eq=False)
class Decisions:
    """What people said of two live records: decision's ID, the two records, and whether it was "the same"; each (d,)."""

    id: Numbers
    left: Numbers
    right: Numbers
    is_same: NDArray[np.bool_]


@dataclass(frozen=True, slots=True, eq=False)
class Facts:
    """`record` (n,): live records by row ID, ascending; `home` (n,): their golden records, 0 for none.

    `same` (k, 2): live records that people hold together, also through one that is gone.
    """

    record: Numbers
    home: Numbers
    pairs: Pairs
    decisions: Decisions
    same: Numbers

    def places(self, records: Numbers) -> Numbers:
        """Where these records stand among all."""
        return np.searchsorted(self.record, records)


def read(domain: str) -> Facts:
    """Everything of `domain`; three queries, portion by portion. Memory: some hundred bytes a record."""
    homes = np.array(list(_rows(HOMES, domain)), np.int64).reshape(-1, 2)
    pairs = _pairs(domain)
    alive = np.isin(pairs.left, homes[:, 0]) & np.isin(pairs.right, homes[:, 0])
    said = np.array(list(_rows(DECISIONS, domain)), np.int64).reshape(-1, 5)
    words = [(left, right) for left, right in said[said[:, 3] == 1, 1:3].tolist()]
    ends = np.unique(np.array(words, np.int64))
    same = np.array(links.through(words, frozenset(ends[np.isin(ends, homes[:, 0])].tolist())), np.int64).reshape(-1, 2)
    said = said[said[:, 4] == 1]
    decisions = Decisions(said[:, 0], said[:, 1], said[:, 2], said[:, 3] == 1)
    return Facts(homes[:, 0], homes[:, 1], pairs.only(alive), decisions, same)


def _pairs(domain: str) -> Pairs:
    """Fetched and packed portion by portion: as Python values they would take ten times the room."""
    parts, portion = [Pairs.of([])], list[tuple[Any, ...]]()
    for row in _rows(PAIRS, domain):
        portion.append(row)
        if len(portion) == PORTION:
            parts.append(Pairs.of(portion))
            portion = []
    parts.append(Pairs.of(portion))
    columns = ("left", "right", "weight", "is_auto", "pattern")
    return Pairs(*(np.concatenate([getattr(part, name) for part in parts]) for name in columns))


def _rows(sql: str, domain: str) -> Iterator[tuple[Any, ...]]:
    with connection.chunked_cursor() as cursor:
        cursor.execute(sql, [domain])
        while rows := cursor.fetchmany(PORTION):
            yield from rows
