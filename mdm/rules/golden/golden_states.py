"""The states of a golden record, which are those of its enterprise ID."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from mdm.rules import arrows


class GoldenStatus(StrEnum):
    """MERGED: one other took its records. SPLIT: several did. RETIRED: its records are gone from the systems.

    ERASED: it was a person whose data was erased, for ever.
    """

    LIVE = "LIVE"
    MERGED = "MERGED"
    SPLIT = "SPLIT"
    RETIRED = "RETIRED"
    ERASED = "ERASED"


_ENDS = frozenset({GoldenStatus.MERGED, GoldenStatus.SPLIT, GoldenStatus.RETIRED})

# An ID is never deleted: every end can be undone, except that what was erased stays so.
ARROWS: Mapping[GoldenStatus, frozenset[GoldenStatus]] = {
    GoldenStatus.LIVE: _ENDS,
    **dict.fromkeys(sorted(_ENDS), frozenset({GoldenStatus.LIVE, GoldenStatus.ERASED})),
    GoldenStatus.ERASED: frozenset(),
}


def check_arrow(old: GoldenStatus, new: GoldenStatus) -> None:
    """Raise IllegalTransition unless a golden record may go from `old` to `new`."""
    arrows.check(ARROWS, old, new, thing="golden record")
