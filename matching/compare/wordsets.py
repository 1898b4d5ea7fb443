"""Words of distinct texts as small integer tables, so that shared and left-over words are found without a loop over pairs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from rapidfuzz.distance import OSA, JaroWinkler

from matching.compare.pairs import lengths, on_distinct, strings
from matching.compare.vocabulary import rarest, split
from matching.normalise.texts import consonants, is_bare, spelling
from matching.types import Column, FloatArray, Frequencies, IntArray, Mask, TextArray, texts

# Comparing looks at this many words of a text, the rarest first.
WIDTH = 8

# Pairs of distinct texts handled at once: the word-by-word table of a chunk has WIDTH * WIDTH bytes a pair.
CHUNK = 65_536


@dataclass(frozen=True, slots=True, eq=False)
class WordTable:
    """The words of k texts. `ids`, `bits`: (k, WIDTH), rarest word first, -1 and 0 where there is no word.

    `vocabulary`: (v,) the words; `is_special`: (v,) bool, words of a class the comparator cares about. `spoken`: (v,) numbers
    of the words in one romanisation, `bones`: of their consonants, -1 for fewer than two; `is_bare`: (v,) bool, hardly a vowel.
    """

    ids: IntArray
    bits: FloatArray
    vocabulary: TextArray
    is_special: Mask
    spoken: IntArray
    bones: IntArray
    is_bare: Mask


class Shared(NamedTuple):
    """Words of two texts side by side, each (n,).

    Bits say how much the words tell; slips are words that differ by a typing error.
    """

    shared: FloatArray
    left_over: FloatArray
    right_over: FloatArray
    slips: IntArray
    has_special: Mask


def word_table(column: Column, frequencies: Frequencies, special: frozenset[str] = frozenset()) -> WordTable:
    """The word table of a column's distinct texts; kept in its memo."""
    key = ("words", id(frequencies), special)
    if key not in column.memo:
        ids, bits = rarest(column, frequencies, WIDTH)
        vocabulary = split(column).vocabulary
        is_special = np.fromiter((word in special for word in vocabulary), bool, len(vocabulary))
        # The frequencies are kept beside the table so that their id cannot be reused while the memo lives.
        column.memo[key] = (WordTable(ids, bits, vocabulary, is_special, *_romanised(column)), frequencies)
    table: WordTable = column.memo[key][0]
    return table


def _romanised(column: Column) -> tuple[IntArray, IntArray, Mask]:
    """How the words of a column sound, word by word: see WordTable. Once for each word, not for each pair."""
    if "romanised" not in column.memo:
        words = split(column).vocabulary.tolist()
        found = [consonants(word) for word in words]
        bones = Column.of([letters if len(letters) >= 2 else None for letters in found]).codes
        bare = np.fromiter(map(is_bare, words), bool, len(words))
        column.memo["romanised"] = Column.of([spelling(word) for word in words]).codes, bones, bare
    made: tuple[IntArray, IntArray, Mask] = column.memo["romanised"]
    return made


def shared_words(table: WordTable, left: IntArray, right: IntArray, *, slips: int = 2) -> Shared:
    """Compare texts by their words.

    `left`, `right`: (n,) int32 distinct-text codes. `slips`: how many misspelt words to look for.
    """
    parts = [
        _shared_chunk(table, left[at : at + CHUNK], right[at : at + CHUNK], slips) for at in range(0, max(len(left), 1), CHUNK)
    ]
    return Shared(*(np.concatenate(column) for column in zip(*parts, strict=True)))


