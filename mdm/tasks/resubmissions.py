"""Sends quarantined records in again, many at once."""

from __future__ import annotations

from django.utils import timezone

from mdm import permissions
from mdm.actions.intake import resubmissions


def work(target: str) -> bool:
    """Do one waiting `resubmit` job, whose target is empty; whether there was one."""
    return resubmissions.work_next(actor=permissions.machine(), at=timezone.now())
