"""Comparators for any table: equal values, similar texts, shared words, close numbers."""

from __future__ import annotations

import numpy as np
from rapidfuzz.distance import OSA, JaroWinkler

from matching.compare.pairs import Pairs, first_of, lengths, on_distinct, strings
from matching.compare.wordsets import shared_words, word_table
from matching.types import IntArray, Levels, Mask, TextArray

SAME_LEVELS = ("same", "different")


def same_value(pairs: Pairs) -> Levels:
    """Both records have the same value.

    Roles: value. Returns (n,) int8, 0 where either is unknown.
    """
    levels: Levels = first_of(len(pairs), pairs.same("value"))
    return np.where(pairs.both("value"), levels, 0).astype(np.int8)


SIMILAR_LEVELS = ("same", "same but for a letter", "very similar", "similar", "different")


def similar_text(pairs: Pairs) -> Levels:
    """Both records have nearly the same text, letter by letter.

    Roles: value. Returns (n,) int8, 0 where either is unknown. "Very similar": Jaro-Winkler 0.92 or more, "similar": 0.82.
    """
    similarity = pairs.similarity("value", JaroWinkler.similarity)
    slip = pairs.measured("value", one_slip) > 0
    levels: Levels = first_of(len(pairs), pairs.same("value"), slip, similarity >= 0.92, similarity >= 0.82)
    return np.where(pairs.both("value"), levels, 0).astype(np.int8)


def one_slip(texts: TextArray, low: IntArray, high: IntArray) -> Mask:
    """True where one letter is wrong, missing, added, or two neighbours have changed places, in four letters or more."""
    found: Mask = strings(texts[low], texts[high], OSA.distance) == 1
    # Few pairs are that close: only their lengths are looked at.
    close = np.flatnonzero(found)
    found[close] = np.maximum(lengths(texts[low[close]]), lengths(texts[high[close]])) >= 4
    return found


WORDS_LEVELS = (
    "same words",
    "same but for spelling",
    "nearly all words shared",
    "most words shared",
    "some words shared",
    "few words shared",
    "hardly any words shared",
)


def shared_text(pairs: Pairs) -> Levels:
    """The two texts are made of the same words, rare ones counting for more.

    Roles: value. Returns (n,) int8, 0 where either is unknown. Nearly all, most, some: 80 %, 60 %, 35 % of the information of
    the text that has less of it.
    """
    known = np.flatnonzero(pairs.both("value"))
    levels = np.zeros(len(pairs), np.int8)
    left, right = pairs.codes("value")
    if len(known):
        levels[known] = on_distinct(left[known], right[known], lambda low, high: _word_levels(pairs, low, high))
    return levels


def _word_levels(pairs: Pairs, low: IntArray, high: IntArray) -> Levels:
    found = shared_words(word_table(pairs.columns["value"], pairs.words), low, high)
    all_bits = found.shared + found.left_over + found.right_over
    smaller = found.shared + np.minimum(found.left_over, found.right_over)
    share_of_all, share = found.shared / np.maximum(all_bits, 1e-6), found.shared / np.maximum(smaller, 1e-6)
    whole = found.left_over + found.right_over == 0
    levels: Levels = first_of(
        len(low), whole & (found.slips == 0), whole, share_of_all >= 0.8, share >= 0.8, share >= 0.6, share >= 0.35
    )
    return levels


CODES_LEVELS = (
    "share a rare code",
    "share a common code",
    "one has a longer form of a code",
    "a code differs in one character",
    "no code in common",
)
# Bits from which a code is rare: one record in four thousand has it. "1080p" is common.
RARE_CODE = 12.0
# A code that begins or ends a longer one tells something from so many characters on.
LEAST_PART = 5


def shared_codes(pairs: Pairs) -> Levels:
    """The two texts name the same model or part number.

    Roles: value (codes, as a coded text gives them). Returns (n,) int8, 0 where either names none.
    """
    known = np.flatnonzero(pairs.both("value"))
    levels = np.zeros(len(pairs), np.int8)
    left, right = pairs.codes("value")
    if len(known):
        levels[known] = on_distinct(left[known], right[known], lambda low, high: _code_levels(pairs, low, high))
    return levels


def _code_levels(pairs: Pairs, low: IntArray, high: IntArray) -> Levels:
    column = pairs.columns["value"]
    shared = shared_words(word_table(column, pairs.words), low, high, slips=0).shared
    own = column.memo.setdefault("codes", [value.split() for value in column.values])
    nearest = np.zeros(len(low), np.int8)
    for place in np.flatnonzero(shared < RARE_CODE).tolist():
        nearest[place] = max(_nearness(one, other) for one in own[low[place]] for other in own[high[place]])
    levels: Levels = first_of(len(low), shared >= RARE_CODE, (shared > 0) & (nearest < 2), nearest == 2, nearest == 1)
    return levels


def _nearness(one: str, other: str) -> int:
    """2 where one code begins or ends the other, 1 where one character differs, else 0."""
    short, long = sorted((one, other), key=len)
    if len(short) < LEAST_PART or one == other:
        return 0
    return 2 if long.startswith(short) or long.endswith(short) else int(OSA.distance(short, long, score_cutoff=1) == 1)


AMOUNT_LEVELS = ("same amount", "within 2 percent", "within 10 percent", "within 30 percent", "different amounts")


def amount(pairs: Pairs) -> Levels:
    """Both records state about the same amount.

    Roles: value. Returns (n,) int8, 0 where either is unknown.
    """
    column = pairs.columns["value"]
    numbers = np.array([float(value) for value in column.values], np.float64)
    left, right = pairs.codes("value")
    known = pairs.both("value")
    if not known.any():
        return np.zeros(len(pairs), np.int8)
    one, other = np.abs(numbers[left]), np.abs(numbers[right])
    apart = np.abs(numbers[left] - numbers[right]) / np.maximum(np.maximum(one, other), 1e-9)
    levels: Levels = first_of(len(pairs), pairs.same("value"), apart <= 0.02, apart <= 0.1, apart <= 0.3)
    return np.where(known, levels, 0).astype(np.int8)
