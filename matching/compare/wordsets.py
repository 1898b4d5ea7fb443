"""Words of distinct texts as small integer tables, so that shared and left-over words are found without a loop over pairs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from rapidfuzz.distance import OSA, JaroWinkler

from matching.compare.pairs import lengths, on_distinct, strings
from matching.compare.vocabulary import WIDTH, rarest, remembered, split
from matching.normalise.texts import consonants, is_bare, spellings
from matching.types import Column, FloatArray, Frequencies, IntArray, Mask, TextArray

# Texts of so many words at most are compared by smaller tables.
SHORT = 4

# Pairs of distinct texts handled at once: the word-by-word table of a chunk has WIDTH * WIDTH bytes a pair.
CHUNK = 65_536


@dataclass(frozen=True, slots=True, eq=False)
class WordTable:
    """The words of k texts. `ids`, `bits`: (k, WIDTH), rarest word first, -1 and 0 where there is no word.

    `vocabulary`: (v,) the words, `sizes`: their letters; `special`: what words of a class stand for that the comparator cares
    about, `is_special`: (v,) bool, which those are.
    `spoken`: (v,) numbers of the words in one romanisation, `bones`: of their consonants, -1 for fewer than two; `is_bare`: (v,)
    bool, hardly a vowel.
    """

    ids: IntArray
    bits: FloatArray
    vocabulary: TextArray
    sizes: IntArray
    special: Mapping[str, str]
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


NOTHING_SPECIAL: Mapping[str, str] = {}


def word_table(column: Column, frequencies: Frequencies, special: Mapping[str, str] = NOTHING_SPECIAL) -> WordTable:
    """The word table of a column's distinct texts; kept in its memo."""
    key = ("words", id(frequencies), id(special))
    if key not in column.memo:
        ids, bits = rarest(column, frequencies, WIDTH)
        vocabulary = split(column).vocabulary
        is_special = np.fromiter((word in special for word in vocabulary), bool, len(vocabulary))
        # Frequencies and special words are kept with the table so that their ids cannot be reused while the memo lives.
        column.memo[key] = (
            WordTable(ids, bits, vocabulary, lengths(vocabulary), special, is_special, *remembered(column, romanised)),
            frequencies,
        )
    table: WordTable = column.memo[key][0]
    return table


def romanised(column: Column) -> tuple[IntArray, IntArray, Mask]:
    """How the words of a column sound, word by word: see WordTable. Once for each word, not for each pair."""
    words = split(column).vocabulary.tolist()
    bones = Column.of([letters if len(letters) >= 2 else None for letters in consonants(words)]).codes
    return Column.of(spellings(words)).codes, bones, np.fromiter(map(is_bare, words), bool, len(words))


def shared_words(table: WordTable, left: IntArray, right: IntArray, *, slips: int = 2) -> Shared:
    """Compare texts by their words.

    `left`, `right`: (n,) int32 distinct-text codes. `slips`: how many misspelt words to look for.
    """
    count = len(left)
    shared, left_over, right_over = np.zeros((3, count), np.float32)
    found = Shared(shared, left_over, right_over, np.zeros(count, np.int32), np.zeros(count, bool))
    # Word by word is a table of words times words, and most texts have few.
    is_short = (table.ids[left, SHORT] < 0) & (table.ids[right, SHORT] < 0)
    for rows, width in ((np.flatnonzero(is_short), SHORT), (np.flatnonzero(~is_short), WIDTH)):
        for at in range(0, len(rows), CHUNK):
            chunk = rows[at : at + CHUNK]
            part = _shared_chunk(table, (left[chunk], right[chunk]), width, slips)
            for whole, values in zip(found, part, strict=True):
                whole[chunk] = values
    return found


def _shared_chunk(table: WordTable, texts: tuple[IntArray, IntArray], width: int, slips: int) -> Shared:
    left, right = texts
    left_ids, right_ids = table.ids[left, :width], table.ids[right, :width]
    left_bits, right_bits = table.bits[left, :width], table.bits[right, :width]
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
    """One word is the other with a typing error or two, cut short (4 letters or more), or in another romanisation. (n,) bool.

    Two numbers, or two countries, are never one misspelt: 1001 and 1002, Austria and Australia.
    """

    def close(low: IntArray, high: IntArray) -> Mask:
        longest = np.maximum(table.sizes[low], table.sizes[high])
        shortest = np.minimum(table.sizes[low], table.sizes[high])
        distance = strings(table.vocabulary[low], table.vocabulary[high], OSA.distance)
        found: Mask = (distance <= 1) & (longest >= 4)
        two_slips = (distance == 2) & (longest >= 7)
        # Cut short: the shorter is the beginning of the longer, so that many letters are missing and no others differ.
        cut = (shortest >= 4) & (distance == longest - shortest)
        respelt = (longest >= 4) & _romanised_alike(table, low, high)
        # Few words are that close: only their likeness is worked out.
        rows = np.flatnonzero(~found & (two_slips | cut | respelt))
        one, other = table.vocabulary[low[rows]], table.vocabulary[high[rows]]
        alike = strings(one, other, JaroWinkler.similarity)
        is_cut = cut[rows] & (alike >= 0.86)
        is_cut[is_cut] = _begins(one[is_cut], other[is_cut])
        found[rows] = (two_slips[rows] & (alike >= 0.8)) | is_cut | (respelt[rows] & (alike >= 0.5))
        close_words = zip(np.flatnonzero(found), table.vocabulary[low[found]], table.vocabulary[high[found]], strict=True)
        found[[row for row, one, other in close_words if _oppose(one, other, table.special)]] = False
        return found

    found: Mask = on_distinct(left, right, close)
    return found


def _oppose(one: str, other: str, special: Mapping[str, str]) -> bool:
    """Both words stand for something, and not for the same."""
    first, second = meaning(one, special), meaning(other, special)
    return first is not None and second is not None and first != second


def meaning(word: str, special: Mapping[str, str]) -> str | None:
    """What a word stands for whose every letter counts: its digits, or what `special` says."""
    return "".join(filter(str.isdigit, word)) or special.get(word)


def _romanised_alike(table: WordTable, one: IntArray, other: IntArray) -> Mask:
    """The same word in two romanisations; with its consonants alone where one side has no vowels, as from Arabic."""
    bare = table.is_bare[one] | table.is_bare[other]
    bones = (table.bones[one] == table.bones[other]) & (table.bones[one] >= 0)
    found: Mask = np.where(bare, bones, table.spoken[one] == table.spoken[other])
    return found


def _begins(one: TextArray, other: TextArray) -> Mask:
    pairs = zip(one, other, strict=True)
    return np.fromiter((a.startswith(b) or b.startswith(a) for a, b in pairs), bool, len(one))
