"""Thresholds for a stated rate of false merges."""

from __future__ import annotations

import numpy as np

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
