"""Match keys in sorted order, so that a batch finds the records that share a key with it without looking at all."""

from __future__ import annotations

import numpy as np

from matching.types import LongArray

# New keys wait in a small run of their own until they are this share of all.
SMALL = 0.125


class KeyRuns:
    """Keys and the slots that have them, in a large sorted run and a small one."""

    def __init__(self) -> None:
        nothing = np.zeros(0, np.int64)
        self._large = self._small = (nothing, nothing)

    def add(self, key: LongArray, slot: LongArray) -> None:
        """Cost: the small run; now and then the large one."""
        self._small = _merged(self._small, (key, slot))
        if len(self._small[0]) > SMALL * len(self._large[0]):
            self._large, self._small = _merged(self._large, self._small), (np.zeros(0, np.int64), np.zeros(0, np.int64))

    def mates(self, key: LongArray) -> tuple[LongArray, LongArray]:
        """For each key asked for all slots that have it: the number of the key in `key`, and the slot."""
        asked, slots = [], []
        for known, slot in (self._large, self._small):
            start, end = np.searchsorted(known, key, "left"), np.searchsorted(known, key, "right")
            count = end - start
            asked.append(np.repeat(np.arange(len(key)), count))
            steps = np.arange(count.sum()) - np.repeat(np.cumsum(count) - count, count)
            slots.append(slot[np.repeat(start, count) + steps])
        return np.concatenate(asked), np.concatenate(slots)

    def renumber(self, new: LongArray) -> None:
        """Slots become `new[slot]`; those that become -1 are forgotten."""
        key, slot = _merged(self._large, self._small)
        keeps = new[slot] >= 0
        self._large, self._small = (key[keeps], new[slot[keeps]]), (np.zeros(0, np.int64), np.zeros(0, np.int64))


def _merged(one: tuple[LongArray, LongArray], other: tuple[LongArray, LongArray]) -> tuple[LongArray, LongArray]:
    key, slot = np.append(one[0], other[0]), np.append(one[1], other[1])
    order = np.argsort(key, kind="stable")
    return key[order], slot[order]
