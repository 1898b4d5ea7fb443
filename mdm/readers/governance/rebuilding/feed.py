"""The event feed, folded as a consumer folds it, against the golden records it speaks of."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django.db import connection

from mdm.models import DomainRelease, Event, Golden, GoldenVersion
from mdm.readers.governance.rebuilding.verdict import Verdict, said
from mdm.rules.exchange.event_types import Fact, parts

CHUNK = 300
"""Golden records whose events and versions are held in memory at once."""
STATUS = {Fact.MERGED: {"MERGED"}, Fact.RETIRED: {"RETIRED"}, Fact.CREATED: {"LIVE"}, Fact.RESTORED: {"LIVE"}}
STATUS |= {Fact.UPDATED: {"LIVE"}, Fact.SPLIT: {"LIVE", "SPLIT"}, Fact.ERASED: {"ERASED"}}
"""What each fact makes of a golden record; one that lost members to another stays live."""


def check(*, chunk: int = CHUNK) -> Verdict:
    """Positions without gaps, a domain's releases each with its event, and for every golden record its events in order, each with
    its version; three queries a chunk.
    """
    if fault := _positions() or _releases():
        return Verdict(0, fault)
    counted, after = Event.objects.filter(golden=None).count(), 0
    while goldens := list(Golden.objects.filter(pk__gt=after).order_by("id")[:chunk]):
        told, stood = _by_golden(goldens)
        for golden in goldens:
            events, versions = told.get(golden.pk, []), stood.get(golden.pk, [])
            if (fault := _fold(golden, events, versions)) and (fault := _again(golden.pk)):
                return Verdict(counted, fault)
            counted += len(events)
        after = goldens[-1].pk
    return Verdict(counted)


def _positions() -> str:
    """Whether the positions above what retention removed follow each other; one snapshot, so that nothing comes between."""
    with connection.cursor() as cursor:
        cursor.execute(GAP)
        row = cursor.fetchone()
    return f"The feed has a gap after position {row[0]}." if row else ""


GAP = """
    WITH floor AS (SELECT coalesce(max(position), 0) AS position FROM mdm_historyfloor)
    SELECT before FROM (
        SELECT event.position, lag(event.position, 1, floor.position) OVER (ORDER BY event.position) AS before
        FROM mdm_event event CROSS JOIN floor WHERE event.position > floor.position
    ) AS told WHERE position <> before + 1 ORDER BY position LIMIT 1
"""


def _releases() -> str:
    """Whether each release since the first that was told of has its event, and each such event its release; two queries."""
    made: dict[str, list[int]] = {}
    for domain, number in DomainRelease.objects.order_by("number").values_list("domain", "number"):
        made.setdefault(domain, []).append(number)
    told: dict[str, list[int]] = {}
    for event in Event.objects.filter(golden=None).order_by("sequence"):
        known = parts(event.type)
        if known is None or known[0] != event.domain or known[1] in STATUS:
            return f"Event {event.pk} is of no golden record and tells of no release."
        told.setdefault(event.domain, []).append(event.sequence)
    for domain, numbers in told.items():
        expected = [number for number in made.get(domain, []) if number >= numbers[0]]
        if numbers != expected:
            return f"The releases of {domain} are {_spans(expected)}, its events tell of {_spans(numbers)}."
    return ""


def _by_golden(goldens: Iterable[Golden]) -> tuple[dict[int, list[Event]], dict[int, list[GoldenVersion]]]:
    ids = [golden.pk for golden in goldens]
    told: dict[int, list[Event]] = {}
    for event in Event.objects.filter(golden__in=ids).order_by("golden_id", "sequence"):
        told.setdefault(event.golden_id or 0, []).append(event)
    stood: dict[int, list[GoldenVersion]] = {}
    for version in GoldenVersion.objects.filter(golden__in=ids).order_by("golden_id", "version"):
        stood.setdefault(version.golden_id, []).append(version)
    return told, stood


def _again(golden: int) -> str:
    """The same of one golden record, read anew: it may have been written between two queries."""
    row = Golden.objects.get(pk=golden)
    told, stood = _by_golden([row])
    return _fold(row, told.get(golden, []), stood.get(golden, []))


def _fold(golden: Golden, events: list[Event], versions: list[GoldenVersion]) -> str:
    """What does not fit between a golden record and what was told of it, empty when all does."""
    name = golden.enterprise_id
    numbers = [event.sequence for event in events]
    if numbers != [version.version for version in versions]:
        return f"{name} has events {_spans(numbers)} but versions {_spans([version.version for version in versions])}."
    if not numbers or numbers != list(range(numbers[0], golden.version + 1)):
        return f"{name} is at version {golden.version}, its events are {_spans(numbers)}."
    positions = [event.position for event in events if event.position is not None]
    if positions != sorted(positions) or any(event.position is None for event in events[: len(positions)]):
        return f"The events of {name} do not stand in the feed in their order."
    for number, event in enumerate(events):
        if fault := _step(event, versions[number], versions[number - 1] if number else None):
            return f"{name} version {event.sequence}: {fault}"
    last = versions[-1]
    folded, row = (_state(last), _state(golden))
    return "" if folded == row else f"What was told of {name} last is not what its row says."


def _state(row: Golden | GoldenVersion) -> str:
    return said([row.status, row.values, row.relations, row.provenance, row.release])


def _step(event: Event, version: GoldenVersion, before: GoldenVersion | None) -> str:
    """Whether one event tells what its version changed."""
    known = parts(event.type)
    if known is None or version.status not in STATUS.get(known[1], set()):
        return f"an event {event.type} does not make it {version.status}."
    if before is None and event.sequence > 1:
        return ""  # what came before is no longer kept
    if version.is_erased or (before is not None and before.is_erased):
        return ""  # what changed was a person's, and is gone
    changed = _changed(before, version)
    return "" if event.data.get("changed", []) == changed else f"the event does not tell what changed: {', '.join(changed)}."


def _changed(before: GoldenVersion | None, after: GoldenVersion) -> list[str]:
    """Names of values, then of relations, that differ; who says a relation does not count."""
    values, relations = (before.values, before.relations) if before else ({}, {})
    names = sorted(name for name in {*values, *after.values} if values.get(name) != after.values.get(name))
    ends = {*relations, *after.relations}
    return names + sorted(name for name in ends if _aim(relations.get(name)) != _aim(after.relations.get(name)))


def _aim(said: Mapping[str, Any] | None) -> dict[str, Any] | None:
    return {part: value for part, value in said.items() if part != "said_by"} if said else None


def _spans(numbers: list[int]) -> str:
    return f"{numbers[0]} to {numbers[-1]} ({len(numbers)})" if numbers else "none"
