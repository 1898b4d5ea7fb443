"""Ends change requests that nobody answered in time."""

from __future__ import annotations

from django.utils import timezone

from mdm import permissions
from mdm.actions.governance import request_upkeep


def work(target: str) -> bool:
    """Do the waiting `requests` job, whose target is empty; whether there was one."""
    return request_upkeep.expire_next(actor=permissions.machine(), at=timezone.now())
