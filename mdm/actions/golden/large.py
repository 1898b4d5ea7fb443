"""Components too large for a live writer are clustered here, by a queued job."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from mdm import permissions
from mdm.actions import locks, retrying
from mdm.actions.exchange import jobs
from mdm.actions.golden.resolve import settle
from mdm.engine import releases
from mdm.models import Job, SourceRecord, User


def recluster_next(*, actor: User, at: datetime) -> bool:
    """Take one waiting `cluster` job and do it; False when none waits.

    Raises:
        NotAllowed: the actor may not work on jobs.
    """
    permissions.check(actor, "sync.work")
    claimed = jobs.claim(kind="cluster", target="", most=1, actor=actor, at=at, seconds=600)
    for job in claimed:
        recluster(job=job, actor=actor, at=at)
    return bool(claimed)


@retrying.on_conflict
@transaction.atomic
def recluster(*, job: Job, actor: User, at: datetime) -> None:
    """Cluster the whole component around the job's record, however large, and close the job in the same commit."""
    record = SourceRecord.objects.filter(pk=job.subject or 0).first()
    if record is not None:
        locks.lock_domain(record.domain)
        settle(release=releases.current(record.domain), start={record.pk}, actor=actor, at=at, most=None)
    jobs.settle(job=job, failure=None, actor=actor, at=at)
