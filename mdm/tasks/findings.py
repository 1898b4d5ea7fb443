"""Looks through relations for what does not fit."""

from __future__ import annotations

from django.utils import timezone

from mdm import permissions
from mdm.actions.golden.kin import findings


def work(target: str) -> bool:
    """Do one chunk of the waiting `findings` job, whose target is empty; whether there was one."""
    return findings.look_next(actor=permissions.machine(), at=timezone.now())
