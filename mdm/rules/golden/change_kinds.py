"""The kinds of change sets: what moved records between golden records, or changed what stands for them."""

from __future__ import annotations

from enum import StrEnum


class ChangeKind(StrEnum):
    """RESOLVE: matching did it. DECISION: a person's word on a pair. MERGE, SPLIT, MOVE: a person regrouped records.

    PIN, RELEASE: a person's own value for an attribute, and its end. UNDO: one of these taken back. UNMERGE: the same, and kept
    apart from then on.
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


REGROUPS = frozenset({ChangeKind.MERGE, ChangeKind.SPLIT, ChangeKind.MOVE})
"""Acts on golden records by their IDs."""
PINS = frozenset({ChangeKind.PIN, ChangeKind.RELEASE})
PERSONS = frozenset(ChangeKind) - {ChangeKind.RESOLVE}
"""What only a person does."""
UNDOABLE = PERSONS - {ChangeKind.UNDO, ChangeKind.UNMERGE}
"""An undo is not undone: whoever wants the change again makes it again."""
