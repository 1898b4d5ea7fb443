"""How well clusters hang together: size, mean weight, and the pair whose removal parts each most easily."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import NamedTuple

import numpy as np

from matching.cluster.components import members
from matching.types import FloatArray, IntArray, LongArray

Weigher = Callable[[IntArray, IntArray], FloatArray]

# Pairs weighed at once, and the largest cluster that is looked at: all its pairs would be over two million.
BATCH = 1_000_000
LARGEST = 2000


class Metrics(NamedTuple):
    """One entry a cluster of 2 to 2,000 records: its label, its size, and `cohesion`, the mean weight over all its pairs in bits.

    Of all ways to part the cluster in two, one leaves the weakest strongest pair between the parts: `weakest_left` and
    `weakest_right` (row numbers) are that pair, `weakest` (bits) its weight.
    """

    label: IntArray
    size: IntArray
    cohesion: FloatArray
    weakest_left: IntArray
    weakest_right: IntArray
    weakest: FloatArray


def metrics(labels: IntArray, weigher: Weigher) -> Metrics:
    """Metrics of many clusters at once. `labels`: (n,) cluster of each record, from 0 on. `weigher`: weights of pairs of records.

    Ties of equal weight go by row number. Cost: the square of each cluster.
    """
    found = [_measured(groups, weigher) for groups in _groups(labels)]
    if not found:
        nothing, none = np.zeros(0, np.int32), np.zeros(0, np.float32)
        return Metrics(nothing, nothing, none, nothing, nothing, none)
    first, cohesion, left, right, weakest = (np.concatenate(column) for column in zip(*found, strict=True))
    order = np.argsort(labels[first])
    label = labels[first][order].astype(np.int32)
    size = np.bincount(labels)[label].astype(np.int32)
    return Metrics(label, size, cohesion[order], left[order].astype(np.int32), right[order].astype(np.int32), weakest[order])


def _groups(labels: IntArray) -> Iterator[LongArray]:
    """Clusters of one size, (some, size) row numbers, in batches."""
    if not len(labels):
        return
    order, starts = members(labels)
    sizes = np.diff(starts)
    for size in np.unique(sizes[(sizes > 1) & (sizes <= LARGEST)]).tolist():
        chosen = np.flatnonzero(sizes == size)
        step = max(1, BATCH // (size * (size - 1) // 2))
        for at in range(0, len(chosen), step):
            yield order[starts[chosen[at : at + step]][:, None] + np.arange(size)]


def _measured(groups: LongArray, weigher: Weigher) -> tuple[LongArray, FloatArray, LongArray, LongArray, FloatArray]:
    """First record, cohesion, weakest pair and its weight of each cluster of a batch."""
    from scipy.sparse import coo_matrix
    from scipy.sparse.csgraph import minimum_spanning_tree

    count, size = groups.shape
    first, second = np.triu_indices(size, 1)
    weight = weigher(groups[:, first].ravel().astype(np.int32), groups[:, second].ravel().astype(np.int32))
    # The tree that hangs every record to its cluster by the strongest pairs; its weakest pair is where the cluster parts. Places
    # in the order of weights stand for the weights, so that no two are equal and none is zero.
    order = np.argsort(-weight, kind="stable")
    cost = np.empty(len(weight))
    cost[order] = np.arange(1, len(weight) + 1)
    base = np.arange(count)[:, None] * size
    graph = coo_matrix((cost, ((base + first).ravel(), (base + second).ravel())), shape=(count * size, count * size))
    tree = minimum_spanning_tree(graph.tocsr())
    last = np.zeros(count)
    np.maximum.at(last, tree.tocoo().row // size, tree.data)
    pair = order[last.astype(np.int64) - 1]
    which, place = np.divmod(pair, len(first))
    cohesion = weight.reshape(count, -1).mean(1, dtype=np.float64)
    return groups[:, 0], cohesion.astype(np.float32), groups[which, first[place]], groups[which, second[place]], weight[pair]
