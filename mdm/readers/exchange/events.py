"""The event feed: complete, in order, replayable from any position."""

from __future__ import annotations

from dataclasses import dataclass
from functools import reduce
from operator import or_
from typing import Any

from django.db.models import Q

from mdm.models import Event, GoldenVersion, User
from mdm.readers.governance.sight import Sight
from mdm.rules.governance import roles

MOST = 1_000


@dataclass(frozen=True, slots=True)
class Slice:
    """Events in position order, and the position to ask after next time."""

    events: list[dict[str, Any]]
    next: int


def after(position: int, *, limit: int, viewer: User, domain: str = "", type: str = "") -> Slice:
    """CloudEvents after `position`. Two queries, and one for each domain among them.

    Regions count as they were when the event was written: whoever replays gets what was told then. Releases lie in no region.
    """
    sight = Sight(viewer)
    rows = Event.objects.filter(sight.in_domains(), position__gt=position).order_by("position")
    rows = rows.filter(domain=domain) if domain else rows
    rows = rows.filter(type=type) if type else rows
    if viewer.regions:
        near = [Q(regions__contains=[region]) for region in viewer.regions]
        rows = rows.filter(reduce(or_, near, Q(golden=None)))
    page = list(rows[: min(limit, MOST)])
    versions = _versions(page)
    events = [_cloud_event(row, versions.get((row.golden_id or 0, row.sequence)), sight) for row in page]
    return Slice(events, (page[-1].position or position) if page else position)


def _versions(page: list[Event]) -> dict[tuple[int, int], GoldenVersion]:
    """The golden versions the events speak of."""
    wanted = {(row.golden_id, row.sequence) for row in page if row.golden_id is not None}
    rows = GoldenVersion.objects.filter(
        golden__in={golden for golden, _ in wanted}, version__in={version for _, version in wanted}
    )
    return {(row.golden_id, row.version): row for row in rows if (row.golden_id, row.version) in wanted}


def _cloud_event(row: Event, version: GoldenVersion | None, sight: Sight) -> dict[str, Any]:
    """One event as CloudEvents 1.0 JSON, its values joined from the version it announced and masked; of a release the domain is
    the subject.
    """
    values = roles.masked(version.values, sight.spec(row.domain), sight.role) if version else {}
    subject, data = row.domain, row.data
    if row.golden_id is not None:
        subject, status = row.enterprise_id, version.status if version else ""
        data = {"enterprise_id": subject, "version": row.sequence, "status": status, "values": values, **row.data}
    return {
        "specversion": "1.0",
        "id": str(row.uuid),
        "source": f"/concord/{row.domain}",
        "type": row.type,
        "subject": subject,
        "time": row.at.isoformat(),
        "datacontenttype": "application/json",
        "partitionkey": subject,
        "sequence": f"{row.sequence:010d}",
        "position": row.position,
        "data": data,
    }
