"""Brings what is stored over to a new release: chunk by chunk, while the hub goes on working.

What the columns say is only where to go; what is written there is worked out anew, under locks, by the functions that live
writers use. So a chunk may be done twice, or by a live writer in between, and the end is what loading the same records by the new
release would give.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from functools import partial
from typing import Any

from django.db import connection

from mdm import audit, outbox
from mdm.actions import catching_up, locks
from mdm.actions.exchange import jobs
from mdm.actions.golden import survival
from mdm.actions.governance.releases import REMATCH
from mdm.engine import releases
from mdm.engine.releases import Release
from mdm.engine.replay import differences
from mdm.models import DomainRelease, Golden, Job, ReleaseProposal, Revisit, SourceRecord, User, copying
from mdm.rules.governance.releasing.release_stages import FORMS, Stage, Touched
from mdm.rules.governance.releasing.release_states import ReleaseStatus, check_arrow

CHUNK = 500
"""Golden records whose rows one transaction locks."""
PORTION = 5_000
"""Records that are only given another number at once."""

RENUMBER = """
    WITH portion AS (
        SELECT id, release FROM mdm_sourcerecord WHERE domain = %(domain)s AND id > %(after)s ORDER BY id LIMIT %(most)s
    ), done AS (
        UPDATE mdm_sourcerecord AS record SET release = %(number)s FROM portion
        WHERE record.id = portion.id AND record.is_live AND record.release <> ALL(%(alike)s)
          AND NOT EXISTS (SELECT 1 FROM mdm_revisit revisit WHERE revisit.record = record.id)
    )
    SELECT max(id), count(*) FROM portion
