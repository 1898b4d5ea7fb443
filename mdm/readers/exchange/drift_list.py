"""Differences that reconciliation found and that are not gone yet."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Q, QuerySet

from mdm.models import Drift, User
from mdm.readers import counting
from mdm.readers.counting import Count
from mdm.readers.golden.review import pairs
from mdm.readers.governance.sight import Sight
from mdm.rules.exchange.drift import MEANINGS, DriftKind

PAGE = 50
STATUSES = ("OPEN", "HEALING", "HEALED", "IGNORED")


@dataclass(frozen=True, slots=True)
class Row:
    """One difference; `expected` is the hub's value, `actual` the system's, masked where they must be."""

    id: int
    system_title: str
    chip: str
    object: str
    native_id: str
    enterprise_id: str
    kind: str
    meaning: str
    attribute: str
    expected: Any
    actual: Any
    status: str
    first_seen_at: datetime
    last_seen_at: datetime
    seen: int


@dataclass(frozen=True, slots=True)
class Page:
    """`next`: the ID after which the following page begins, 0 on the last one."""

    rows: tuple[Row, ...]
    next: int
    total: Count


def seen(*, sight: Sight, status: str = "OPEN") -> QuerySet[Drift]:
    """Differences of that status within the viewer's confines; a row the hub does not know has no region."""
    rows = Drift.objects.filter(sight.in_domains("source__domain"), status=status if status in STATUSES else "OPEN")
    return rows.filter(Q(sight.record_is_near("record_id"))) if sight.viewer.regions else rows


def page(*, viewer: User, status: str = "OPEN", system: str = "", kind: str = "", before: int = 0) -> Page:
    """Differences, newest first; a fixed number of queries."""
    sight = Sight(viewer)
    rows = seen(sight=sight, status=status)
    rows = rows.filter(source__system=system) if system else rows
    rows = rows.filter(kind=kind) if kind in list(DriftKind) else rows
    chosen = rows.filter(pk__lt=before) if before else rows
    listed = list(chosen.select_related("source").order_by("-id")[: PAGE + 1])
    shown = listed[:PAGE]
    homes = pairs.homes_of([row.record_id for row in shown if row.record_id is not None])
    return Page(tuple(_row(row, homes, sight) for row in shown), shown[-1].pk if len(listed) > PAGE else 0, counting.up_to(rows))


def _row(row: Drift, homes: dict[int, str], sight: Sight) -> Row:
    system, domain = sight.systems[row.source.system_id], row.source.domain
    return Row(
        id=row.pk,
        system_title=system.title,
        chip=system.chip,
        object=row.source.object,
        native_id=row.native_id,
        enterprise_id=homes.get(row.record_id or 0, ""),
        kind=row.kind,
        meaning=MEANINGS.get(DriftKind(row.kind), "") if row.kind in list(DriftKind) else "",
        attribute=sight.titles(domain).get(row.attribute, row.attribute),
        expected=sight.shown(domain, row.attribute, row.expected),
        actual=sight.shown(domain, row.attribute, row.actual),
        status=row.status,
        first_seen_at=row.first_seen_at,
        last_seen_at=row.last_seen_at,
        seen=row.seen,
    )
