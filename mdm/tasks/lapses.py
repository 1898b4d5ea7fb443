"""Ends reservations of enterprise IDs whose time is over."""

from __future__ import annotations

from django.utils import timezone

from mdm import permissions
from mdm.actions.golden.ids import reservations


def work(target: str) -> bool:
    """Do the waiting `lapse` job, whose target is empty; whether there was one."""
    return reservations.lapse_next(actor=permissions.machine(), at=timezone.now())
