"""Forgets what the hub kept for a while and promised to nobody any longer."""

from __future__ import annotations

from django.utils import timezone

from mdm import permissions
from mdm.actions.governance import idempotency


def work(target: str) -> bool:
    """Do the waiting `purge` job, whose target is empty; whether there was one."""
    return idempotency.purge_next(actor=permissions.machine(), at=timezone.now())
