"""Clustering records that are standardised already: what a hub asks that keeps their features."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np

from matching.blocking.keys import keys
from matching.blocking.pairs import Portion, blocks, portions
from matching.blocking.report import report
from matching.cluster.components import components
from matching.config.model import Model
from matching.crew import Crew
from matching.errors import BadInput
from matching.pipeline.resolve import MOST_PAIRS, WORTH_SHARING
from matching.pipeline.steps import cluster, prepare
from matching.score.fellegi_sunter import kept
from matching.types import Clusters, IntArray, Scores, Standardised


@dataclass(frozen=True, slots=True, eq=False)
class Partitioned:
    """`clusters` and `component` (n,) of all records: a component hangs together over pairs from the review level up.

    These pairs: `left`, `right` (p,) row numbers, left < right, and their `scores`.
    """

    clusters: Clusters
    component: IntArray
    left: IntArray
    right: IntArray
    scores: Scores


def partition(
    model: Model,
    std: Standardised,
    *,
    ids: Sequence[str],
    must_link: Any = (),
    cannot_link: Any = (),
    unique: Sequence[str | None] = (),
    threads: int = 1,
) -> Partitioned:
    """The partition that `keys`, `score` and `cluster` give, for all records at once.

    `ids`, links, `unique`: as `cluster` takes them. `threads`: processes that share the work, this one included.
    Raises BadInput when lengths differ, ids repeat, or a key has outgrown the model. Memory: as `resolve`.
    """
    crew = Crew(threads if len(ids) >= WORTH_SHARING else 1)
    made = keys(model, std, crew=crew)
    met = blocks(made, crew=crew)
    outgrown = [name for name, family in report(met, made.families).items() if family.pairs > MOST_PAIRS]
    if outgrown:
        raise BadInput(
            [f"the key {name} is shared by far too many records; release a model trained on them" for name in outgrown]
        )
    if crew.size > 1:
        prepare(model, std, crew=crew)
    nothing = np.zeros(0, np.int32)
    found = [_scored(model, std, lambda: (nothing, nothing))]
    found += crew.share([partial(_scored, model, std, portion) for portion in portions(met)])
    left, right = (np.concatenate([one[side] for one in found]) for side in (0, 1))
    scores = Scores(*(np.concatenate(column) for column in zip(*(one[2] for one in found), strict=True)))
    pairs = (left, right, scores.weight)
    clusters = cluster(model, std, pairs, ids=ids, must_link=must_link, cannot_link=cannot_link, unique=unique, crew=crew)
    return Partitioned(clusters, components(len(ids), left, right), left, right, scores)


def regroup(
    model: Model,
    std: Standardised,
    pairs: tuple[Any, Any, Any],
    *,
    ids: Sequence[str],
    must_link: Any = (),
    cannot_link: Any = (),
    unique: Sequence[str | None] = (),
    threads: int = 1,
) -> Clusters:
    """What `cluster` gives, shared among `threads` processes: where the pairs are known, none have to be found."""
    crew = Crew(threads if len(ids) >= WORTH_SHARING else 1)
    if crew.size > 1:
        prepare(model, std, crew=crew)
    return cluster(model, std, pairs, ids=ids, must_link=must_link, cannot_link=cannot_link, unique=unique, crew=crew)


def _scored(model: Model, std: Standardised, portion: Portion) -> tuple[IntArray, IntArray, Scores]:
    left, right = portion()
    rows, scores = kept(model, std, left, right)
    return left[rows], right[rows], scores
