"""The states of a quarantined record."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from mdm.rules import arrows


class QuarantineStatus(StrEnum):
    """OPEN waits for a person; RESUBMITTED went in after an edit; SUPERSEDED was mended at the source; DISCARDED was given up."""

    OPEN = "OPEN"
    RESUBMITTED = "RESUBMITTED"
    SUPERSEDED = "SUPERSEDED"
    DISCARDED = "DISCARDED"


ARROWS: Mapping[QuarantineStatus, frozenset[QuarantineStatus]] = {
    QuarantineStatus.OPEN: frozenset({QuarantineStatus.RESUBMITTED, QuarantineStatus.SUPERSEDED, QuarantineStatus.DISCARDED}),
    QuarantineStatus.DISCARDED: frozenset({QuarantineStatus.OPEN}),
    QuarantineStatus.RESUBMITTED: frozenset(),
    QuarantineStatus.SUPERSEDED: frozenset(),
}


def check_arrow(old: QuarantineStatus, new: QuarantineStatus) -> None:
    """Raise IllegalTransition unless a quarantined record may go from `old` to `new`."""
    arrows.check(ARROWS, old, new, thing="quarantined record")
