"""The states of a load."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from mdm.rules import arrows


class LoadStatus(StrEnum):
    RUNNING = "RUNNING"
    DONE = "DONE"
    FAILED = "FAILED"


# A failed load may be taken up again where it stopped; what is done is done.
ARROWS: Mapping[LoadStatus, frozenset[LoadStatus]] = {
    LoadStatus.RUNNING: frozenset({LoadStatus.DONE, LoadStatus.FAILED}),
    LoadStatus.FAILED: frozenset({LoadStatus.RUNNING}),
    LoadStatus.DONE: frozenset(),
}


STOPPED = "It stopped before it was done. Run it again: what came in already counts as unchanged."
"""What a load says that nobody works on any more."""


def check_arrow(old: LoadStatus, new: LoadStatus) -> None:
    """Raise IllegalTransition unless a load may go from `old` to `new`."""
    arrows.check(ARROWS, old, new, thing="load")
