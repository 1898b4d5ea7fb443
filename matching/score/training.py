"""Learning weights: expectation-maximisation over comparison levels. The only door to recordlinkage.

Source of the method: Winkler, "Using the EM algorithm for weight computation in the Fellegi-Sunter model", 1988.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from matching.config.model import Comparison, Model
from matching.score.fellegi_sunter import effective
from matching.types import Levels

# Levels of a comparison, and how many blocks of them there are (one for each group of the comparison it is given).
Shape = tuple[int, int]

# EM stops when no m, u or match share moves more than this between two rounds.
PRECISION = 1e-6
MOST_ROUNDS = 500
# A level seen fewer times than this keeps the weight it had: nothing was learned about it.
LEAST_SEEN = 20
# Weights learned beyond this many bits say more about the sample than about the world.
MOST_BITS = 12.0


@dataclass(frozen=True, slots=True, eq=False)
class Fitted:
    """What EM found: the share of matches among the pairs, and for each comparison m and u of its levels, best first."""

    match_share: float
    m: tuple[NDArray[np.float64], ...]
    u: tuple[NDArray[np.float64], ...]
    rounds: int


@dataclass(frozen=True, slots=True, eq=False)
class Patterns:
    """Distinct rows of levels (k, comparisons) int8 and how often each occurs (k,). EM needs nothing else of the pairs."""

    levels: Levels
    counts: NDArray[np.float64]

    @classmethod
    def of(cls, levels: Levels) -> Patterns:
        # One number for each row sorts far faster than rows do; levels of any real model fit.
        widths = levels.max(axis=0, initial=0).astype(np.int64) + 1
        if np.log2(widths).sum() >= 62:
            distinct, counts = np.unique(levels, axis=0, return_counts=True)
            return cls(distinct, counts.astype(np.float64))
        numbers = np.zeros(len(levels), np.int64)
        for place, width in enumerate(widths.tolist()):
            numbers = numbers * width + levels[:, place]
        _, first, counts = np.unique(numbers, return_index=True, return_counts=True)
        return cls(levels[first], counts.astype(np.float64))

    def seen(self, place: int, size: int, part: NDArray[np.float64]) -> NDArray[np.float64]:
        """How many pairs stand at each of `size` levels of one comparison, of each pattern that part (k,), from 0 to 1."""
        counts: NDArray[np.float64] = np.bincount(self.levels[:, place], self.counts * part, size + 1)[1:].astype(np.float64)
        return counts


def start(shapes: Sequence[Shape], match_share: float = 0.3) -> Fitted:
    """Where EM begins: matches stand three times more at the best level than at the worst, non-matches the other way round."""
    falling = [np.tile(np.linspace(3, 1, size) / np.linspace(3, 1, size).sum(), blocks) for size, blocks in shapes]
    rising = [np.tile(np.linspace(1, 3, size) / np.linspace(3, 1, size).sum(), blocks) for size, blocks in shapes]
    return Fitted(match_share, tuple(falling), tuple(rising), 0)


def fit_model(model: Model, levels: Levels) -> tuple[Model, Fitted]:
    """The model with weights learned from the levels (n, comparisons) of candidate pairs, and what EM found.

    Twice: first as if no comparison depended on another, which starts surely; then, from its answer, with the dependences.
    """
    plain = Patterns.of(levels)
    first = fit(plain, [(comparison.size, 1) for comparison in model.comparisons])
    if not any(comparison.given for comparison in model.comparisons):
        return fitted_model(model, plain, first), first
    patterns = Patterns.of(effective(model, levels))
    shapes = [(comparison.size, comparison.blocks) for comparison in model.comparisons]
    m, u = ([np.tile(share, blocks) for share, (_, blocks) in zip(shares, shapes, strict=True)] for shares in (first.m, first.u))
    second = fit(patterns, shapes, Fitted(first.match_share, tuple(m), tuple(u), 0))
    return fitted_model(model, patterns, second), second


def fit(patterns: Patterns, shapes: Sequence[Shape], begin: Fitted | None = None) -> Fitted:
    """m, u and the share of matches by EM; a missing comparison (level 0) counts neither way. Cost: patterns x rounds."""
    now = begin or start(shapes)
    for rounds in range(1, MOST_ROUNDS + 1):
        share = responsibilities(patterns, now)
        then = _maximised(patterns, share, shapes, rounds)
        moved = max(abs(then.match_share - now.match_share), _moved(then.m, now.m), _moved(then.u, now.u))
        now = then
        if moved < PRECISION:
            break
    return now


def responsibilities(patterns: Patterns, fitted: Fitted) -> NDArray[np.float64]:
    """Probability of each pattern (k,) to be a match, under what is fitted so far."""
    log_odds = np.full(len(patterns.counts), np.log(fitted.match_share) - np.log1p(-fitted.match_share))
    for place, (m, u) in enumerate(zip(fitted.m, fitted.u, strict=True)):
        log_odds += np.append(0.0, np.log(m) - np.log(u))[patterns.levels[:, place]]
    probability: NDArray[np.float64] = 1 / (1 + np.exp(-np.clip(log_odds, -500, 500)))
    return probability


def _maximised(patterns: Patterns, share: NDArray[np.float64], shapes: Sequence[Shape], rounds: int) -> Fitted:
    matched, unmatched = share * patterns.counts, (1 - share) * patterns.counts
    m = tuple(_shares(patterns.levels[:, place], matched, shape) for place, shape in enumerate(shapes))
    u = tuple(_shares(patterns.levels[:, place], unmatched, shape) for place, shape in enumerate(shapes))
    match_share = float(np.clip(matched.sum() / patterns.counts.sum(), 1e-6, 1 - 1e-6))
    return Fitted(match_share, m, u, rounds)


def _shares(levels: Levels, weights: NDArray[np.float64], shape: Shape) -> NDArray[np.float64]:
    """Share of each level within its block.

    A hundredth of a pair at every level keeps logarithms finite and moves nothing seen.
    """
    size, blocks = shape
    counts = (np.bincount(levels, weights, size * blocks + 1)[1:] + 0.01).reshape(blocks, size)
    shares: NDArray[np.float64] = (counts / counts.sum(1, keepdims=True)).ravel()
    return shares


def _moved(new: Sequence[NDArray[np.float64]], old: Sequence[NDArray[np.float64]]) -> float:
    return max((float(np.abs(a - b).max()) for a, b in zip(new, old, strict=True)), default=0.0)


def fitted_model(model: Model, patterns: Patterns, fitted: Fitted) -> Model:
    """The model with weights, m, u and prior as fitted; levels that were hardly seen keep their weights."""
    share = responsibilities(patterns, fitted)
    comparisons = []
    for place, comparison in enumerate(model.comparisons):
        same, other = (patterns.seen(place, len(comparison.weights), part) for part in (share, 1 - share))
        found = replace(
            comparison,
            m=tuple(round(float(share), 6) for share in fitted.m[place]),
            u=tuple(round(float(share), 6) for share in fitted.u[place]),
        )
        comparisons.append(_weighted(found, same, other) if (same + other).sum() >= LEAST_SEEN else comparison)
    prior = float(np.log2(fitted.match_share / (1 - fitted.match_share)))
    return replace(model, comparisons=tuple(comparisons), prior=round(prior, 4))


def _weighted(comparison: Comparison, same: NDArray[np.float64], other: NDArray[np.float64]) -> Comparison:
    """The comparison with the weights that `same` and `other` teach: how many matches and non-matches stand at each level."""
    learned = np.clip(_bits(same, comparison.size) - _bits(other, comparison.size), -MOST_BITS, MOST_BITS)
    weights = np.where(same + other >= LEAST_SEEN, learned, comparison.weights)
    return replace(comparison, weights=tuple(round(float(weight), 3) for weight in weights))


def _bits(counts: NDArray[np.float64], size: int) -> NDArray[np.float64]:
    """Log2 of each level's share within its block. Half a pair more at every level: what was never seen may still occur."""
    blocks = (counts + 0.5).reshape(-1, size)
    bits: NDArray[np.float64] = np.log2(blocks / blocks.sum(1, keepdims=True)).ravel()
    return bits


