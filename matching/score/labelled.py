"""Fitting weights to decided pairs: logistic regression over levels, drawn towards the weights there were."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from matching.config.model import Model
from matching.score.fellegi_sunter import effective
from matching.types import Levels, Mask, Scores

# How strongly a weight is held to where it was, in nats squared: a level needs some ten decided pairs to move by half.
HOLD = 0.3
LEAST_EACH = 20
MOST_ROUNDS, SMALLEST_STEP = 200, 1e-7


def problems(match: Mask) -> list[str]:
    """Why these answers are not enough to learn from; empty when they are."""
    found = []
    if match.sum() < LEAST_EACH:
        found.append(f"there are {int(match.sum())} labelled matches; at least {LEAST_EACH} are needed")
    if (~match).sum() < LEAST_EACH:
        found.append(f"there are {int((~match).sum())} labelled non-matches; at least {LEAST_EACH} are needed")
    return found


def refitted(model: Model, scores: Scores, match: Mask) -> Model:
    """The model with weights and prior that fit the answers. `scores`: of the labelled pairs under the model, `match`: (n,) bool.

    The frequency part of a weight stays as it is. Cost: (levels) squared for each of some twenty rounds.
    """
    sizes = [len(comparison.weights) for comparison in model.comparisons]
    x = one_hot(effective(model, scores.levels), sizes)
    before = np.array([model.prior, *(weight for comparison in model.comparisons for weight in comparison.weights)]) * np.log(2)
    fixed = scores.weight.astype(np.float64) * np.log(2) - x @ before
    after = _fitted(x, fixed, match.astype(np.float64), before) / np.log(2)
    comparisons, at = [], 1
    for comparison, size in zip(model.comparisons, sizes, strict=True):
        comparisons.append(replace(comparison, weights=tuple(round(float(weight), 3) for weight in after[at : at + size])))
        at += size
    return replace(model, comparisons=tuple(comparisons), prior=round(float(after[0]), 4))


def one_hot(levels: Levels, sizes: list[int]) -> NDArray[np.float64]:
    """(n, 1 + all levels) float64: a one for the prior, and a one at each level that a pair stands at."""
    blocks = [np.ones((len(levels), 1))]
    blocks += [(levels[:, [place]] == np.arange(1, size + 1)).astype(np.float64) for place, size in enumerate(sizes)]
    return np.hstack(blocks)


def _fitted(
    x: NDArray[np.float64], fixed: NDArray[np.float64], target: NDArray[np.float64], before: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Weights under which the answers are likeliest, less HOLD times the squared distance from `before`."""
    return newton(x, fixed, target, before=before, hold=np.full(len(before), HOLD))


def newton(
    x: NDArray[np.float64],
    fixed: NDArray[np.float64],
    target: NDArray[np.float64],
    *,
    before: NDArray[np.float64],
    hold: NDArray[np.float64],
) -> NDArray[np.float64]:
    """Logistic regression by Newton's method: `x` (n, k), `fixed` (n,) added to each score, `target` (n,) from 0 to 1.

    Half of `hold` (k,) times the squared distance from `before` (k,) counts against a fit. A step that makes the fit worse is
    halved until it does not: from far away full steps overshoot without end.
    """

    def loss(beta: NDArray[np.float64]) -> float:
        odds = x @ beta + fixed
        return float(np.sum(np.logaddexp(0, odds) - target * odds) + np.sum(hold * (beta - before) ** 2) / 2)

    beta, reached = before.copy(), loss(before)
    for _ in range(MOST_ROUNDS):
        probability = logistic(x @ beta + fixed)
        gradient = x.T @ (probability - target) + hold * (beta - before)
        hessian = (x * (probability * (1 - probability))[:, None]).T @ x + np.diag(hold)
        step = np.linalg.solve(hessian, gradient)
        while (lower := loss(beta - step)) > reached and np.abs(step).max() > SMALLEST_STEP:
            step /= 2
        if np.abs(step).max() <= SMALLEST_STEP:
            break
        beta, reached = beta - step, lower
    return beta


def logistic(values: NDArray[np.float64]) -> NDArray[np.float64]:
    result: NDArray[np.float64] = 1 / (1 + np.exp(-np.clip(values, -500, 500)))
    return result
