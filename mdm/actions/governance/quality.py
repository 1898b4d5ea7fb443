"""Keeps grades true over time: grades anew what time or a new release changed, and notes each night's figures."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from functools import partial

from django.db import connection, transaction
from django.db.models import Q

from mdm import audit, outbox, permissions
from mdm.actions import locks, retrying
from mdm.actions.exchange import jobs
from mdm.actions.golden import survival
from mdm.engine import grading, members, releases
from mdm.engine.releases import Release
from mdm.models import Golden, Job, QualityDay, SourceRecord, User
from mdm.rules.governance.domains import DomainSpec
from mdm.rules.intake.content import content_hash

CHUNK = 1_000
"""Rows that one transaction looks at and locks."""

# One pass over the golden records, one over the source records; every declared rule has its figure, also where nothing fails.
NOTE = """
    WITH graded AS (
        SELECT '' AS system, quality, failing FROM mdm_golden
        WHERE domain = %(domain)s AND status = 'LIVE' AND quality IS NOT NULL
        UNION ALL
        SELECT source.system_id, record.quality, record.failing
        FROM mdm_sourcerecord record JOIN mdm_sourceobject source ON source.id = record.source_id
        WHERE record.domain = %(domain)s AND record.is_live AND record.quality IS NOT NULL
    ), totals AS (
        SELECT system, count(*) AS records, count(*) FILTER (WHERE failing <> '{}') AS failing, avg(quality)::float8 AS score
        FROM graded GROUP BY system
    ), failures AS (
        SELECT system, rule, count(*) AS failing FROM graded CROSS JOIN unnest(failing) AS rule GROUP BY system, rule
    )
    INSERT INTO mdm_qualityday (domain, system, rule, day, records, failing, score, rules)
    SELECT %(domain)s, system, '', %(day)s, records, failing, score, %(rules)s FROM totals
    UNION ALL
    SELECT %(domain)s, totals.system, code, %(day)s, records, coalesce(failures.failing, 0),
           100.0 * (records - coalesce(failures.failing, 0)) / records, %(rules)s
    FROM totals CROSS JOIN unnest(%(codes)s::text[]) AS code
    LEFT JOIN failures ON failures.system = totals.system AND failures.rule = code
