"""Thresholds for a stated rate of false merges."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import numpy as np

from matching.config.model import Model, Thresholds, probability_of
from matching.types import FloatArray, Mask


def least_weight(weight: FloatArray, match: Mask, false_share: float) -> float | None:
    """The smallest weight from which on at most `false_share` of the labelled pairs are no matches; None when there is none.

    `weight`, `match`: (n,) labelled pairs. Pairs of equal weight are taken or left together.
    """
    order = np.argsort(-weight, kind="stable")
    ordered = weight[order].astype(np.float64)
    wrong = np.cumsum(~match[order]) / np.arange(1, len(order) + 1)
    # Only the last of several equal weights says what taking all of them means.
    is_last = np.append(ordered[1:] != ordered[:-1], True)[: len(order)]
    good = np.flatnonzero(is_last & (wrong <= false_share))
    return float(ordered[good[-1]]) if len(good) else None


def solved(model: Model, weight: FloatArray, match: Mask, false_share: float) -> Model:
    """The model with the smallest automatic threshold from which on at most `false_share` of the labelled pairs are no matches.

    `weight`, `match`: (n,) labelled pairs. The review threshold stays, or comes down with the automatic one. Where the labels do
    not bear it the thresholds stay: where one wrong pair in so many is looked for, at least so many must stand above. What was
    asked and found, or why not, stands in the provenance under `false_merges`.
    """
    least, enough = least_weight(weight, match, false_share), math.ceil(1 / false_share)
    above = weight >= (np.inf if least is None else least)
    count = int(above.sum())
    said: dict[str, Any] = {"asked": false_share, "labels": len(match), "above": count, "wrong": int((above & ~match).sum())}
    if least is None or count < enough:
        kept = f"thresholds stay: of {len(match)} labelled pairs {count} stand where at most {false_share:.2%} are wrong"
        said["kept"] = f"{kept}, and {enough} are needed"
        return replace(model, provenance={**model.provenance, "false_merges": said})
    # Rounded down, so that the last of the labelled pairs is still above it.
    auto = math.floor(min(max(probability_of(least), 0.0001), 0.9999) * 10_000) / 10_000
    said["auto_before"] = model.thresholds.auto
    sentence = f"auto: at most {false_share:.2%} of the labelled pairs from there on wrong; review: as before, at most auto"
    return replace(
        model,
        thresholds=Thresholds(auto, min(model.thresholds.review, auto)),
        provenance={**model.provenance, "thresholds": sentence, "false_merges": said},
    )
