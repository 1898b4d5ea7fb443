"""Components too large for a live writer are clustered here, by a queued job."""

from __future__ import annotations

from datetime import datetime
from functools import partial

from mdm.actions import catching_up
from mdm.actions.exchange import jobs
from mdm.actions.golden.resolve import settle
from mdm.models import Job, SourceRecord, User


def recluster_next(*, actor: User, at: datetime) -> bool:
    """Take one waiting `cluster` job and do it; False when none waits.

    Raises:
        NotAllowed: the actor may not work on jobs.
    """
    again = partial(_recluster, actor=actor, at=at)
    return jobs.do_next(kind="cluster", target="", act=again, actor=actor, at=at, seconds=600)


def _recluster(job: Job, *, actor: User, at: datetime) -> None:
    """Cluster the whole component around the job's record, however large."""
    record = SourceRecord.objects.filter(pk=job.subject or 0).first()
    if record is not None:
        release = catching_up.enter(record.domain, [record.pk], actor=actor, at=at)
        settle(release=release, start={record.pk}, actor=actor, at=at, most=None)
