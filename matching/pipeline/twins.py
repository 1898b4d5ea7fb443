"""Records that are identical in all that is compared: two stand for each group of them that is too large to be paired one by one.

Why that is exact. Identical records have the same keys, so that each is compared with each, and all their pairs have one weight.
Where nothing else reaches the review level with them they are a component of their own: either every union in it is good, or none
is, and the first two show which. So the partition, and the probability of each cluster, are those of the whole. Where something
else does reach the review level, how many they are counts in the mean between two sides, and nobody may stand for them: then
each is compared with each after all, unless that is more than memory holds.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from matching.blocking.report import FamilyReport
from matching.errors import BadInput
from matching.types import Clusters, IntArray, Keys, LongArray, Standardised

if TYPE_CHECKING:
    from matching.pipeline.resolve import Resolution

# A key that so many records share is looked at, and so many identical records among them are folded. 2,000 records of one
# component make two million pairs, which is what clustering can hold in a few hundred megabytes.
CROWDED = 2000
LEAST = 100
# Pairs of one group that may be clustered one by one where nobody may stand for it: some 13 GB, at half a kilobyte a pair.
MOST_PAIRS = 25_000_000


@dataclass(frozen=True, slots=True, eq=False)
class Folded:
    """A population in which two stand for each large group of identical records.

    `std`, `ids`: the records that are left; `kept`: (m,) their rows, rising. `behind`: (k,) the rows of the others, and for each
    the places in `std` of the `first` and the `second` of its group.
    """

    std: Standardised
    ids: Sequence[str]
    kept: LongArray
    behind: LongArray
    first: LongArray
    second: LongArray

    def spread(self, found: Resolution, ids: Sequence[str]) -> Resolution:
        """What was found for those that are left, for all. `ids`: of all.

        Of the pairs among identical records those with their first one are listed.
        """
        clusters, seen = self._clusters(found.clusters, ids), self._seen(found.left, found.right)
        listed, pair = self.behind[seen >= 0], seen[seen >= 0]
        one, other = self.kept[self.first[seen >= 0]], listed
        left = np.append(self.kept[found.left], np.minimum(one, other)).astype(np.int32)
        right = np.append(self.kept[found.right], np.maximum(one, other)).astype(np.int32)
        listed_too = np.append(np.arange(len(found.left)), pair)
        return replace(
            found,
            clusters=clusters,
            left=left,
            right=right,
            weight=found.weight[listed_too],
            probability=found.probability[listed_too],
            band=found.band[listed_too],
            folded=len(self.behind),
        )

    def is_exact(self, left: IntArray, right: IntArray) -> bool:
        """Nothing else reaches the review level with those who stand for others. `left`, `right`: places of the pairs that do.

        Raises BadInput where something does and the group is too large to be compared one by one after all.
        """
        twin = np.full(len(self.kept), -1, np.int64)
        twin[self.first], twin[self.second] = self.second, self.first
        strange = np.concatenate([one[(twin[one] >= 0) & (twin[one] != other)] for one, other in ((left, right), (right, left))])
        sizes = np.bincount(self.first, minlength=len(self.kept)) + 2
        # A group is known by its first, whichever of its two is like something else.
        groups = np.intersect1d(np.append(strange, twin[strange]), self.first)
        large = groups[sizes[groups] * (sizes[groups] - 1) // 2 > MOST_PAIRS]
        if len(large):
            raise BadInput(
                f"{sizes[place]:,} records are identical with {self.ids[place]!r}, too many to cluster one by one, and others are"
                " much like them; take out exact duplicates"
                for place in large.tolist()
            )
        return not len(strange)

    def _seen(self, left: IntArray, right: IntArray) -> LongArray:
        """For each record behind others the number of the pair of those two, -1 when they are below the review level."""
        size = len(self.kept)
        number = np.minimum(left, right).astype(np.int64) * size + np.maximum(left, right)
        order = np.argsort(number)
        asked = np.minimum(self.first, self.second) * size + np.maximum(self.first, self.second)
        at = np.minimum(np.searchsorted(number[order], asked), max(len(number) - 1, 0))
        return np.where(number[order][at] == asked, order[at], -1) if len(number) else np.full(len(asked), -1)

    def _clusters(self, found: Clusters, ids: Sequence[str]) -> Clusters:
        size = len(ids)
        labels, strength = np.zeros(size, np.int64), np.ones(size, np.float32)
        labels[self.kept], strength[self.kept] = found.labels, found.strength
        is_joined = found.labels[self.first] == found.labels[self.second]
        # Those that were not joined stand alone, under numbers that nobody has.
        labels[self.behind] = np.where(is_joined, found.labels[self.first], size + np.arange(len(self.behind)))
        strength[self.behind] = np.where(is_joined, found.strength[self.first], np.float32(1))
        order = np.array(sorted(range(size), key=ids.__getitem__), np.int64)
        _, first, numbers = np.unique(labels[order], return_index=True, return_inverse=True)
        rank = np.empty(len(first), np.int32)
        rank[np.argsort(first)] = np.arange(len(first))
        numbered = np.empty(size, np.int32)
        numbered[order] = rank[numbers.ravel()]
        moved = (replace(one, left=int(self.kept[one.left]), right=int(self.kept[one.right])) for one in found.refused)
        return Clusters(numbered, strength, tuple(moved))


def fold(std: Standardised, ids: Sequence[str], keys: Keys, families: Mapping[str, FamilyReport]) -> Folded | None:
    """Take out all but the first two, by id, of each large group of identical records; None when there is no such group.

    `keys`: of `std`, and `families` how large their blocks are. Cost: nothing, unless a key is shared by very many.
    """
    rows = _crowd(keys, families)
    groups = np.zeros(len(rows), np.int64)
    for column in std.take(rows).features.values():
        groups = np.unique(groups * (len(column.values) + 1) + column.codes + 1, return_inverse=True)[1].ravel()
    large = np.flatnonzero(np.bincount(groups, minlength=1)[groups] >= LEAST)
    # By group, and in each by id.
    order = np.array(sorted(large.tolist(), key=lambda place: ids[int(rows[place])]), np.int64)
    order = order[np.argsort(groups[order], kind="stable")]
    starts = np.flatnonzero(np.append(True, np.diff(groups[order]) != 0)[: len(order)])
    start = np.repeat(starts, np.diff(np.append(starts, len(order))))
    is_behind = np.arange(len(order)) - start >= 2
    if not is_behind.any():
        return None
    behind = rows[order[is_behind]]
    kept = np.setdiff1d(np.arange(len(std)), behind)
    first, second = (np.searchsorted(kept, rows[order[start[is_behind] + step]]) for step in (0, 1))
    return Folded(std.take(kept), [ids[row] for row in kept.tolist()], kept, behind, first, second)


def _crowd(keys: Keys, families: Mapping[str, FamilyReport]) -> LongArray:
    """Records that share a key with very many."""
    found = [np.zeros(0, np.int64)]
    for number, name in enumerate(keys.families):
        if name in families and families[name].largest_block >= CROWDED:
            mine = np.flatnonzero(keys.family == number)
            _, block, sizes = np.unique(keys.key[mine], return_inverse=True, return_counts=True)
            found.append(keys.row[mine][sizes[block.ravel()] >= CROWDED].astype(np.int64))
    return np.unique(np.concatenate(found))
