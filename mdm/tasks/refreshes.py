"""Recomputes what time alone changed."""

from __future__ import annotations

from django.utils import timezone

from mdm import permissions
from mdm.actions.golden import refreshing


def work(target: str) -> bool:
    """Do one chunk of the waiting `refresh` job, whose target is empty; whether there was one."""
    return refreshing.refresh_next(actor=permissions.machine(), at=timezone.now())
