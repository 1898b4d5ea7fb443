"""The kinds of change sets: what moved records between golden records, or changed what stands for them."""

from __future__ import annotations

from enum import StrEnum


class ChangeKind(StrEnum):
    """RESOLVE: matching did it. DECISION: a person's word on a pair. UNDO: that word taken back."""

    RESOLVE = "resolve"
    DECISION = "decision"
    UNDO = "undo"
