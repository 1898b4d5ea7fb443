"""How well blocking went: for each key family its keys, its largest blocks and the pairs it proposes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np

from matching.blocking.coverage import coverage, estimated_recall
from matching.blocking.ingredients import enough, offers
from matching.blocking.keys import keys as make_keys
from matching.blocking.pairs import Blocks
from matching.config.model import KeyFamily, Model
from matching.types import IntArray, Keys, LongArray, Standardised

# Blocks shown of each family, and records looked at to tell what they share.
SHOWN = 3
LOOKED_AT = 5


@dataclass(frozen=True, slots=True)
class FamilyReport:
    """One key family. `pairs` counts each pair once within the family; other families may propose it too."""

    keys: int
    largest_block: int
    pairs: int

    def to_dict(self) -> dict[str, int]:
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Block:
    """Records that share one key. `example`: the text they share, empty when it cannot be told."""

    records: int
    example: str


@dataclass(frozen=True, slots=True)
class FamilyCoverage:
    """One key family. `alone`: pairs that no other family finds. `accepted`: pairs joined in the end."""

    keys: int
    pairs: int
    pairs_alone: int
    accepted: int
    accepted_alone: int
    largest_blocks: tuple[Block, ...]


@dataclass(frozen=True, slots=True)
class BlockingReport:
    """What blocking did with all records.

    `without_key`: records never compared with any, `held_back` of them because all they could be keyed by is too common: these
    need a key of several parts at the next release. `found_by`: accepted pairs by the number of families that find them.
    `estimated_recall`: see `coverage.unseen`; None when nothing can be told.
    """

    records: int
    without_key: int
    held_back: int
    accepted: int
    found_by: Mapping[int, int]
    estimated_recall: float | None
    families: Mapping[str, FamilyCoverage]

    def to_dict(self) -> dict[str, Any]:
        """The same as plain data."""
        return asdict(self)


def report(known: Blocks, names: Sequence[str]) -> dict[str, FamilyReport]:
    """Figures by family name, families without keys left out. `names`: those of the keys."""
    sizes = known.sizes.astype(np.int64)
    counts = np.bincount(known.families, minlength=len(names))
    found = np.bincount(known.families, sizes * (sizes - 1) // 2, len(names)).astype(np.int64)
    is_shared = sizes > 1
    shared, families = sizes[is_shared], known.families[is_shared]
    most = [int(shared[families == number].max(initial=1)) for number in range(len(names))]
    return {
        name: FamilyReport(int(counts[number]), most[number], int(found[number]))
        for number, name in enumerate(names)
        if counts[number]
    }


def full_report(
    model: Model, std: Standardised, keys: Keys, *, accepted: tuple[IntArray, IntArray], sides: IntArray | None = None
) -> BlockingReport:
    """Everything about blocking. `keys`: of `std` under `model`. `accepted`: left, right of the pairs joined, left < right.

    `sides`: when given, only pairs whose sides differ count. Cost: all pairs once more, in chunks, without comparing them.
    """
    counts = coverage(keys, accepted, sides=sides)
    families = {}
    for number, family in enumerate(model.keys):
        blocks, most = _largest(model, family, std, (keys, number))
        families[family.name] = FamilyCoverage(
            keys=blocks,
            pairs=int(counts.pairs[number]),
            pairs_alone=int(counts.alone[number]),
            accepted=int(counts.accepted[number]),
            accepted_alone=int(counts.accepted_alone[number]),
            largest_blocks=most,
        )
    keyless = np.setdiff1d(np.arange(len(std), dtype=np.int32), keys.row)
    recall = estimated_recall(counts.found_by)
    return BlockingReport(
        records=len(std),
        without_key=len(keyless),
        held_back=_held_back(model, std.take(keyless)),
        accepted=int(counts.found_by.sum()),
        found_by={times: int(number) for times, number in enumerate(counts.found_by) if number},
        estimated_recall=None if recall is None else round(recall, 4),
        families=families,
    )


def _held_back(model: Model, std: Standardised) -> int:
    """How many of these records would have a key if none were too common."""
    lenient = replace(model, keys=tuple(replace(family, least_bits=-np.inf, common=None) for family in model.keys))
    return len(np.unique(make_keys(lenient, std).row))


def _largest(model: Model, family: KeyFamily, std: Standardised, of: tuple[Keys, int]) -> tuple[int, tuple[Block, ...]]:
    """How many keys the family made, and the blocks of two records or more with the most records."""
    keys, number = of
    mine = np.flatnonzero(keys.family == number)
    distinct, counts = np.unique(keys.key[mine], return_counts=True)
    chosen = np.lexsort((distinct, -counts))[:SHOWN]
    blocks = [
        Block(int(counts[place]), _example(model, family, std.take(_rows(keys, mine, distinct[place]))))
        for place in chosen.tolist()
        if counts[place] > 1
    ]
    return len(distinct), tuple(blocks)


def _rows(keys: Keys, mine: LongArray, key: np.int64) -> IntArray:
    rows: IntArray = keys.row[mine[keys.key[mine] == key][:LOOKED_AT]]
    return rows


def _example(model: Model, family: KeyFamily, few: Standardised) -> str:
    """What these records of one block all offer to the family."""
    common = [{offer.text for offer in enough(offers(model, family, row))} for row in few.rows()]
    return " or ".join(sorted(set.intersection(*common)))
