"""Jobs: claimed with a lease, settled in the transaction of their effect, rung again when a worker died."""

from __future__ import annotations

import random
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from django.db.models import QuerySet

from mdm import audit, outbox, permissions
from mdm.actions import retrying
from mdm.errors import NotFound
from mdm.models import Job, User
from mdm.readers.exchange import sync
from mdm.rules.exchange import backoff
from mdm.rules.exchange.job_states import JobStatus, check_arrow

MOST_ATTEMPTS = 8

CLAIM = """
    UPDATE mdm_job AS job
    SET status = 'RUNNING', lease = %(lease)s, leased_until = %(until)s, attempts = job.attempts + 1, changed_at = %(at)s
    FROM (SELECT id FROM mdm_job WHERE kind = %(kind)s AND target = %(target)s AND status = 'QUEUED' AND due_at <= %(at)s
          ORDER BY due_at, id LIMIT %(most)s FOR UPDATE SKIP LOCKED) AS waiting
    WHERE job.id = waiting.id RETURNING job.id
"""


@dataclass(frozen=True, slots=True)
class Failure:
    """Why a job did not succeed. `permanent` failures are dead at once; others are tried again, with a limit."""

    code: str
    message: str
    permanent: bool
    retry_after_seconds: float | None = None
    exchange: dict[str, Any] | None = None


@transaction.atomic
def claim(*, kind: str, target: str, most: int, actor: User, at: datetime, seconds: int | None = None) -> list[Job]:
    """Take up to `most` waiting jobs for `seconds`, by default the lease of the settings; then they are free again."""
    permissions.check(actor, "sync.work")
    lease = uuid.uuid4()
    with connection.cursor() as cursor:
        cursor.execute(
            CLAIM,
            {"kind": kind, "target": target, "most": most, "lease": lease, "until": _until(at, seconds), "at": at},
        )
        ids = [row[0] for row in cursor.fetchall()]
    return list(Job.objects.filter(id__in=ids).order_by("id"))


@transaction.atomic
def renew(*, jobs: Sequence[Job], actor: User, at: datetime, seconds: int | None = None) -> bool:
    """Keep claimed jobs a while longer; those whose lease is lost already stay lost. False: at least one is."""
    permissions.check(actor, "sync.work")
    leases = {job.lease for job in jobs}
    held = Job.objects.filter(id__in=[job.pk for job in jobs], status=JobStatus.RUNNING.value, lease__in=leases)
    return held.update(leased_until=_until(at, seconds)) == len(jobs)


def _until(at: datetime, seconds: int | None) -> datetime:
    return at + timedelta(seconds=seconds or settings.JOB_LEASE_SECONDS)


@transaction.atomic
def settle(
    *,
    job: Job,
    failure: Failure | None,
    actor: User,
    at: datetime,
    exchange: dict[str, Any] | None = None,
    is_wanted: Callable[[Job], bool] = lambda _: True,
) -> bool:
    """Close a claimed job, inside the transaction of its effect. False: the lease was lost, the effect must not count.

    A wish that grew while the job ran queues it again at once. `is_wanted`: asked of a job that failed; one that nobody wants any
    more is cancelled.
    """
    permissions.check(actor, "sync.work")
    row = Job.objects.select_for_update().filter(pk=job.pk, status=JobStatus.RUNNING.value, lease=job.lease).first()
    if row is None:
        return False
    row.lease, row.leased_until, row.changed_at = None, None, at
    row.exchange = exchange or (failure.exchange if failure else None)
    if failure is None:
        row.done, row.attempts, row.error_code, row.error = job.wanted, 0, "", ""
        _turn(row, JobStatus.DONE if row.wanted <= job.wanted else JobStatus.QUEUED, due_at=at)
    elif not is_wanted(row):
        row.error_code, row.error = failure.code[:80], failure.message
        _turn(row, JobStatus.CANCELLED, due_at=at)
    else:
        row.error_code, row.error = failure.code[:80], failure.message
        is_dead = failure.permanent or row.attempts >= MOST_ATTEMPTS
        delay = backoff.next_delay(row.attempts, retry_after=failure.retry_after_seconds, jitter=random.random())
        _turn(row, JobStatus.DEAD if is_dead else JobStatus.QUEUED, due_at=at + timedelta(seconds=delay))
        if is_dead:
            _bury(row, actor=actor, at=at)
    row.save()
    return True


