"""Components in which every pair is strong and nothing objects: one cluster each, whatever the order, found all at once.

Why that is exact. No union in such a component can be refused: the mean between any two sides is at least the weakest pair, and
no flag speaks against any. So all become one, and the weakest union accepted is the weakest link of the maximum spanning tree.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from matching.cluster.guards import contradicts_flag
from matching.config.model import Model
from matching.types import FloatArray, IntArray, LongArray, Mask


class Batch(NamedTuple):
    """All pairs of some components of one size: `left`, `right`, `weight`, `flags`, each (components x pairs).

    `size`: records of each component; 0 for one very large component of which only some pairs are known.
    """

    left: IntArray
    right: IntArray
    weight: FloatArray
    flags: LongArray
    size: int

    def only(self, chosen: Mask) -> Batch:
        """Some of the components."""
        return Batch(self.left[chosen], self.right[chosen], self.weight[chosen], self.flags[chosen], self.size)


def is_plain(model: Model, batch: Batch, tokens: IntArray) -> Mask:
    """Which components are; (components,). `tokens`: uniqueness codes of all records, -1 = none."""
    if not batch.size:
        return np.zeros(len(batch.left), bool)
    least = np.float32(max(model.thresholds.auto_weight, model.tie.least_mean))
    against = sum(contradicts_flag(number) for number in range(len(model.constraints)))
    clash = (tokens[batch.left] >= 0) & (tokens[batch.left] == tokens[batch.right])
    good = (batch.weight >= least) & (batch.flags & against == 0) & ~clash
    # A weight is cut at `most` before means are taken.
    found: Mask = good.all(axis=1) & (model.tie.most >= model.tie.least_mean)
    return found


def named(batch: Batch) -> tuple[LongArray, LongArray]:
    """All records of these components, component by component, and the head of each: the first of its component."""
    # The first pairs are those of the first record with all others.
    others = batch.right[:, : max(batch.size - 1, 0)].astype(np.int64)
    first = batch.left[:, :1].astype(np.int64)
    return np.hstack([first, others]).ravel(), np.repeat(first.ravel(), batch.size)


def strengths(batch: Batch) -> FloatArray:
    """The probability of each component's weakest accepted union, for each of its records as `named` gives them."""
    if not len(batch.left):
        return np.zeros(0, np.float32)
    probability = 1 / (1 + np.exp2(-weakest_links(batch).astype(np.float64)))
    return np.repeat(probability.astype(np.float32), batch.size)


def weakest_links(batch: Batch) -> FloatArray:
    """The weight of the weakest link of each component's maximum spanning tree (Prim's algorithm, all components at once)."""
    count, size = len(batch.left), batch.size
    first, second = np.triu_indices(size, 1)
    weight = np.full((count, size, size), -np.inf, np.float32)
    weight[:, first, second] = weight[:, second, first] = batch.weight
    reach, weakest = weight[:, 0].copy(), np.full(count, np.inf, np.float32)
    taken = np.zeros((count, size), bool)
    taken[:, 0] = True
    rows = np.arange(count)
    for _ in range(size - 1):
        nearest = np.where(taken, -np.inf, reach).argmax(axis=1)
        weakest = np.minimum(weakest, reach[rows, nearest])
        taken[rows, nearest] = True
        reach = np.maximum(reach, weight[rows, nearest])
    return weakest
