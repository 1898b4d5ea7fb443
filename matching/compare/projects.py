"""Names of projects: the work, and the number in a series."""

from __future__ import annotations

import numpy as np
from rapidfuzz import fuzz

from matching.compare.pairs import Pairs, first_of, on_distinct, strings
from matching.compare.wordsets import shared_words, word_table
from matching.types import IntArray, Levels, Mask, TextArray

NAME_LEVELS = (
    "same words, rare together",
    "same words",
    "same but for spelling",
    "one has more words",
    "most words shared",
    "some words shared",
    "nothing in common",
)
RARE = 24.0


def project_name(pairs: Pairs) -> Levels:
    """The two names describe the same work in the same words, abbreviations spelled out.

    Roles: name. Returns (n,) int8, 0 where either is unknown. Phases and years are compared apart, as the series.
    """
    known = np.flatnonzero(pairs.both("name"))
    levels = np.zeros(len(pairs), np.int8)
    left, right = pairs.codes("name")
    if len(known):
        levels[known] = on_distinct(left[known], right[known], lambda low, high: _name_levels(pairs, low, high))
    return levels


def _name_levels(pairs: Pairs, low: IntArray, high: IntArray) -> Levels:
    values = pairs.columns["name"].values
    found = shared_words(word_table(pairs.columns["name"], pairs.words), low, high, slips=3)
    smaller = np.minimum(found.left_over, found.right_over)
    whole = found.left_over + found.right_over == 0
    share = found.shared / np.maximum(found.shared + smaller, 1e-6)
    alike = strings(values[low], values[high], fuzz.ratio) >= 92
    conditions = (
        whole & (found.slips == 0) & (found.shared >= RARE),
        whole & (found.slips == 0),
        whole | alike,
        (smaller == 0) & (found.shared > 0),
        share >= 0.6,
        found.shared > 0,
    )
    levels: Levels = first_of(len(low), *conditions)
    return levels


SERIES_LEVELS = ("same numbers", "one names more numbers", "only one has a number", "different numbers")


def project_series(pairs: Pairs) -> Levels:
    """Phase, wave and year numbers in the names agree; "Phase 1" and "Phase 2" are different projects.

    Roles: series, name. Returns (n,) int8, 0 where neither name has a number.
    """
    left, right = pairs.codes("series")
    inside = pairs.measured("series", _inside) > 0
    lone = (left >= 0) != (right >= 0)
    levels: Levels = first_of(len(pairs), pairs.same("series"), inside, lone)
    return np.where((left >= 0) | (right >= 0), levels, 0).astype(np.int8)


def _inside(series: TextArray, low: IntArray, high: IntArray) -> Mask:
    sets = [frozenset(text.split()) for text in series]
    pairs = zip(low.tolist(), high.tolist(), strict=True)
    return np.fromiter((sets[a] <= sets[b] or sets[b] <= sets[a] for a, b in pairs), bool, len(low))
