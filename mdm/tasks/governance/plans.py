"""Works out what proposed releases would do."""

from __future__ import annotations

from django.utils import timezone

from mdm import permissions
from mdm.actions.governance.releasing import proposals


def work(target: str) -> bool:
    """Do one waiting `plan` job, whose target is empty; whether there was one."""
    return proposals.plan_next(actor=permissions.machine(), at=timezone.now())
