"""The event feed: complete, in order, replayable from any position."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from mdm.engine import releases
from mdm.models import Event, GoldenVersion, User
from mdm.rules.governance import roles

MOST = 1_000


@dataclass(frozen=True, slots=True)
class Slice:
    """Events in position order, and the position to ask after next time."""

    events: list[dict[str, Any]]
    next: int


def after(position: int, *, limit: int, viewer: User, domain: str = "", type: str = "") -> Slice:
    """CloudEvents after `position`. Two queries. `next` moves on over what filters leave out, so a reader never stalls."""
    rows = Event.objects.filter(position__gt=position).order_by("position")
    if domain or viewer.domains:
        rows = rows.filter(
            domain__in=[domain]
            if domain and (not viewer.domains or domain in viewer.domains)
            else []
            if domain
            else viewer.domains
        )
    if type:
        rows = rows.filter(type=type)
    if viewer.regions:
        rows = rows.filter(golden__regions__overlap=viewer.regions)
    page = list(rows[: min(limit, MOST)])
    versions = _versions(page)
    events = [_cloud_event(row, versions.get((row.golden_id, row.sequence)), viewer) for row in page]
    return Slice(events, (page[-1].position or position) if page else position)


def _versions(page: list[Event]) -> dict[tuple[int, int], GoldenVersion]:
    """The golden versions the events speak of."""
    wanted = {(row.golden_id, row.sequence) for row in page}
    rows = GoldenVersion.objects.filter(
        golden__in={golden for golden, _ in wanted}, version__in={version for _, version in wanted}
    )
    return {(row.golden_id, row.version): row for row in rows if (row.golden_id, row.version) in wanted}


def _cloud_event(row: Event, version: GoldenVersion | None, viewer: User) -> dict[str, Any]:
    """One event as CloudEvents 1.0 JSON, its values joined from the version it announced and masked."""
    spec = releases.current(row.domain).spec
    values = roles.masked(version.values, spec, roles.Role(viewer.role)) if version else {}
    return {
        "specversion": "1.0",
        "id": str(row.uuid),
        "source": f"/concord/{row.domain}",
        "type": row.type,
        "subject": row.enterprise_id,
        "time": row.at.isoformat(),
        "datacontenttype": "application/json",
        "partitionkey": row.enterprise_id,
        "sequence": f"{row.sequence:010d}",
        "position": row.position,
        "data": {
            "enterprise_id": row.enterprise_id,
            "version": row.sequence,
            "status": version.status if version else "",
            "values": values,
            **row.data,
        },
    }
