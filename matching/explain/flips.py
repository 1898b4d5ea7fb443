"""The smallest changes that would move a pair over a threshold: of one comparison, or of two where one is not enough."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import combinations

from matching.compare.catalogue import COMPARATORS
from matching.config.model import Comparison, Model, probability_of


@dataclass(frozen=True, slots=True)
class Flip:
    """Changes that carry a pair over the threshold "auto" or "review", up or down. `probability`: what it would have then.

    `changes`: name, label and new level of each comparison changed.
    """

    threshold: str
    is_up: bool
    changes: tuple[tuple[str, str, str], ...]
    probability: float

    @property
    def sentence(self) -> str:
        said = " and ".join(f'{label} were "{level}"' for _, label, level in self.changes)
        word = "reach" if self.is_up else "fall below"
        return f"It would {word} the {self.threshold} threshold if {said} (then {self.probability:.3f})."


# What was seen: the level of each comparison, and the bits that the rarity of its value adds.
Seen = Mapping[str, tuple[int, float]]


def flips(model: Model, seen: Seen) -> tuple[Flip, ...]:
    """For each threshold the change with the least difference in bits that crosses it; none where two changes do not."""
    found = []
    for name, threshold in (("auto", model.thresholds.auto_weight), ("review", model.thresholds.review_weight)):
        flip = _crossing(model, seen, name, threshold) or _crossing(model, seen, name, threshold, count=2)
        found += [flip] if flip else []
    return tuple(found)


def total(model: Model, seen: Seen, changed: Mapping[str, int]) -> float:
    """Bits of the pair if the comparisons of `changed` stood at those levels; what depends on them follows."""
    levels = {**{name: level for name, (level, _) in seen.items()}, **changed}
    bits = model.prior
    for comparison in model.comparisons:
        level = levels[comparison.name]
        if level:
            bits += comparison.weights[group_of(comparison, levels) * comparison.size + level - 1]
            # A value that is no longer the same has no rarity to add.
            bits += seen[comparison.name][1] if comparison.name not in changed else 0.0
    return bits


def group_of(comparison: Comparison, levels: Mapping[str, int]) -> int:
    """Which block of the weights counts, by the comparison that this one is given."""
    return comparison.given.group_of(levels[comparison.given.comparison]) if comparison.given else 0


def _crossing(model: Model, seen: Seen, name: str, threshold: float, *, count: int = 1) -> Flip | None:
    now = total(model, seen, {})
    options = []
    for changed in _changes(model, seen, count):
        after = total(model, seen, changed)
        if (after >= threshold) != (now >= threshold):
            options.append((abs(after - now), _said(model, changed), after))
    if not options:
        return None
    _, said, after = min(options)
    return Flip(name, now < threshold, said, round(probability_of(after), 6))


def _changes(model: Model, seen: Seen, count: int) -> Iterator[dict[str, int]]:
    """All ways to put `count` comparisons at another level."""
    single = [
        [(comparison.name, level) for level in range(1, comparison.size + 1) if level != seen[comparison.name][0]]
        for comparison in model.comparisons
    ]
    for chosen in combinations(single, count):
        if count == 1:
            yield from ({name: level} for name, level in chosen[0])
        else:
            yield from (dict((one, other)) for one in chosen[0] for other in chosen[1])


def _said(model: Model, changed: Mapping[str, int]) -> tuple[tuple[str, str, str], ...]:
    return tuple(
        (comparison.name, comparison.label, COMPARATORS[comparison.comparator].levels[changed[comparison.name] - 1])
        for comparison in model.comparisons
        if comparison.name in changed
    )
