"""Learning a model's numbers from a population: frequencies, weights, and from labels also calibration."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np

from matching.blocking.keys import keys, spelled
from matching.blocking.pairs import pairs
from matching.config.model import Model
from matching.crew import ALONE, Crew
from matching.errors import BadInput
from matching.pipeline.steps import prepare, standardise
from matching.score import calibrate, frequencies, labelled, thresholds, training
from matching.score.fellegi_sunter import compared, score
from matching.types import Cells, FloatArray, Frequencies, IntArray, Levels, Scores, Standardised

# EM learns from at most this many candidate pairs, taken evenly over all records.
MOST_PAIRS = 2_000_000
# Pairs compared at once.
PORTION = 262_144
# Parts of the labelled pairs; each is weighed by a fit to the others.
FOLDS = 5


def train(
    model: Model,
    columns: Mapping[str, Cells],
    *,
    labels: tuple[Any, Any, Any] | None = None,
    false_merges: float | None = None,
    link: Cells | None = None,
    date: str = "",
    source: str = "",
    population: int | None = None,
    threads: int = 1,
) -> Model:
    """A model with frequencies and weights learned from these records; nothing is released by it.

    Without labels: expectation-maximisation over the candidate pairs. `labels`: left, right row numbers and match (n,) bool;
    the weights are then fitted to them, drawn towards those of EM, and the probability is calibrated. `false_merges`: with
    labels, the share of wrong pairs that the automatic threshold may let through; see `thresholds.solved`. `population`: how many
    records the model is for, when these are a sample of them; it says which keys are too common.
    Raises BadInput when there are too few candidate pairs to learn from.
    """
    crew = Crew(threads)
    std = standardise(model, columns, crew=crew)
    model = with_common_keys(with_learnt_frequencies(model, std), std, population or len(std), crew=crew)
    left, right = candidates(model, std, link, crew=crew)
    if len(left) < training.LEAST_SEEN:
        raise BadInput(f"there are only {len(left)} candidate pairs; training needs at least {training.LEAST_SEEN}")
    model, fitted = training.fit_model(model, _levels(model, std, left, right, crew=crew))
    said = {
        "records": len(std),
        "candidate_pairs": len(left),
        "rounds": fitted.rounds,
        "match_share": round(fitted.match_share, 4),
        "date": date,
        "source": source,
    }
    model = replace(model, provenance={**model.provenance, "training": said})
    model = calibrate.scaled(model, calibrate.kept(model))
    return model if labels is None else with_labels(model, std, labels, false_merges=false_merges)


def with_learnt_frequencies(model: Model, std: Standardised) -> Model:
    """The model with tables learned from these records, and the mean rarity of values that goes with them."""
    model = model.with_frequencies(frequencies.learnt(model, std))
    comparisons = []
    for comparison in model.comparisons:
        if comparison.tf is not None:
            column = std.features[next(iter(comparison.inputs.values()))]
            mean = frequencies.mean_bits(column, model.frequencies[comparison.tf.table])
            comparison = replace(comparison, tf=replace(comparison.tf, mean=mean))
        comparisons.append(comparison)
    return replace(model, comparisons=tuple(comparisons))


def with_common_keys(model: Model, std: Standardised, population: int, *, crew: Crew = ALONE) -> Model:
    """The model with new tables of the keys that are too common in a population of this size."""
    listed = {family.common for family in model.keys if family.common}
    model = model.with_frequencies({table: Frequencies({}, frequencies.UNLISTED) for table in listed})
    made = keys(model, std, crew=crew)
    for table in listed:
        mine = np.flatnonzero([family.common == table for family in model.keys])
        found = made.key[np.isin(made.family, mine)].view(np.uint64)
        model = model.with_frequencies({table: frequencies.of_keys(found, spelled, len(std), population)})
    return model


def _levels(model: Model, std: Standardised, left: IntArray, right: IntArray, *, crew: Crew) -> Levels:
    """Levels of all comparisons for these pairs, portion by portion."""
    if crew.size > 1:
        prepare(model, std, crew=crew)
    slices = [slice(at, at + PORTION) for at in range(0, len(left), PORTION)]
    found = crew.share([partial(compared, model, std, left[part], right[part]) for part in slices])
    levels: Levels = np.concatenate(found)
    return levels


def candidates(model: Model, std: Standardised, link: Cells | None = None, *, crew: Crew = ALONE) -> tuple[IntArray, IntArray]:
    """Candidate pairs, thinned evenly when there are very many."""
    from matching.types import Column

    sides = Column.of(link).codes if link is not None else None
    # Common keys are held back for their cost alone: what they bring teaches what records that differ look like.
    lenient = replace(model, keys=tuple(replace(family, common=None) for family in model.keys))
    found = [(np.zeros(0, np.int32), np.zeros(0, np.int32)), *pairs(keys(lenient, std, crew=crew))]
    left, right = (np.concatenate(part) for part in zip(*found, strict=True))
    if sides is not None:
        across = sides[left] != sides[right]
        left, right = left[across], right[across]
    step = -(-len(left) // MOST_PAIRS) or 1
    return left[::step], right[::step]


def with_labels(model: Model, std: Standardised, labels: tuple[Any, Any, Any], *, false_merges: float | None = None) -> Model:
    """The model refitted to decided pairs and calibrated on them."""
    left, right, match = np.asarray(labels[0], np.int32), np.asarray(labels[1], np.int32), np.asarray(labels[2], bool)
    problems = labelled.problems(match)
    if problems:
        raise BadInput(problems)
    scores = score(model, std, left, right)
    refitted = labelled.refitted(model, scores, match)
    said = {**model.provenance, "labels": {"pairs": len(match), "matches": int(match.sum())}}
    refitted = replace(refitted, provenance=said)
    if false_merges is None:
        return refitted
    return thresholds.solved(refitted, _held_out(model, scores, (std, left, right), match), match, false_merges)


def _held_out(model: Model, scores: Scores, pairs: tuple[Standardised, IntArray, IntArray], match: Any) -> FloatArray:
    """Weights (n,) of the labelled pairs, each under a fit that has not seen it: a fit flatters what it was fitted to.

    `scores`: of all of them under `model`, before any fit.
    """
    std, left, right = pairs
    fold = np.empty(len(match), np.int64)
    # In the order of the records, so that the order of the labels does not matter.
    fold[np.lexsort((right, left))] = np.arange(len(match)) % FOLDS
    weight = np.zeros(len(match), np.float32)
    for number in range(FOLDS):
        out, rest = np.flatnonzero(fold == number), np.flatnonzero(fold != number)
        seen = Scores(scores.weight[rest], scores.probability[rest], scores.levels[rest], scores.parts[rest], scores.band[rest])
        fitted = labelled.refitted(model, seen, match[rest])
        weight[out] = score(fitted, std, left[out], right[out]).weight
    return weight


def checked_labels(
    ids: Sequence[str], one: Sequence[str], other: Sequence[str], match: Sequence[bool]
) -> tuple[IntArray, IntArray, Any]:
    """Labelled pairs as row numbers. Raises BadInput naming up to ten ids that are not among the records."""
    row = {name: number for number, name in enumerate(ids)}
    unknown = [name for name in (*one, *other) if name not in row]
    if unknown:
        raise BadInput([f"the labels name the id {name!r}, which is not in the input" for name in dict.fromkeys(unknown)][:10])
    return (
        np.array([row[name] for name in one], np.int32),
        np.array([row[name] for name in other], np.int32),
        np.array(match, bool),
    )