"""


@dataclass(frozen=True, slots=True)
class Place:
    """How far it has come: the domain, the release it goes to, the part of the work (FIND, NUMBER, VISIT, GOLDENS), and the last
    row of that part that is done.
    """

    domain: str = ""
    number: int = 0
    part: str = "FIND"
    after: int = 0


def rematch_next(*, actor: User, at: datetime) -> bool:
    """Do the next chunk of the waiting `rematch` job; False when none waits.

    A chunk is one commit that also notes where the next begins: a worker that dies leaves nothing half done. The first one reads
    a whole domain in columns and holds no lock; the others hold the domain alone for some hundred records, or shared for golden
    records whose values are chosen anew.

    Raises:
        NotAllowed: the actor may not work on jobs.
    """
    act = partial(_rematch, actor=actor, at=at)
    return jobs.do_next(kind="rematch", target="", act=act, actor=actor, at=at, seconds=300, longer=_seconds)


def _seconds(job: Job) -> int:
    """Reading a domain of a million records takes minutes; all else is done in seconds."""
    return 3_600 if Place(**job.payload).part == "FIND" else 300


def _rematch(job: Job, *, actor: User, at: datetime) -> None:
    """One chunk; while more is left the job wishes itself again."""
    following = _step(Place(**job.payload), actor=actor, at=at)
    if following is not None:
        payload = json.dumps(asdict(following))
        outbox.want([outbox.Wish(kind="rematch", key=REMATCH, wanted=job.wanted + 1, payload=payload)], at=at)


def _step(place: Place, *, actor: User, at: datetime) -> Place | None:
    """Do the next chunk; where the one after it begins, None when every domain is settled."""
    release = _unsettled()
    if release is None:
        return None
    if (place.domain, place.number) != (release.domain, release.number):
        place = Place(release.domain, release.number)
    touched = Touched()
    for each in releases.touched_since(release, releases.standing(release.domain)).values():
        touched |= each
    return PARTS[place.part](place, release, touched, actor=actor, at=at)


def _unsettled() -> Release | None:
    """The first domain, by name, whose newest release is not carried out yet."""
    found = (releases.current(name) for name in releases.domains())
    return next((release for release in found if not release.is_settled), None)


def _find(place: Place, release: Release, touched: Touched, *, actor: User, at: datetime) -> Place:
    """Where to go: all records whose form, pairs or home are others, in portions of whole components."""
    Revisit.objects.filter(domain=release.domain).delete()
    found = differences.find(release, domain=release.domain, touched=touched, today=at.date())
    count = 0
    for portion, records in enumerate(found.visits(), 1):
        copying.append(Revisit(domain=release.domain, portion=portion, record=record) for record in records.tolist())
        count += len(records)
    audit.record(
        at=at, actor=actor, verb="release.rematch", subject=_subject(release), domain=release.domain, new={"records": count}
    )
    return replace(place, part="NUMBER" if touched.any(FORMS) else "VISIT", after=0)


def _number(place: Place, release: Release, touched: Touched, *, actor: User, at: datetime) -> Place:
    """Records that keep their form are said to have it by this release too; the others wait for their visit."""
    said: dict[str, Any] = {"domain": release.domain, "after": place.after, "most": PORTION, "number": release.number}
    with connection.cursor() as cursor:
        cursor.execute(RENUMBER, said | {"alike": sorted(releases.alike(release))})
        last, count = cursor.fetchone()
    return replace(place, after=last) if count == PORTION else replace(place, part="VISIT", after=0)


def _visit(place: Place, release: Release, touched: Touched, *, actor: User, at: datetime) -> Place:
    """The next portion, held alone: whole components go over in one step."""
    locks.lock_domain(release.domain, alone=True)
    if releases.current(release.domain).number != release.number:
        return Place()
    rows = Revisit.objects.filter(domain=release.domain)
    first = rows.order_by("portion").values_list("portion", flat=True).first()
    if first is None:
        return replace(place, part="GOLDENS", after=0)
    records = list(rows.filter(portion=first).values_list("record", flat=True))
    count = catching_up.bring_over(release, records, actor=actor, at=at, anew=True)
    rows.filter(portion=first).delete()
    said = {"records": len(records), "restandardised": count}
    audit.record(at=at, actor=actor, verb="release.visit", subject=_subject(release), domain=release.domain, new=said)
    return place


def _goldens(place: Place, release: Release, touched: Touched, *, actor: User, at: datetime) -> Place | None:
    """Values chosen anew, where rules of survivorship changed; one that comes out the same goes on naming what made it."""
    if Stage.SURVIVE not in touched.stages:
        return _settle(place, release, actor=actor, at=at)
    locks.lock_domain(release.domain)
    if releases.current(release.domain).number != release.number:
        return Place()
    some = Golden.objects.live().filter(domain=release.domain, pk__gt=place.after).order_by("id")
    rows = {golden.pk: golden for golden in some.select_for_update(no_key=True)[:CHUNK]}
    others = {number: golden for number, golden in rows.items() if golden.release != release.number}
    changed = survival.refresh(others, verbs={}, release=release, goldens=others, at=at, renumber=False)
    if changed:
        said = {"changed": changed, "from": min(rows), "to": max(rows)}
        audit.record(at=at, actor=actor, verb="release.choose", subject=_subject(release), domain=release.domain, new=said)
    if len(rows) == CHUNK:
        return replace(place, after=max(rows))
    return replace(place, part="SETTLE", after=0)


def _settle_part(place: Place, release: Release, touched: Touched, *, actor: User, at: datetime) -> Place | None:
    return _settle(place, release, actor=actor, at=at)


def _settle(place: Place, release: Release, *, actor: User, at: datetime) -> Place | None:
    """Everything is what the release gives: say so; unless a record was left behind, or a later release came in."""
    locks.lock_domain(release.domain, alone=True)
    if releases.current(release.domain).number != release.number:
        return Place()
    live = SourceRecord.objects.filter(domain=release.domain, is_live=True)
    if live.exclude(release__in=releases.alike(release)).exists():
        return Place(release.domain, release.number)
    DomainRelease.objects.filter(domain=release.domain, number=release.number).update(settled_at=at)
    for row in ReleaseProposal.objects.select_for_update().filter(domain=release.domain, number=release.number):
        check_arrow(ReleaseStatus(row.status), ReleaseStatus.RELEASED)
        row.status = ReleaseStatus.RELEASED.value
        row.save(update_fields=["status"])
    audit.record(at=at, actor=actor, verb="release.settle", subject=_subject(release), domain=release.domain)
    return Place()


def _subject(release: Release) -> str:
    return f"release:{release.domain}/{release.number}"


PARTS = {"FIND": _find, "NUMBER": _number, "VISIT": _visit, "GOLDENS": _goldens, "SETTLE": _settle_part}
