"""What the engine alone says of a set of records, all at once and in memory: the partition the hub must reach by any way."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

import matching
from mdm.engine import cleaning, columns, releases
from mdm.engine.preparing import Incoming


def partition(incoming: Sequence[Incoming], *, domain: str = "customer") -> frozenset[frozenset[str]]:
    """Groups of stable names."""
    release = releases.current(domain)
    names = [f"{said.system}/{said.object}/{said.scope}/{said.native_id}" for said in incoming]
    cleaned, _ = cleaning.clean(release.spec, [said.payload for said in incoming])
    table = columns.standardise(release, cleaned)
    left, right = _pairs(columns.keys(release, table))
    scores = matching.score(release.model, table, left, right)
    kept = scores.band > 0
    weight = np.round(scores.weight[kept].astype(np.float64), 4)
    found = matching.cluster(release.model, table, (left[kept], right[kept], weight), ids=names)
    groups: dict[int, set[str]] = {}
    for name, label in zip(names, found.labels.tolist(), strict=True):
        groups.setdefault(label, set()).add(name)
    return frozenset(frozenset(group) for group in groups.values())


def _pairs(keys: Sequence[Sequence[int]]) -> tuple[np.ndarray, np.ndarray]:
    """All pairs of rows that share a key, each once."""
    holders: dict[int, list[int]] = {}
    for row, mine in enumerate(keys):
        for key in mine:
            holders.setdefault(key, []).append(row)
    pairs = {(one, two) for rows in holders.values() for place, one in enumerate(rows) for two in rows[place + 1 :]}
    ordered = np.array(sorted(pairs), dtype=np.int32).reshape(-1, 2)
    return ordered[:, 0], ordered[:, 1]
