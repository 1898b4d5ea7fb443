"""Making probabilities honest.

Comparisons are not independent as the model has it, so its bits are scaled before they are believed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from matching.config.model import Model
from matching.score.labelled import newton
from matching.types import FloatArray, Mask


@dataclass(frozen=True, slots=True)
class Calibration:
    """Believed bits = `scale` * modelled bits + `shift`."""

    scale: float = 1.0
    shift: float = 0.0


def kept(model: Model) -> Calibration:
    """The calibration the model was released with, none if it has none: it outlives training without labels."""
    said: Mapping[str, Any] = model.provenance.get("calibration", {})
    return Calibration(float(said.get("scale", 1.0)), float(said.get("shift", 0.0)))


def scaled(model: Model, calibration: Calibration) -> Model:
    """The model with all its bits scaled; ranking hardly changes, probabilities do."""
    comparisons = tuple(
        replace(
            comparison,
            weights=tuple(round(weight * calibration.scale, 3) for weight in comparison.weights),
            tf=None if comparison.tf is None else replace(comparison.tf, scale=round(comparison.tf.scale * calibration.scale, 4)),
        )
        for comparison in model.comparisons
    )
    return replace(model, comparisons=comparisons, prior=round(model.prior * calibration.scale + calibration.shift, 4))


def platt(weight: FloatArray, match: Mask) -> Calibration:
    """Scale and shift under which the weights (n,) fit the answers (n,) best.

    Source: Platt, "Probabilistic outputs for support vector machines", 1999; with his smoothed targets.
    """
    x = np.column_stack([weight.astype(np.float64) * np.log(2), np.ones(len(weight))])
    positive, negative = float(match.sum()), float((~match).sum())
    target = np.where(match, (positive + 1) / (positive + 2), 1 / (negative + 2))
    beta = newton(x, np.zeros(len(x)), target, before=np.array([1.0, 0.0]), hold=np.full(2, 1e-6))
    return Calibration(round(float(beta[0]), 4), round(float(beta[1] / np.log(2)), 4))


@dataclass(frozen=True, slots=True)
class Bin:
    """Pairs with a probability from `low` to below `high`: what was said on average, what share was true, how many they are."""

    low: float
    high: float
    said: float
    true: float
    count: int


def reliability(probability: FloatArray, match: Mask, *, bins: int = 10) -> tuple[Bin, ...]:
    """What was said and what was true over bins of equal width, empty ones left out. `probability`, `match`: (n,)."""
    place = np.minimum((probability * bins).astype(np.int64), bins - 1)
    count = np.bincount(place, minlength=bins)
    said, true = (np.bincount(place, values.astype(np.float64), bins) for values in (probability, match))
    return tuple(
        Bin(
            number / bins,
            (number + 1) / bins,
            float(said[number] / count[number]),
            float(true[number] / count[number]),
            int(size),
        )
        for number, size in enumerate(count.tolist())
        if size
    )


def expected_error(probability: FloatArray, match: Mask, *, bins: int = 10) -> float:
    """Expected calibration error: mean distance between what was said and what was true, over bins of equal width.

    Source: Naeini, Cooper, Hauskrecht, "Obtaining well calibrated probabilities using Bayesian binning", AAAI 2015.
    """
    table = reliability(probability, match, bins=bins)
    return sum(abs(one.said - one.true) * one.count for one in table) / len(match) if len(match) else 0.0
