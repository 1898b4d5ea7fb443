"""Why two records match or do not: every weight with the values behind it, in words a steward reads, as data and as text."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from matching.blocking.keys import keys
from matching.compare.catalogue import COMPARATORS
from matching.config.model import Comparison, Model
from matching.explain.flips import Flip, flips, group_of
from matching.explain.why_not import Miss, misses
from matching.score.fellegi_sunter import rarity, score
from matching.types import BAND_NAMES, Keys, Scores, Standardised


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
    return explain_against(model, std, i, [j], decision=decision)[0]


def explain_against(
    model: Model, std: Standardised, i: int, others: Sequence[int], *, decision: str | None = None
) -> list[Explanation]:
    """Record `i` explained with each of `others`, in their order; ten together cost as much as three by themselves."""
    seen = _Seen.of(model, std.take([i, *others]))
    return [_explained(seen, place, decision) for place in range(len(others))]


@dataclass(frozen=True, slots=True)
class _Seen:
    """A record and (n,) others as they were compared: `table` has the record in row 0, the others behind it.

    `rarities`: by comparison the bits (n,) that the rarity of the value adds.
    """

    model: Model
    table: Standardised
    scores: Scores
    rarities: tuple[list[float], ...]
    keys: Keys

    @classmethod
    def of(cls, model: Model, table: Standardised) -> _Seen:
        pair = np.zeros(len(table) - 1, np.int32), np.arange(1, len(table), dtype=np.int32)
        scores = score(model, table, *pair)
        rarities = tuple(
            rarity(model, comparison, table, pair, levels=scores.levels[:, place]).tolist()
            for place, comparison in enumerate(model.comparisons)
        )
        return cls(model, table, scores, rarities, keys(model, table))


def _explained(seen: _Seen, place: int, decision: str | None) -> Explanation:
    """The record with the other at `place`."""
    model, scores = seen.model, seen.scores
    steps = _steps(seen, place)
    band = BAND_NAMES[scores.band[place]]
    shared = _shared_keys(seen.keys, place + 1)
    found = flips(model, {step.comparison: (step.level, step.tf_part) for step in steps})
    return Explanation(
        prior=model.prior,
        steps=steps,
        total=round(float(scores.weight[place]), 3),
        probability=round(float(scores.probability[place]), 6),
        band=band,
        rule=_rule(model, band, decision, bool(shared)),
        shared_keys=shared,
        never_compared="" if shared else _why_never(model, seen.keys, place + 1),
        counterfactuals=tuple(flip.sentence for flip in found),
        why_not=() if shared else misses(model, seen.table.take([0, place + 1])),
        flips=found,
    )


def _steps(seen: _Seen, place: int) -> tuple[Step, ...]:
    """What each comparison saw of the record and the other at `place`."""
    model = seen.model
    known = {
        comparison.name: level for comparison, level in zip(model.comparisons, seen.scores.levels[place].tolist(), strict=True)
    }
    found = []
    for comparison, weight, bits in zip(model.comparisons, seen.scores.parts[place].tolist(), seen.rarities, strict=True):
        level, comparator = known[comparison.name], COMPARATORS[comparison.comparator]
        label = comparator.levels[level - 1] if level else "could not be compared"
        if level and comparison.given is not None:
            label += f" ({comparison.given.labels[group_of(comparison, known)]})"
        left, right = _shown(comparison, seen.table, 0), _shown(comparison, seen.table, place + 1)
        tf_part = round(bits[place], 3)
        found.append(
            Step(comparison.name, comparison.label, left, right, level, label, comparator.sentence, round(weight, 3), tf_part)
        )
    return tuple(found)


def _shown(comparison: Comparison, table: Standardised, row: int) -> str | None:
    """The values that a comparison read, in the order of its roles, each once."""
    columns = [table.features[feature] for feature in comparison.inputs.values()]
    return ", ".join(dict.fromkeys(column.values[code] for column in columns if (code := column.codes[row]) >= 0)) or None


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


def _shared_keys(made: Keys, row: int) -> tuple[str, ...]:
    """The families that give row 0 and `row` a key in common."""
    both = np.intersect1d(made.key[made.row == 0], made.key[made.row == row])
    return tuple(made.families[number] for number in np.unique(made.family[(made.row == row) & np.isin(made.key, both)]))


def _why_never(model: Model, made: Keys, row: int) -> str:
    lacking = [side for place, side in ((0, "the first"), (row, "the second")) if not (made.row == place).any()]
    if lacking:
        return f"Never compared: {' and '.join(lacking)} record makes no key at all; what it holds is too common or missing."
    names = ", ".join(family.name.replace("_", " ") for family in model.keys)
    return f"Never compared: they share none of the keys ({names})."
