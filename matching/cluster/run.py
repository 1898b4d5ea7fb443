"""Clustering of any number of components at once."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import NamedTuple, TypeAlias

import numpy as np

from matching.cluster import plain
from matching.cluster.agglomerate import Link, Sides, agglomerate
from matching.cluster.components import components, members
from matching.cluster.guards import CANNOT_FLAG, flags_of
from matching.cluster.plain import Batch
from matching.config.model import Model
from matching.crew import ALONE, Crew
from matching.errors import BadInput
from matching.types import MISSING, Clusters, Column, FloatArray, IntArray, Levels, LongArray, Mask, Refusal, Union

# Weights and levels of pairs of records: what `score` gives, handed in so that this room does not know how scoring works.
Scorer = Callable[[IntArray, IntArray], tuple[FloatArray, Levels]]

# In a component beyond this size only the pairs handed in are looked at: all its pairs would be over two million.
LARGEST_WHOLE = 2000
# Pairs completed and scored at once.
BATCH = 100_000

# All pairs of some components, (components, pairs) each, and the size of these components; 0 where only some pairs are known.
Inside: TypeAlias = tuple[IntArray, IntArray, int]


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
    crew: Crew = ALONE,
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
    must, cannot = _by_component(linked, rank, rules.must), _by_component(linked, rank, rules.cannot)
    tokens = Column.of(rules.unique).codes if len(rules.unique) else np.full(len(ids), MISSING, np.int32)
    known = Known(model, linked, rank, must, cannot, rules.unique, tokens)
    inside = _inside(known.is_open(edges), linked, edges)
    tasks = [partial(_clustered, known, scorer, batch, is_told=unions is not None) for batch in inside]
    labels, strength, refused = np.arange(len(ids)), np.ones(len(ids), np.float32), list[Refusal]()
    for found in crew.share(tasks):
        labels[found.rows], strength[found.rows] = found.heads, found.strength
        refused += found.refused
        if unions is not None:
            unions += found.unions
    return Clusters(_numbered(labels, rank), strength, tuple(sorted(refused, key=lambda one: (rank[one.left], rank[one.right]))))


@dataclass(frozen=True, slots=True, eq=False)
class Known:
    """What is known of all records while components are clustered one by one.

    `linked`, `rank`: component and place in the order of ids of each record. `must`, `cannot`: decided pairs by component.
    `tokens`: numbers of the uniqueness tokens, -1 = none.
    """

    model: Model
    linked: IntArray
    rank: LongArray
    must: Mapping[int, Sequence[tuple[int, int]]]
    cannot: Mapping[int, Sequence[tuple[int, int]]]
    unique: Sequence[str | None]
    tokens: IntArray

    def is_open(self, edges: Edges) -> Mask:
        """Components in which something may be joined."""
        found = np.zeros(len(self.linked), bool)
        found[self.linked[edges.left[edges.weight >= np.float32(self.model.thresholds.auto_weight)]]] = True
        found[[*self.must]] = True
        return found


class Found(NamedTuple):
    """The clusters of some components: the head and the strength of each of their records."""

    rows: LongArray
    heads: LongArray
    strength: FloatArray
    refused: list[Refusal]
    unions: list[Union]


def _clustered(known: Known, scorer: Scorer, inside: Inside, *, is_told: bool) -> Found:
    """Score all pairs of some components of one size and cluster each. `is_told`: say every union that is made."""
    left, right, size = inside
    weight, levels = scorer(left.ravel(), right.ravel())
    batch = Batch(left, right, weight.reshape(left.shape), flags_of(known.model, levels).reshape(left.shape), size)
    is_decided = np.isin(known.linked[left[:, 0]], [*known.must, *known.cannot])
    is_plain = plain.is_plain(known.model, batch, known.tokens) & ~is_decided & (not is_told)
    step_by_step = _agglomerated(known, batch.only(~is_plain), is_told=is_told)
    rows, heads = plain.named(batch.only(is_plain))
    return step_by_step._replace(
        rows=np.append(step_by_step.rows, rows),
        heads=np.append(step_by_step.heads, heads),
        strength=np.append(step_by_step.strength, plain.strengths(batch.only(is_plain))),
    )


def _agglomerated(known: Known, batch: Batch, *, is_told: bool) -> Found:
    rows, heads, strength = list[int](), list[int](), list[float]()
    refused, unions = list[Refusal](), list[Union]()
    for number, links in _links(batch, known.linked, known.rank):
        links += [Link(one, other, -np.inf, CANNOT_FLAG) for one, other in known.cannot.get(number, ())]
        sides = Sides.alone(sorted({row for link in links for row in (link.left, link.right)}), known.unique)
        refused += agglomerate(known.model, sides, links, known.must.get(number, ()), unions=unions if is_told else None)
        for head, side in sides.members.items():
            rows += side
            heads += [head] * len(side)
            strength += [sides.strength[head]] * len(side)
    return Found(np.array(rows, np.int64), np.array(heads, np.int64), np.array(strength, np.float32), refused, unions)


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


def _inside(is_open: Mask, linked: IntArray, edges: Edges) -> Iterator[Inside]:
    """All pairs inside the open components, in batches that never cut a component; of very large ones the given pairs only."""
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
    number = dict(zip(ids, range(len(ids)), strict=True))
    if len(number) < len(ids):
        raise BadInput(f"ids must be unique; {len(ids) - len(number)} repeat others")
    rank = np.empty(len(ids), np.int64)
    # Texts alone sort twice as fast as numbers by their texts.
    rank[np.fromiter(map(number.__getitem__, sorted(ids)), np.int64, len(ids))] = np.arange(len(ids))
    return rank


def _numbered(labels: LongArray, rank: LongArray) -> IntArray:
    """Cluster numbers by the smallest id in each: 0 for the cluster of the first id of all."""
    smallest = np.full(len(labels), len(labels), np.int64)
    np.minimum.at(smallest, labels, rank)
    numbers: IntArray = np.unique(smallest[labels], return_inverse=True)[1].astype(np.int32)
    return numbers
