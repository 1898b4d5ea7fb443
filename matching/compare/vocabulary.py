"""The words of distinct texts: split once, numbered by the alphabet, ranked by rarity."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import chain
from typing import TypeVar

import numpy as np

from matching.types import Column, FloatArray, Frequencies, IntArray, LongArray, TextArray, distinct_numbers, texts

T = TypeVar("T")

# Bits are rounded to this grid: sums of them are exact in float32, so no level can depend on the order of summing.
GRID = 64


@dataclass(frozen=True, slots=True, eq=False)
class Words:
    """The different words of k texts.

    `word`: (m,) int32 numbers of words, text by text and in the order of the alphabet; `starts`: (k + 1,) where each text begins.
    `vocabulary`: (v,) the words themselves, in the order of the alphabet.
    """

    word: IntArray
    starts: LongArray
    vocabulary: TextArray

    @property
    def text(self) -> LongArray:
        """Which text each entry of `word` belongs to."""
        return np.repeat(np.arange(len(self.starts) - 1), np.diff(self.starts))

    def sums(self, per_word: FloatArray) -> FloatArray:
        """(k,) float32: for each text the sum over its words of `per_word` (v,), which lies on the grid."""
        running = np.append(0.0, np.cumsum(per_word[self.word], dtype=np.float64))
        found: FloatArray = (running[self.starts[1:]] - running[self.starts[:-1]]).astype(np.float32)
        return found


def remembered(column: Column, work_out: Callable[[Column], T]) -> T:
    """What `work_out` makes of a column's distinct texts; done once, then kept in its memo under the function's name."""
    if work_out.__name__ not in column.memo:
        column.memo[work_out.__name__] = work_out(column)
    found: T = column.memo[work_out.__name__]
    return found


def split(column: Column) -> Words:
    """The words of a column's distinct texts; kept in its memo. Cost: the letters of the texts."""
    if "split" not in column.memo:
        parts = [value.split() for value in column.values]
        vocabulary = sorted(set(chain.from_iterable(parts)))
        number = dict(zip(vocabulary, range(len(vocabulary)), strict=True))
        sizes = np.fromiter(map(len, parts), np.int64, len(parts))
        words = np.fromiter(map(number.__getitem__, chain.from_iterable(parts)), np.int64, int(sizes.sum()))
        width = len(vocabulary) + 1
        distinct = distinct_numbers(np.repeat(np.arange(len(parts)), sizes) * width + words)
        starts = np.searchsorted(distinct, np.arange(len(parts) + 1) * width)
        column.memo["split"] = Words((distinct % width).astype(np.int32), starts, texts(vocabulary))
    found: Words = column.memo["split"]
    return found


def word_bits(column: Column, frequencies: Frequencies) -> FloatArray:
    """Bits of each word of the column's vocabulary (v,) float32, on the grid; kept in its memo."""
    key = ("bits", id(frequencies))
    if key not in column.memo:
        vocabulary = split(column).vocabulary
        bits = np.fromiter(map(frequencies.of, vocabulary), np.float64, len(vocabulary))
        # The frequencies are kept beside what was made of them so that their id cannot be reused while the memo lives.
        column.memo[key] = ((np.round(bits * GRID) / GRID).astype(np.float32), frequencies)
    found: FloatArray = column.memo[key][0]
    return found


def rarest(column: Column, frequencies: Frequencies, width: int) -> tuple[IntArray, FloatArray]:
    """The `width` rarest words of each text, rarest first, ties by the alphabet; kept in the memo.

    Returns the numbers of the words and their bits, both (k, width); -1 and 0 where there is no further word.
    """
    key = ("rarest", id(frequencies), width)
    if key not in column.memo:
        column.memo[key] = (_ranked(split(column), word_bits(column, frequencies), width), frequencies)
    found: tuple[IntArray, FloatArray] = column.memo[key][0]
    return found


def _ranked(words: Words, bits: FloatArray, width: int) -> tuple[IntArray, FloatArray]:
    text = words.text
    # Entries come in the order of the alphabet, which a stable sort keeps among words that are equally rare.
    order = np.lexsort((-bits[words.word], text))
    place = np.arange(len(text)) - words.starts[text]
    kept = place < width
    ids = np.full((len(words.starts) - 1, width), -1, np.int32)
    sizes = np.zeros(ids.shape, np.float32)
    chosen = words.word[order[kept]]
    ids[text[kept], place[kept]], sizes[text[kept], place[kept]] = chosen, bits[chosen]
    return ids, sizes
