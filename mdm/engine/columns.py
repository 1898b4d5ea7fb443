"""From attributes to what matching compares: standardised values and match keys."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

import matching
from mdm.engine.releases import Release
from mdm.rules.intake.content import content_hash

Standardised = matching.Standardised


def standardise(release: Release, records: Sequence[Mapping[str, Any]]) -> matching.Standardised:
    """Standardised values of `records` (cleaned attributes), in their order."""
    columns = {theirs: [_text(record.get(ours)) for record in records] for theirs, ours in release.spec.match.attributes.items()}
    if not columns or not records:
        columns = {name: [None] * len(records) for name in release.model.attributes}
    return matching.standardise(release.model, columns)


def stored(release: Release, rows: Sequence[Mapping[str, Any]]) -> matching.Standardised:
    """Standardised values read back from their stored form."""
    return matching.Standardised.from_rows(release.model, rows)


def keys(release: Release, standardised: matching.Standardised) -> list[list[int]]:
    """The distinct match keys of each record, sorted; signed 64-bit, different in every domain."""
    found = matching.keys(release.model, standardised)
    mixed = found.key ^ np.int64(_domain_salt(release.domain))
    lists: list[list[int]] = [[] for _ in range(len(standardised))]
    for row, key in zip(found.row.tolist(), mixed.tolist(), strict=True):
        lists[row].append(key)
    return [sorted(set(record)) for record in lists]


def _domain_salt(domain: str) -> int:
    """63 bits that keep the keys of two domains apart in one table."""
    return int(content_hash(domain)[:15], 16)


def _text(value: Any) -> str | None:
    if value is None:
        return None
    return " ".join(map(str, value)) if isinstance(value, list) else str(value)
