"""Re-clusters components that were too large for a live writer."""

from __future__ import annotations

from django.utils import timezone

from mdm import permissions
from mdm.actions.golden import large


def work(target: str) -> None:
    """Do waiting `cluster` jobs; they have no target, one queue serves all."""
    machine = permissions.machine()
    while large.recluster_next(actor=machine, at=timezone.now()):
        pass
