"""Removes history older than a domain keeps it: past versions with their events, then source versions that nothing names."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from django.db import connection, transaction

from mdm import audit, outbox, permissions
from mdm.actions.exchange import jobs
from mdm.engine import releases
from mdm.models import Golden, HistoryFloor, Job, SourceRecord, User

CHUNK = 1_000
"""Golden records, or source records, whose history one transaction goes through."""

# The version that stood at the cutoff stays, so that every later moment still has its answer; what came before it goes, with the
# events that told it. Events that no sequencer has placed yet keep everything of their golden record. Which change set made a
# version of which members is noted, so that it can still be taken back.
GOLDENS = """
    WITH floor AS (
        SELECT kept.golden_id, max(kept.version) AS version FROM mdm_goldenversion kept
        WHERE kept.golden_id = ANY(%(ids)s) AND kept.recorded_at <= %(cutoff)s
          AND NOT EXISTS (SELECT 1 FROM mdm_event told WHERE told.golden_id = kept.golden_id AND told.position IS NULL)
        GROUP BY kept.golden_id
    ), gone AS (
        DELETE FROM mdm_goldenversion old USING floor
        WHERE old.golden_id = floor.golden_id AND old.version < floor.version
        RETURNING old.golden_id, old.members, old.change_set_id
    ), noted AS (
        INSERT INTO mdm_changetrace (change_set_id, golden_id, members)
        SELECT change_set_id, golden_id, members FROM gone WHERE change_set_id IS NOT NULL
    ), told AS (
        DELETE FROM mdm_event old USING floor
        WHERE old.golden_id = floor.golden_id AND old.sequence < floor.version RETURNING old.position
    )
    SELECT (SELECT count(*) FROM gone), (SELECT count(*) FROM told), (SELECT max(position) FROM told)
"""
# Of a source record goes what another version has replaced in every view from the cutoff on, unless it is the present one or a
# kept golden version was made of it.
SOURCES = """
    WITH named AS (
        SELECT DISTINCT member.record, member.version
        FROM (SELECT DISTINCT golden_id FROM mdm_crosswalk WHERE record_id = ANY(%(ids)s)) home
        JOIN mdm_goldenversion kept ON kept.golden_id = home.golden_id
        CROSS JOIN unnest(kept.members, kept.member_versions) AS member (record, version)
        WHERE member.record = ANY(%(ids)s)
    ), gone AS (
        DELETE FROM mdm_sourceversion old USING mdm_sourcerecord record
        WHERE old.record_id = ANY(%(ids)s) AND record.id = old.record_id
          AND (old.is_superseded OR old.version <> record.version)
          AND (old.is_superseded OR NOT EXISTS (
              SELECT 1 FROM named WHERE named.record = old.record_id AND named.version = old.version))
          AND EXISTS (
              SELECT 1 FROM mdm_sourceversion newer
              WHERE newer.record_id = old.record_id AND newer.recorded_at <= %(cutoff)s AND newer.valid_from <= %(cutoff)s
                AND (newer.valid_from, NOT newer.is_superseded, newer.version, newer.id)
                    > (old.valid_from, NOT old.is_superseded, old.version, old.id))
        RETURNING old.id
    )
    SELECT count(*), 0, NULL FROM gone
"""


@dataclass(frozen=True, slots=True)
class Place:
    """How far a run has come: the last part that is done (domain/golden, domain/source), and the last row in the next one."""

    done: str = ""
    after: int = 0


@dataclass(frozen=True, slots=True)
class Removed:
    """What one chunk, or a whole run, removed."""

    golden_versions: int = 0
    events: int = 0
    source_versions: int = 0

    def __add__(self, other: Removed) -> Removed:
        pairs = zip(asdict(self).values(), asdict(other).values(), strict=True)
        return Removed(*(mine + theirs for mine, theirs in pairs))


def purge_next(*, actor: User, at: datetime) -> bool:
    """Do the next chunk of the waiting `retention` job; False when none waits. A chunk is one commit that notes its place.

    Raises:
        NotAllowed: the actor may not work on jobs.
    """
    return jobs.do_next(kind="retention", target="", act=partial(_purge, actor=actor, at=at), actor=actor, at=at, seconds=600)


def purge(*, actor: User, at: datetime, rehearsal: bool = False) -> Removed:
    """Remove all that is no longer kept, a commit a chunk; safe to run again from anywhere.

    `rehearsal`: say only what would go. Then nothing is noted, and source versions that the golden versions of the same run
    would let go are not counted.

    Raises:
        NotAllowed: the actor may not remove history.
    """
    permissions.check(actor, "history.purge")
    place: Place | None = Place()
    removed = Removed()
    while place is not None:
        with transaction.atomic():
            place, chunk = _step(place, actor=actor, at=at)
            transaction.set_rollback(rehearsal)
        removed += chunk
    return removed


def _purge(job: Job, *, actor: User, at: datetime) -> None:
    """One chunk; while more is left the job wishes itself again."""
    following, _ = _step(Place(**job.payload), actor=actor, at=at)
    if following is not None:
        payload = json.dumps(asdict(following))
        outbox.want([outbox.Wish(kind="retention", key=job.key, wanted=job.wanted + 1, payload=payload)], at=at)


def _step(place: Place, *, actor: User, at: datetime) -> tuple[Place | None, Removed]:
    """Go through the next chunk; where the one after it begins, None when all is done."""
    part, days = next(((name, days) for name, days in _parts() if name > place.done), ("", 0))
    if not part:
        return None, Removed()
    domain, _, what = part.partition("/")
    rows: Any = Golden.objects if what == "golden" else SourceRecord.objects
    ids = list(rows.filter(domain=domain, pk__gt=place.after).order_by("id").values_list("id", flat=True)[:CHUNK])
    removed = _remove(domain, what, ids, cutoff=at - timedelta(days=days))
    if removed != Removed():
        said = asdict(removed) | {"from": ids[0], "to": ids[-1]}
        audit.record(at=at, actor=actor, verb="history.purge", subject=f"domain:{domain}", domain=domain, new=said)
    return Place(place.done, ids[-1]) if len(ids) == CHUNK else Place(part), removed


def _parts() -> list[tuple[str, int]]:
    """What is kept for a number of days only, in the order of the work: a domain's golden records before its source records."""
    kept = [(name, releases.current(name).spec.retention) for name in releases.domains()]
    days = [(f"{name}/golden", policy.golden_days) for name, policy in kept if policy]
    days += [(f"{name}/source", policy.source_days) for name, policy in kept if policy]
    return sorted((part, number) for part, number in days if number)


def _remove(domain: str, what: str, ids: list[int], *, cutoff: datetime) -> Removed:
    """Delete what is too old among the rows `ids`, and note from when on history is whole."""
    with connection.cursor() as cursor:
        cursor.execute(GOLDENS if what == "golden" else SOURCES, {"ids": ids, "cutoff": cutoff})
        versions, events, position = cursor.fetchone()
    if not versions + events:
        return Removed()
    floor, _ = HistoryFloor.objects.select_for_update().get_or_create(domain=domain)
    if what == "golden":
        floor.golden_from = max(cutoff, floor.golden_from or cutoff)
    else:
        floor.source_from = max(cutoff, floor.source_from or cutoff)
    floor.position = max(floor.position, position or 0)
    floor.save()
    return Removed(versions, events, 0) if what == "golden" else Removed(source_versions=versions)
