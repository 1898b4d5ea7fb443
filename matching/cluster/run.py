"""Clustering of any number of components at once."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np

from matching.cluster import plain
from matching.cluster.agglomerate import Link, Sides, agglomerate
from matching.cluster.components import components, members
from matching.cluster.guards import CANNOT_FLAG, flags_of
from matching.cluster.plain import Batch
from matching.config.model import Model
from matching.types import MISSING, Clusters, Column, FloatArray, IntArray, Levels, LongArray, Refusal, Union

# Weights and levels of pairs of records: what `score` gives, handed in so that this room does not know how scoring works.
Scorer = Callable[[IntArray, IntArray], tuple[FloatArray, Levels]]

# In a component beyond this size only the pairs handed in are looked at: all its pairs would be over two million.
LARGEST_WHOLE = 2000
# Pairs completed and scored at once.
BATCH = 1_000_000


@dataclass(frozen=True, slots=True, eq=False)
class Edges:
    """Pairs of records and their weights in bits, each (n,)."""

    left: IntArray
    right: IntArray
    weight: FloatArray


def _no_pairs() -> IntArray:
    return np.zeros((0, 2), np.int32)


@dataclass(frozen=True, slots=True, eq=False)
class Rules:
    """What people and sources say. `must`, `cannot`: (k, 2) row numbers. `unique`: a token or None a record, or empty."""

    must: IntArray = field(default_factory=_no_pairs)
    cannot: IntArray = field(default_factory=_no_pairs)
    unique: Sequence[str | None] = ()


def cluster(
    model: Model,
    edges: Edges,
    ids: Sequence[str],
    scorer: Scorer,
    *,
    rules: Rules,
    unions: list[Union] | None = None,
) -> Clusters:
    """Put records into clusters, component by component; the result depends on the component alone, never on any order.

    `edges`: pairs from the review level up. `ids` break ties and number the clusters. Steward's "same" decisions join first, then
    pairs of the auto band by falling weight. All pairs inside a component are scored, so that a union can be judged by its two
    sides
    as a whole. `unions`: when given, every union is added to it, in the order in which it was made. Cost: the square of each
    component.
    """
    rank = _ranks(ids)
    linked = components(len(ids), np.append(edges.left, rules.must[:, 0]), np.append(edges.right, rules.must[:, 1]))
    labels, strength = np.arange(len(ids)), np.ones(len(ids), np.float32)
    refused: list[Refusal] = []
    must, cannot = _by_component(linked, rank, rules.must), _by_component(linked, rank, rules.cannot)
    tokens = Column.of(rules.unique).codes if len(rules.unique) else np.full(len(ids), MISSING, np.int32)
    is_decided = np.zeros(len(ids), bool)
    is_decided[[*must, *cannot]] = True
    for batch in _batches(model, linked, edges, scorer, rules=rules):
        is_plain = plain.is_plain(model, batch, tokens) & ~is_decided[linked[batch.left[:, 0]]] & (unions is None)
        _join_plain(batch.only(is_plain), labels, strength)
        for number, links in _links(batch.only(~is_plain), linked, rank):
            links += [Link(left, right, -np.inf, CANNOT_FLAG) for left, right in cannot.get(number, ())]
            rows = {row for link in links for row in (link.left, link.right)}
            sides = Sides.alone(sorted(rows), rules.unique)
            refused += agglomerate(model, sides, links, must.get(number, ()), unions=unions)
            for head, side in sides.members.items():
                labels[side], strength[side] = head, sides.strength[head]
    return Clusters(_numbered(labels, rank), strength, tuple(sorted(refused, key=lambda one: (rank[one.left], rank[one.right]))))


def _join_plain(batch: Batch, labels: LongArray, strength: FloatArray) -> None:
    """Make one cluster of each component, under the name of its first record."""
    if len(batch.left):
        head = batch.left[:, 0]
        probability = 1 / (1 + np.exp2(-plain.weakest_links(batch).astype(np.float64)))
        # The pairs of the first record name all others.
        for place in range(batch.size - 1):
            labels[batch.right[:, place]], strength[batch.right[:, place]] = head, probability
        strength[head] = probability


def _batches(model: Model, linked: IntArray, edges: Edges, scorer: Scorer, *, rules: Rules) -> Iterator[Batch]:
    """The components in which something may be joined, all their pairs scored."""
    is_open = np.zeros(len(linked), bool)
    is_open[linked[edges.left[edges.weight >= np.float32(model.thresholds.auto_weight)]]] = True
    is_open[linked[rules.must[:, 0]]] = True
    for left, right, size in _inside(linked, is_open, edges):
        weight, levels = scorer(left.ravel(), right.ravel())
        yield Batch(left, right, weight.reshape(left.shape), flags_of(model, levels).reshape(left.shape), size)


def _links(batch: Batch, linked: IntArray, rank: LongArray) -> Iterator[tuple[int, list[Link]]]:
    """Each component with its known pairs, strongest first and ties in the order of ids."""
    left, right, weight, flags = (column.ravel() for column in batch[:4])
    if not len(left):
        return
    swap = rank[left] > rank[right]
    left, right = np.where(swap, right, left), np.where(swap, left, right)
    order = np.lexsort((rank[right], rank[left], -weight, linked[left]))
    rows = zip(left[order].tolist(), right[order].tolist(), weight[order].tolist(), flags[order].tolist(), strict=True)
    links = [Link(*row) for row in rows]
    numbers = linked[left[order]]
    ends = np.append(np.flatnonzero(numbers[1:] != numbers[:-1]) + 1, len(numbers)).tolist()
    for start, end in zip([0, *ends[:-1]], ends, strict=True):
        yield int(numbers[start]), links[start:end]


def _inside(linked: IntArray, is_open: LongArray, edges: Edges) -> Iterator[tuple[IntArray, IntArray, int]]:
    """All pairs inside the open components, (components, pairs) and their size, in batches that never cut a component.

    Of very large ones the given pairs only, with size 0.
    """
    order, starts = members(linked)
    sizes = np.diff(starts)
    for size in np.unique(sizes[is_open[: len(sizes)] & (sizes > 1)]).tolist():
        chosen = np.flatnonzero((sizes == size) & is_open[: len(sizes)])
        if size > LARGEST_WHOLE:
            for number in chosen.tolist():
                mine = linked[edges.left] == number
                yield edges.left[mine][None, :], edges.right[mine][None, :], 0
            continue
        first, second = np.triu_indices(size, 1)
        step = max(1, BATCH // len(first))
        for at in range(0, len(chosen), step):
            groups = order[starts[chosen[at : at + step]][:, None] + np.arange(size)].astype(np.int32)
            yield groups[:, first], groups[:, second], size


def _by_component(linked: IntArray, rank: LongArray, pairs: IntArray) -> dict[int, list[tuple[int, int]]]:
    """Decided pairs of each component in the order of ids; a pair across components cannot meet and is left out."""
    found: dict[int, list[tuple[int, int]]] = {}
    rows = sorted(
        (tuple(sorted(pair, key=rank.__getitem__)) for pair in pairs.tolist()), key=lambda pair: (rank[pair[0]], rank[pair[1]])
    )
    for left, right in rows:
        if linked[left] == linked[right]:
            found.setdefault(int(linked[left]), []).append((left, right))
    return found


def _ranks(ids: Sequence[str]) -> LongArray:
    """The place of each record in the order of ids."""
    rank = np.empty(len(ids), np.int64)
    rank[np.array(sorted(range(len(ids)), key=ids.__getitem__), np.int64)] = np.arange(len(ids))
    return rank


def _numbered(labels: LongArray, rank: LongArray) -> IntArray:
    """Cluster numbers by the smallest id in each: 0 for the cluster of the first id of all."""
    smallest = np.full(len(labels), len(labels), np.int64)
    np.minimum.at(smallest, labels, rank)
    numbers: IntArray = np.unique(smallest[labels], return_inverse=True)[1].astype(np.int32)
    return numbers
