"""The states of a proposed release."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from mdm.rules import arrows


class ReleaseStatus(StrEnum):
    """PLANNING waits for its plan; PROPOSED for a second person. RUNNING is released, and records are brought over to it;
    RELEASED is done. REFUSED never counted. REPLACED gave way to a later release; ROLLED_BACK to one that went back behind it.
    """

    PLANNING = "PLANNING"
    PROPOSED = "PROPOSED"
    REFUSED = "REFUSED"
    RUNNING = "RUNNING"
    RELEASED = "RELEASED"
    REPLACED = "REPLACED"
    ROLLED_BACK = "ROLLED_BACK"


_GONE = frozenset({ReleaseStatus.REPLACED, ReleaseStatus.ROLLED_BACK})

ARROWS: Mapping[ReleaseStatus, frozenset[ReleaseStatus]] = {
    ReleaseStatus.PLANNING: frozenset({ReleaseStatus.PROPOSED, ReleaseStatus.REFUSED}),
    ReleaseStatus.PROPOSED: frozenset({ReleaseStatus.PLANNING, ReleaseStatus.REFUSED, ReleaseStatus.RUNNING}),
    ReleaseStatus.REFUSED: frozenset(),
    ReleaseStatus.RUNNING: _GONE | {ReleaseStatus.RELEASED},
    ReleaseStatus.RELEASED: _GONE,
    ReleaseStatus.REPLACED: frozenset(),
    ReleaseStatus.ROLLED_BACK: frozenset(),
}


def check_arrow(old: ReleaseStatus, new: ReleaseStatus) -> None:
    """Raise IllegalTransition unless a release may go from `old` to `new`."""
    arrows.check(ARROWS, old, new, thing="release")
