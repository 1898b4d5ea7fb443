"""Judging what `resolve` wrote against the truth, or against what people decided."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from matching.errors import BadInput
from matching.evaluate import evaluate
from matching.pipeline.labels import read_labels
from matching.pipeline.tables import ids_of, link_of, read_table


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
