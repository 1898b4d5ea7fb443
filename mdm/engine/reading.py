"""Reads a target's rows in our words: the same mapping and cleaning that intake uses."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from mdm.engine import cleaning, preparing
from mdm.engine.releases import Release
from mdm.models import SourceObject


@dataclass(frozen=True, slots=True)
class Reading:
    """One row in canonical attributes. `content_hash`: as intake computes it, so that the row is known when it comes in."""

    attributes: dict[str, Any]
    content_hash: str


def canonical(release: Release, source: SourceObject, payloads: Sequence[Mapping[str, Any]]) -> list[Reading]:
    """Rows of one source object as canonical attributes; values that cannot be read are left out."""
    items = [
        preparing.Prepared(place, preparing.Incoming(source.system_id, source.object, "", payload), source)
        for place, payload in enumerate(payloads)
    ]
    preparing.map_payloads(release, items)
    cleaned, _ = cleaning.clean(release.spec, [item.mapped for item in items])
    return [Reading(values, item.content_hash) for item, values in zip(items, cleaned, strict=True)]


def remote(release: Release, source: SourceObject, attributes: Mapping[str, Any]) -> dict[str, Any]:
    """Attributes in the target's words, by remote path; what the target takes no value for is left out."""
    return preparing.mapping_of(release, source).to_remote(attributes)


def accepted(release: Release, source: SourceObject) -> frozenset[str]:
    """The attributes that the target takes."""
    return preparing.mapping_of(release, source).writable
