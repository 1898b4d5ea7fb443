"""The steps of the engine on columns, as the hub calls them one by one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

import numpy as np

from matching.cluster import run
from matching.cluster.metrics import Metrics, metrics
from matching.compare.catalogue import COMPARATORS
from matching.config.model import Attribute, Model
from matching.crew import ALONE, Crew
from matching.errors import BadInput
from matching.normalise.kinds import KINDS, encoded, standardised
from matching.score.fellegi_sunter import score
from matching.types import Cells, Clusters, Column, FloatArray, IntArray, Levels, Standardised


def standardise(model: Model, columns: Mapping[str, Cells], *, crew: Crew = ALONE) -> Standardised:
    """Features of records from their attributes. `columns`: (n,) cells by attribute name; a missing column is all None.

    Columns the model does not know are ignored. Raises BadInput when the columns differ in length.
    Cost: the distinct values of each column.
    """
    sizes = {name: len(column) for name, column in columns.items()}
    if len(set(sizes.values())) > 1:
        raise BadInput(
            "all columns must have as many rows; there are " + ", ".join(f"{name} with {size}" for name, size in sizes.items())
        )
    size = next(iter(sizes.values()), 0)
    nothing = Column.of([None] * size)
    raw = {name: columns.get(name, nothing) for name in model.attributes}
    # Attributes that help to read others come first.
    hints = {attribute.hint for attribute in model.fields}
    features: dict[str, Column] = {}
    for attribute in model.fields:
        if attribute.name in hints:
            features |= _parts(attribute, raw, features)
    # The longest first: the last one to be done should be short.
    others = [attribute for attribute in model.fields if attribute.name not in hints]
    others.sort(key=lambda one: -KINDS[one.kind].effort)
    for parts in crew.share([partial(_parts, attribute, raw, features) for attribute in others]):
        features |= parts
    for derived in model.derived:
        features[derived.feature] = _first(features, derived.first_of)
    return Standardised(size, {name: features[name] for name in model.features})


def prepare(model: Model, std: Standardised, *, crew: Crew) -> None:
    """Work out what comparators remember of all values, shared among processes: each would do all of it by itself later."""
    wanted = {
        (comparison.inputs[role], function)
        for comparison in model.comparisons
        for role, functions in COMPARATORS[comparison.comparator].remembered.items()
        for function in functions
    }
    listed = sorted(wanted, key=lambda one: (one[0], one[1].__name__), reverse=True)
    tasks = [partial(function, std.features[feature]) for feature, function in listed]
    for (feature, function), found in zip(listed, crew.share(tasks), strict=True):
        std.features[feature].memo[function.__name__] = found


def _parts(attribute: Attribute, raw: Mapping[str, Cells | Column], features: Mapping[str, Column]) -> dict[str, Column]:
    """The features of one attribute."""
    parts = standardised(attribute.kind, encoded(raw[attribute.name]), _hint(attribute.hint, features))
    return {f"{attribute.name}.{part}": column for part, column in parts.items()}


def _hint(name: str | None, features: Mapping[str, Column]) -> Column | None:
    """The first part of the hinting attribute, which is its main value."""
    return next((column for feature, column in features.items() if feature.startswith(f"{name}.")), None) if name else None


def _first(features: Mapping[str, Column], names: tuple[str, ...]) -> Column:
    """Record by record the first of several features that is known."""
    merged = Standardised.concat([Standardised(len(features[name]), {"": features[name]}) for name in names]).features[""]
    codes = merged.codes.reshape(len(names), -1)
    chosen = codes[-1].copy()
    for row in codes[-2::-1]:
        chosen[row >= 0] = row[row >= 0]
    return Column(chosen, merged.values)


def cluster(
    model: Model,
    std: Standardised,
    pairs: tuple[Any, Any, Any],
    *,
    ids: Sequence[str],
    must_link: Any = (),
    cannot_link: Any = (),
    unique: Sequence[str | None] = (),
    crew: Crew = ALONE,
) -> Clusters:
    """Clusters of records.

    `pairs`: left, right (n,) row numbers and weight (n,), from the review level up, of any number of components.

    `ids`: (records,) stable keys that break ties and number the clusters. `must_link`, `cannot_link`: (k, 2) rows from steward
    decisions.
    `unique`: records with the same token, None left out, never share a cluster. Raises BadInput when the lengths do not fit.
    """
    if len(ids) != len(std) or (len(unique) not in {0, len(std)}):
        raise BadInput(
            f"there are {len(std)} records, {len(ids)} ids and {len(unique)} uniqueness tokens; their numbers must be equal"
        )
    left, right = (np.asarray(side, np.int32) for side in pairs[:2])
    edges = run.Edges(left, right, np.asarray(pairs[2], np.float32))
    rules = run.Rules(_row_pairs(must_link), _row_pairs(cannot_link), unique)

    def scorer(one: IntArray, other: IntArray) -> tuple[FloatArray, Levels]:
        scores = score(model, std, one, other)
        return scores.weight, scores.levels

    return run.cluster(model, edges, ids, scorer, rules=rules, crew=crew)


def cluster_metrics(model: Model, std: Standardised, labels: IntArray) -> Metrics:
    """Size, mean weight and weakest pair of each cluster of 2 to 2,000 records. `labels`: as `cluster` gives them."""
    return metrics(labels, lambda left, right: score(model, std, left, right).weight)


def _row_pairs(pairs: Any) -> IntArray:
    rows: IntArray = np.asarray(pairs, np.int32).reshape(-1, 2)
    return rows
