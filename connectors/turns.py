"""One turn at a job that goes page by page: its lease is renewed with every page that is done."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from django.utils import timezone

from connectors.errors import ConnectorError
from mdm import permissions
from mdm.actions.exchange import jobs

if TYPE_CHECKING:
    from mdm.models import Job

Progress = Callable[[str, int], None]
"""Told after each page: the source, and how many rows of it were read so far."""

PAGE_SECONDS = 300
"""The lease: what one page may take with all its retries. A worker that died is replaced after that time."""


def take(kind: str, target: str, act: Callable[[str, Progress], int]) -> bool:
    """Do the waiting job of this kind for `target`; whether there was one.

    Whoever lost the lease stops at the next page: somebody else goes on from there.
    """
    machine = permissions.machine()
    claimed = jobs.claim(kind=kind, target=target, most=1, actor=machine, at=timezone.now(), seconds=PAGE_SECONDS)
    for job in claimed:
        failure = None
        try:
            act(target, partial(_keep, job))
        except ConnectorError as error:
            failure = jobs.Failure(error.code, str(error), permanent=False, retry_after_seconds=error.retry_after_seconds)
        jobs.settle(job=job, failure=failure, actor=machine, at=timezone.now())
    return bool(claimed)


def _keep(job: Job, source: str, count: int) -> None:
    if not jobs.renew(jobs=[job], actor=permissions.machine(), at=timezone.now(), seconds=PAGE_SECONDS):
        raise ConnectorError(
            f"{source} was left after {count:,} rows: another worker goes on.", permanent=False, code="lease_lost"
        )
