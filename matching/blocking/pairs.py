"""From shared keys to pairs of records, in chunks of bounded size and each pair once."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from matching.crew import ALONE, Crew
from matching.types import IntArray, Keys, LongArray, distinct_numbers

Families: TypeAlias = NDArray[np.int16]

Portion: TypeAlias = Callable[[], tuple[IntArray, IntArray]]

# Pairs made at once: 16 MB of record numbers.
CHUNK = 1_000_000


class Blocks(NamedTuple):
    """Records that share a key.

    `row`, `family`: (m,) int32 and int16, block by block and in each by record; blocks of one record are left out. `followers`:
    (m,) int32, how many of its block follow each. `sizes`, `families`: (b,) of all blocks, those of one record included.
    """

    row: IntArray
    family: Families
    followers: IntArray
    sizes: IntArray
    families: Families


def blocks(keys: Keys, *, crew: Crew = ALONE) -> Blocks:
    """Bring records that share a key together. Cost: one sort of all keys, and one of those that are shared."""
    is_low = keys.key < 0
    halves = [keys] if crew.size == 1 else [keys.only(is_low), keys.only(~is_low)]
    found = crew.share([partial(_blocks, half) for half in halves])
    return Blocks(*(np.concatenate(part) for part in zip(*found, strict=True)))


def _blocks(keys: Keys) -> Blocks:
    order = np.argsort(keys.key)
    key = keys.key[order]
    starts = np.flatnonzero(np.append(True, key[1:] != key[:-1])[: len(key)])
    sizes = np.diff(np.append(starts, len(key))).astype(np.int32)
    families = keys.family[order[starts]]
    is_shared = sizes > 1
    shared, entries = sizes[is_shared], np.repeat(is_shared, sizes)
    # One number for block and record sorts faster than two columns do.
    numbered = np.sort((np.repeat(np.arange(len(shared)), shared) << 32) | keys.row[order[entries]])
    followers = np.repeat(np.cumsum(shared), shared) - np.arange(len(numbered)) - 1
    row = (numbered & 0xFFFFFFFF).astype(np.int32)
    return Blocks(row, np.repeat(families[is_shared], shared), followers.astype(np.int32), sizes, families)


def pairs(keys: Keys, *, chunk: int = CHUNK) -> Iterator[tuple[IntArray, IntArray]]:
    """Chunks of (left, right) record numbers, left < right, no pair twice.

    Cost: the pairs, those found by several keys included.
    """
    return (portion() for portion in portions(blocks(keys), chunk=chunk))


def portions(known: Blocks, *, chunk: int = CHUNK) -> list[Portion]:
    """The same, each chunk made when it is called for, by whoever does."""
    return [partial(_distinct_pairs, known, entries) for entries in _portions(known, chunk)]


def _distinct_pairs(known: Blocks, entries: LongArray) -> tuple[IntArray, IntArray]:
    left, right = _sides(known, entries)
    distinct = distinct_numbers((left.astype(np.int64) << 32) | right)
    return (distinct >> 32).astype(np.int32), (distinct & 0xFFFFFFFF).astype(np.int32)


def findings(keys: Keys, *, chunk: int = CHUNK) -> Iterator[tuple[IntArray, IntArray, Families]]:
    """Chunks of (left, right, family): a pair once for each key that brings it, and all of that in one chunk.

    Cost: as `pairs`, and the family of each finding.
    """
    known = blocks(keys)
    for entries in _portions(known, chunk):
        left, right = _sides(known, entries)
        yield left, right, np.repeat(known.family[entries], known.followers[entries])


def _sides(known: Blocks, entries: LongArray) -> tuple[IntArray, IntArray]:
    """The pairs of each entry with those that follow it."""
    count = known.followers[entries]
    return np.repeat(known.row[entries], count), known.row[np.repeat(entries + 1, count) + _steps(count)]


def _portions(known: Blocks, chunk: int) -> Iterator[LongArray]:
    """Runs of entries with at most about `chunk` pairs. All findings of one pair fall into one run: it is cut between records."""
    leading = np.flatnonzero(known.followers > 0)
    if not len(leading):
        return
    entries = np.sort((known.row[leading].astype(np.int64) << 32) | leading) & 0xFFFFFFFF
    total, left = np.cumsum(known.followers[entries], dtype=np.int64), known.row[entries]
    ends = np.append(np.flatnonzero(left[1:] != left[:-1]) + 1, len(entries))
    start, done = 0, 0
    while start < len(entries):
        # The last record that still fits, or one record alone when it has more pairs than a chunk.
        fits = int(np.searchsorted(total[ends - 1], done + chunk, side="right")) - 1
        nearest = int(np.searchsorted(ends, start, side="right"))
        stop = int(ends[max(fits, nearest)])
        yield entries[start:stop]
        start, done = stop, int(total[stop - 1])


def _steps(count: IntArray) -> LongArray:
    """0, 1, … count[0]-1, 0, 1, … count[1]-1, …"""
    ends = np.cumsum(count, dtype=np.int64)
    steps: LongArray = np.arange(ends[-1] if len(ends) else 0) - np.repeat(ends - count, count)
    return steps
