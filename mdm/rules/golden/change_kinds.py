"""The kinds of change sets: what moved records between golden records, or changed what stands for them."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum


class ChangeKind(StrEnum):
    """RESOLVE: matching did it. DECISION: a person's word on a pair. MERGE, SPLIT, MOVE: a person regrouped records.

    PIN, RELEASE: a person's own value for an attribute, and its end. UNDO: one of these taken back. UNMERGE: the same, and kept
    apart from then on. FREEZE: the machine pinned a value that two systems fought over.
    """

    RESOLVE = "resolve"
    DECISION = "decision"
    MERGE = "merge"
    SPLIT = "split"
    MOVE = "move"
    PIN = "pin"
    RELEASE = "release"
    UNDO = "undo"
    UNMERGE = "unmerge"
    FREEZE = "freeze"


REGROUPS: Mapping[ChangeKind, str] = {
    ChangeKind.MERGE: "golden.merge",
    ChangeKind.SPLIT: "golden.split",
    ChangeKind.MOVE: "golden.split",
}
"""Acts on golden records by their IDs, and what somebody must be allowed to do for them."""
PINS = frozenset({ChangeKind.PIN, ChangeKind.RELEASE})
PERSONS = frozenset(ChangeKind) - {ChangeKind.RESOLVE, ChangeKind.FREEZE}
"""What only a person does."""
UNDOABLE = PERSONS - {ChangeKind.UNDO, ChangeKind.UNMERGE}
"""An undo is not undone: whoever wants the change again makes it again."""


def undo_verbs(kind: ChangeKind) -> tuple[str, str]:
    """What somebody must be allowed to do to undo an act of that kind: their own, and one of somebody else."""
    return ("pair.undo", "pair.undo_others") if kind == ChangeKind.DECISION else ("golden.undo", "golden.unmerge")
