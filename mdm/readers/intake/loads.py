"""Loads: what came in, from where, and how far it is."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db import connection
from django.db.models import QuerySet

from mdm.errors import NotFound
from mdm.models import Load, User
from mdm.readers.governance.sight import Sight

PAGE = 50


@dataclass(frozen=True, slots=True)
class Page:
    """`next`: the ID after which the following page begins, 0 on the last one."""

    rows: tuple[Load, ...]
    next: int


def page(*, viewer: User, status: str = "", before: int = 0) -> Page:
    """Loads, newest first; one query, two more where some are running."""
    rows = _seen(viewer)
    rows = rows.filter(status=status) if status else rows
    listed = list((rows.filter(pk__lt=before) if before else rows).order_by("-id")[: PAGE + 1])
    stopped(listed)
    return Page(tuple(listed[:PAGE]), listed[PAGE - 1].pk if len(listed) > PAGE else 0)


def one(load_id: int, *, viewer: User) -> Load:
    """One load.

    Raises:
        NotFound: there is none, or it lies outside the viewer's domains.
    """
    load = _seen(viewer).filter(pk=load_id).first()
    if load is None:
        raise NotFound(f"There is no load {load_id}.")
    stopped([load])
    return load


def stopped(loads: Iterable[Load]) -> list[Load]:
    """Mark and return those of `loads` that nobody works on any more though they are not done.

    Whoever works on a load says how it ended before its session of PostgreSQL ends, and that ends with the process, however that
    dies. So what has no session any more, and still runs when it is read once more, has stopped. A later session may have the
    same number; it began after the load.
    """
    running = {load.pk: load for load in loads if load.status == "RUNNING"}
    if not running:
        return []
    with connection.cursor() as cursor:
        cursor.execute("SELECT pid, backend_start FROM pg_stat_activity WHERE backend_start IS NOT NULL")
        since = dict(cursor.fetchall())
    orphans = [load.pk for load in running.values() if not _is_alive(load, since)]
    left = Load.objects.filter(pk__in=orphans, status="RUNNING")
    found = [running[number] for number in left.values_list("pk", flat=True)]
    for load in found:
        load.is_stopped = True
    return found


def _is_alive(load: Load, since: Mapping[int | None, datetime]) -> bool:
    """`since`: when each present session began."""
    began = since.get(load.session)
    return began is not None and load.session_at is not None and began <= load.session_at


def _seen(viewer: User) -> QuerySet[Load]:
    return Load.objects.filter(Sight(viewer).in_domains("source__domain")).select_related("source__system", "started_by")
