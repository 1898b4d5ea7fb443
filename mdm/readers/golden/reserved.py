"""Reserved enterprise IDs: who holds which, for what, until when, and how they ended."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from mdm import permissions
from mdm.models import Reservation, User
from mdm.readers import counting
from mdm.readers.counting import Count
from mdm.readers.governance.sight import Sight
from mdm.rules.governance import roles

PAGE = 50


@dataclass(frozen=True, slots=True)
class Held:
    """One reserved ID. `purpose` and `reason` are masked where they are not the viewer's to read; `is_theirs`: the viewer may
    give it back or hold it for longer.
    """

    enterprise_id: str
    domain: str
    status: str
    owner: str
    purpose: str
    reserved_at: datetime
    expires_at: datetime
    ended_at: datetime | None
    reason: str
    is_theirs: bool


@dataclass(frozen=True, slots=True)
class Page:
    """`next`: the position before which the following page begins, 0 on the last one."""

    rows: tuple[Held, ...]
    next: int
    total: Count


def page(*, viewer: User, status: str = "RESERVED", is_mine: bool = False, before: int = 0, limit: int = PAGE) -> Page:
    """Reservations of one status within the viewer's domains, newest first; two queries. `is_mine`: the viewer's own only."""
    sight = Sight(viewer)
    found = Reservation.objects.filter(sight.in_domains(), status=status)
    found = found.filter(owner=viewer) if is_mine else found
    part = found.filter(pk__lt=before) if before else found
    listed = list(part.select_related("owner").order_by("-id")[: limit + 1])
    following = listed[limit - 1].pk if len(listed) > limit else 0
    return Page(told(listed[:limit], viewer=viewer), following, counting.up_to(found))


def told(rows: Iterable[Reservation], *, viewer: User) -> tuple[Held, ...]:
    """Reservations as the viewer may read them; their owners are at hand."""
    answers_for_others = permissions.can(viewer, "id.release_others")
    return tuple(
        Held(
            row.enterprise_id,
            row.domain,
            row.status,
            row.owner.title or row.owner.name,
            readable(row.purpose, row, viewer),
            row.reserved_at,
            row.expires_at,
            row.ended_at,
            readable(row.reason, row, viewer),
            is_theirs=row.owner_id == viewer.pk or answers_for_others,
        )
        for row in rows
    )


def readable(text: str, row: Reservation, viewer: User) -> str:
    """What somebody wrote about a reservation: it has no region, so who is confined to some reads that of their own ones only."""
    return text if not text or not viewer.regions or row.owner_id == viewer.pk else roles.MASK
