"""How each target stands, and which jobs gave up."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count as CountRows
from django.db.models import Max, Q, QuerySet

from mdm.models import Golden, Job, SourceObject, User
from mdm.readers import counting
from mdm.readers.counting import Count
from mdm.readers.governance.sight import Sight

PAGE = 50
STUCK_AFTER = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Target:
    """One system that is pushed to. `retrying`: waiting again after a failure."""

    code: str
    title: str
    chip: str
    waiting: int
    retrying: int
    running: int
    dead: int
    last_success_at: datetime | None


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """A job that gave up. `enterprise_id` and `label` are those of the golden record it was for, where it was for one."""

    id: int
    kind: str
    target: str
    target_title: str
    enterprise_id: str
    label: str
    error_code: str
    error: str
    attempts: int
    changed_at: datetime
    exchange: Mapping[str, Any]

    @property
    def exchange_text(self) -> str:
        """The last request and answer, word for word, to read."""
        return json.dumps(self.exchange, indent=2, ensure_ascii=False)


@dataclass(frozen=True, slots=True)
class DeadPage:
    """`next`: the ID after which the following page begins, 0 on the last one."""

    rows: tuple[DeadLetter, ...]
    next: int
    total: Count


def targets(*, viewer: User) -> tuple[Target, ...]:
    """Every system that is pushed to, with the counts of its sync tasks; three queries. Cost: one pass over the sync jobs."""
    sight = Sight(viewer)
    objects = SourceObject.objects.filter(sight.in_domains(), is_target=True)
    codes = sorted(set(objects.values_list("system_id", flat=True)))
    rows = (
        _seen(Job.objects.filter(kind="sync"), sight)
        .values("target")
        .annotate(
            waiting=CountRows("id", filter=Q(status="QUEUED", error_code="")),
            retrying=CountRows("id", filter=Q(status="QUEUED") & ~Q(error_code="")),
            running=CountRows("id", filter=Q(status="RUNNING")),
            dead=CountRows("id", filter=Q(status="DEAD")),
            last_success_at=Max("changed_at", filter=Q(status="DONE")),
        )
    )
    counts = {row.pop("target"): row for row in rows}
    nothing = {"waiting": 0, "retrying": 0, "running": 0, "dead": 0, "last_success_at": None}
    return tuple(Target(code, sight.systems[code].title, sight.systems[code].chip, **counts.get(code, nothing)) for code in codes)


def dead(*, sight: Sight) -> QuerySet[Job]:
    """Jobs that gave up and wait for a person, within the viewer's confines."""
    return _seen(Job.objects.filter(status="DEAD"), sight)


def stuck(*, sight: Sight, at: datetime) -> QuerySet[Job]:
    """Jobs nobody works on though they should have been done: overdue, or held by a worker that died."""
    late = Q(status="QUEUED", due_at__lt=at - STUCK_AFTER) | Q(status="RUNNING", leased_until__lt=at - STUCK_AFTER)
    return _seen(Job.objects.filter(late), sight)


def dead_page(*, viewer: User, target: str = "", before: int = 0) -> DeadPage:
    """Dead letters, newest first; four queries."""
    sight = Sight(viewer)
    rows = dead(sight=sight)
    rows = rows.filter(target=target) if target else rows
    return _page(rows, before, sight)


def stuck_page(*, viewer: User, at: datetime, before: int = 0) -> DeadPage:
    """Stuck jobs, newest first; four queries."""
    sight = Sight(viewer)
    return _page(stuck(sight=sight, at=at), before, sight)


def _page(rows: QuerySet[Job], before: int, sight: Sight) -> DeadPage:
    listed = list((rows.filter(pk__lt=before) if before else rows).order_by("-id")[: PAGE + 1])
    shown = listed[:PAGE]
    subjects = {job.subject for job in shown if job.subject is not None and job.kind == "sync"}
    goldens = {golden.pk: golden for golden in sight.goldens().filter(pk__in=subjects)} if subjects else {}
    letters = tuple(_letter(job, goldens.get(job.subject or 0), sight) for job in shown)
    return DeadPage(letters, shown[-1].pk if len(listed) > PAGE else 0, counting.up_to(rows))


def _seen(rows: QuerySet[Job], sight: Sight) -> QuerySet[Job]:
    """Jobs about golden records the viewer may see; for somebody who is not confined, all of them."""
    if not sight.viewer.domains and not sight.viewer.regions:
        return rows
    return rows.filter(kind="sync", subject__in=sight.goldens().values("pk"))


def _letter(job: Job, golden: Golden | None, sight: Sight) -> DeadLetter:
    system = sight.systems.get(job.target)
    hidden = sight.hidden(golden.domain) if golden is not None else frozenset()
    return DeadLetter(
        id=job.pk,
        kind=job.kind,
        target=job.target,
        target_title=system.title if system else job.target,
        enterprise_id=golden.enterprise_id if golden else "",
        label=sight.label(golden) if golden else "",
        error_code=job.error_code,
        error=job.error,
        attempts=job.attempts,
        changed_at=job.changed_at,
        exchange={} if hidden else job.exchange or {},
    )