"""


@dataclass(frozen=True, slots=True)
class Place:
    """How far a night's work has come: the last part that is done (domain/part), the last row in the next one.

    `is_whole`: the rules are not those of the last figures, so that everything is graded anew, not only what is due.
    """

    done: str = ""
    after: int = 0
    is_whole: bool = False


PARTS = ("golden", "source", "today")
"""What is done for each domain, in alphabetical order: its golden records, its source records, the figures."""


def grade_next(*, actor: User, at: datetime) -> bool:
    """Do the next chunk of the waiting `quality` job; False when none waits. A chunk is one commit that notes its place.

    Locks the domain (shared) and the rows of a chunk, in ID order.

    Raises:
        NotAllowed: the actor may not work on jobs.
    """
    return jobs.do_next(kind="quality", target="", act=partial(_grade, actor=actor, at=at), actor=actor, at=at, seconds=600)


def grade_all(*, actor: User, at: datetime) -> None:
    """The whole night's work at once, a commit a chunk; safe to run again from anywhere.

    Raises:
        NotAllowed: the actor may not work on jobs.
    """
    permissions.check(actor, "sync.work")
    place: Place | None = Place()
    while place is not None:
        place = _committed(place, actor=actor, at=at)


@retrying.on_conflict
@transaction.atomic
def _committed(place: Place, *, actor: User, at: datetime) -> Place | None:
    return _step(place, actor=actor, at=at)


def _grade(job: Job, *, actor: User, at: datetime) -> None:
    """One chunk; while more is left the job wishes itself again."""
    following = _step(Place(**job.payload), actor=actor, at=at)
    if following is not None:
        payload = json.dumps(asdict(following))
        outbox.want([outbox.Wish(kind="quality", key=job.key, wanted=job.wanted + 1, payload=payload)], at=at)


def _step(place: Place, *, actor: User, at: datetime) -> Place | None:
    """Do the next chunk; where the one after it begins, None when all is done."""
    parts = [f"{name}/{part}" for name in releases.domains() for part in PARTS]
    current = next((part for part in parts if part > place.done), None)
    if current is None:
        return None
    domain, _, part = current.partition("/")
    release = releases.current(domain)
    if part == "today":
        _note(release, actor=actor, at=at)
        return Place(current)
    is_whole = place.is_whole if place.after or part != PARTS[0] else _is_changed(release)
    locks.lock_domain(domain)
    last = (_goldens if part == "golden" else _records)(release, place.after, is_whole, at)
    return Place(current, 0, is_whole) if last is None else Place(place.done, last, is_whole)


def _rules_hash(spec: DomainSpec) -> str:
    """What tells the rules of one release from those of another."""
    return content_hash([rule.to_dict() for rule in spec.quality])


def _is_changed(release: Release) -> bool:
    """Whether the last figures of the domain were made under other rules, or none were ever made."""
    last = QualityDay.objects.filter(domain=release.domain, system="", rule="").order_by("-day").first()
    return last is None or last.rules != _rules_hash(release.spec)


def _due(release: Release, is_whole: bool, at: datetime) -> Q:
    """Which rows are graded anew; those of a domain without rules lose what an earlier release gave them.

    Also those that are out of date: a source that confirms a record as it is makes it timely again, and changes nothing else.
    """
    if not release.spec.quality:
        return Q(quality__isnull=False)
    late = [rule.code for rule in release.spec.quality if rule.dimension == "timeliness"]
    return Q() if is_whole else Q(quality=None) | Q(grade_due_at__lte=at) | Q(failing__overlap=late)


def _goldens(release: Release, after: int, is_whole: bool, at: datetime) -> int | None:
    """Grade a chunk of golden records; the last one's row ID, None when no more are left."""
    rows = Golden.objects.live().filter(_due(release, is_whole, at), domain=release.domain, pk__gt=after)
    chunk = list(rows.select_for_update(no_key=True).order_by("id")[:CHUNK])
    survival.write_grades(grading.goldens(release.spec, chunk, members.read([row.pk for row in chunk]), at=at))
    return _last(chunk)


def _records(release: Release, after: int, is_whole: bool, at: datetime) -> int | None:
    """Grade a chunk of source records; the last one's row ID, None when no more are left."""
    rows = SourceRecord.objects.filter(_due(release, is_whole, at), domain=release.domain, is_live=True, pk__gt=after)
    chunk = list(rows.defer("payload", "standardised").select_for_update(no_key=True).order_by("id")[:CHUNK])
    survival.write_grades(grading.records(release.spec, chunk, at=at))
    return _last(chunk)


def _last(chunk: Sequence[Golden] | Sequence[SourceRecord]) -> int | None:
    return chunk[-1].pk if len(chunk) == CHUNK else None


def _note(release: Release, *, actor: User, at: datetime) -> None:
    """Write the day's figures of a domain, in place of earlier ones of the same day. Two passes over its rows in SQL."""
    spec, day = release.spec, at.date()
    QualityDay.objects.filter(domain=spec.name, day=day).delete()
    if not spec.quality:
        return
    codes = [rule.code for rule in spec.quality]
    with connection.cursor() as cursor:
        cursor.execute(NOTE, {"domain": spec.name, "day": day, "rules": _rules_hash(spec), "codes": codes})
    total = QualityDay.objects.filter(domain=spec.name, system="", rule="", day=day).first()
    if total is not None:
        new = {"day": day.isoformat(), "records": total.records, "score": round(total.score, 2)}
        audit.record(at=at, actor=actor, verb="quality.note", subject=f"domain:{spec.name}", domain=spec.name, new=new)
