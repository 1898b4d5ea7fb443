"""The drift ledger."""

from __future__ import annotations

from mdm.models import Drift


def open_count() -> int:
    """Differences that are neither healed nor accepted."""
    return Drift.objects.filter(status__in=["OPEN", "HEALING"]).count()