def _shared_chunk(table: WordTable, left: IntArray, right: IntArray, slips: int) -> Shared:
    left_ids, right_ids = table.ids[left], table.ids[right]
    left_bits, right_bits = table.bits[left], table.bits[right]
    equal = (left_ids[:, :, None] == right_ids[:, None, :]) & (left_ids >= 0)[:, :, None]
    left_free = ~equal.any(2) & (left_ids >= 0)
    right_free = ~equal.any(1) & (right_ids >= 0)
    shared = (left_bits * ~left_free).sum(1)
    count = np.zeros(len(left), np.int32)
    for _ in range(slips):
        rows = np.flatnonzero(left_free.any(1) & right_free.any(1))
        at_left, at_right = left_free[rows].argmax(1), right_free[rows].argmax(1)
        close = misspelt(table, left_ids[rows, at_left], right_ids[rows, at_right])
        rows, at_left, at_right = rows[close], at_left[close], at_right[close]
        left_free[rows, at_left], right_free[rows, at_right] = False, False
        # A misspelt word is mostly a rare one only because it is misspelt: the smaller figure counts.
        shared[rows] += np.minimum(left_bits[rows, at_left], right_bits[rows, at_right])
        count[rows] += 1
    special = _any_special(table, left_ids, left_free) | _any_special(table, right_ids, right_free)
    return Shared(shared.astype(np.float32), (left_bits * left_free).sum(1), (right_bits * right_free).sum(1), count, special)


def _any_special(table: WordTable, ids: IntArray, free: Mask) -> Mask:
    """True where one of the left-over words is of the special class."""
    if not len(table.is_special):
        return np.zeros(len(ids), bool)
    special: Mask = table.is_special[ids] & free
    found: Mask = np.logical_or.reduce(special, axis=1)
    return found


def misspelt(table: WordTable, left: IntArray, right: IntArray) -> Mask:
    """One word is the other with a typing error or two, cut short (4 letters or more), or in another romanisation. (n,) bool."""

    def close(low: IntArray, high: IntArray) -> Mask:
        one, other = table.vocabulary[low], table.vocabulary[high]
        distance = strings(one, other, OSA.distance)
        alike = strings(one, other, JaroWinkler.similarity)
        # Lengths are looked at only where the letters are close: most words are nothing alike.
        rows = np.flatnonzero((distance <= 1) | (alike >= 0.5))
        found: Mask = np.zeros(len(low), bool)
        found[rows] = _slipped((one[rows], other[rows]), distance[rows], alike[rows])
        unsure = rows[~found[rows] & (alike[rows] >= 0.5)]
        unsure = unsure[_romanised_alike(table, low[unsure], high[unsure])]
        found[unsure] = np.maximum(lengths(one[unsure]), lengths(other[unsure])) >= 4
        return found

    found: Mask = on_distinct(left, right, close)
    return found


def _slipped(words: tuple[TextArray, TextArray], distance: FloatArray, alike: FloatArray) -> Mask:
    """A typing error or two, or the one is the beginning of the other."""
    one, other = words
    sizes = lengths(one), lengths(other)
    longest, shortest = np.maximum(*sizes), np.minimum(*sizes)
    slip: Mask = ((distance <= 1) & (longest >= 4)) | ((distance <= 2) & (longest >= 7) & (alike >= 0.8))
    # Cut short: the shorter is the beginning of the longer, so that many letters are missing and no others differ.
    maybe = np.flatnonzero(~slip & (shortest >= 4) & (distance == longest - shortest) & (alike >= 0.86))
    slip[maybe] = _begins(one[maybe], other[maybe])
    return slip


def _romanised_alike(table: WordTable, one: IntArray, other: IntArray) -> Mask:
    """The same word in two romanisations; with its consonants alone where one side has no vowels, as from Arabic."""
    bare = table.is_bare[one] | table.is_bare[other]
    bones = (table.bones[one] == table.bones[other]) & (table.bones[one] >= 0)
    found: Mask = np.where(bare, bones, table.spoken[one] == table.spoken[other])
    return found


def _begins(one: TextArray, other: TextArray) -> Mask:
    pairs = zip(one, other, strict=True)
    return np.fromiter((a.startswith(b) or b.startswith(a) for a, b in pairs), bool, len(one))


def derived(column: Column, name: str, function: Callable[[str], str]) -> TextArray:
    """`function` of each distinct text, kept in the memo under `name`."""
    if name not in column.memo:
        column.memo[name] = texts(map(function, column.values))
    made: TextArray = column.memo[name]
    return made
