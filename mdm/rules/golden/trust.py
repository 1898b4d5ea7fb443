"""Trust: how much a system's word counts for an attribute, how that fades with age, and what a failed check takes off."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

ANY = "*"
DECAYS = ("none", "linear", "half_life")
DAY = timedelta(days=1)
DIGITS = 6
"""Scores are compared to so many digits, so that the last bit of a float decides nothing."""


@dataclass(frozen=True, slots=True)
class Weight:
    """Trust in one system for one attribute: `start` when the record changed, 0..100.

    `decay` linear: falls evenly to `end` within `days`, and stays there. half_life: half of what lies above `end` is lost
    every `days`. none: stays at `start`.
    """

    start: float
    decay: str = "none"
    days: float = 1
    end: float = 0

    def at(self, age_days: float) -> float:
        """The trust in a value that is so old; one from the future counts as new."""
        age = max(0.0, age_days)
        if self.decay == "linear":
            return self.start + (self.end - self.start) * min(1.0, age / self.days)
        if self.decay == "half_life":
            return self.end + (self.start - self.end) * math.exp2(-age / self.days)
        return self.start

    def said(self) -> str:
        """The weight in words; no number in it moves with time, or every night would make a version."""
        if self.decay == "linear":
            return f"{self.start:g}, falling to {self.end:g} in {self.days:g} days"
        if self.decay == "half_life":
            floor = f" towards {self.end:g}" if self.end else ""
            return f"{self.start:g}, halved{floor} every {self.days:g} days"
        return f"{self.start:g}"


@dataclass(frozen=True, slots=True)
class Trust:
    """`weights`: attribute or "*" -> system or "*" -> weight. `downgrade`: the share that a failed check takes off, 0..1."""

    weights: Mapping[str, Mapping[str, Weight]] = field(default_factory=dict)
    downgrade: float = 0.0

    def of(self, attribute: str, system: str) -> Weight | None:
        """The weight of a system for an attribute, None when nobody gave it one. The attribute's own table goes before "*"."""
        table = self.weights.get(attribute, self.weights.get(ANY, {}))
        return table.get(system, table.get(ANY))

    def least(self, attributes: Iterable[str], system: str) -> Weight | None:
        """The weight of a system for a group: that of the attribute that starts lowest, the first of equals."""
        found = [weight for name in attributes if (weight := self.of(name, system)) is not None]
        return min(found, key=lambda weight: weight.start, default=None)

    def score(self, weight: Weight, changed_at: datetime, *, at: datetime, is_valid: bool) -> float:
        """How much a value counts at `at`, rounded."""
        lowered = 1.0 if is_valid else 1.0 - self.downgrade
        return round(weight.at((at - changed_at) / DAY) * lowered, DIGITS)

    @property
    def moves(self) -> bool:
        """Whether time alone can change who is trusted most."""
        return any(weight.decay != "none" for table in self.weights.values() for weight in table.values())
