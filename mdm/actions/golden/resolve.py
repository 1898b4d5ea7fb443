"""Resolution: from changed records to pairs, clusters and golden records, for one record or for a million."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from django.db import connection, transaction

from mdm import outbox
from mdm.actions import locks
from mdm.actions.golden import regroup
from mdm.engine import components, plans, statistics
from mdm.engine.comparing import ScoredPair
from mdm.engine.components import Component
from mdm.engine.releases import Release
from mdm.models import ChangeSet, Decision, Golden, MatchPair, User

MOST_LIVE = 2_000
"""Records of one component that a live writer re-clusters; a larger one becomes a job."""

UPSERT = """
    INSERT INTO mdm_matchpair AS pair
        (domain, left_id, right_id, weight, probability, band, pattern, release, status, version, found_at, risk)
    SELECT %(domain)s, fresh.*, %(release)s, 'OPEN', 1, %(at)s, 0
    FROM unnest(%(left)s::bigint[], %(right)s::bigint[], %(weight)s::float8[], %(probability)s::float8[], %(band)s::text[],
                %(pattern)s::text[]) AS fresh
    ON CONFLICT (left_id, right_id) DO UPDATE SET weight = excluded.weight, probability = excluded.probability,
        band = excluded.band, pattern = excluded.pattern, release = excluded.release, version = pair.version + 1,
        weighed_at = NULL
    WHERE (pair.weight, pair.band, pair.pattern) IS DISTINCT FROM (excluded.weight, excluded.band, excluded.pattern)
"""
FADED = """
    SELECT pair.id, pair.left_id, pair.right_id FROM mdm_matchpair pair
    WHERE (pair.left_id = ANY(%(ids)s) OR pair.right_id = ANY(%(ids)s))
      AND NOT EXISTS (SELECT 1 FROM unnest(%(left)s::bigint[], %(right)s::bigint[]) AS kept (l, r)
                      WHERE kept.l = pair.left_id AND kept.r = pair.right_id)
"""


@transaction.atomic(savepoint=False)
def resolve(
    *,
    release: Release,
    changed: Collection[int],
    actor: User,
    at: datetime,
    fresh: bool = False,
    told: Collection[int] | None = None,
    most: int | None = MOST_LIVE,
    claims: Mapping[int, str] | None = None,
) -> ChangeSet | None:
    """Compare `changed` records, re-cluster the components they touch, and make the golden records follow.

    The caller holds the domain and the match keys (see locks). `fresh`: all of `changed` are new, so that no pair of theirs
    can have faded. `told`: those of them that say something else, by default all; the others are only compared anew. `most`: a
    larger component gets homes for its newcomers only and a queued job; None is no limit. `claims`: records whose golden record,
    when it is born now, takes that reserved enterprise ID.
    Same result whatever the order or the size of the batches (P3).
    """
    pairs = plans.pairs_of(release, changed)
    newborn = changed if fresh else ()
    records, goldens = set(changed), dict[int, Golden]()
    if pairs or not fresh:  # else nothing hangs together with them: no golden record to lock
        # Golden rows before pair rows, as everybody. The components as they were, and the ends of the new pairs, hold all
        # that the new pairs can tie together.
        records, goldens = locks.lock_component({*changed, *(end for pair in pairs for end in (pair.left, pair.right))})
    _write_pairs(release, changed, pairs, at=at, fresh=fresh)
    regrouping = plans.regroup(release, _component(release, records, most, at), newborn=newborn)
    told = changed if told is None else told
    return regroup.write(regrouping, release=release, goldens=goldens, changed=told, actor=actor, at=at, claims=claims)


@transaction.atomic(savepoint=False)
def settle(
    *,
    release: Release,
    start: Collection[int],
    actor: User,
    at: datetime,
    most: int | None = MOST_LIVE,
    change_set: ChangeSet | None = None,
    waits: bool = False,
    prefer: Mapping[int, int] | None = None,
    leaving: Collection[int] = (),
    stood: Mapping[int, regroup.Stood] | None = None,
) -> ChangeSet | None:
    """Re-cluster the whole components around `start` and write what follows; locks their golden rows first.

    `waits`: targets hear of it after their undo window. `prefer`, `leaving`: as `plans.regroup`; `stood`: as `regroup.write`.
    """
    records, goldens = locks.lock_component(start)
    regrouping = plans.regroup(release, _component(release, records, most, at), prefer=prefer, leaving=leaving)
    return regroup.write(
        regrouping,
        release=release,
        goldens=goldens,
        changed=(),
        actor=actor,
        at=at,
        change_set=change_set,
        waits=waits,
        stood=stood,
    )


def _component(release: Release, records: set[int], most: int | None, at: datetime) -> Component:
    """What to cluster now: all of `records`, or the newcomers among them where a queued job has to do the whole."""
    if most is None or len(records) <= most:
        return components.read(records)
    firsts = components.firsts(records)
    wishes = [outbox.Wish(kind="cluster", key=f"{release.domain}:{first}", subject=first, wanted=_tick(at)) for first in firsts]
    outbox.want(wishes, at=at)
    return components.strangers(records)


def _write_pairs(release: Release, changed: Collection[int], pairs: list[ScoredPair], *, at: datetime, fresh: bool) -> None:
    """Pairs of `changed` become exactly `pairs`; one that faded goes, unless a person decided it."""
    columns: dict[str, list[Any]] = {
        "left": [pair.left for pair in pairs],
        "right": [pair.right for pair in pairs],
        "weight": [pair.weight for pair in pairs],
        "probability": [pair.probability for pair in pairs],
        "band": [pair.band for pair in pairs],
        "pattern": [pair.pattern for pair in pairs],
    }
    with connection.cursor() as cursor:
        if not fresh:
            cursor.execute(FADED, {"ids": list(changed), "left": columns["left"], "right": columns["right"]})
            faded = cursor.fetchall()
            decided = {
                (left, right)
                for left, right in Decision.objects.filter(left_id__in=[row[1] for row in faded], undone_at=None).values_list(
                    "left_id", "right_id"
                )
            }
            MatchPair.objects.filter(id__in=[row[0] for row in faded if (row[1], row[2]) not in decided]).delete()
            MatchPair.objects.filter(id__in=[row[0] for row in faded if (row[1], row[2]) in decided]).update(band="ASKED")
        if pairs:
            cursor.execute(UPSERT, {**columns, "domain": release.domain, "release": release.number, "at": at})
    statistics.refresh("mdm_matchpair", written=len(pairs))


def _tick(at: datetime) -> int:
    """A wish number that grows with time, so that a later wish counts as newer. Microseconds since 1970."""
    return int(at.timestamp() * 1_000_000)
