"""What a changed domain would do to everything that is stored: counted, with examples; nothing is written."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice
from typing import Any

import numpy as np
from django.db import connection

from mdm.engine import members, plans, releases
from mdm.engine.members import Asked
from mdm.engine.people import pinned
from mdm.engine.releases import Release, Said
from mdm.engine.replay import contradictions, differences
from mdm.engine.replay.differences import Differences
from mdm.models import Decision, Golden
from mdm.rules.golden.identity import Assignment, Leaving, Outcome
from mdm.rules.governance.releasing.release_stages import Stage, Touched

EXAMPLES = 5
CHUNK = 1_000
"""Golden records computed anew at once."""
PORTION = 20_000
"""Records, or golden records, that one query names."""
TARGETS_OF_GOLDENS = """
    SELECT source.system_id, count(DISTINCT home.golden_id) FROM mdm_crosswalk home
    JOIN mdm_sourcerecord record ON record.id = home.record_id JOIN mdm_sourceobject source ON source.id = record.source_id
    WHERE home.golden_id = ANY(%s) AND home.valid_to IS NULL AND source.is_target GROUP BY source.system_id
"""
TARGETS_OF_RECORDS = """
    SELECT record.id, source.system_id FROM mdm_sourcerecord record JOIN mdm_sourceobject source ON source.id = record.source_id
    WHERE record.id = ANY(%s) AND source.is_target
"""
Stage_ = Callable[[str, int], None]
"""What is being done, and with how many so far."""


def silent(stage: str, count: int) -> None:
    """Tell nobody."""


@dataclass(slots=True)
class Fates:
    """What becomes of golden records and their IDs. `changed`: today's golden records that get a new version."""

    changed: set[int] = field(default_factory=set)
    merged: int = 0
    split: int = 0
    parted: int = 0
    born: int = 0
    restored: int = 0
    merges: list[dict[str, Any]] = field(default_factory=list)
    splits: list[dict[str, Any]] = field(default_factory=list)
    tasks: Counter[str] = field(default_factory=Counter)


def plan(domain: str, said: Said, *, number: int, at: datetime, told: Stage_ = silent) -> dict[str, Any]:
    """What releasing `said` as release `number` would do, as plain data.

    It is computed in columns, from the first step that gives another result; golden records are computed anew one by one only
    where rules of survivorship changed. Memory: the standardised values of the records that the change can reach.

    Raises:
        BadInput: a match key would be shared by far too many records.
    """
    release, touched = releases.proposed(domain, number, said), releases.touched(domain, said)
    told("comparing", 0)
    found = differences.find(release, domain=domain, touched=touched, today=at.date())
    told("grouping", len(found.rows))
    fates = Fates()
    moved = found.moved()
    _regrouped(found, moved, release, fates)
    _reread(found, fates)
    examples = list(_survivors(release, touched, fates, at, told))
    live = Golden.objects.live().filter(domain=domain).count()
    return {
        "stages": [stage.value for stage in Stage if stage in touched.stages],
        "parts": list(touched.parts),
        "records": {
            "live": len(found.facts.record),
            "read_otherwise": len(found.forms.told),
            "restandardised": found.forms.restated,
            "refused": found.forms.refused,
        },
        "pairs": _pairs(found),
        "goldens": {
            "live": live,
            "changed": len(fates.changed) + fates.born + fates.restored,
            "merged": fates.merged,
            "split": fates.split,
            "parted": fates.parted,
        },
        "ids": {"retired": fates.merged + fates.split, "born": fates.born, "restored": fates.restored},
        "decisions": _decisions(found),
        "targets": {"tasks": sum(fates.tasks.values()), "by_system": dict(sorted(fates.tasks.items()))},
        "examples": {
            "records": found.forms.shown,
            "refused": found.forms.reasons,
            "merged": _named(fates.merges),
            "split": _named(fates.splits),
            "contradicted": _contradicted(found),
            "values": examples,
        },
    }


def _pairs(found: Differences) -> dict[str, int]:
    turned = found.turned
    counts = {"before": len(found.facts.pairs), "after": len(found.pairs)}
    return counts | {name: int(getattr(turned, name).sum()) for name in ("new", "gone", "to_auto", "to_review")}


def _regrouped(found: Differences, moved: Any, release: Release, fates: Fates) -> None:
    """Which golden record each new group keeps, by the rules that a writer follows; whole components at a time."""
    facts = found.facts
    component = found.components()[found.rows]
    place = np.flatnonzero(moved)
    place = place[np.argsort(component[place], kind="stable")]
    groups: dict[int, set[int]] = {}
    homes: dict[int, int] = {}
    last = -1
    for each in place.tolist():
        if component[each] != last and len(homes) >= CHUNK:
            _assign(release, groups, homes, fates)
            groups, homes = {}, {}
        last = component[each]
        record, home = int(facts.record[found.rows[each]]), int(facts.home[found.rows[each]])
        groups.setdefault(int(found.cluster[each]), set()).add(record)
        homes |= {record: home} if home else {}
    _assign(release, groups, homes, fates)


