"""Quarantined records, for callers that go through them one after the other."""

from __future__ import annotations

from django.db.models import QuerySet

from mdm.errors import NotFound
from mdm.models import QuarantinedRecord, User
from mdm.readers.governance.sight import Sight
from mdm.readers.intake import quarantine


def page(*, viewer: User, system: str, after: int, limit: int) -> list[QuarantinedRecord]:
    """Open ones by ascending ID after `after`, within the viewer's domains and regions."""
    rows = _seen_by(viewer).filter(status="OPEN", pk__gt=after)
    listed = (rows.filter(system=system) if system else rows).order_by("id")[:limit]
    sight = Sight(viewer)
    return [_shown(row, sight) for row in listed]


def one(quarantined_id: int, *, viewer: User) -> QuarantinedRecord:
    """One of them, open or closed.

    Raises:
        NotFound: there is none, or it lies outside the viewer's confines.
    """
    row = _seen_by(viewer).filter(pk=quarantined_id).first()
    if row is None:
        raise NotFound(f"There is no quarantined record {quarantined_id}.")
    return _shown(row, Sight(viewer))


def _shown(row: QuarantinedRecord, sight: Sight) -> QuarantinedRecord:
    """The row with what the viewer may not see masked; it is for showing, never for saving."""
    refused = quarantine.masked(row, sight)
    row.payload, row.problems = refused.payload, list(refused.problems)
    return row


def _seen_by(viewer: User) -> QuerySet[QuarantinedRecord]:
    sight = Sight(viewer)
    return QuarantinedRecord.objects.filter(sight.in_domains(), sight.in_regions())
