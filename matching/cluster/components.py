"""Connected components of a graph of records."""

from __future__ import annotations

import numpy as np

from matching.types import IntArray, LongArray


def components(size: int, left: IntArray, right: IntArray) -> IntArray:
    """Component number of each record, (size,) int32; numbers follow the first record of each component."""
    if not len(left):
        return np.arange(size, dtype=np.int32)
    # scipy takes 0.1 s to import and is not needed to score one pair.
    from scipy.sparse import coo_matrix
    from scipy.sparse.csgraph import connected_components

    graph = coo_matrix((np.ones(len(left), np.int8), (left, right)), shape=(size, size))
    labels: IntArray = connected_components(graph, directed=False)[1].astype(np.int32)
    return labels


def members(labels: IntArray) -> tuple[LongArray, LongArray]:
    """Records ordered by component, and where each component starts; one more entry marks the end."""
    order = np.argsort(labels, kind="stable")
    sizes = np.bincount(labels)
    return order, np.append(0, np.cumsum(sizes))
