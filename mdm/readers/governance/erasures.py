"""Erasures: what one would remove, how far it is, its certificate."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection
from django.db.models import Max, Q, QuerySet

from mdm.engine import releases
from mdm.errors import Conflict, NotFound
from mdm.models import (
    AuditEntry,
    ChangeRequest,
    ChangeSet,
    Crosswalk,
    Erasure,
    Golden,
    Job,
    MatchPair,
    QuarantinedRecord,
    SourceRecord,
    Suppression,
    User,
)
from mdm.readers.golden import goldens
from mdm.readers.governance import personal
from mdm.readers.governance.sight import Sight

PAGE = 50

# The last home of each record that ever stood in one of some golden records.
LAST_HOMES = """
    SELECT DISTINCT ON (home.record_id) home.record_id, home.golden_id FROM mdm_crosswalk home
    WHERE home.record_id IN (SELECT record_id FROM mdm_crosswalk WHERE golden_id = ANY(%s))
    ORDER BY home.record_id, home.valid_to DESC NULLS FIRST, home.id DESC
"""
POINTING = """
    SELECT count(DISTINCT other.id) FROM unnest(%(aims)s::jsonb[]) AS aim
    JOIN mdm_sourcerecord other ON other.relations @> aim AND other.relations <> '{}'
    WHERE other.is_live AND NOT other.id = ANY(%(records)s::bigint[])
"""


@dataclass(frozen=True, slots=True)
class Scope:
    """One person: `golden`, that is or was live; `ending`: the golden records that end with it, those that were merged into it
    included; `records`: all of theirs; `touched`: row IDs of every golden record that ever held one of `records`.
    """

    golden: Golden
    ending: tuple[Golden, ...]
    records: tuple[SourceRecord, ...]
    touched: tuple[int, ...]

    @property
    def systems(self) -> list[str]:
        return sorted({record.source.system_id for record in self.records})

    @property
    def names(self) -> list[str]:
        return sorted(golden.enterprise_id for golden in self.ending)


@dataclass(frozen=True, slots=True)
class Preview:
    """What an erasure would remove now, place by place; `pointing`: records of others that name the person's keys and stay."""

    enterprise_ids: tuple[str, ...]
    domain: str
    counts: dict[str, int]
    systems: tuple[str, ...]
    pointing: int


def scope(text: str, *, viewer: User) -> Scope:
    """The person behind an enterprise ID as somebody typed it; a merged one leads to whom it became.

    Raises:
        BadInput, BadCheckCharacter: this is no enterprise ID, or a mistyped one.
        NotFound: it was never issued, or lies outside the viewer's confines.
        Conflict: it was split: that is for somebody to say which branch is meant; or it is erased already.
    """
    golden = goldens.seen(text, viewer=viewer)
    for _ in range(goldens.LONGEST_CHAIN):
        if golden.status != "MERGED":
            break
        golden = goldens.seen(golden.successors[0], viewer=viewer)
    if golden.status == "SPLIT":
        raise Conflict(f"{golden.enterprise_id} was split into {', '.join(golden.successors)}; name the one that is meant.")
    if golden.status == "ERASED":
        raise Conflict(f"{golden.enterprise_id} is erased already.")
    return of(golden)


def of(golden: Golden) -> Scope:
    """The same for a row at hand. Queries by index, a few a level of merges."""
    ending = [golden]
    names = [golden.enterprise_id]
    while names:
        merged = list(
            Golden.objects.filter(status="MERGED", successors__overlap=names).exclude(pk__in=[row.pk for row in ending])
        )
        ending += merged
        names = [row.enterprise_id for row in merged]
    ids = {row.pk for row in ending}
    with connection.cursor() as cursor:
        cursor.execute(LAST_HOMES, [sorted(ids)])
        mine = [record for record, home in cursor.fetchall() if home in ids]
    records = SourceRecord.objects.filter(pk__in=mine).select_related("source").order_by("id")
    touched = Crosswalk.objects.filter(record_id__in=mine).values_list("golden_id", flat=True).distinct()
    return Scope(golden, tuple(ending), tuple(records), tuple(sorted(ids | set(touched))))


def terms(scope: Scope) -> dict[str, Any]:
    """What the places of `personal` ask for. Keys are quoted as JSON writes them, so that one is never found inside another."""
    records, touched = scope.records, list(scope.touched)
    keys = [[record.source.system_id, record.source.object, record.scope, record.native_id] for record in records]
    names = {"/".join(key) for key in keys} | {"/".join([system, object, native]) for system, object, _, native in keys}
    quoted = [json.dumps(name, ensure_ascii=False) for name in sorted(names)]
    natives = [f'"native_id": {json.dumps(key[3], ensure_ascii=False)}' for key in keys]
    said = {
        "records": [record.pk for record in records],
        "sources": [record.source_id for record in records],
        "systems": [key[0] for key in keys],
        "objects": [key[1] for key in keys],
        "scopes": [key[2] for key in keys],
        "natives": [key[3] for key in keys],
        "goldens": [golden.pk for golden in scope.ending],
        "touched": touched,
        "ids": scope.names,
        "names": quoted,
        "answers": [*quoted, *natives, *(golden.enterprise_id for golden in scope.ending)],
        "after": 0,
        "until": last_entry(),
    }
    return said | {"subjects": _subjects(said, scope)}


