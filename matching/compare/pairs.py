"""What a comparator sees: the columns it asked for, and which records to put side by side."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from rapidfuzz import process

from matching.types import Column, FloatArray, Frequencies, IntArray, Mask, TextArray

# Below this many pairs looking for repeated value pairs costs more than it saves.
WORTH_DISTINCT = 2048

NO_FREQUENCIES = Frequencies({}, 14.0)


@dataclass(frozen=True, slots=True)
class Pairs:
    """Pairs of records. `columns` by role, as the comparator names them; `left`, `right`: (n,) int32 record numbers.

    Both sides read the same columns, so equal codes are equal texts.
    """

    columns: Mapping[str, Column]
    left: IntArray
    right: IntArray
    words: Frequencies = NO_FREQUENCIES
    memo: dict[str, tuple[IntArray, IntArray]] = field(default_factory=dict, repr=False)

    def __len__(self) -> int:
        return len(self.left)

    def codes(self, role: str) -> tuple[IntArray, IntArray]:
        """What the two sides say, as codes of the role's column; -1 = nothing."""
        if role not in self.memo:
            codes = self.columns[role].codes
            self.memo[role] = codes[self.left], codes[self.right]
        return self.memo[role]

    def both(self, role: str) -> Mask:
        """Both sides say something."""
        left, right = self.codes(role)
        both: Mask = (left >= 0) & (right >= 0)
        return both

    def same(self, role: str) -> Mask:
        """Both sides say the same."""
        left, right = self.codes(role)
        same: Mask = (left == right) & (left >= 0)
        return same

    def differ(self, role: str) -> Mask:
        """Both sides say something, and not the same."""
        left, right = self.codes(role)
        differ: Mask = (left != right) & (left >= 0) & (right >= 0)
        return differ

    def similarity(self, role: str, scorer: Callable[..., Any], where: Mask | None = None) -> FloatArray:
        """`scorer` over the texts of a role: (n,) float32, 1 where equal, 0 where not asked or missing."""
        return self.measured(role, lambda texts, left, right: strings(texts[left], texts[right], scorer), where)

    def measured(
        self, role: str, measure: Callable[[TextArray, IntArray, IntArray], Any], where: Mask | None = None
    ) -> FloatArray:
        """`measure(texts, left, right)` once for each distinct pair of values, the smaller code left.

        1 where the values are equal, 0 where either is missing or `where` is False.
        """
        left, right = self.codes(role)
        result: FloatArray = ((left == right) & (left >= 0)).astype(np.float32)
        asked = (left != right) & (left >= 0) & (right >= 0)
        if where is not None:
            asked &= where
        rows = np.flatnonzero(asked)
        if len(rows):
            texts = self.columns[role].values
            result[rows] = on_distinct(left[rows], right[rows], lambda low, high: measure(texts, low, high))
        return result


def strings(left: TextArray, right: TextArray, scorer: Callable[..., Any]) -> FloatArray:
    """Compare texts one to one in C++; `scorer` is one of rapidfuzz's, normalised to 0..1."""
    scores: FloatArray = process.cpdist(left, right, scorer=scorer, dtype=np.float32, workers=1)
    return scores


def lengths(values: TextArray) -> IntArray:
    """How many letters each text has, (n,) int32."""
    return np.fromiter(map(len, values), np.int32, len(values))


def on_distinct(left: IntArray, right: IntArray, function: Callable[[IntArray, IntArray], Any]) -> Any:
    """`function(low, high)` over each distinct unordered pair of codes once, spread back over all pairs.

    `function` may return one array or a tuple of arrays, each (distinct,). Symmetric by construction.
    """
    low, high = np.minimum(left, right), np.maximum(left, right)
    if len(low) < WORTH_DISTINCT:
        return function(low, high)
    distinct, inverse = np.unique((low.astype(np.int64) << 32) | high, return_inverse=True)
    found = function((distinct >> 32).astype(np.int32), (distinct & 0xFFFFFFFF).astype(np.int32))
    if isinstance(found, tuple):
        return tuple(part[inverse] for part in found)
    return found[inverse]


def first_of(count: int, *conditions: Mask) -> Any:
    """(count,) int8: the number, from 1, of the first condition that holds; one more than their number where none does."""
    levels = np.full(count, len(conditions) + 1, np.int8)
    for number in range(len(conditions), 0, -1):
        levels[conditions[number - 1]] = number
    return levels
