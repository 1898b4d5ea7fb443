"""How well blocking went: for each key family its keys, its largest block and the pairs it proposes."""

from __future__ import annotations

from dataclasses import asdict, dataclass

import numpy as np

from matching.types import Keys


@dataclass(frozen=True, slots=True)
class FamilyReport:
    """One key family. `pairs` counts each pair once within the family; other families may propose it too."""

    keys: int
    largest_block: int
    pairs: int

    def to_dict(self) -> dict[str, int]:
        return asdict(self)


def report(keys: Keys) -> dict[str, FamilyReport]:
    """Figures by family name, families without keys left out. Cost: one sort of the keys."""
    found = {}
    for number, name in enumerate(keys.families):
        mine = keys.key[keys.family == number]
        if len(mine):
            sizes = np.unique(mine, return_counts=True)[1].astype(np.int64)
            found[name] = FamilyReport(len(sizes), int(sizes.max()), int((sizes * (sizes - 1) // 2).sum()))
    return found
