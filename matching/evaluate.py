"""How well a clustering agrees with the truth: pairwise and B-cubed precision, recall and F1, from contingency counts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass

import numpy as np

from matching.errors import BadInput
from matching.types import LongArray


@dataclass(frozen=True, slots=True)
class Evaluation:
    """Figures 0..1. Pairwise counts pairs of records; B-cubed averages over records what share of their cluster is right."""

    precision: float
    recall: float
    f1: float
    b3_precision: float
    b3_recall: float
    b3_f1: float
    true_positives: int
    predicted_pairs: int
    true_pairs: int
    clusters_true: int
    clusters_predicted: int

    def to_dict(self) -> dict[str, float | int]:
        return {name: round(value, 4) if isinstance(value, float) else value for name, value in asdict(self).items()}


def evaluate(
    predicted: Sequence[str] | LongArray, truth: Sequence[str] | LongArray, *, side: Sequence[str] | LongArray | None = None
) -> Evaluation:
    """Compare two clusterings of the same records.

    Source of B-cubed: Bagga, Baldwin, "Algorithms for scoring coreference chains", 1998.

    `predicted`, `truth`: (n,) labels. `side`: when given, only pairs whose sides differ count (linking two files); B-cubed
    still counts
    all records. Raises BadInput when the lengths differ.
    """
    found, true = _codes(predicted), _codes(truth)
    if len(found) != len(true):
        raise BadInput(f"there are {len(found)} predicted labels and {len(true)} true ones")
    both = _codes(found * (int(true.max(initial=0)) + 1) + true)
    counts = (_pairs(both), _pairs(found), _pairs(true))
    if side is not None:
        sides = _codes(side)
        counts = (
            counts[0] - _pairs(_within(both, sides)),
            counts[1] - _pairs(_within(found, sides)),
            counts[2] - _pairs(_within(true, sides)),
        )
    precision, recall = _ratio(counts[0], counts[1]), _ratio(counts[0], counts[2])
    b3_precision, b3_recall = _b_cubed(both, found), _b_cubed(both, true)
    return Evaluation(
        precision,
        recall,
        _f1(precision, recall),
        b3_precision,
        b3_recall,
        _f1(b3_precision, b3_recall),
        *counts,
        int(true.max(initial=-1)) + 1,
        int(found.max(initial=-1)) + 1,
    )


def _codes(labels: Sequence[str] | LongArray) -> LongArray:
    array = np.asarray(labels)
    codes: LongArray = np.unique(array, return_inverse=True)[1].astype(np.int64).ravel()
    return codes


def _within(codes: LongArray, sides: LongArray) -> LongArray:
    return _codes(codes * (int(sides.max(initial=0)) + 1) + sides)


def _pairs(codes: LongArray) -> int:
    sizes = np.bincount(codes) if len(codes) else np.zeros(0, np.int64)
    return int((sizes * (sizes - 1) // 2).sum())


def _b_cubed(both: LongArray, one: LongArray) -> float:
    """Mean over records of the share of their group of `one` that is with them in both clusterings."""
    if not len(both):
        return 1.0
    return float((np.bincount(both)[both] / np.bincount(one)[one]).mean())


def _ratio(part: int, whole: int) -> float:
    return part / whole if whole else 1.0


def _f1(precision: float, recall: float) -> float:
    return 2 * precision * recall / (precision + recall) if precision + recall else 0.0
