"""The states of a reserved enterprise ID."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from enum import StrEnum

from mdm.rules import arrows


class ReservationStatus(StrEnum):
    """CLAIMED: a record brought it. LAPSED, RELEASED: nobody did; such an ID is never given to anything."""

    RESERVED = "RESERVED"
    CLAIMED = "CLAIMED"
    LAPSED = "LAPSED"
    RELEASED = "RELEASED"


ARROWS: Mapping[ReservationStatus, frozenset[ReservationStatus]] = {
    ReservationStatus.RESERVED: frozenset({ReservationStatus.CLAIMED, ReservationStatus.LAPSED, ReservationStatus.RELEASED}),
    ReservationStatus.CLAIMED: frozenset(),
    ReservationStatus.LAPSED: frozenset(),
    ReservationStatus.RELEASED: frozenset(),
}
MOST = 100
"""IDs that one call may reserve."""
LONGEST = timedelta(days=366)


def check_arrow(old: ReservationStatus, new: ReservationStatus) -> None:
    """Raise IllegalTransition unless a reservation may go from `old` to `new`."""
    arrows.check(ARROWS, old, new, thing="reservation")
