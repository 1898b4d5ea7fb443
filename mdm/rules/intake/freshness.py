"""Is an update out of date? Then it is recorded and does not win."""

from __future__ import annotations

from datetime import datetime


def is_stale(old_sequence: int | None, old_at: datetime | None, new_sequence: int | None, new_at: datetime | None) -> bool:
    """True when the new state is older than the one we hold.

    The source's own counter decides when both states have one, else its clock when both have one. Equal is not
    older, and what is not known is not older.
    """
    if old_sequence is not None and new_sequence is not None:
        return new_sequence < old_sequence
    return old_at is not None and new_at is not None and new_at < old_at