def last_entry() -> int:
    return AuditEntry.objects.aggregate(last=Max("id"))["last"] or 0


def entry_behind(after: int, *, count: int) -> int:
    """The row ID of the `count`-th audit entry behind `after`; 0 where there are not that many."""
    found = AuditEntry.objects.filter(pk__gt=after).order_by("pk").values_list("pk", flat=True)[count - 1 : count]
    return next(iter(found), 0)


def _subjects(said: dict[str, Any], scope: Scope) -> list[str]:
    """What the audit trail calls the things that go."""
    pairs = MatchPair.objects.filter(left_id__in=said["records"]) | MatchPair.objects.filter(right_id__in=said["records"])
    jobs = Job.objects.filter(kind="sync", subject__in=said["touched"])
    reasons = ChangeSet.objects.exclude(reason="").filter(
        Q(golden_versions__golden__in=said["touched"])
        | Q(traces__golden__in=said["touched"])
        | Q(pk__in=Crosswalk.objects.filter(record__in=said["records"]).values("change_set"))
    )
    asked = ChangeRequest.objects.filter(Q(golden__in=said["touched"]) | Q(record__in=said["records"]))
    waiting = QuarantinedRecord.objects.filter(native_id__in=said["natives"], system__in=said["systems"])
    return [
        *(f"pair:{number}" for number in pairs.values_list("id", flat=True)),
        *(f"job:{number}" for number in jobs.values_list("id", flat=True)),
        *(f"change:{number}" for number in reasons.values_list("id", flat=True).distinct()),
        *(f"change_request:{number}" for number in asked.values_list("id", flat=True)),
        *(f"quarantine:{number}" for number in waiting.values_list("id", flat=True)),
        *(f"golden:{name}" for name in scope.names),
        *(f"golden:{golden.pk}" for golden in scope.ending),
    ]


def preview(text: str, *, viewer: User) -> Preview:
    """What erasing that person would remove now, by indexes. Not counted: what the audit trail and kept answers say of its keys,
    for which they would have to be read from end to end.

    Raises:
        as `scope`.
    """
    found = scope(text, viewer=viewer)
    said = terms(found)
    counts = counted(personal.PLACES, said)
    # Those that are live now end before they are emptied.
    counts["golden records"] += sum(golden.status == "LIVE" for golden in found.ending)
    return Preview(tuple(found.names), found.golden.domain, counts, tuple(found.systems), pointing(found))


def counted(places: Sequence[personal.Place], said: dict[str, Any]) -> dict[str, int]:
    """How many rows each place holds; one query a place."""
    counts = {}
    with connection.cursor() as cursor:
        for place in places:
            cursor.execute(place.count, said)
            counts[place.title] = int(cursor.fetchone()[0])
    return counts


def foreseen(erasure: Erasure, *, viewer: User) -> Preview | None:
    """The same for one that was asked for; None where it was split or erased since, so that it can only be given up."""
    try:
        return preview(erasure.enterprise_ids[0], viewer=viewer)
    except Conflict:
        return None


def pointing(scope: Scope) -> int:
    """How many live records of others name one of the person's keys; by the index of relations."""
    domain = scope.golden.domain
    specs = [releases.current(name).spec for name in releases.domains()]
    relations = sorted({relation.name for spec in specs for relation in spec.relations if relation.domain == domain})
    aims = [
        json.dumps({name: {"system": one.source.system_id, "object": one.source.object, "native_id": one.native_id}})
        for name in relations
        for one in scope.records
    ]
    with connection.cursor() as cursor:
        cursor.execute(POINTING, {"aims": aims, "records": [record.pk for record in scope.records]})
        return int(cursor.fetchone()[0])


def listed(*, viewer: User, before: int = 0) -> list[Erasure]:
    """Erasures within the viewer's confines, the latest first."""
    rows = _seen(viewer)
    return list((rows.filter(pk__lt=before) if before else rows).order_by("-id")[:PAGE])


def one(erasure_id: int, *, viewer: User) -> Erasure:
    """One erasure.

    Raises:
        NotFound: there is none, or it lies outside the viewer's confines.
    """
    row = _seen(viewer).filter(pk=erasure_id).first()
    if row is None:
        raise NotFound(f"There is no erasure {erasure_id}.")
    return row


def of_id(enterprise_id: str) -> Erasure | None:
    """The erasure after which that ID answers "erased"; by index."""
    return Erasure.objects.filter(enterprise_ids__contains=[enterprise_id], status="DONE").order_by("-id").first()


def _seen(viewer: User) -> QuerySet[Erasure]:
    sight = Sight(viewer)
    return Erasure.objects.filter(sight.in_domains(), sight.in_regions()).select_related("requested_by", "confirmed_by")


def lines(erasure: Erasure) -> Sequence[tuple[str, int]]:
    """What was removed, in the order of the places."""
    return [(place.title, erasure.counts[place.title]) for place in personal.EVERY_PLACE if place.title in erasure.counts]


def suppressed(erasure: Erasure) -> int:
    """How many keys it still keeps out."""
    return Suppression.objects.filter(erasure=erasure, lifted_at=None).count()
