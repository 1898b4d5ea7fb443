"""Values that a steward pins, who has just looked."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from mdm.actions.golden import overrides
from mdm.models import Golden, Override, User
from tests.factories.times import NOON


def pin(golden: Golden | str, attribute: str, value: Any, *, actor: User, at: datetime = NOON, **more: Any) -> Override:
    """Pin a value on a golden record, or on the one of an enterprise ID; the version seen is that of now."""
    row = Golden.objects.get(enterprise_id=golden) if isinstance(golden, str) else Golden.objects.get(pk=golden.pk)
    said = {"enterprise_id": row.enterprise_id, "seen_version": row.version, "reason": "as the test says", **more}
    return overrides.pin(attribute=attribute, value=value, actor=actor, at=at, **said)
