"""The forms in which a value may enter a key: whole, its rarest word, its first letters, …

A form works on the distinct values of a column at once. Of several words the number is the sum of theirs, so their order does
not matter.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from itertools import repeat
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from matching.blocking.hashing import hashed, mixed
from matching.compare.vocabulary import letters, rarest, split, word_bits
from matching.normalise.people import soundex
from matching.normalise.texts import consonants
from matching.types import Column, FloatArray, Frequencies, HashArray, Mask, TextArray, texts


class Made(NamedTuple):
    """What a form makes of k values, each (k, width): numbers, the bits that sharing one tells, and whether it is there.

    `spell(k, place)`: the text behind a number, for people.
    """

    hashes: HashArray
    bits: FloatArray
    present: Mask
    spell: Callable[[int, int], str]


Form = Callable[[Column, Frequencies], Made]


def _whole(column: Column, table: Frequencies) -> Made:
    bits = np.fromiter(map(table.bits.get, column.values, repeat(table.unlisted)), np.float32, len(column.values))
    return _one(hashed(column.values), bits, np.ones(len(bits), bool), lambda k, _: str(column.values[k]))


def _one(hashes: HashArray, bits: FloatArray, present: Mask, spell: Callable[[int, int], str]) -> Made:
    return Made(hashes[:, None], bits[:, None].astype(np.float32), present[:, None], spell)


def _word_hashes(column: Column) -> HashArray:
    """Numbers of the vocabulary (v,) and a last one for "no word"."""
    if "word hashes" not in column.memo:
        column.memo["word hashes"] = np.append(hashed(split(column).vocabulary), np.uint64(0))
    found: HashArray = column.memo["word hashes"]
    return found


def _sorted(column: Column, table: Frequencies) -> Made:
    words = split(column)
    running = np.append(np.uint64(0), np.cumsum(mixed(_word_hashes(column))[words.word], dtype=np.uint64))
    hashes = running[words.starts[1:]] - running[words.starts[:-1]]

    def spell(k: int, _: int) -> str:
        return " ".join(words.vocabulary[words.word[words.starts[k] : words.starts[k + 1]]])

    return _one(hashes, words.sums(word_bits(column, table)), np.diff(words.starts) > 0, spell)


def _rarest(count: int) -> Form:
    def form(column: Column, table: Frequencies) -> Made:
        ids, bits = rarest(column, table, max(count, 2))
        vocabulary = split(column).vocabulary
        there = ids[:, :count]
        return Made(_word_hashes(column)[there], bits[:, :count], there >= 0, lambda k, place: str(vocabulary[there[k, place]]))

    return form


def _pair(column: Column, table: Frequencies) -> Made:
    """The two rarest words together."""
    ids, bits = rarest(column, table, 2)
    hashes = mixed(_word_hashes(column))[ids].sum(1, dtype=np.uint64)
    vocabulary = split(column).vocabulary
    return _one(hashes, bits.sum(1), ids[:, 1] >= 0, lambda k, _: " ".join(sorted(vocabulary[ids[k]])))


def _joined(column: Column, table: Frequencies) -> Made:
    found = letters(column)
    bits = split(column).sums(word_bits(column, table))
    return _one(hashed(found), bits, _lengths(found) >= 4, lambda k, _: str(found[k]))


def _lengths(values: TextArray) -> FloatArray:
    return np.fromiter(map(len, values), np.int64, len(values))


def _head(size: int) -> Form:
    """The first letters. A beginning tells less than its words: two and a half bits a letter, measured on organisation names."""

    def head(column: Column, table: Frequencies) -> Made:
        heads = Column.of([text[:size] for text in letters(column).tolist()])
        codes, values = heads.codes, heads.values
        bits = np.minimum(2.5 * size, split(column).sums(word_bits(column, table)))
        return _one(hashed(values)[codes], bits, (_lengths(values) == size)[codes], lambda k, _: str(values[codes[k]]))

    return head


def _initials(column: Column, table: Frequencies) -> Made:
    """First letters of three to five words; a lone short word stands for itself.

    Three letters tell ten bits, each further one 3.25.
    """
    found = texts([_initials_of(value) for value in column.values])
    sizes = _lengths(found)
    return _one(hashed(found), 3.25 * sizes + 0.25, sizes > 0, lambda k, _: str(found[k]))


def _initials_of(value: str) -> str:
    words = value.split()
    if len(words) > 1:
        return "".join([word[0] for word in words]) if 2 < len(words) <= 5 else ""
    return value if 2 < len(value) <= 5 else ""


def _consonants(column: Column, table: Frequencies) -> Made:
    """The consonants of all words, so that romanisations of a name meet. Two and a half bits each, as for beginnings."""
    found = texts(consonants(column.values.tolist()))
    sizes = _lengths(found)
    bits = np.minimum(2.5 * sizes, split(column).sums(word_bits(column, table)))
    return _one(hashed(found), bits, sizes >= 4, lambda k, _: str(found[k]))


_HALVES: tuple[Callable[[str], str], ...] = (
    lambda word: "<" + word[: (len(word) + 1) // 2],
    lambda word: ">" + word[-((len(word) + 1) // 2) :],
    lambda word: word[:3] + word[-3:],
)


def _halves(column: Column, table: Frequencies) -> Made:
    """First half, last half, and both ends of the rarest word: a typing error leaves one of the three whole."""
    vocabulary, sizes = split(column).vocabulary, _padded(word_bits(column, table))
    lengths = _padded(_lengths(vocabulary))
    half = (lengths + 1) // 2
    bits = np.stack([np.minimum(2.5 * half, sizes)] * 2 + [np.minimum(14.0, sizes)], axis=1).astype(np.float32)
    hashes = np.stack([_padded(hashed(map(cut, vocabulary))) for cut in _HALVES], axis=1)
    word = rarest(column, table, 2)[0][:, 0]
    present = np.repeat((lengths >= 6)[word][:, None], 3, axis=1)
    return Made(hashes[word], bits[word], present, lambda k, place: _HALVES[place](vocabulary[word[k]]))


def _padded(per_word: NDArray[Any]) -> NDArray[Any]:
    """One entry more, which the number -1 of "no word" reads."""
    return np.append(per_word, per_word.dtype.type(0))


def _sound(column: Column, table: Frequencies) -> Made:
    sounds = [soundex(word) if word.isalpha() and len(word) >= 3 else "" for word in split(column).vocabulary]
    word = rarest(column, table, 2)[0][:, 0]
    there = np.append(np.fromiter(map(bool, sounds), bool, len(sounds)), False)
    return _one(
        _padded(hashed(sounds))[word], np.full(len(word), 8.0, np.float32), there[word], lambda k, _: sounds[int(word[k])]
    )


def _year(column: Column, table: Frequencies) -> Made:
    years = texts([value[:4] for value in column.values])
    return _one(hashed(years), np.full(len(years), 6.0, np.float32), _lengths(years) == 4, lambda k, _: str(years[k]))


FORMS: Mapping[str, Form] = {
    "whole": _whole,
    "sorted": _sorted,
    "rarest": _rarest(1),
    "second": _rarest(2),
    "pair": _pair,
    "joined": _joined,
    "head4": _head(4),
    "head5": _head(5),
    "head6": _head(6),
    "initials": _initials,
    "consonants": _consonants,
    "words": _rarest(6),
    "halves": _halves,
    "sound": _sound,
    "year": _year,
}
