"""Grades what time or a new release changed, and notes the night's figures."""

from __future__ import annotations

from django.utils import timezone

from mdm import permissions
from mdm.actions.governance import quality


def work(target: str) -> bool:
    """Do one chunk of the waiting `quality` job, whose target is empty; whether there was one."""
    return quality.grade_next(actor=permissions.machine(), at=timezone.now())
