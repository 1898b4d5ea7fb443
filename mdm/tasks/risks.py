"""Works out what money hangs on the pairs that wait."""

from __future__ import annotations

from django.utils import timezone

from mdm import permissions
from mdm.actions.golden import risk


def work(target: str) -> bool:
    """Do the waiting `risk` job, whose target is empty; whether there was one."""
    return risk.weigh_next(actor=permissions.machine(), at=timezone.now())
