"""Reserved enterprise IDs, and aliases."""

from __future__ import annotations

from datetime import datetime, timedelta

from mdm import permissions
from mdm.actions.golden.ids import aliases, reservations
from mdm.models import User
from mdm.rules.golden import alias_lines
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


def alias(name: str, *, object: str = "account", **more: str) -> None:
    """A name that the hub `legacy` gave, to the record of a key or to an enterprise ID."""
    line = alias_lines.read(2, {"alias": name, **({"object": object} if "system" in more else {}), **more})
    aliases.import_all(issuer="legacy", lines=[line], actor=permissions.machine(), at=NOON)
