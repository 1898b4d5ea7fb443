"""The two tasks of the hub: the clock, and the doorbell of the job table."""

from __future__ import annotations

import logging
import time

from celery import shared_task
from django.utils import timezone

from mdm import permissions, ports
from mdm.actions.exchange import jobs, schedules

logger = logging.getLogger(__name__)

TURN_SECONDS = 5.0


@shared_task(name="mdm.tick", acks_late=False, ignore_result=True)  # type: ignore[untyped-decorator]
def tick(**_later: object) -> None:
    """One second has passed: take due schedules, free what dead workers held, ring for what waits."""
    machine = permissions.machine()
    schedules.tick(actor=machine, at=timezone.now())
    jobs.sweep(actor=machine, at=timezone.now())


@shared_task(name="mdm.work", acks_late=True, ignore_result=True)  # type: ignore[untyped-decorator]
def work(*, kind: str, target: str, **_later: object) -> None:
    """Do the jobs of one kind for one target until none waits, or for five seconds; then ring again.

    Safe to repeat: jobs are claimed with a lease. Nobody else's bell waits long behind a busy target.
    """
    handler = ports.handler(kind)
    if handler is None:
        logger.error("no one does jobs of this kind", extra={"kind": kind})
        return
    until = time.monotonic() + TURN_SECONDS
    while handler(target):
        if time.monotonic() > until:
            jobs.ring(kind=kind, target=target, actor=permissions.machine(), at=timezone.now())
            return
