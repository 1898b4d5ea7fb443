"""Does confirmed erasures."""

from __future__ import annotations

from django.utils import timezone

from mdm import permissions
from mdm.actions.governance import erasures


def work(target: str) -> bool:
    """Do one step of a waiting `erase` job, whose target is empty; whether there was one."""
    return erasures.erase_next(actor=permissions.machine(), at=timezone.now())
