"""Judging what `resolve` wrote against the truth, or against what people decided."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from matching.errors import BadInput
from matching.evaluate import evaluate
from matching.pipeline.labels import read_labels
from matching.pipeline.tables import ids_of, link_of, read_table
from matching.score.calibrate import expected_error, reliability
from matching.types import FloatArray, LongArray, Mask


def evaluation_of(predicted: dict[str, str], truth: Path, link: str | None) -> dict[str, Any]:
    """Figures of a clustering (cluster by id) against a truth file of clusters or of labelled pairs."""
    table = read_table(truth)
    if {"id_a", "id_b", "match"} <= set(table.column_names):
        return _pair_figures(predicted, truth)
    if "cluster" not in table.column_names and "cluster_id" not in table.column_names:
        raise BadInput(f"{truth} needs the columns id and cluster, or id_a, id_b and match")
    ids = ids_of(table, truth)
    labels = table["cluster" if "cluster" in table.column_names else "cluster_id"].to_pylist()
    # A record without a prediction stands alone, one without a truth too; the two name spaces are kept apart by a prefix.
    found = [f"c:{predicted[one]}" if one in predicted else f"i:{one}" for one in ids]
    true = [f"c:{label}" if label is not None else f"i:{one}" for one, label in zip(ids, labels, strict=True)]
    figures = evaluate(found, true, side=link_of(table, link)).to_dict()
    return {"records": len(ids), "without_prediction": sum(one not in predicted for one in ids), **figures}


def _pair_figures(predicted: dict[str, str], truth: Path) -> dict[str, Any]:
    one, other, match = read_labels(truth)
    together = [a in predicted and b in predicted and predicted[a] == predicted[b] for a, b in zip(one, other, strict=True)]
    right = sum(joined and same for joined, same in zip(together, match, strict=True))
    precision = right / sum(together) if any(together) else 1.0
    recall = right / sum(match) if any(match) else 1.0
    f1 = 2 * precision * recall / (precision + recall) if precision + recall else 0.0
    return {"labelled_pairs": len(match), "precision": round(precision, 4), "recall": round(recall, 4), "f1": round(f1, 4)}


def reliability_of(pairs: Path, truth: Path, link: str | None) -> dict[str, Any]:
    """What share of the pairs that `resolve` wrote is true, by what was said of them.

    `unknown`: pairs of which the truth says nothing; they do not count.
    """
    one, other, probability = _read_pairs(pairs)
    table = read_table(truth)
    if {"id_a", "id_b", "match"} <= set(table.column_names):
        match, is_known = _labelled(one, other, truth)
    else:
        match, is_known = _clustered((one, other), table, truth, link)
    said, true = probability[is_known], match[is_known]
    bins = [{name: round(value, 4) for name, value in asdict(one).items()} for one in reliability(said, true)]
    error = round(expected_error(said, true), 4)
    return {"pairs": len(said), "unknown": int((~is_known).sum()), "expected_calibration_error": error, "bins": bins}


def table_of(found: dict[str, Any]) -> str:
    """The reliability as lines of text."""
    lines = [f"{'probability':<14}{'said':>8}{'true':>8}{'pairs':>10}"]
    lines += [f"{b['low']:.1f} to {b['high']:.1f}    {b['said']:8.3f}{b['true']:8.3f}{b['count']:10,}" for b in found["bins"]]
    return "\n".join([*lines, f"expected calibration error {found['expected_calibration_error']:.4f}"])


def _read_pairs(path: Path) -> tuple[Any, Any, FloatArray]:
    import pyarrow as pa
    import pyarrow.compute as pc

    table = read_table(path)
    missing = [name for name in ("id_a", "id_b", "probability") if name not in table.column_names]
    if missing:
        raise BadInput([f"{path} has no column {name}" for name in missing])
    try:
        probability = pc.cast(table["probability"], pa.float64()).to_numpy()
    except pa.ArrowInvalid as error:
        raise BadInput(f"{path}: a probability is no number: {error}") from error
    if not ((probability >= 0) & (probability <= 1)).all():
        raise BadInput(f"{path}: a probability is missing or not between 0 and 1")
    return table["id_a"], table["id_b"], probability


def _clustered(pair: tuple[Any, Any], table: Any, truth: Path, link: str | None) -> tuple[Mask, Mask]:
    """Which pairs are of one true cluster, and of which the truth knows both records (and they differ in the link column)."""
    import pyarrow as pa

    ids, name = pa.array(ids_of(table, truth)), "cluster" if "cluster" in table.column_names else "cluster_id"
    left, right = (_places(side, ids) for side in pair)
    cluster = np.array([f"i:{row}" if label is None else f"c:{label}" for row, label in enumerate(table[name].to_pylist())])
    is_known = (left >= 0) & (right >= 0)
    if link is not None:
        side = np.array([str(label) for label in link_of(table, link)])
        is_known &= side[left] != side[right]
    return cluster[left] == cluster[right], is_known


def _labelled(one: Any, other: Any, truth: Path) -> tuple[Mask, Mask]:
    """What the labels say of each pair, and of which they say anything."""
    import pyarrow as pa

    *sides, match = read_labels(truth)
    ids = pa.array(list(dict.fromkeys([*sides[0], *sides[1]])))
    left, right = (_places(pa.array(side), ids) for side in sides)
    known = _numbers(left, right, len(ids))
    left, right = (_places(side, ids) for side in (one, other))
    asked = np.where((left >= 0) & (right >= 0), _numbers(left, right, len(ids)), -1)
    order = np.argsort(known, kind="stable")
    at = np.minimum(np.searchsorted(known[order], asked), len(known) - 1)
    return np.array(match, bool)[order][at], known[order][at] == asked


def _places(side: Any, ids: Any) -> LongArray:
    """Where each id stands among `ids`, -1 for those that do not."""
    import pyarrow.compute as pc

    places: LongArray = pc.fill_null(pc.index_in(side, value_set=ids), -1).to_numpy().astype(np.int64)
    return places


def _numbers(left: LongArray, right: LongArray, size: int) -> LongArray:
    """One number a pair, whichever record comes first."""
    return np.minimum(left, right) * size + np.maximum(left, right)
