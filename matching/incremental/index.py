"""Records come, change and go in batches; only the components they touch are clustered again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from matching.blocking.keys import keys
from matching.cluster.components import components
from matching.config.model import Model
from matching.errors import BadInput
from matching.incremental.columns import Growing, Store
from matching.incremental.runs import KeyRuns
from matching.pipeline.steps import cluster, standardise
from matching.score.fellegi_sunter import kept
from matching.types import Cells, Clusters, IntArray, LongArray, Refusal

# Slots of records that are gone are reclaimed when there are more of them than this, and than of living ones.
LEAST_DEAD = 1024


@dataclass(frozen=True, slots=True)
class Change:
    """What one batch cost: pairs compared, and records whose component was clustered again."""

    pairs_compared: int
    reclustered: int


class IncrementalIndex:
    """A population in memory whose partition is at all times that of `resolve` on the records it holds (P3).

    It goes the same way as whole populations do: standardise, keys, score, cluster. Its tables only remember: the features of
    each record, who has which key, the pairs from the review level up, the cluster of each record. A record lives in a slot; a
    changed record moves to a new one. `is_linked`: every batch brings a label a record, as `resolve` takes it by `link`.
    """

    def __init__(self, model: Model, *, is_linked: bool = False) -> None:
        self._model, self._is_linked = model, is_linked
        self._slot: dict[str, int] = {}
        self._ids: list[str] = []
        self._labels: list[str | None] = []
        self._sides: dict[str, int] = {}
        self._store, self._keys = Store(model.features), KeyRuns()
        # By slot: is the record there, its label, and the first slot of its component and of its cluster.
        self._alive, self._side = Growing(np.bool_), Growing(np.int32)
        self._component, self._group, self._strength = Growing(np.int64), Growing(np.int64), Growing(np.float32)
        self._left, self._right, self._weight = Growing(np.int64), Growing(np.int64), Growing(np.float32)
        self._refused: dict[int, list[Refusal]] = {}

    def __len__(self) -> int:
        return len(self._slot)

    def __contains__(self, one: str) -> bool:
        return one in self._slot

    def put(self, columns: Mapping[str, Cells], *, ids: Sequence[str], link: Cells | None = None) -> Change:
        """Take in records, new ones and changed ones. `columns`: (n,) cells by attribute name.

        Raises BadInput when lengths differ, ids repeat, or `link` is given or missing against what the index was made for; then
        nothing is changed. Cost: the batch, the records that share a key with it, and the components it touches.
        """
        self._check(columns, ids, link)
        # The ids say how many records there are even where no column is given; no attribute is called "".
        std = standardise(self._model, {"": ids, **columns})
        gone = self._bury([one for one in ids if one in self._slot])
        first = len(self._ids)
        slots = np.arange(first, first + len(ids))
        self._settle_in(ids, link)
        self._store.extend(std)
        made = keys(self._model, std)
        own = first + made.row.astype(np.int64)
        self._keys.add(made.key, own)
        asked, mates = self._keys.mates(made.key)
        ends, compared = self._compare(own[asked], mates)
        return Change(compared, self._recluster(np.concatenate([gone, slots, ends])))

    def remove(self, ids: Sequence[str]) -> Change:
        """Forget records. Raises BadInput naming up to ten ids that are not there or come twice; then nothing is changed."""
        unknown = [f"there is no record {one!r}" for one in dict.fromkeys(ids) if one not in self._slot]
        if unknown or len(set(ids)) < len(ids):
            raise BadInput(unknown[:10] or "ids must be unique")
        return Change(0, self._recluster(self._bury(ids)))

    def clusters(self) -> tuple[list[str], Clusters]:
        """All ids in their order, and the clusters as `resolve` gives them for records in that order."""
        ids = sorted(self._slot)
        slots = np.fromiter((self._slot[one] for one in ids), np.int64, len(ids))
        _, first, labels = np.unique(self._group.items[slots], return_index=True, return_inverse=True)
        # Numbered as they come: by the smallest id of each.
        number = np.empty(len(first), np.int32)
        number[np.argsort(first)] = np.arange(len(first))
        row = dict(zip(slots.tolist(), range(len(slots)), strict=True))
        refused = [replace(one, left=row[one.left], right=row[one.right]) for some in self._refused.values() for one in some]
        refused.sort(key=lambda one: (one.left, one.right))
        return ids, Clusters(number[labels.ravel()], self._strength.items[slots], tuple(refused))

    def _check(self, columns: Mapping[str, Cells], ids: Sequence[str], link: Cells | None) -> None:
        sizes = {"the link column": len(link)} if link is not None else {}
        sizes |= {f"column {name}": len(cells) for name, cells in columns.items()}
        problems = [f"{name} has {size} rows and there are {len(ids)} ids" for name, size in sizes.items() if size != len(ids)]
        if len(set(ids)) < len(ids):
            problems.append("ids must be unique")
        if (link is not None) != self._is_linked:
            problems.append("every batch needs a link column" if self._is_linked else "this index knows no link column")
        if problems:
            raise BadInput(problems)

    def _bury(self, ids: Sequence[str]) -> LongArray:
        """Take records out; returns the slots they had."""
        slots = np.array([self._slot.pop(one) for one in ids], np.int64)
        self._alive.items[slots] = False
        return slots

    def _settle_in(self, ids: Sequence[str], link: Cells | None) -> None:
        first = len(self._ids)
        labels: list[str | None] = (
            [None] * len(ids) if link is None else [None if label is None else str(label) for label in link]
        )
        self._slot |= {one: first + place for place, one in enumerate(ids)}
        self._ids += ids
        self._labels += labels
        self._alive.extend(np.ones(len(ids), bool))
        self._side.extend([-1 if label is None else self._sides.setdefault(label, len(self._sides)) for label in labels])
        for column in (self._component, self._group):
            column.extend(np.arange(first, first + len(ids)))
        self._strength.extend(np.ones(len(ids), np.float32))

    def _compare(self, one: LongArray, other: LongArray) -> tuple[LongArray, int]:
        """Score pairs of slots that share a key and keep those from the review level up.

        Returns the slots of those kept, and how many pairs were compared.
        """
        meets = (one != other) & self._alive.items[other]
        if self._is_linked:
            meets &= self._side.items[one] != self._side.items[other]
        low, high = np.minimum(one, other)[meets], np.maximum(one, other)[meets]
        low, high = np.divmod(np.unique(low * len(self._ids) + high), len(self._ids)) if len(low) else (low, high)
        slots, places = np.unique(np.append(low, high), return_inverse=True)
        left, right = places.ravel().astype(np.int32).reshape(2, -1)
        rows, scores = kept(self._model, self._store.take(slots), left, right)
        self._left.extend(low[rows])
        self._right.extend(high[rows])
        self._weight.extend(scores.weight)
        return np.append(low[rows], high[rows]), len(low)

    def _recluster(self, touched: LongArray) -> int:
        """Cluster the components of these slots again; returns how many records they have."""
        component, alive = self._component.items, self._alive.items
        numbers = np.unique(component[touched])
        for number in numbers.tolist():
            self._refused.pop(number, None)
        lives = alive[self._left.items] & alive[self._right.items]
        if not lives.all():
            for column in (self._left, self._right, self._weight):
                column.keep(lives)
        inside = np.isin(component[self._left.items], numbers)
        slots = np.flatnonzero(alive & np.isin(component, numbers))
        left, right = (np.searchsorted(slots, side.items[inside]).astype(np.int32) for side in (self._left, self._right))
        unique = [self._labels[slot] for slot in slots.tolist()] if self._is_linked else ()
        names = [self._ids[slot] for slot in slots.tolist()]
        pairs = (left, right, self._weight.items[inside])
        found = cluster(self._model, self._store.take(slots), pairs, ids=names, unique=unique)
        self._note(slots, components(len(slots), left, right), found)
        self._reclaim()
        return len(slots)

    def _note(self, slots: LongArray, linked: IntArray, found: Clusters) -> None:
        """Remember components and clusters of these slots, each by the first of its slots."""
        for column, labels in ((self._component, linked), (self._group, found.labels)):
            _, first, numbers = np.unique(labels, return_index=True, return_inverse=True)
            column.items[slots] = slots[first][numbers.ravel()]
        self._strength.items[slots] = found.strength
        for one in found.refused:
            moved = replace(one, left=int(slots[one.left]), right=int(slots[one.right]))
            self._refused.setdefault(int(self._component.items[moved.left]), []).append(moved)

    def _reclaim(self) -> None:
        """Number the slots anew when most of them are empty, so that memory follows the living records."""
        alive = self._alive.items
        slots = np.flatnonzero(alive)
        if len(alive) - len(slots) <= max(LEAST_DEAD, len(slots)):
            return
        new = np.full(len(alive), -1, np.int64)
        new[slots] = np.arange(len(slots))
        self._store = self._store.kept(slots)
        self._keys.renumber(new)
        for pair_side in (self._left, self._right):
            pair_side.items[:] = new[pair_side.items]
        for number in (self._component, self._group):
            number.items[slots] = new[number.items[slots]]
        for column in (self._alive, self._side, self._component, self._group, self._strength):
            column.keep(slots)
        self._ids = [self._ids[slot] for slot in slots.tolist()]
        self._labels = [self._labels[slot] for slot in slots.tolist()]
        self._slot = {one: place for place, one in enumerate(self._ids)}
        self._refused = {
            int(new[number]): [replace(one, left=int(new[one.left]), right=int(new[one.right])) for one in some]
            for number, some in self._refused.items()
        }
