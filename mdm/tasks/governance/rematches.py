"""Brings what is stored over to new releases."""

from __future__ import annotations

from django.utils import timezone

from mdm import permissions
from mdm.actions.governance.releasing import rematch


def work(target: str) -> bool:
    """Do one chunk of the waiting `rematch` job, whose target is empty; whether there was one."""
    return rematch.rematch_next(actor=permissions.machine(), at=timezone.now())
