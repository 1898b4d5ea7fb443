"""Re-clusters components that were too large for a live writer."""

from __future__ import annotations

from django.utils import timezone

from mdm import permissions
from mdm.actions.golden import large


def work(target: str) -> bool:
    """Do one waiting `cluster` job, whose target is empty; whether there was one."""
    return large.recluster_next(actor=permissions.machine(), at=timezone.now())
