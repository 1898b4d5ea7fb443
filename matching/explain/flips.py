"""The smallest changes that would move a pair over a threshold: of one comparison, or of two where one is not enough."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import combinations
from typing import NamedTuple

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
    changes, now = _changes(model, seen), total(model, seen, {})
    thresholds = ("auto", model.thresholds.auto_weight), ("review", model.thresholds.review_weight)
    return tuple(flip for named in thresholds if (flip := _crossing(model, changes, now, named)))


def total(model: Model, seen: Seen, changed: Mapping[str, int]) -> float:
    """Bits of the pair if the comparisons of `changed` stood at those levels; what depends on them follows."""
    levels = {**{name: level for name, (level, _) in seen.items()}, **changed}
    return model.prior + sum(_bits(comparison, seen, levels) for comparison in model.comparisons)


def _bits(comparison: Comparison, seen: Seen, levels: Mapping[str, int]) -> float:
    """What one comparison adds with all of them at those levels."""
    level = levels[comparison.name]
    if not level:
        return 0.0
    # A value that is no longer the same has no rarity to add.
    rarity = seen[comparison.name][1] if level == seen[comparison.name][0] else 0.0
    return comparison.weights[group_of(comparison, levels) * comparison.size + level - 1] + rarity


def group_of(comparison: Comparison, levels: Mapping[str, int]) -> int:
    """Which block of the weights counts, by the comparison that this one is given."""
    return comparison.given.group_of(levels[comparison.given.comparison]) if comparison.given else 0


def _crossing(model: Model, changes: list[_Change], now: float, named: tuple[str, float]) -> Flip | None:
    name, threshold = named
    for options in (changes, _both(changes)):
        crossing = [option for option in options if (now + option.bits >= threshold) != (now >= threshold)]
        if crossing:
            least = min(abs(option.bits) for option in crossing)
            said, bits = min((_said(model, option.levels), option.bits) for option in crossing if abs(option.bits) == least)
            return Flip(name, now < threshold, said, round(probability_of(now + bits), 6))
    return None


class _Change(NamedTuple):
    """Comparisons at other levels: the bits that it adds, and the comparisons whose weight may be another then."""

    bits: float
    levels: dict[str, int]
    touched: dict[str, Comparison]
    seen: Seen


def _changes(model: Model, seen: Seen) -> list[_Change]:
    """All ways to put one comparison at another level."""
    found = []
    for comparison in model.comparisons:
        name = comparison.name
        depending = {other.name: other for other in model.comparisons if other.given and other.given.comparison == name}
        others = (level for level in range(1, comparison.size + 1) if level != seen[name][0])
        found += [_change({name: level}, {name: comparison, **depending}, seen) for level in others]
    return found


def _change(changed: dict[str, int], touched: dict[str, Comparison], seen: Seen) -> _Change:
    after = {name: level for name, (level, _) in seen.items()}
    now = sum(_bits(one, seen, after) for one in touched.values())
    after |= changed
    return _Change(sum(_bits(one, seen, after) for one in touched.values()) - now, changed, touched, seen)


def _both(changes: list[_Change]) -> Iterator[_Change]:
    """All ways to put two comparisons at other levels. Bits add up unless the two bear on each other."""
    for one, other in combinations(changes, 2):
        if one.levels.keys() == other.levels.keys():
            continue
        levels = one.levels | other.levels
        if one.touched.keys().isdisjoint(other.touched):
            yield _Change(one.bits + other.bits, levels, {}, one.seen)
        else:
            yield _change(levels, one.touched | other.touched, one.seen)


def _said(model: Model, changed: Mapping[str, int]) -> tuple[tuple[str, str, str], ...]:
    return tuple(
        (comparison.name, comparison.label, COMPARATORS[comparison.comparator].levels[changed[comparison.name] - 1])
        for comparison in model.comparisons
        if comparison.name in changed
    )
