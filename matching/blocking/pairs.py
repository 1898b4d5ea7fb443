"""From shared keys to pairs of records, in chunks of bounded size and each pair once."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from matching.types import IntArray, Keys, LongArray, distinct_numbers

Families: TypeAlias = NDArray[np.int16]

# Pairs made at once: 32 MB of record numbers.
CHUNK = 2_000_000


def pairs(keys: Keys, *, chunk: int = CHUNK) -> Iterator[tuple[IntArray, IntArray]]:
    """Chunks of (left, right) record numbers, left < right, no pair twice.

    Cost: the pairs, those found by several keys included.
    """
    order = _shared(keys)
    row, followers = keys.row[order], _followers(keys.key[order])
    for entries in _portions(_by_left(row, followers), row, followers, chunk):
        left, right = _sides(entries, row, followers)
        distinct = distinct_numbers((left.astype(np.int64) << 32) | right)
        yield (distinct >> 32).astype(np.int32), (distinct & 0xFFFFFFFF).astype(np.int32)


def findings(keys: Keys, *, chunk: int = CHUNK) -> Iterator[tuple[IntArray, IntArray, Families]]:
    """Chunks of (left, right, family): a pair once for each key that brings it, and all of that in one chunk.

    Cost: as `pairs`, and the family of each finding.
    """
    order = _shared(keys)
    row, family, followers = keys.row[order], keys.family[order], _followers(keys.key[order])
    for entries in _portions(_by_left(row, followers), row, followers, chunk):
        left, right = _sides(entries, row, followers)
        yield left, right, np.repeat(family[entries], followers[entries])


def _shared(keys: Keys) -> LongArray:
    """Entries whose key several records have, key by key and in each by record.

    Most keys belong to one record alone; they are dropped before the costly sort by two columns.
    """
    order = np.argsort(keys.key)
    key = keys.key[order]
    same = key[1:] == key[:-1]
    is_shared = np.zeros(len(key), bool)
    is_shared[1:] |= same
    is_shared[:-1] |= same
    order = order[is_shared]
    found: LongArray = order[np.lexsort((keys.row[order], key[is_shared]))]
    return found


def _by_left(row: IntArray, followers: LongArray) -> LongArray:
    """Entries that others follow, by record: so all findings of one pair fall into one chunk."""
    leading = np.flatnonzero(followers > 0)
    return leading[np.argsort(row[leading], kind="stable")]


def _sides(entries: LongArray, row: IntArray, followers: LongArray) -> tuple[IntArray, IntArray]:
    """The pairs of each entry with those that follow it."""
    count = followers[entries]
    return np.repeat(row[entries], count), row[np.repeat(entries + 1, count) + _steps(count)]


def _followers(key: LongArray) -> LongArray:
    """How many entries of the same key follow each entry, in sorted order."""
    if not len(key):
        return np.zeros(0, np.int64)
    last = np.append(np.flatnonzero(key[1:] != key[:-1]), len(key) - 1)
    sizes = np.diff(np.append(-1, last))
    followers: LongArray = np.repeat(last, sizes) - np.arange(len(key))
    return followers


def _portions(entries: LongArray, row: IntArray, followers: LongArray, chunk: int) -> Iterator[LongArray]:
    """Runs of entries with at most about `chunk` pairs, cut only between records."""
    if not len(entries):
        return
    total = np.cumsum(followers[entries])
    left = row[entries]
    ends = np.append(np.flatnonzero(left[1:] != left[:-1]) + 1, len(entries))
    start, done = 0, 0
    while start < len(entries):
        # The last record that still fits, or one record alone when it has more pairs than a chunk.
        fits = int(np.searchsorted(total[ends - 1], done + chunk, side="right")) - 1
        nearest = int(np.searchsorted(ends, start, side="right"))
        stop = int(ends[max(fits, nearest)])
        yield entries[start:stop]
        start, done = stop, int(total[stop - 1])


def _steps(count: LongArray) -> LongArray:
    """0, 1, … count[0]-1, 0, 1, … count[1]-1, …"""
    ends = np.cumsum(count)
    steps: LongArray = np.arange(ends[-1] if len(ends) else 0) - np.repeat(ends - count, count)
    return steps