def reference_fit(levels: Levels, begin: Fitted) -> Fitted:
    """The same by recordlinkage's ECM classifier from the same start, to check ours against.

    `levels` must have no 0 (missing). Cost: 3 seconds and 160 MB for the first import; its frames do not scale beyond about
    100,000 pairs.
    """
    import pandas as pd
    from recordlinkage import ECMClassifier

    present = [np.unique(levels[:, place]) for place in range(levels.shape[1])]
    frame: Any = pd.DataFrame({str(place): levels[:, place] for place in range(levels.shape[1])})
    classifier = ECMClassifier(init="random", max_iter=MOST_ROUNDS, atol=PRECISION)
    # Its own starts are random or for two levels only; ours takes the place of the random one, non-matches first.
    prior = np.log([1 - begin.match_share, begin.match_share])
    shares = np.array([_concatenated(begin.u, present), _concatenated(begin.m, present)])
    classifier.kernel._init_parameters_random = lambda _: (prior, np.log(shares))
    classifier.fit(frame)
    m, u = (_as_arrays(found, begin.m) for found in (classifier.m_probs, classifier.u_probs))
    return Fitted(float(classifier.p), m, u, 0)


def _concatenated(shares: Sequence[NDArray[np.float64]], present: Sequence[Levels]) -> NDArray[np.float64]:
    """Shares of the levels that occur, one comparison after the other."""
    chosen: NDArray[np.float64] = np.concatenate([share[levels - 1] for share, levels in zip(shares, present, strict=True)])
    return chosen


def _as_arrays(found: Any, like: Sequence[NDArray[np.float64]]) -> tuple[NDArray[np.float64], ...]:
    arrays = []
    for place, share in enumerate(like):
        levels = range(1, len(share) + 1)
        arrays.append(np.array([float(found[str(place)].get(level, 0.0)) for level in levels]))
    return tuple(arrays)
