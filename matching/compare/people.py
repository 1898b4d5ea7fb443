"""Names of persons."""

from __future__ import annotations

import numpy as np
from rapidfuzz import fuzz
from rapidfuzz.distance import OSA, JaroWinkler

from matching.compare.pairs import Pairs, first_of, on_distinct, strings
from matching.compare.wordsets import shared_words, word_table
from matching.types import MISSING, IntArray, Levels, Mask, TextArray, texts

GIVEN_LEVELS = (
    "same name",
    "short form of the same name",
    "one slip of spelling",
    "very similar",
    "same initial, one abbreviated",
    "names swapped",
    "some likeness",
    "different",
)


def given_name(pairs: Pairs) -> Levels:
    """Both given names are the same, or one is a short form of the other.

    Roles: name, root, other (the surname, to see names that changed places). Returns (n,) int8, 0 where either is unknown.
    """
    similarity = pairs.similarity("name", JaroWinkler.similarity)
    slip = pairs.measured("name", _slip) > 0
    initial = pairs.measured("name", _initial) > 0
    inside = pairs.measured("name", _inside) > 0
    levels: Levels = first_of(
        len(pairs),
        pairs.same("name"),
        pairs.same("root") | inside,
        slip,
        similarity >= 0.9,
        initial,
        _swapped(pairs),
        similarity >= 0.75,
    )
    return np.where(pairs.both("name"), levels, 0).astype(np.int8)


SURNAME_LEVELS = (
    "same name",
    "one slip of spelling",
    "very similar",
    "sounds alike",
    "names swapped",
    "some likeness",
    "different",
)


def surname(pairs: Pairs) -> Levels:
    """Both surnames are the same, or nearly so by spelling or sound.

    Roles: name, sound, other (the given name). Returns (n,) int8, 0 where either is unknown.
    """
    similarity = pairs.similarity("name", JaroWinkler.similarity)
    slip = pairs.measured("name", _slip) > 0
    inside = pairs.measured("name", _inside) > 0
    levels: Levels = first_of(
        len(pairs),
        pairs.same("name"),
        slip,
        (similarity >= 0.9) | inside,
        pairs.same("sound") & (similarity >= 0.7),
        _swapped(pairs),
        similarity >= 0.75,
    )
    return np.where(pairs.both("name"), levels, 0).astype(np.int8)


def _swapped(pairs: Pairs) -> Mask:
    """The given name of one is the surname of the other, and the other way round, but for spelling, where that can be seen.

    One crossing alone is no swap: Thomas Smith and Anna Thomas. Role `other` is the column on the far side.
    """
    if "other" not in pairs.columns:
        return np.zeros(len(pairs), bool)
    name, other = pairs.columns["name"], pairs.columns["other"]
    index = {value: code for code, value in enumerate(name.values)}
    same = np.append(np.array([index.get(value, MISSING) for value in other.values], np.int32), np.int32(MISSING))
    (left, right), (far_left, far_right) = pairs.codes("name"), pairs.codes("other")
    forth, back = (left >= 0) & (left == same[far_right]), (right >= 0) & (right == same[far_left])
    found: Mask = (forth & (far_left < 0)) | (back & (far_right < 0)) | (forth & back)
    for crossed, near, far in ((forth, right, far_left), (back, left, far_right)):
        rows = np.flatnonzero(crossed & ~found & (near >= 0) & (far >= 0))
        found[rows] = strings(name.values[near[rows]], other.values[far[rows]], JaroWinkler.similarity) >= 0.85
    return found


def _slip(names: TextArray, low: IntArray, high: IntArray) -> Mask:
    distance = strings(names[low], names[high], OSA.distance)
    lengths = np.fromiter(map(len, names), np.int32, len(names))
    longest = np.maximum(lengths[low], lengths[high])
    found: Mask = ((distance == 1) & (longest >= 4)) | ((distance == 2) & (longest >= 8))
    return found


def _initial(names: TextArray, low: IntArray, high: IntArray) -> Mask:
    """One side is a single letter, the first of the other."""
    heads = texts(name[0] for name in names)
    lone = np.fromiter((len(name) == 1 for name in names), bool, len(names))
    found: Mask = (heads[low] == heads[high]).astype(bool) & (lone[low] | lone[high])
    return found


def _inside(names: TextArray, low: IntArray, high: IntArray) -> Mask:
    """All words of one name are among those of the other ("Anna" in "Anna Maria")."""
    found: Mask = strings(names[low], names[high], fuzz.token_set_ratio) >= 99.9
    return found


FULL_LEVELS = (
    "same words",
    "same but for spelling",
    "one has more words",
    "most words shared",
    "some words shared",
    "nothing in common",
)


def full_name(pairs: Pairs) -> Levels:
    """The two full names are built from the same words, in any order, and rare names count for more.

    Roles: name. Returns (n,) int8, 0 where either is unknown.
    """
    known = np.flatnonzero(pairs.both("name"))
    levels = np.zeros(len(pairs), np.int8)
    left, right = pairs.codes("name")
    if len(known):
        levels[known] = on_distinct(left[known], right[known], lambda low, high: _full_levels(pairs, low, high))
    return levels


def _full_levels(pairs: Pairs, low: IntArray, high: IntArray) -> Levels:
    found = shared_words(word_table(pairs.columns["name"], pairs.words), low, high)
    smaller = np.minimum(found.left_over, found.right_over)
    whole = found.left_over + found.right_over == 0
    share = found.shared / np.maximum(found.shared + smaller, 1e-6)
    levels: Levels = first_of(
        len(low),
        whole & (found.slips == 0),
        whole,
        (smaller == 0) & (found.shared > 0),
        (share >= 0.6) & (found.shared > 0),
        found.shared > 0,
    )
    return levels
