"""Closes loads whose process died."""

from __future__ import annotations

from django.utils import timezone

from mdm import permissions
from mdm.actions.intake import loads


def work(target: str) -> bool:
    """Do the waiting `loads` job, whose target is empty; whether there was one."""
    return loads.close_next(actor=permissions.machine(), at=timezone.now())
