"""One seeded stream of chance with the draws that the sample firm needs."""

from __future__ import annotations

import random
from collections.abc import Sequence
from itertools import accumulate
from typing import TypeVar

Item = TypeVar("Item")
LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ"


class Chance:
    """A named random stream: the same seed and name give the same draws, whatever other streams do."""

    def __init__(self, seed: int, name: str) -> None:
        self._random = random.Random(f"{seed}:{name}")

    def coin(self, probability: float) -> bool:
        """True with `probability` (0..1)."""
        return self._random.random() < probability

    def share(self) -> float:
        """A number between 0 and 1."""
        return self._random.random()

    def whole(self, low: int, high: int) -> int:
        """A whole number, both ends included."""
        return self._random.randint(low, high)

    def one(self, items: Sequence[Item]) -> Item:
        """Any of the items, all equally likely."""
        return items[self._random.randrange(len(items))]

    def some(self, items: Sequence[Item], count: int) -> list[Item]:
        """`count` different items, at most all of them."""
        return self._random.sample(list(items), min(count, len(items)))

    def shuffled(self, items: Sequence[Item]) -> list[Item]:
        """All items in any order."""
        return self._random.sample(list(items), len(items))

    def weighted(self, weights: dict[Item, float]) -> Item:
        """One key, as likely as its weight."""
        return self._random.choices(list(weights), weights=list(weights.values()))[0]

    def early(self, items: Sequence[Item], exponent: float = 0.7) -> Item:
        """One item; the first ones are the likeliest (Zipf's law with an offset of three)."""
        weights = list(accumulate(1 / (rank + 3) ** exponent for rank in range(len(items))))
        return self._random.choices(items, cum_weights=weights)[0]

    def digits(self, count: int) -> str:
        """`count` decimal digits."""
        return "".join(self._random.choices("0123456789", k=count))

    def fill(self, template: str) -> str:
        """The template with `#` made a digit and `@` a letter."""
        return "".join(self.digits(1) if c == "#" else self.one(LETTERS) if c == "@" else c for c in template)
