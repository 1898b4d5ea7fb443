"""Recomputes what survives, and writes a version, an event and sync tasks where something changed."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db import connection

from mdm import outbox
from mdm.actions.governance import freezing, requesting
from mdm.engine import grading, members
from mdm.engine.members import Asked, Row, Survivors
from mdm.engine.people import pinned
from mdm.engine.people.pinned import Pins
from mdm.engine.releases import Release
from mdm.models import ChangeSet, Golden, GoldenVersion, Job, SourceRecord, copying
from mdm.models.graded import GRADE

GRADES = """
    UPDATE {table} AS row SET quality = fresh.quality, grade_due_at = fresh.due,
        failing = ARRAY(SELECT jsonb_array_elements_text(fresh.failing))
    FROM unnest(%s::bigint[], %s::smallint[], %s::jsonb[], %s::timestamptz[]) AS fresh (id, quality, failing, due)
    WHERE row.id = fresh.id
"""


def refresh(
    touched: Collection[int],
    *,
    verbs: Mapping[int, tuple[str, dict[str, Any]]],
    release: Release,
    goldens: dict[int, Golden],
    at: datetime,
    change_set: ChangeSet | None = None,
    waits: bool = False,
    carriers: Collection[int] = (),
    members_of: Mapping[int, list[Row]] | None = None,
    renumber: bool = True,
    graded_by: Release | None = None,
) -> int:
    """Recompute the golden records `touched`, whose rows are locked; returns how many changed.

    `verbs`: what happened to some of them beside a change of values. An unchanged one makes no version and no event.
    `waits`: targets hear of it after their undo window. `carriers`: those whose pinned values may have changed.
    `members_of`: the members of each, in key order, where the caller has them at hand; else they are read. `renumber`: one that
    comes out the same under another release is written with that release's number; else it goes on naming the one that made it.
    `graded_by`: whose quality rules count, where that is another release.
    """
    rows = members.read(touched) if members_of is None else members_of
    pins = pinned.standing({number for number in touched if number in carriers or _is_pinned(goldens[number])})
    told = _survivors(touched, rows, pins, release=release, goldens=goldens, at=at)
    if change_set is None and (frozen := freezing.freeze(told, goldens, rows, release=release, at=at)):
        pins |= pinned.standing(frozen)
        told |= _survivors(frozen, rows, pins, release=release, goldens=goldens, at=at)
    changed: list[Golden] = []
    facts: list[tuple[Golden, str, dict[str, Any]]] = []
    wishes: list[outbox.Wish] = []
    for number in sorted(touched):
        golden, mine = goldens[number], rows.get(number, [])
        verb, data = verbs.get(number, ("updated", {}))
        names = _recompute(golden, mine, told[number], release=release, renumber=renumber)
        if names is None and number not in verbs:
            continue
        golden.version, golden.changed_at = golden.version + 1, _moment(golden, at)
        changed.append(golden)
        facts.append((golden, verb, {**data, "changed": names or []}))
        wishes += _wishes(golden, mine, at if waits else None)
    regraded = grading.goldens((graded_by or release).spec, [goldens[number] for number in sorted(touched)], rows, at=at)
    _write(changed, rows, pins, change_set=change_set)
    written = {golden.pk for golden in changed}
    write_grades([golden for golden in regraded if golden.pk not in written])
    outbox.tell(facts, at=at)
    outbox.want(wishes, at=at)
    _take_back(changed, wishes, at=at)
    requesting.keep_up([goldens[number] for number in sorted(touched)], rows, release=release, at=at)
    return len(changed)


def _moment(golden: Golden, at: datetime) -> datetime:
    """When a version comes true: versions follow each other, whatever the writers' clocks say."""
    return max(at, golden.changed_at)


def _survivors(
    touched: Collection[int],
    rows: Mapping[int, list[Row]],
    pins: Mapping[int, Pins],
    *,
    release: Release,
    goldens: Mapping[int, Golden],
    at: datetime,
) -> dict[int, Survivors]:
    """What survives of each now."""
    numbers = sorted(touched)
    asked = [
        Asked(release, rows.get(number, []), _moment(goldens[number], at), list(pins.get(number, {}).values()))
        for number in numbers
    ]
    return dict(zip(numbers, members.survive_each(asked), strict=True))


