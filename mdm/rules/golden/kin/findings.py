"""What does not fit between golden records and is left to a person: kinds and states of findings."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from mdm.rules import arrows


class FindingKind(StrEnum):
    """What a nightly look at relations can find."""

    CIRCLE = "CIRCLE"
    TWO_PARENTS = "TWO_PARENTS"
    MISSING_SCOPE = "MISSING_SCOPE"


# One line each, as the page of findings says it.
MEANINGS: Mapping[FindingKind, str] = {
    FindingKind.CIRCLE: "Parents lead in a circle; one step of it does not count until somebody mends it.",
    FindingKind.TWO_PARENTS: "Its records name different parents; the one that survived counts.",
    FindingKind.MISSING_SCOPE: "Others need it in a scope of a system where it has no record.",
}


class FindingStatus(StrEnum):
    """ACCEPTED: a person says that it is right so; what changes after that is OPEN again. CLOSED: it is gone."""

    OPEN = "OPEN"
    ACCEPTED = "ACCEPTED"
    CLOSED = "CLOSED"


ARROWS: Mapping[FindingStatus, frozenset[FindingStatus]] = {
    FindingStatus.OPEN: frozenset({FindingStatus.ACCEPTED, FindingStatus.CLOSED}),
    FindingStatus.ACCEPTED: frozenset({FindingStatus.OPEN, FindingStatus.CLOSED}),
    FindingStatus.CLOSED: frozenset(),
}


def check_arrow(old: FindingStatus, new: FindingStatus) -> None:
    """Raise IllegalTransition unless a finding may go from `old` to `new`."""
    arrows.check(ARROWS, old, new, thing="finding")
