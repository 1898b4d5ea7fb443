"""Fellegi-Sunter scoring: each comparison adds its weight in bits, the prior is added, the sum is the log odds of a match.

Source: Fellegi, Sunter, "A theory for record linkage", JASA 64 (1969).
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from matching.compare.catalogue import COMPARATORS
from matching.compare.pairs import NO_FREQUENCIES, Pairs
from matching.config.model import Comparison, Model, TermFrequency
from matching.score.promising import ceilings, costly
from matching.types import FloatArray, Frequencies, IntArray, Levels, LongArray, Scores, Standardised

# Pairs compared at once; the tables of a chunk stay in the processor's cache or near it.
CHUNK = 262_144


def score(model: Model, std: Standardised, left: IntArray, right: IntArray) -> Scores:
    """Scores of pairs of records, from the two records and the model alone; the order of the two does not matter.

    `left`, `right`: (n,) record numbers. Work is done in chunks, so memory beyond the result is bounded.
    """
    left, right = np.asarray(left, np.int32), np.asarray(right, np.int32)
    if len(left) <= CHUNK:
        return _chunk(model, std, left, right)
    parts = [_chunk(model, std, left[at : at + CHUNK], right[at : at + CHUNK]) for at in range(0, len(left), CHUNK)]
    return Scores(*(np.concatenate(column) for column in zip(*parts, strict=True)))


def kept(model: Model, std: Standardised, left: IntArray, right: IntArray) -> tuple[LongArray, Scores]:
    """Which of the pairs stand at the review level or above, (k,) places in `left`, and their scores as `score` gives them.

    What takes long to compare is left out where it could not lift a pair that high.
    """
    left, right = np.asarray(left, np.int32), np.asarray(right, np.int32)
    found = [_kept(model, std, left[at : at + CHUNK], right[at : at + CHUNK]) for at in range(0, max(len(left), 1), CHUNK)]
    rows = np.concatenate([rows + number * CHUNK for number, (rows, _) in enumerate(found)])
    return rows, Scores(*(np.concatenate(column) for column in zip(*(scores for _, scores in found), strict=True)))


def _kept(model: Model, std: Standardised, left: IntArray, right: IntArray) -> tuple[LongArray, Scores]:
    left, right = np.minimum(left, right), np.maximum(left, right)
    later = costly(model)
    sooner = [place for place in range(len(model.comparisons)) if place not in later]
    levels = _levels(model, std, (left, right), sooner)
    rows = np.flatnonzero(ceilings(model, levels, later) >= model.thresholds.review_weight)
    left, right = left[rows], right[rows]
    scores = _weighed(model, std, (left, right), levels[rows] + _levels(model, std, (left, right), later))
    is_kept = scores.band > 0
    return rows[is_kept], scores.only(is_kept)


def _chunk(model: Model, std: Standardised, left: IntArray, right: IntArray) -> Scores:
    # The smaller record number first: a comparator cannot depend on the order then, not even by rounding.
    left, right = np.minimum(left, right), np.maximum(left, right)
    return _weighed(model, std, (left, right), compared(model, std, left, right))


def _weighed(model: Model, std: Standardised, pair: tuple[IntArray, IntArray], levels: Levels) -> Scores:
    left, right = pair
    places = effective(model, levels)
    parts = np.zeros(levels.shape, np.float32)
    # Added one comparison after the other in float64: the sum must not depend on how many pairs are scored at once.
    total = np.full(len(left), model.prior, np.float64)
    for place, comparison in enumerate(model.comparisons):
        parts[:, place] = np.array([0.0, *comparison.weights], np.float32)[places[:, place]]
        parts[:, place] += rarity(model, comparison, std, (left, right), levels=levels[:, place])
        total += parts[:, place]
    weight = total.astype(np.float32)
    return Scores(weight, probabilities(weight), levels, parts, bands(model, weight))


def compared(model: Model, std: Standardised, left: IntArray, right: IntArray) -> Levels:
    """Levels of all comparisons: (n, comparisons) int8, 0 = could not compare."""
    return _levels(model, std, (left, right), range(len(model.comparisons)))


def _levels(model: Model, std: Standardised, pair: tuple[IntArray, IntArray], places: Iterable[int]) -> Levels:
    """Levels of the comparisons at some places, 0 at all others."""
    levels = np.zeros((len(pair[0]), len(model.comparisons)), np.int8)
    for place in places:
        comparison = model.comparisons[place]
        # Columns that nobody filled are common, and even looking at them takes time.
        if any(len(std.features[feature].values) for feature in comparison.inputs.values()):
            levels[:, place] = COMPARATORS[comparison.comparator].function(view(model, comparison, std, pair))
    return levels


def view(model: Model, comparison: Comparison, std: Standardised, pair: tuple[IntArray, IntArray]) -> Pairs:
    """What the comparator of one comparison sees of these pairs."""
    words = model.frequencies[comparison.words] if comparison.words else NO_FREQUENCIES
    return Pairs({role: std.features[feature] for role, feature in comparison.inputs.items()}, *pair, words)


def effective(model: Model, levels: Levels) -> Levels:
    """Where each level stands in `weights`, counted from 1; levels of a comparison given another move to the block of its group.

    `levels`: (n, comparisons) int8. Returns the same shape, 0 still "could not compare".
    """
    names = [comparison.name for comparison in model.comparisons]
    places = levels.copy()
    for place, comparison in enumerate(model.comparisons):
        if comparison.given is not None:
            other = names.index(comparison.given.comparison)
            groups = np.array([comparison.given.group_of(level) for level in range(model.comparisons[other].size + 1)], np.int8)
            places[:, place] = np.where(levels[:, place] > 0, levels[:, place] + comparison.size * groups[levels[:, other]], 0)
    return places


def rarity(
    model: Model, comparison: Comparison, std: Standardised, pair: tuple[IntArray, IntArray], *, levels: Levels
) -> FloatArray:
    """The frequency part: what agreeing on this value tells beyond agreeing on any. 0 where the values do not agree."""
    extra = np.zeros(len(levels), np.float32)
    if comparison.tf is None:
        return extra
    comparator = COMPARATORS[comparison.comparator]
    column = std.features[comparison.inputs[comparator.roles[0]]]
    exact = np.flatnonzero(np.isin(levels, comparator.exact))
    codes = column.codes[pair[0][exact]]
    codes_agree = (codes == column.codes[pair[1][exact]]) & (codes >= 0)
    exact, codes = exact[codes_agree], codes[codes_agree]
    distinct, inverse = np.unique(codes, return_inverse=True)
    sizes = _sizes([column.values[code] for code in distinct.tolist()], model.frequencies[comparison.tf.table], comparison.tf)
    extra[exact] = sizes[inverse]
    return extra


def _sizes(values: list[str], table: Frequencies, tf: TermFrequency) -> FloatArray:
    bits = np.fromiter((table.of(value) for value in values), np.float32, len(values))
    sizes: FloatArray = np.clip(tf.scale * (bits - tf.mean), -tf.most, tf.most).astype(np.float32)
    return sizes


def probabilities(weight: FloatArray) -> FloatArray:
    """Probability of each weight in bits."""
    return (1.0 / (1.0 + np.exp2(-np.clip(weight.astype(np.float64), -60, 60)))).astype(np.float32)


def bands(model: Model, weight: NDArray[np.floating]) -> Levels:
    """0 below review, 1 review, 2 auto."""
    auto, review = np.float32(model.thresholds.auto_weight), np.float32(model.thresholds.review_weight)
    return (weight >= review).astype(np.int8) + (weight >= auto).astype(np.int8)
