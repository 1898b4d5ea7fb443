"""Scores pairs, clusters components and explains both."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

import matching
from mdm.engine import columns
from mdm.engine.releases import Release

BANDS = ("BELOW", "REVIEW", "AUTO")
"""The engine's bands by its own codes."""


@dataclass(frozen=True, slots=True)
class ScoredPair:
    """Two records by id, `left` < `right`; `weight` in bits with the prior, `band` AUTO or REVIEW."""

    left: int
    right: int
    weight: float
    probability: float
    band: str
    pattern: str


@dataclass(frozen=True, slots=True)
class Node:
    """One record of a component. `key`: its stable name. `unique`: records that share it are never the same."""

    id: int
    key: str
    standardised: Mapping[str, Any]
    unique: str | None = None


@dataclass(frozen=True, slots=True)
class Partition:
    """Clusters of record ids, each with the probability of its weakest accepted union."""

    clusters: tuple[frozenset[int], ...]
    strength: tuple[float, ...]


def score(release: Release, standardised: Mapping[int, Mapping[str, Any]], pairs: Sequence[tuple[int, int]]) -> list[ScoredPair]:
    """The pairs among `pairs` that reach the review level; depends on the two records and the release alone."""
    if not pairs:
        return []
    ids = sorted({record for pair in pairs for record in pair})
    place = {record: n for n, record in enumerate(ids)}
    table = columns.stored(release, [standardised[record] for record in ids])
    left = np.array([place[a] for a, _ in pairs], dtype=np.int32)
    right = np.array([place[b] for _, b in pairs], dtype=np.int32)
    scores = matching.score(release.model, table, left, right)
    found = np.flatnonzero(scores.band > 0)
    return listed(scores.only(found), [pairs[n] for n in found.tolist()])


def listed(scores: matching.Scores, pairs: Sequence[tuple[int, int]]) -> list[ScoredPair]:
    """Scores as they are stored: rounded, so that they come back from the database the same."""
    columns = (scores.weight.tolist(), scores.probability.tolist(), scores.band.tolist(), scores.levels.tolist())
    return [
        ScoredPair(*pair, round(weight, 4), round(probability, 6), BANDS[band], "".join(map(_digit, levels)))
        for pair, weight, probability, band, levels in zip(pairs, *columns, strict=True)
    ]


@dataclass(frozen=True, slots=True)
class Scored:
    """One record against many: weights in bits (n,), probabilities (n,), bands by place."""

    weight: np.ndarray[Any, np.dtype[np.float32]]
    probability: np.ndarray[Any, np.dtype[np.float32]]
    bands: tuple[str, ...]


def score_against(release: Release, asked: Mapping[str, Any], others: Sequence[Mapping[str, Any]]) -> Scored:
    """One standardised record compared with `others`, all of them."""
    table = columns.stored(release, [asked, *others])
    left, right = np.zeros(len(others), dtype=np.int32), np.arange(1, len(others) + 1, dtype=np.int32)
    scores = matching.score(release.model, table, left, right)
    return Scored(scores.weight, scores.probability, tuple(BANDS[band] for band in scores.band.tolist()))


def cluster(
    release: Release,
    nodes: Sequence[Node],
    pairs: Sequence[tuple[int, int, float]],
    *,
    same: Sequence[tuple[int, int]],
    different: Sequence[tuple[int, int]],
) -> Partition:
    """Partition whole components: a function of their records, pairs and decisions, not of any order."""
    ordered = sorted(nodes, key=lambda node: node.key)
    place = {node.id: n for n, node in enumerate(ordered)}
    known = [pair for pair in pairs if pair[0] in place and pair[1] in place]
    found = matching.cluster(
        release.model,
        columns.stored(release, [node.standardised for node in ordered]),
        (
            np.array([place[a] for a, _, _ in known], dtype=np.int32),
            np.array([place[b] for _, b, _ in known], dtype=np.int32),
            np.array([weight for _, _, weight in known], dtype=np.float32),
        ),
        ids=[node.key for node in ordered],
        must_link=_indices(same, place),
        cannot_link=_indices(different, place),
        unique=[node.unique for node in ordered],
    )
    groups: dict[int, list[int]] = {}
    for node, label in zip(ordered, found.labels.tolist(), strict=True):
        groups.setdefault(label, []).append(node.id)
    strength = {label: float(value) for label, value in zip(found.labels.tolist(), found.strength.tolist(), strict=True)}
    return Partition(tuple(frozenset(group) for group in groups.values()), tuple(strength[label] for label in groups))


def explain(
    release: Release, left: Mapping[str, Any], right: Mapping[str, Any], *, decision: str | None = None
) -> matching.Explanation:
    """Why two standardised records score as they do."""
    return matching.explain(release.model, columns.stored(release, [left, right]), 0, 1, decision=decision)


def explain_against(
    release: Release, asked: Mapping[str, Any], others: Sequence[Mapping[str, Any]]
) -> list[matching.Explanation]:
    """Why a standardised record scores as it does with each of `others`, in their order."""
    table = columns.stored(release, [asked, *others])
    return matching.explain_against(release.model, table, 0, range(1, len(others) + 1))


def _indices(links: Sequence[tuple[int, int]], place: Mapping[int, int]) -> np.ndarray[Any, np.dtype[np.int32]]:
    found = [(place[a], place[b]) for a, b in links if a in place and b in place]
    return np.array(found, dtype=np.int32).reshape(-1, 2)


def _digit(level: int) -> str:
    return "0123456789abcdefghijklmnopqrstuvwxyz"[level] if 0 <= level < 36 else "?"
