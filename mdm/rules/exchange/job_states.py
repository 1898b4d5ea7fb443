"""The states of a job."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from mdm.rules import arrows


class JobStatus(StrEnum):
    """QUEUED waits for its time; RUNNING is leased; DEAD gave up and waits for a person; a DONE job may be wished again."""

    QUEUED = "QUEUED"
    RUNNING = "RUNNING"
    DONE = "DONE"
    DEAD = "DEAD"
    CANCELLED = "CANCELLED"


# RUNNING to QUEUED: a retry, a lost lease, or a newer wish that came meanwhile.
ARROWS: Mapping[JobStatus, frozenset[JobStatus]] = {
    JobStatus.QUEUED: frozenset({JobStatus.RUNNING, JobStatus.CANCELLED}),
    JobStatus.RUNNING: frozenset({JobStatus.QUEUED, JobStatus.DONE, JobStatus.DEAD, JobStatus.CANCELLED}),
    JobStatus.DONE: frozenset({JobStatus.QUEUED}),
    JobStatus.DEAD: frozenset({JobStatus.QUEUED, JobStatus.CANCELLED}),
    JobStatus.CANCELLED: frozenset({JobStatus.QUEUED}),
}


def check_arrow(old: JobStatus, new: JobStatus) -> None:
    """Raise IllegalTransition unless a job may go from `old` to `new`."""
    arrows.check(ARROWS, old, new, thing="job")
