"""The states of a change request."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from mdm.rules import arrows


class RequestKind(StrEnum):
    """SYSTEM: a system that does not own the attribute said another value. PERSON: somebody asked. CONTEST: two systems
    overwrote each other in turn; the value is frozen until a person chooses.
    """

    SYSTEM = "SYSTEM"
    PERSON = "PERSON"
    CONTEST = "CONTEST"


class RequestStatus(StrEnum):
    """OPEN waits; APPROVED waits for a second person; APPLIED is golden; MET became golden without us; WITHDRAWN is no longer
    asked for; REFUSED was answered; EXPIRED was answered by nobody in time.
    """

    OPEN = "OPEN"
    APPROVED = "APPROVED"
    APPLIED = "APPLIED"
    MET = "MET"
    WITHDRAWN = "WITHDRAWN"
    REFUSED = "REFUSED"
    EXPIRED = "EXPIRED"


WAITING = (RequestStatus.OPEN, RequestStatus.APPROVED)
ANSWERED = (RequestStatus.APPLIED, RequestStatus.REFUSED, RequestStatus.EXPIRED)
"""For these a system's same value does not ask again."""

_CLOSED = frozenset({RequestStatus.MET, RequestStatus.WITHDRAWN, RequestStatus.REFUSED, RequestStatus.EXPIRED})

ARROWS: Mapping[RequestStatus, frozenset[RequestStatus]] = {
    RequestStatus.OPEN: _CLOSED | {RequestStatus.APPROVED},
    RequestStatus.APPROVED: _CLOSED | {RequestStatus.APPLIED},
    RequestStatus.APPLIED: frozenset(),
    **dict.fromkeys(sorted(_CLOSED), frozenset()),
}


def check_arrow(old: RequestStatus, new: RequestStatus) -> None:
    """Raise IllegalTransition unless a change request may go from `old` to `new`."""
    arrows.check(ARROWS, old, new, thing="change request")
