"""What a person sees first: their work, and what is on fire. Every number has the list that makes it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from mdm import permissions
from mdm.models import User
from mdm.readers import counting
from mdm.readers.counting import Count
from mdm.readers.exchange import drift_list, sync_board
from mdm.readers.golden.kin import finding_list
from mdm.readers.golden.review import pairs
from mdm.readers.golden.review.pairs import Said, Wanted
from mdm.readers.governance.sight import Sight
from mdm.readers.intake import quarantine


@dataclass(frozen=True, slots=True)
class Home:
    """None where the viewer's role has no business with the number."""

    open_pairs: Count | None
    unsure_pairs: Count | None
    decided_today: int
    oldest_open_at: datetime | None
    quarantined: Count | None
    dead: Count | None
    stuck: Count | None
    drifts: Count | None
    findings: Count
    recent: tuple[Said, ...]


def home(*, viewer: User, at: datetime) -> Home:
    """The home page of one person; a fixed number of queries."""
    sight = Sight(viewer)
    sees_pairs = permissions.can(viewer, "pair.view")
    sees_sync = permissions.can(viewer, "sync.view")
    opened = pairs.waiting(Wanted(), sight=sight)
    return Home(
        open_pairs=counting.up_to(opened) if sees_pairs else None,
        unsure_pairs=pairs.count(Wanted(status="UNSURE"), sight=sight) if sees_pairs else None,
        decided_today=pairs.decided_since(at.replace(hour=0, minute=0, second=0, microsecond=0), viewer=viewer),
        oldest_open_at=opened.order_by("found_at").values_list("found_at", flat=True).first() if sees_pairs else None,
        quarantined=counting.up_to(quarantine.waiting(sight=sight)) if permissions.can(viewer, "quarantine.view") else None,
        dead=counting.up_to(sync_board.dead(sight=sight)) if sees_sync else None,
        stuck=counting.up_to(sync_board.stuck(sight=sight, at=at)) if sees_sync else None,
        drifts=counting.up_to(drift_list.seen(sight=sight)) if sees_sync else None,
        findings=counting.up_to(finding_list.seen(sight=sight)),
        recent=pairs.recent(viewer=viewer, everyone=permissions.can(viewer, "pair.undo_others"), limit=8) if sees_pairs else (),
    )


def open_pair_count(*, viewer: User) -> Count | None:
    """What the top bar shows beside Review; one query, None for somebody who may not see pairs."""
    if not permissions.can(viewer, "pair.view"):
        return None
    return counting.up_to(pairs.waiting(Wanted(), sight=Sight(viewer)))
