"""Resolving a whole population: records in, clusters and pairs out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from time import perf_counter

import numpy as np

from matching.blocking.keys import keys
from matching.blocking.pairs import pairs
from matching.blocking.report import BlockingReport, FamilyReport, full_report, report
from matching.config.model import Model
from matching.errors import BadInput
from matching.pipeline.steps import cluster, standardise
from matching.pipeline.twins import fold
from matching.score.fellegi_sunter import score
from matching.types import AUTO, Cells, Clusters, Column, FloatArray, IntArray, Keys, Levels, Standardised

# A key family that proposes more pairs than this (some twenty minutes of comparing) has outgrown its release.
MOST_PAIRS = 1_000_000_000


@dataclass(frozen=True, slots=True, eq=False)
class Resolution:
    """`clusters` of all records.

    The pairs from the review level up, each (n,): `left`, `right`, `weight`, `probability`, `band`. `blocking`: if asked for.
    `folded`: records that others stood for, being identical and very many; see `twins`. 0 in nearly all runs.
    """

    clusters: Clusters
    left: IntArray
    right: IntArray
    weight: FloatArray
    probability: FloatArray
    band: Levels
    pairs_compared: int
    families: Mapping[str, FamilyReport]
    seconds: Mapping[str, float]
    blocking: BlockingReport | None = None
    folded: int = 0


@dataclass(slots=True)
class Clock:
    """Seconds by stage."""

    seconds: dict[str, float] = field(default_factory=dict)
    since: float = field(default_factory=perf_counter)

    def lap(self, stage: str) -> None:
        now = perf_counter()
        self.seconds[stage] = round(self.seconds.get(stage, 0.0) + now - self.since, 3)
        self.since = now


def resolve(
    model: Model,
    columns: Mapping[str, Cells],
    *,
    ids: Sequence[str],
    link: Cells | None = None,
    with_report: bool = False,
    may_fold: bool = True,
) -> Resolution:
    """Standardise, key, compare, weigh and cluster all records. `columns`: (n,) cells by attribute name.

    `link`: a label a record; only records with different labels may be the same (each label is a file without duplicates).
    `with_report`: also count which key families find which pairs, which takes the pairs a second time. `may_fold`: two of
    thousands of identical records may stand for all, see `twins`; the clusters are the same, and fewer of their pairs are listed.
    Raises BadInput when lengths differ, ids repeat, or a key has outgrown the model. Memory: the records, their keys, and the
    pairs from the review level up.
    """
    _check(columns, ids, link)
    clock = Clock()
    std = standardise(model, columns)
    clock.lap("standardise")
    sides = Column.of(link).codes if link is not None else None
    made = keys(model, std)
    families = report(made)
    folded, whole = fold(std, ids, made, families) if may_fold and link is None else None, ids
    if folded is not None:
        std, ids = folded.std, folded.ids
        made = keys(model, std)
        families = report(made)
    _check_size(families)
    clock.lap("keys")
    found = list(_scored(model, std, (made, sides), clock))
    compared = sum(chunk[0] for chunk in found)
    left, right, weight, probability, band = (np.concatenate(part) for part in zip(*(chunk[1:] for chunk in found), strict=True))
    clock.lap("compare")
    unique = _tokens(link) if link is not None else ()
    clusters = cluster(model, std, (left, right, weight), ids=ids, unique=unique)
    clock.lap("cluster")
    blocking = None
    if with_report:
        joined = (band == AUTO) & (clusters.labels[left] == clusters.labels[right])
        blocking = full_report(model, std, made, accepted=(left[joined], right[joined]), sides=sides)
        clock.lap("report")
    result = Resolution(clusters, left, right, weight, probability, band, compared, families, clock.seconds, blocking)
    if folded is None:
        return result
    if not folded.is_exact(left, right):
        return resolve(model, columns, ids=whole, with_report=with_report, may_fold=False)
    return folded.spread(result, whole)


def _check(columns: Mapping[str, Cells], ids: Sequence[str], link: Cells | None) -> None:
    problems = [
        f"column {name} has {len(cells)} rows and there are {len(ids)} ids"
        for name, cells in columns.items()
        if len(cells) != len(ids)
    ]
    if link is not None and len(link) != len(ids):
        problems.append(f"the link column has {len(link)} rows and there are {len(ids)} ids")
    if len(set(ids)) != len(ids):
        problems.append("ids must be unique")
    if problems:
        raise BadInput(problems)


def _check_size(families: Mapping[str, FamilyReport]) -> None:
    """Refuse what would run for hours: some value is shared by far too many records."""
    problems = [
        f"the key {name} is shared by up to {family.largest_block:,} records and proposes {family.pairs:,} pairs;"
        " take out exact duplicates, or train the model on this input so that values as common as that need company"
        for name, family in families.items()
        if family.pairs > MOST_PAIRS
    ]
    if problems:
        raise BadInput(problems)


def _scored(
    model: Model, std: Standardised, keyed: tuple[Keys, IntArray | None], clock: Clock
) -> Iterator[tuple[int, IntArray, IntArray, FloatArray, FloatArray, Levels]]:
    """Chunk by chunk the number of pairs compared, and those of them from the review level up."""
    made, sides = keyed
    nothing = np.zeros(0, np.int32)
    yield 0, nothing, nothing, np.zeros(0, np.float32), np.zeros(0, np.float32), np.zeros(0, np.int8)
    for left, right in pairs(made):
        if sides is not None:
            across = sides[left] != sides[right]
            left, right = left[across], right[across]
        clock.lap("pairs")
        scores = score(model, std, left, right)
        kept = scores.band > 0
        clock.lap("compare")
        yield len(left), left[kept], right[kept], scores.weight[kept], scores.probability[kept], scores.band[kept]


def _tokens(link: Cells) -> list[str | None]:
    return [None if label is None else str(label) for label in link]
