"""Resolving a whole population: records in, clusters and pairs out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from time import perf_counter
from typing import NamedTuple

import numpy as np

from matching.blocking.keys import keys
from matching.blocking.pairs import Blocks, Portion, blocks, portions
from matching.blocking.report import BlockingReport, FamilyReport, full_report, report
from matching.config.model import Model
from matching.crew import Crew
from matching.errors import BadInput
from matching.pipeline.steps import cluster, prepare, standardise
from matching.pipeline.twins import Folded, fold
from matching.score.fellegi_sunter import kept
from matching.types import AUTO, Cells, Clusters, Column, FloatArray, IntArray, Keys, Levels, Standardised

# A key family that proposes more pairs than this (some twenty minutes of comparing) has outgrown its release.
MOST_PAIRS = 1_000_000_000
# With fewer records than this, sharing the work costs more than it saves.
WORTH_SHARING = 20_000


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


class Kept(NamedTuple):
    """How many pairs a portion had, and those of them from the review level up, each (n,)."""

    compared: int
    left: IntArray
    right: IntArray
    weight: FloatArray
    probability: FloatArray
    band: Levels


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
    threads: int = 1,
) -> Resolution:
    """Standardise, key, compare, weigh and cluster all records. `columns`: (n,) cells by attribute name.

    `link`: a label a record; only records with different labels may be the same (each label is a file without duplicates).
    `with_report`: also count which key families find which pairs, which takes the pairs a second time. `may_fold`: two of
    thousands of identical records may stand for all, see `twins`; the clusters are the same, and fewer of their pairs are listed.
    `threads`: processes that share the work, this one included; the result is the same for any number of them.
    Raises BadInput when lengths differ, ids repeat, or a key has outgrown the model. Memory: the records, their keys, and the
    pairs from the review level up.
    """
    _check(columns, ids, link)
    clock = Clock()
    crew = Crew(threads if len(ids) >= WORTH_SHARING else 1)
    std = standardise(model, columns, crew=crew)
    clock.lap("standardise")
    sides = Column.of(link).codes if link is not None else None
    keyed = _keyed(model, std, ids, crew, may_fold=may_fold and link is None)
    whole, std, ids, folded = ids, keyed.std, keyed.ids, keyed.folded
    _check_size(keyed.families)
    clock.lap("keys")
    found = _compared(model, std, keyed.blocks, sides, crew=crew)
    clock.lap("compare")
    unique = _tokens(link) if link is not None else ()
    clusters = cluster(model, std, (found.left, found.right, found.weight), ids=ids, unique=unique, crew=crew)
    clock.lap("cluster")
    result = Resolution(clusters, *found[1:], found.compared, keyed.families, clock.seconds)
    if with_report:
        joined = (found.band == AUTO) & (clusters.labels[found.left] == clusters.labels[found.right])
        accepted = found.left[joined], found.right[joined]
        result = replace(result, blocking=full_report(model, std, keyed.keys, accepted=accepted, sides=sides))
        clock.lap("report")
    if folded is None:
        return result
    if not folded.is_exact(found.left, found.right):
        return resolve(model, columns, ids=whole, with_report=with_report, may_fold=False, threads=threads)
    return folded.spread(result, whole)


class Keyed(NamedTuple):
    """Records with their keys: all of them, or those that are left where two stand for many (`folded`)."""

    std: Standardised
    ids: Sequence[str]
    keys: Keys
    blocks: Blocks
    families: Mapping[str, FamilyReport]
    folded: Folded | None


def _keyed(model: Model, std: Standardised, ids: Sequence[str], crew: Crew, *, may_fold: bool) -> Keyed:
    made = keys(model, std, crew=crew)
    met = blocks(made, crew=crew)
    families = report(met, made.families)
    folded = fold(std, ids, made, families) if may_fold else None
    if folded is None:
        return Keyed(std, ids, made, met, families, None)
    return _keyed(model, folded.std, folded.ids, crew, may_fold=False)._replace(folded=folded)


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


def _compared(model: Model, std: Standardised, blocks: Blocks, sides: IntArray | None, *, crew: Crew) -> Kept:
    """All pairs compared, portion by portion; kept are those from the review level up."""
    if crew.size > 1:
        prepare(model, std, crew=crew)
    found = [_nothing(), *crew.share([partial(_scored, model, std, sides, portion) for portion in portions(blocks)])]
    columns = [np.concatenate(part) for part in zip(*(chunk[1:] for chunk in found), strict=True)]
    return Kept(sum(chunk.compared for chunk in found), *columns)


def _scored(model: Model, std: Standardised, sides: IntArray | None, portion: Portion) -> Kept:
    """The pairs of one portion compared; kept are those from the review level up."""
    left, right = portion()
    if sides is not None:
        across = sides[left] != sides[right]
        left, right = left[across], right[across]
    rows, scores = kept(model, std, left, right)
    return Kept(len(left), left[rows], right[rows], scores.weight, scores.probability, scores.band)


def _nothing() -> Kept:
    none = np.zeros(0, np.int32)
    return Kept(0, none, none, np.zeros(0, np.float32), np.zeros(0, np.float32), np.zeros(0, np.int8))


def _tokens(link: Cells) -> list[str | None]:
    return [None if label is None else str(label) for label in link]
