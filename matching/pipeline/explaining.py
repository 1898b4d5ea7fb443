"""How one cluster of a whole population came about."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from matching.cluster.components import components
from matching.config.model import Model
from matching.explain.growth import Growth, growth
from matching.pipeline.resolve import resolve
from matching.pipeline.steps import standardise
from matching.types import Cells


def grown(model: Model, columns: Mapping[str, Any], of: int, *, ids: Sequence[str], link: Cells | None = None) -> Growth:
    """The growth of the cluster of record `of`; all records are resolved for it. `columns`: Arrow columns by attribute name."""
    # Every pair is needed here, those of identical records too.
    found = resolve(model, columns, ids=ids, link=link, may_fold=False)
    linked = components(len(ids), found.left, found.right)
    rows = np.flatnonzero(linked == linked[of])
    std = standardise(model, {name: column.take(rows) for name, column in columns.items()})
    inside = linked[found.left] == linked[of]
    left, right = (np.searchsorted(rows, side[inside]) for side in (found.left, found.right))
    names = [ids[row] for row in rows.tolist()]
    unique = [] if link is None else [None if link[row] is None else str(link[row]) for row in rows.tolist()]
    return growth(model, std, (left, right, found.weight[inside]), int(np.searchsorted(rows, of)), ids=names, unique=unique)
