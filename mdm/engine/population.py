"""A whole domain in columns: partitioned at once, by the same functions and to the same clusters as record by record."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

import matching
from mdm.engine import columns, comparing
from mdm.engine.comparing import ScoredPair
from mdm.engine.releases import Release
from mdm.errors import BadInput
from mdm.models import SourceRecord

PORTION = 20_000
"""Stored records read at once."""


class Population:
    """Standardised records by row, in the order in which they are added; `names` are their stable names, `tokens` as `unique`."""

    def __init__(self, release: Release) -> None:
        self.release = release
        self.parts: list[matching.Standardised] = []
        self.names: list[str] = []
        self.tokens: list[str | None] = []

    def __len__(self) -> int:
        return len(self.names)

    def add(self, table: matching.Standardised, names: Sequence[str], tokens: Sequence[str | None]) -> None:
        """Append records. `names`, `tokens`: (n,) as `table` has rows."""
        if len(table):
            self.parts.append(table)
            self.names += names
            self.tokens += tokens

    def add_stored(self) -> None:
        """Append all live records of the domain as they are stored, by their row ID. Cost: reading them."""
        rows = SourceRecord.objects.filter(domain=self.release.domain, is_live=True).order_by("id")
        fields = ("key", "standardised", "source__is_unique", "source__system_id", "source__object", "scope")
        portion: list[tuple[Any, ...]] = []
        for row in rows.values_list(*fields).iterator(chunk_size=PORTION):
            portion.append(row)
            if len(portion) == PORTION:
                self._add_rows(portion)
                portion = []
        self._add_rows(portion)

    def _add_rows(self, rows: list[tuple[Any, ...]]) -> None:
        tokens = [f"{row[3]}/{row[4]}/{row[5]}" if row[2] else None for row in rows]
        self.add(columns.stored(self.release, [row[1] for row in rows]), [row[0] for row in rows], tokens)

    def partition(self) -> Groups:
        """Cluster everything, on all cores. Raises BadInput when a key is shared by far too many records."""
        if not self.names:
            nothing = np.zeros(0, np.int64)
            return Groups(nothing, nothing, nothing, nothing, None)
        std = matching.Standardised.concat(self.parts)
        self.parts = [std]
        threads = len(os.sched_getaffinity(0))
        try:
            found = matching.partition(self.release.model, std, ids=self.names, unique=self.tokens, threads=threads)
        except matching.BadInput as error:
            raise BadInput(f"These records cannot be matched at once: {error}.") from error
        order = np.argsort(found.component[found.left], kind="stable")
        return Groups(
            found.component.astype(np.int64),
            found.clusters.labels.astype(np.int64),
            found.left[order].astype(np.int64),
            found.right[order].astype(np.int64),
            found.scores.only(order),
        )


@dataclass(frozen=True, slots=True, eq=False)
class Groups:
    """`component`, `cluster`: numbers (n,) of all rows; components are numbered by their first row.

    `left`, `right` (p,), `scores`: the pairs from the review level up, component by component.
    """

    component: NDArray[np.int64]
    cluster: NDArray[np.int64]
    left: NDArray[np.int64]
    right: NDArray[np.int64]
    scores: matching.Scores | None

    def touched(self, rows: NDArray[np.int64]) -> NDArray[np.bool_]:
        """Which rows hang in a component with any of `rows`; (n,)."""
        found = np.zeros(int(self.component.max(initial=-1)) + 1, bool)
        found[self.component[rows]] = True
        touched: NDArray[np.bool_] = found[self.component]
        return touched

    def portions(self, wanted: NDArray[np.bool_], size: int) -> Iterator[NDArray[np.int64]]:
        """The wanted rows in portions of whole components, each of at least `size` rows but the last; wanted are whole ones."""
        rows = np.flatnonzero(wanted)
        rows = rows[np.argsort(self.component[rows], kind="stable")]
        numbers = self.component[rows]
        ends = np.append(np.flatnonzero(numbers[1:] != numbers[:-1]) + 1, len(rows)) if len(rows) else rows
        start = 0
        while start < len(rows):
            end = int(ends[min(int(np.searchsorted(ends, start + size)), len(ends) - 1)])
            yield rows[start:end]
            start = end

    def pairs_in(self, rows: NDArray[np.int64]) -> list[ScoredPair]:
        """The pairs of a portion, by row numbers."""
        if self.scores is None:
            return []
        numbers = self.component[self.left]
        start, end = np.searchsorted(numbers, [self.component[rows[0]], self.component[rows[-1]] + 1])
        inside = np.arange(start, end)[np.isin(self.component[self.left[start:end]], self.component[rows])]
        ends = list(zip(self.left[inside].tolist(), self.right[inside].tolist(), strict=True))
        return comparing.listed(self.scores.only(inside), ends)
