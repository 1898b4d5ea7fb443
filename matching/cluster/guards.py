"""What forbids a union however strong its best pair: decisions, declared uniqueness, contradicting identifiers."""

from __future__ import annotations

import numpy as np

from matching.config.model import Constraint, Model
from matching.types import Levels, LongArray

CANNOT_LINK = "decided_different"
NOT_UNIQUE = "not_unique"
WEAK_TIE = "weak_tie"
CONFLICT = "identifier_conflict"

SENTENCES = {
    CANNOT_LINK: "A steward decided that records of the two sides are different.",
    NOT_UNIQUE: "Both sides hold a record of the same place in one source, and that source has no duplicates.",
    WEAK_TIE: "One pair is strong, but the two sides as a whole do not agree.",
}

# Flags of a pair of records. Constraint k of the model has two more: "contradicts" and "agrees".
CANNOT_FLAG = 1


def contradicts_flag(constraint: int) -> int:
    return 2 << (2 * constraint)


def agrees_flag(constraint: int) -> int:
    return 4 << (2 * constraint)


def weak_tie(sizes: tuple[int, int], mean: float, needed: float) -> str:
    """The sentence of a refused bridge, with both sides' sizes and how far they are from agreeing as a whole."""
    records = " and ".join(str(size) for size in sizes)
    return f"{SENTENCES[WEAK_TIE]} Sides of {records} records: mean weight {mean:.1f} bits, {needed:.1f} needed."


def flags_of(model: Model, levels: Levels) -> LongArray:
    """Flags of scored pairs. `levels`: (n, comparisons) int8. Returns (n,) int64."""
    names = [comparison.name for comparison in model.comparisons]
    flags = np.zeros(len(levels), np.int64)
    for number, constraint in enumerate(model.constraints):
        found = levels[:, names.index(constraint.comparison)]
        flags |= np.where(np.isin(found, constraint.levels), contradicts_flag(number), 0)
        # A known level better than every one that contradicts is an agreement of some sort.
        flags |= np.where((found > 0) & (found < min(constraint.levels)), agrees_flag(number), 0)
    return flags


def objection(constraints: tuple[Constraint, ...], flags: int) -> tuple[str, str] | None:
    """Why two sides may not become one: a code and a sentence. `flags`: those of all pairs between them, put together."""
    if flags & CANNOT_FLAG:
        return CANNOT_LINK, SENTENCES[CANNOT_LINK]
    for number, constraint in enumerate(constraints):
        # One agreeing pair outweighs contradictions: a group may know one of its members by an old number too.
        if flags & contradicts_flag(number) and not flags & agrees_flag(number):
            return CONFLICT, constraint.reason
    return None