def _assign(release: Release, groups: Mapping[int, set[int]], homes: dict[int, int], fates: Fates) -> None:
    clusters = tuple(frozenset(group) for group in groups.values())
    if not clusters:
        return
    assignment = plans.assign(release, clusters, homes)
    fates.changed |= set(homes.values())
    fates.born += sum(placement.outcome is Outcome.BORN for placement in assignment.placements)
    fates.restored += sum(placement.outcome is Outcome.RESTORED for placement in assignment.placements)
    fates.merged += sum(departure.outcome is Leaving.MERGED for departure in assignment.departures)
    fates.split += sum(departure.outcome is Leaving.SPLIT for departure in assignment.departures)
    fates.parted += len(assignment.splits)
    _keep_examples(assignment, fates)
    systems: dict[int, set[str]] = {}
    for record, system in _rows(TARGETS_OF_RECORDS, [record for cluster in clusters for record in cluster]):
        systems.setdefault(record, set()).add(system)
    for cluster in clusters:
        fates.tasks.update({system for record in cluster for system in systems.get(record, ())})


def _keep_examples(assignment: Assignment, fates: Fates) -> None:
    for departure in assignment.departures:
        into = [assignment.placements[place].golden for place in departure.into]
        kept = fates.merges if departure.outcome is Leaving.MERGED else fates.splits
        if len(kept) < EXAMPLES:
            kept.append({"golden": departure.golden, "into": into})
    for golden, places in assignment.splits.items():
        if len(fates.splits) < EXAMPLES:
            fates.splits.append({"golden": golden, "into": [golden, *(assignment.placements[place].golden for place in places)]})


def _named(examples: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Row IDs as enterprise IDs; one that is still to be born has none."""
    listed = list(examples)
    wanted = {number for each in listed for number in (each["golden"], *each["into"]) if number}
    names = dict(Golden.objects.filter(pk__in=wanted).values_list("pk", "enterprise_id"))
    return [
        {"golden": names.get(each["golden"]), "into": [names.get(number) if number else None for number in each["into"]]}
        for each in listed
    ]


def _reread(found: Differences, fates: Fates) -> None:
    """Golden records with a member that is read otherwise get a version."""
    homes = {int(found.facts.home[place]) for place in found.facts.places(np.array(found.forms.told, np.int64)).tolist()}
    _note_tasks(homes - fates.changed - {0}, fates)
    fates.changed |= homes - {0}


def _survivors(release: Release, touched: Touched, fates: Fates, at: datetime, told: Stage_) -> Iterator[dict[str, Any]]:  # noqa: PLR0917
    """Compute all other golden records anew where rules of survivorship changed; yields some of those that come out otherwise."""
    if Stage.SURVIVE not in touched.stages:
        return
    after, done, shown = 0, 0, 0
    while rows := list(Golden.objects.live().filter(domain=release.domain, pk__gt=after).order_by("id")[:CHUNK]):
        after, done = rows[-1].pk, done + len(rows)
        others = {golden.pk: golden for golden in rows if golden.pk not in fates.changed}
        made = _made(release, others, at)
        different = {number: names for number, golden in others.items() if (names := _names(release, golden, made[number]))}
        _note_tasks(set(different), fates)
        fates.changed |= set(different)
        for number, names in islice(different.items(), max(0, EXAMPLES - shown)):
            shown += 1
            yield {"golden": others[number].enterprise_id, "fields": names}
        told("choosing values", done)


Made = tuple[Sequence[members.Row], members.Survivors]


def _made(release: Release, goldens: Mapping[int, Golden], at: datetime) -> dict[int, Made]:
    """Golden records computed anew from their members and what people pinned; two queries."""
    rows, pins = members.read(goldens), pinned.standing(goldens)
    asked = [
        Asked(release, rows.get(number, []), max(at, golden.changed_at), list(pins.get(number, {}).values()))
        for number, golden in goldens.items()
    ]
    return {number: (one.rows, made) for number, one, made in zip(goldens, asked, members.survive_each(asked), strict=True)}


def _names(release: Release, golden: Golden, made: Made) -> list[str]:
    """What of a golden record comes out otherwise, by name; the number of the release alone does not count."""
    rows, survived = made
    before = {**golden.relations, **golden.values}, members.unnumbered(golden.provenance)
    after = {**survived.relations, **survived.values}, members.unnumbered(survived.provenance)
    names = {name for one, two in zip(before, after, strict=True) for name in {*one, *two} if one.get(name) != two.get(name)}
    label = str(survived.values.get(release.spec.label, ""))
    parts = {"regions": members.regions(release, rows), "search": members.search_text(release, rows, survived, label)}
    return sorted(names | {name for name, said in parts.items() if getattr(golden, name) != said})


def _note_tasks(goldens: set[int], fates: Fates) -> None:
    for system, count in _rows(TARGETS_OF_GOLDENS, sorted(goldens)):
        fates.tasks[system] += count


def _rows(sql: str, ids: list[int]) -> Iterator[tuple[Any, Any]]:
    """A query over many numbers, a portion at a time."""
    for start in range(0, len(ids), PORTION):
        with connection.cursor() as cursor:
            cursor.execute(sql, [ids[start : start + PORTION]])
            yield from cursor.fetchall()


def _decisions(found: Differences) -> dict[str, int]:
    said, newly = found.facts.decisions, contradictions.newly(found)
    return {
        "standing": len(said.id),
        "contradicted": int(newly.sum()),
        "same": int((newly & said.is_same).sum()),
        "different": int((newly & ~said.is_same).sum()),
    }


def _contradicted(found: Differences) -> list[dict[str, Any]]:
    ids = found.facts.decisions.id[contradictions.newly(found)][:EXAMPLES].tolist()
    rows = Decision.objects.filter(pk__in=ids).select_related("left", "right", "decided_by").order_by("id")
    return [
        {"decision": row.pk, "verdict": row.verdict, "left": row.left.key, "right": row.right.key, "by": row.decided_by.name}
        for row in rows
    ]
