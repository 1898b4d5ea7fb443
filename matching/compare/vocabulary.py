"""The words of distinct texts: split once, numbered by the alphabet, ranked by rarity."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import repeat
from typing import TypeVar

import numpy as np

from matching.types import Column, FloatArray, Frequencies, IntArray, LongArray, TextArray, distinct_numbers, texts

T = TypeVar("T")

# Bits are rounded to this grid: sums of them are exact in float32, so no level can depend on the order of summing.
GRID = 64
# Comparing looks at this many words of a text, the rarest first.
WIDTH = 8
# What ends a text where many are split as one.
_END = "\0"
_MARK = f" {_END} "


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
        # All texts are split as one, a mark standing behind each: as many short lists take three times as long.
        words = "".join([value.replace(_END, " ") + _MARK for value in column.values]).split()
        vocabulary = sorted(set(words) - {_END})
        number = dict(zip(vocabulary, range(len(vocabulary)), strict=True)) | {_END: -1}
        numbers = np.fromiter(map(number.__getitem__, words), np.int64, len(words))
        is_word, width = numbers >= 0, len(vocabulary) + 1
        text = np.cumsum(~is_word)[is_word]
        distinct = distinct_numbers(text * width + numbers[is_word])
        starts = np.searchsorted(distinct, np.arange(len(column.values) + 1) * width)
        column.memo["split"] = Words((distinct % width).astype(np.int32), starts, texts(vocabulary))
    found: Words = column.memo["split"]
    return found


def word_bits(column: Column, frequencies: Frequencies) -> FloatArray:
    """Bits of each word of the column's vocabulary (v,) float32, on the grid; kept in its memo."""
    key = ("bits", id(frequencies))
    if key not in column.memo:
        vocabulary = split(column).vocabulary
        bits = np.fromiter(map(frequencies.bits.get, vocabulary, repeat(frequencies.unlisted)), np.float64, len(vocabulary))
        # The frequencies are kept beside what was made of them so that their id cannot be reused while the memo lives.
        column.memo[key] = ((np.round(bits * GRID) / GRID).astype(np.float32), frequencies)
    found: FloatArray = column.memo[key][0]
    return found


def rarest(column: Column, frequencies: Frequencies, width: int) -> tuple[IntArray, FloatArray]:
    """The `width` (at most WIDTH) rarest words of each text, rarest first, ties by the alphabet; kept in the memo.

    Returns the numbers of the words and their bits, both (k, width); -1 and 0 where there is no further word.
    """
    key = ("rarest", id(frequencies))
    if key not in column.memo:
        column.memo[key] = (_ranked(split(column), word_bits(column, frequencies), WIDTH), frequencies)
    words, bits = column.memo[key][0]
    return words[:, :width], bits[:, :width]


def letters(column: Column) -> TextArray:
    """The distinct texts without spaces and hyphens; kept in the memo."""
    if "letters" not in column.memo:
        column.memo["letters"] = texts([value.replace(" ", "").replace("-", "") for value in column.values])
    found: TextArray = column.memo["letters"]
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
