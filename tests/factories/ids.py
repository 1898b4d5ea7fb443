"""Reserved enterprise IDs."""

from __future__ import annotations

from datetime import datetime, timedelta

from mdm import permissions
from mdm.actions.golden import reservations
from mdm.models import User
from tests.factories.times import NOON


def reserve(
    count: int = 1, *, domain: str = "customer", minutes: float = 60, actor: User | None = None, at: datetime = NOON
) -> list[str]:
    """IDs that `actor`, by default the hub, holds for an hour."""
    rows = reservations.reserve(
        domain=domain,
        count=count,
        lasting=timedelta(minutes=minutes),
        purpose="a fair",
        actor=actor or permissions.machine(),
        at=at,
    )
    return [row.enterprise_id for row in rows]
