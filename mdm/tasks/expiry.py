"""Ends what people pinned until a certain time."""

from __future__ import annotations

from django.utils import timezone

from mdm import permissions
from mdm.actions.golden import overrides


def work(target: str) -> bool:
    """Do the waiting `expire` job, whose target is empty; whether there was one."""
    return overrides.expire_next(actor=permissions.machine(), at=timezone.now())