def _take_back(changed: list[Golden], wishes: list[outbox.Wish], *, at: datetime) -> None:
    """Cancel what waits or died for a target that holds no member any more: the record's new home has a task of its own."""
    known = [golden.pk for golden in changed if golden.version > 1]  # nothing waits for one that was born just now
    if not known:
        return
    busy = ["QUEUED", "RUNNING", "DEAD"]  # whoever settles a running one waits for us, and then sees that its record moved
    idle = Job.objects.select_for_update().filter(kind="sync", subject__any=known, status__in=busy)
    idle = idle.exclude(key__any=[wish.key for wish in wishes]).order_by("id")
    if waiting := [number for number, status in idle.values_list("id", "status") if status != "RUNNING"]:
        Job.objects.filter(id__in=waiting).update(status="CANCELLED", changed_at=at)


def _is_pinned(golden: Golden) -> bool:
    """Whether a pinned value counted the last time: then its end may count this time."""
    return any("override" in why for why in golden.provenance.values())


def _recompute(golden: Golden, rows: list[Row], survived: Survivors, *, release: Release, renumber: bool) -> list[str] | None:
    """Set what survives on the row; the names of what changed, None when nothing did."""
    relations = survived.relations
    before = _state(golden, renumber)
    names = sorted(name for name in {*golden.values, *survived.values} if golden.values.get(name) != survived.values.get(name))
    names += sorted(name for name in {*golden.relations, *relations} if _aim(golden.relations, name) != _aim(relations, name))
    golden.values, golden.relations, golden.provenance = survived.values, relations, survived.provenance
    golden.release, golden.member_count = release.number, len(rows)
    golden.label = str(survived.values.get(release.spec.label, "")) if rows else golden.label
    golden.search = members.search_text(release, rows, survived, golden.label) if rows else golden.search
    golden.regions = members.regions(release, rows) if rows else golden.regions
    return names if _state(golden, renumber) != before else None


def _state(golden: Golden, renumber: bool) -> tuple[Any, ...]:
    """What makes a version when it changes; the number of the release that made it counts only where it should."""
    why = golden.provenance if renumber else members.unnumbered(golden.provenance)
    return (golden.values, golden.relations, why, golden.regions, golden.search)


def _aim(relations: Mapping[str, Any], name: str) -> Any:
    aim = relations.get(name)
    return aim and {part: aim[part] for part in aim if part != "said_by"}


def _wishes(golden: Golden, rows: list[Row], waits_from: datetime | None) -> list[outbox.Wish]:
    """One sync task for each target that holds a member; a person's act waits there for the target's undo window."""
    return [
        outbox.Wish(
            kind="sync",
            key=f"{target}:{golden.pk}",
            target=target,
            subject=golden.pk,
            wanted=golden.version,
            due_at=waits_from and waits_from + timedelta(seconds=seconds),
        )
        for target, seconds in sorted({(row.target, row.undo_seconds) for row in rows if row.target})
    ]


FIELDS = [
    "status", "successors", "status_since", "version", "values", "provenance", "relations", "regions", "label", "search",
    "member_count", "release", "changed_at", *GRADE,
]  # fmt: skip


def _write(
    changed: list[Golden], rows: Mapping[int, list[Row]], pins: Mapping[int, Pins], *, change_set: ChangeSet | None
) -> None:
    """The rows as they are now, and one appended version each."""
    copying.append(golden for golden in changed if golden.version == 1)
    copying.overwrite([golden for golden in changed if golden.version > 1], FIELDS)
    copying.append(
        GoldenVersion(
            golden=golden,
            version=golden.version,
            status=golden.status,
            values=golden.values,
            provenance=golden.provenance,
            relations=golden.relations,
            members=[row.member.record_id for row in rows.get(golden.pk, [])],
            member_versions=[row.version for row in rows.get(golden.pk, [])],
            overrides=pinned.active(pins.get(golden.pk, {}), golden.changed_at) if golden.pk in rows else [],
            release=golden.release,
            recorded_at=golden.changed_at,
            change_set=change_set,
        )
        for golden in changed
    )


def write_grades(rows: Sequence[Golden] | Sequence[SourceRecord]) -> None:
    """The grades of stored rows, which make no version: nothing that the rows say has changed. One statement."""
    if not rows:
        return
    fresh = [(row.pk, row.quality, json.dumps(row.failing), row.grade_due_at) for row in rows]
    with connection.cursor() as cursor:
        cursor.execute(GRADES.format(table=rows[0]._meta.db_table), [list(column) for column in zip(*fresh, strict=True)])
