"""Recomputes what survives, and writes a version, an event and sync tasks where something changed."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from mdm import outbox
from mdm.engine.releases import Release
from mdm.models import ChangeSet, Crosswalk, Golden, GoldenVersion, Job
from mdm.rules.golden.survivorship import Member, survive

SEARCH_LENGTH = 2_000


@dataclass(frozen=True, slots=True)
class Row:
    """One member as survivorship and sync need it."""

    member: Member
    target: str | None


def refresh(
    touched: Collection[int],
    *,
    verbs: Mapping[int, tuple[str, dict[str, Any]]],
    release: Release,
    goldens: dict[int, Golden],
    at: datetime,
    change_set: ChangeSet | None = None,
    due_at: datetime | None = None,
) -> int:
    """Recompute the golden records `touched`, whose rows are locked; returns how many changed.

    `verbs`: what happened to some of them beside a change of values. An unchanged one makes no version and no event.
    """
    rows = _members(touched)
    changed: list[Golden] = []
    facts: list[tuple[Golden, str, dict[str, Any]]] = []
    wishes: list[outbox.Wish] = []
    for number in sorted(touched):
        golden, members = goldens[number], rows.get(number, [])
        verb, data = verbs.get(number, ("updated", {}))
        names = _recompute(golden, members, release=release, at=at)
        if names is None and number not in verbs:
            continue
        golden.version += 1
        golden.changed_at = max(at, golden.changed_at)  # versions follow each other, whatever the writers' clocks say
        changed.append(golden)
        facts.append((golden, verb, {**data, "changed": names or []}))
        wishes += _wishes(golden, members)
    _write(changed, rows, at=at, change_set=change_set)
    outbox.tell(facts, at=at)
    outbox.want(wishes, at=at, due_at=due_at)
    _take_back(changed, wishes, at=at)
    return len(changed)


def _take_back(changed: list[Golden], wishes: list[outbox.Wish], *, at: datetime) -> None:
    """Cancel what waits or died for a target that holds no member any more: the record's new home has a task of its own."""
    known = [golden.pk for golden in changed if golden.version > 1]  # nothing waits for one that was born just now
    if not known:
        return
    busy = ["QUEUED", "RUNNING", "DEAD"]  # whoever settles a running one waits for us, and then sees that its record moved
    idle = Job.objects.select_for_update().filter(kind="sync", subject__in=known, status__in=busy)
    idle = idle.exclude(key__in=[wish.key for wish in wishes]).order_by("id")
    if waiting := [number for number, status in idle.values_list("id", "status") if status != "RUNNING"]:
        Job.objects.filter(id__in=waiting).update(status="CANCELLED", changed_at=at)


def _members(goldens: Collection[int]) -> dict[int, list[Row]]:
    """The live members of `goldens`, by golden record, in key order."""
    links = (
        Crosswalk.objects.filter(golden_id__in=goldens, valid_to=None)
        .order_by("record__key")
        .values_list(
            "golden_id", "record_id", "record__key", "record__source__system_id", "record__attributes", "record__relations",
            "record__invalid", "record__source_updated_at", "record__changed_at", "record__source__is_target",
        )
    )  # fmt: skip
    rows: dict[int, list[Row]] = {}
    for golden, record, key, system, attributes, relations, invalid, updated_at, changed_at, is_target in links:
        member = Member(record, key, system, {**attributes, **relations}, updated_at or changed_at, frozenset(invalid))
        rows.setdefault(golden, []).append(Row(member, system if is_target else None))
    return rows


def _recompute(golden: Golden, rows: list[Row], *, release: Release, at: datetime) -> list[str] | None:
    """Set what survives on the row; the names of what changed, None when nothing did."""
    survived = survive(release.spec, [row.member for row in rows], release=release.number, at=at)
    said = {relation.name: survived.values.pop(relation.name, None) for relation in release.spec.relations}
    relations = {name: {**aim, "said_by": survived.provenance[name]["key"]} for name, aim in said.items() if aim}
    before = (golden.values, golden.relations, golden.provenance, golden.regions, golden.search)
    names = sorted(name for name in {*golden.values, *survived.values} if golden.values.get(name) != survived.values.get(name))
    names += sorted(name for name in {*golden.relations, *relations} if _aim(golden.relations, name) != _aim(relations, name))
    golden.values, golden.relations, golden.provenance = survived.values, relations, survived.provenance
    golden.release, golden.member_count = release.number, len(rows)
    golden.label = str(survived.values.get(release.spec.label, "")) if rows else golden.label
    golden.search = _search_text(golden, rows, release) if rows else golden.search
    golden.regions = _regions(rows, release) if rows else golden.regions
    return names if (golden.values, golden.relations, golden.provenance, golden.regions, golden.search) != before else None


def _aim(relations: Mapping[str, Any], name: str) -> Any:
    aim = relations.get(name)
    return aim and {part: aim[part] for part in aim if part != "said_by"}


def _search_text(golden: Golden, rows: list[Row], release: Release) -> str:
    """What the search box looks through: every member's values of the searchable attributes, small letters, once each."""
    words = {
        str(row.member.attributes[name]).casefold()
        for row in rows
        for name in release.spec.search
        if row.member.attributes.get(name)
    }
    return f"{golden.label.casefold()} | {' | '.join(sorted(words))}"[:SEARCH_LENGTH]


def _regions(rows: list[Row], release: Release) -> list[str]:
    """The union of the members' regions."""
    region = release.spec.region
    if region is None:
        return []
    return sorted({region.of(row.member.attributes) for row in rows})


def _wishes(golden: Golden, rows: list[Row]) -> list[outbox.Wish]:
    """One sync task for each target that holds a member."""
    return [
        outbox.Wish(kind="sync", key=f"{target}:{golden.pk}", target=target, subject=golden.pk, wanted=golden.version)
        for target in sorted({row.target for row in rows if row.target})
    ]


FIELDS = [
    "status", "successors", "status_since", "version", "values", "provenance", "relations", "regions", "label", "search",
    "member_count", "release", "changed_at",
]  # fmt: skip


def _write(changed: list[Golden], rows: Mapping[int, list[Row]], *, at: datetime, change_set: ChangeSet | None) -> None:
    """The rows as they are now, and one appended version each."""
    Golden.objects.bulk_create(
        changed, batch_size=1_000, update_conflicts=True, unique_fields=["id"], update_fields=FIELDS
    ) if changed else None
    GoldenVersion.objects.bulk_create(
        (
            GoldenVersion(
                golden=golden,
                version=golden.version,
                status=golden.status,
                values=golden.values,
                provenance=golden.provenance,
                members=[row.member.record_id for row in rows.get(golden.pk, [])],
                release=golden.release,
                recorded_at=golden.changed_at,
                change_set=change_set,
            )
            for golden in changed
        ),
        batch_size=1_000,
    )
