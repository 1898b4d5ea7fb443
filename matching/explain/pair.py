"""Why two records match or do not: every weight with the values behind it, in words a steward reads, as data and as text."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from matching.blocking.keys import keys
from matching.compare.catalogue import COMPARATORS
from matching.config.model import Comparison, Model
from matching.explain.flips import Flip, flips, group_of
from matching.explain.why_not import Miss, misses
from matching.score.fellegi_sunter import rarity, score
from matching.types import BAND_NAMES, Standardised


@dataclass(frozen=True, slots=True)
class Step:
    """What one comparison saw.

    `weight` in bits holds `tf_part`, the share that the rarity of the value adds. `level` 0: not compared.
    """

    comparison: str
    label: str
    left: str | None
    right: str | None
    level: int
    level_label: str
    sentence: str
    weight: float
    tf_part: float


@dataclass(frozen=True, slots=True)
class Explanation:
    """One pair explained. Weights in bits, `probability` 0..1. `shared_keys`: key families that bring the two together.

    `never_compared`: a sentence when no key does, else empty; `why_not` then says it key family by key family.
    `counterfactuals`: the smallest changes that would move the pair over a threshold; `flips` are the same as data.
    """

    prior: float
    steps: tuple[Step, ...]
    total: float
    probability: float
    band: str
    rule: str
    shared_keys: tuple[str, ...]
    never_compared: str
    counterfactuals: tuple[str, ...]
    why_not: tuple[Miss, ...] = ()
    flips: tuple[Flip, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """The same as plain data."""
        return asdict(self)

    def text(self) -> str:
        """The same as lines of text."""
        lines = [f"{'start':<24} {self.prior:+7.1f}  before anything is compared"]
        for step in self.steps:
            values = f"{step.left or '(nothing)'} | {step.right or '(nothing)'}"
            lines.append(f"{step.label:<24} {step.weight:+7.1f}  {step.level_label}: {values}")
        lines.append(f"{'total':<24} {self.total:+7.1f}  probability {self.probability:.4f}, {self.band}")
        lines.append(self.rule)
        lines += (
            [self.never_compared] if self.never_compared else [f"Compared because they share: {', '.join(self.shared_keys)}."]
        )
        lines += [f"- {miss.sentence}" for miss in self.why_not]
        return "\n".join([*lines, *self.counterfactuals])


def explain(model: Model, std: Standardised, i: int, j: int, *, decision: str | None = None) -> Explanation:
    """Explain the pair of records `i` and `j`, compared in a run or not.

    `decision`: a steward's "same" or "different", if there is one.
    """
    two = std.take([i, j])
    left, right = np.array([0], np.int32), np.array([1], np.int32)
    scores = score(model, two, left, right)
    levels = {comparison.name: int(scores.levels[0, place]) for place, comparison in enumerate(model.comparisons)}
    steps = tuple(
        _step(model, comparison, two, (levels, weight))
        for comparison, weight in zip(model.comparisons, scores.parts[0].tolist(), strict=True)
    )
    total, band = float(scores.weight[0]), BAND_NAMES[scores.band[0]]
    shared = _shared_keys(model, two)
    found = flips(model, {step.comparison: (step.level, step.tf_part) for step in steps})
    return Explanation(
        prior=model.prior,
        steps=steps,
        total=round(total, 3),
        probability=round(float(scores.probability[0]), 6),
        band=band,
        rule=_rule(model, band, decision, bool(shared)),
        shared_keys=shared,
        never_compared="" if shared else _why_never(model, two),
        counterfactuals=tuple(flip.sentence for flip in found),
        why_not=() if shared else misses(model, two),
        flips=found,
    )


def _step(model: Model, comparison: Comparison, two: Standardised, found: tuple[Mapping[str, int], float]) -> Step:
    """`found`: the levels of all comparisons, and the weight of this one."""
    known, weight = found
    level = known[comparison.name]
    comparator = COMPARATORS[comparison.comparator]
    levels = np.array([level], np.int8)
    part = rarity(model, comparison, two, (np.array([0], np.int32), np.array([1], np.int32)), levels=levels)
    label = comparator.levels[level - 1] if level else "could not be compared"
    if level and comparison.given is not None:
        label += f" ({comparison.given.labels[group_of(comparison, known)]})"
    values = [_shown(comparison, two, row) for row in (0, 1)]
    return Step(
        comparison.name,
        comparison.label,
        values[0],
        values[1],
        level,
        label,
        comparator.sentence,
        round(weight, 3),
        round(float(part[0]), 3),
    )


def _shown(comparison: Comparison, two: Standardised, row: int) -> str | None:
    """The values that a comparison read, in the order of its roles, each once."""
    cells = [two.features[feature].take(np.array([row])).cells()[0] for feature in comparison.inputs.values()]
    return ", ".join(dict.fromkeys(cell for cell in cells if cell is not None)) or None


def _rule(model: Model, band: str, decision: str | None, is_shared: bool) -> str:
    """Which rule decides, strongest first: a person, then the thresholds."""
    if decision in {"same", "different"}:
        return f"A steward decided: {decision}. No machine step changes that."
    if not is_shared:
        return "They were never put side by side, so no weight decides."
    percent = {
        name: f"{value * 100:.3g} %" for name, value in (("auto", model.thresholds.auto), ("review", model.thresholds.review))
    }
    return {
        "auto": f"From the automatic threshold of {percent['auto']} up: joined unless something in its group speaks against it.",
        "review": f"Between {percent['review']} and {percent['auto']}: a steward is asked.",
        "no": f"Below the review threshold of {percent['review']}: kept apart.",
    }[band]


def _shared_keys(model: Model, two: Standardised) -> tuple[str, ...]:
    made = keys(model, two)
    mine, theirs = made.key[made.row == 0], made.key[made.row == 1]
    shared = np.isin(made.key, np.intersect1d(mine, theirs))
    return tuple(made.families[number] for number in np.unique(made.family[shared]))


def _why_never(model: Model, two: Standardised) -> str:
    made = keys(model, two)
    lacking = [side for row, side in ((0, "the first"), (1, "the second")) if not (made.row == row).any()]
    if lacking:
        return f"Never compared: {' and '.join(lacking)} record makes no key at all; what it holds is too common or missing."
    names = ", ".join(family.name.replace("_", " ") for family in model.keys)
    return f"Never compared: they share none of the keys ({names})."
