"""The states of an erasure."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from mdm.rules import arrows


class ErasureStatus(StrEnum):
    """REQUESTED waits for a second person; CONFIRMED is being done, and nobody can stop it; DONE has its certificate."""

    REQUESTED = "REQUESTED"
    CONFIRMED = "CONFIRMED"
    DONE = "DONE"
    CANCELLED = "CANCELLED"


ARROWS: Mapping[ErasureStatus, frozenset[ErasureStatus]] = {
    ErasureStatus.REQUESTED: frozenset({ErasureStatus.CONFIRMED, ErasureStatus.CANCELLED}),
    ErasureStatus.CONFIRMED: frozenset({ErasureStatus.DONE}),
    ErasureStatus.DONE: frozenset(),
    ErasureStatus.CANCELLED: frozenset(),
}


def check_arrow(old: ErasureStatus, new: ErasureStatus) -> None:
    """Raise IllegalTransition unless an erasure may go from `old` to `new`."""
    arrows.check(ARROWS, old, new, thing="erasure")
