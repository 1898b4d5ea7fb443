"""The most that pairs of records can still reach when what is cheap to compare is known: most pairs need no more."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from matching.compare.catalogue import COMPARATORS
from matching.config.model import Comparison, Model
from matching.types import Levels

Bits = NDArray[np.float64]

# Weights are added up in float32 elsewhere; a ceiling must not be lower for its exactness.
MARGIN = 0.001


def costly(model: Model) -> list[int]:
    """Places of the comparisons that take most of the time."""
    return [place for place, comparison in enumerate(model.comparisons) if COMPARATORS[comparison.comparator].is_costly]


def ceilings(model: Model, levels: Levels, unknown: Sequence[int]) -> Bits:
    """Bits (n,) that no pair can exceed, whatever the comparisons at the places `unknown` will say.

    `levels`: (n, comparisons) int8, those of the unknown ones not read.
    """
    places = {comparison.name: place for place, comparison in enumerate(model.comparisons)}
    after = {place: places[one.given.comparison] for place, one in enumerate(model.comparisons) if one.given}
    total = np.full(len(levels), model.prior + MARGIN)
    for place, comparison in enumerate(model.comparisons):
        if place in unknown:
            followers = [other for other, before in after.items() if before == place and other not in unknown]
            total += _highest(model, levels, place, followers)
        elif after.get(place) not in unknown:
            said = levels[:, after[place]] if place in after else np.zeros(len(levels), np.int8)
            total += _most(comparison)[_groups(model, comparison)[said], levels[:, place]]
    return total


def _highest(model: Model, levels: Levels, place: int, followers: Sequence[int]) -> Bits:
    """The most that an unknown comparison and those whose weights follow from it can add, over all that it may say."""
    comparison = model.comparisons[place]
    own = _most(comparison).max(0)
    told = [_groups(model, model.comparisons[other]) for other in followers]
    found = np.full(len(levels), -np.inf)
    for groups in sorted({tuple(int(groups[level]) for groups in told) for level in range(comparison.size + 1)}):
        alike = [level for level in range(comparison.size + 1) if all(g[level] == n for g, n in zip(told, groups, strict=True))]
        bits = np.full(len(levels), own[alike].max())
        for other, group in zip(followers, groups, strict=True):
            bits += _most(model.comparisons[other])[group, levels[:, other]]
        found = np.maximum(found, bits)
    return found


def _most(comparison: Comparison) -> Bits:
    """(blocks, levels + 1): the weight of each level with the most that rarity can add; 0 where nothing was compared."""
    weights = np.array(comparison.weights, np.float64).reshape(comparison.blocks, comparison.size)
    if comparison.tf is not None:
        weights[:, np.array(COMPARATORS[comparison.comparator].exact, np.int64) - 1] += comparison.tf.most
    return np.hstack([np.zeros((comparison.blocks, 1)), weights])


def _groups(model: Model, comparison: Comparison) -> NDArray[np.int64]:
    """The block of weights for each level of the comparison that this one is given."""
    if comparison.given is None:
        return np.zeros(1, np.int64)
    other = next(one for one in model.comparisons if one.name == comparison.given.comparison)
    return np.array([comparison.given.group_of(level) for level in range(other.size + 1)], np.int64)