def _bury(row: Job, *, actor: User, at: datetime) -> None:
    said = {"code": row.error_code, "attempts": row.attempts}
    audit.record(at=at, actor=actor, verb="job.died", subject=f"job:{row.pk}", new=said)


def _turn(row: Job, status: JobStatus, *, due_at: datetime) -> None:
    check_arrow(JobStatus(row.status), status)
    row.status, row.due_at = status.value, due_at


def do_next(
    *,
    kind: str,
    target: str,
    act: Callable[[Job], object],
    actor: User,
    at: datetime,
    seconds: int,
    longer: Callable[[Job], int] | None = None,
) -> bool:
    """Take one waiting job for `seconds` and do it; False when none waits.

    `longer`: for how many seconds it is taken once it is known which one it is, where that differs.

    What `act` writes and the closing of the job are one commit, done again from the start where the database undoes it. When
    the lease was lost meanwhile nothing of it counts; what `act` raises leaves the job to the sweeper.

    Raises:
        NotAllowed: the actor may not work on jobs.
    """
    claimed = claim(kind=kind, target=target, most=1, actor=actor, at=at, seconds=seconds)
    for job in claimed:
        if longer is not None:
            renew(jobs=[job], actor=actor, at=at, seconds=longer(job))
        _do(job, act, actor=actor, at=at)
    return bool(claimed)


@retrying.on_conflict
@transaction.atomic
def _do(job: Job, act: Callable[[Job], object], *, actor: User, at: datetime) -> None:
    act(job)
    if not settle(job=job, failure=None, actor=actor, at=at):
        transaction.set_rollback(True)


@transaction.atomic
def sweep(*, actor: User, at: datetime) -> int:
    """Free jobs whose worker died, and ring for everything that is due; returns how many bells were rung.

    A job that took its worker with it each time is dead: it would do so for ever.
    """
    permissions.check(actor, "sync.work")
    lost = Job.objects.filter(status=JobStatus.RUNNING.value, leased_until__lt=at).select_for_update(skip_locked=True)
    for row in lost.order_by("id"):
        row.lease, row.leased_until, row.changed_at = None, None, at
        is_dead = row.attempts >= MOST_ATTEMPTS
        if is_dead:
            row.error_code, row.error = "lost", f"Whoever worked on it died, {row.attempts} times."
            _bury(row, actor=actor, at=at)
        _turn(row, JobStatus.DEAD if is_dead else JobStatus.QUEUED, due_at=at)
        row.save()
    waiting: QuerySet[Job, Any] = Job.objects.filter(status=JobStatus.QUEUED.value, due_at__lte=at)
    bells = list(waiting.order_by("kind", "target").values_list("kind", "target").distinct())
    for kind, target in bells:
        outbox.ring_after_commit(kind, target)
    return len(bells)


def ring(*, kind: str, target: str, actor: User, at: datetime) -> None:
    """Ring for a target whose jobs somebody had to leave."""
    permissions.check(actor, "sync.work")
    outbox.ring_after_commit(kind, target)


@retrying.on_conflict
@transaction.atomic
def replay(*, job_ids: Sequence[int], actor: User, at: datetime, reason: str = "") -> int:
    """Queue dead jobs again; safe to repeat, the target is read before it is written.

    Raises:
        NotAllowed: the actor may not replay.
        NotFound: one of them does not exist, or lies outside the actor's confines.
    """
    permissions.check(actor, "sync.replay")
    rows = list(sync.seen_jobs(actor).select_for_update(of=("self",)).filter(id__in=job_ids).order_by("id"))
    if missing := set(job_ids) - {row.pk for row in rows}:
        raise NotFound(f"There is no job {min(missing)}.")
    count = 0
    for row in rows:
        if row.status != JobStatus.DEAD.value:
            continue
        row.attempts, row.changed_at, count = 0, at, count + 1
        _turn(row, JobStatus.QUEUED, due_at=at)
        row.save()
        audit.record(at=at, actor=actor, verb="job.replay", subject=f"job:{row.pk}", reason=reason)
        outbox.ring_after_commit(row.kind, row.target)
    return count
