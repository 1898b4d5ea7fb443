"""What saying "Same" would do: the same plan and the same survivorship as the real thing, and nothing written."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from mdm.engine import components, members, plans, reading
from mdm.engine.components import Component
from mdm.engine.people import pinned
from mdm.engine.plans import Regrouping
from mdm.engine.releases import Release
from mdm.models import Golden, MatchPair, SourceRecord
from mdm.readers.counting import Count
from mdm.readers.golden import blast_radius
from mdm.readers.golden.blast_radius import Radius
from mdm.readers.golden.kin import aims, related
from mdm.readers.golden.kin.related import Ends
from mdm.readers.governance.sight import Sight
from mdm.rules.exchange import drift, echo
from mdm.rules.golden.identity import Placement

MOST = 500
"""Records of one component that a page still plans for; a larger one is planned when it happens."""


NEW = "new"
"""Stands for an enterprise ID that is yet to be given."""


@dataclass(frozen=True, slots=True)
class Change:
    """One value that would change; masked where it must be, None is no value."""

    title: str
    before: Any
    after: Any


@dataclass(frozen=True, slots=True)
class Push:
    """What one system's record would receive."""

    system: str
    system_title: str
    chip: str
    native_id: str
    changes: tuple[Change, ...]
    new_id: str = ""


@dataclass(frozen=True, slots=True)
class Move:
    """So many source records would change their golden record though the one they leave stays. `new` empty: one is born."""

    count: int
    old: str
    new: str


@dataclass(frozen=True, slots=True)
class Preview:
    """`survivor`: the enterprise ID that would stand for both. `ending`: IDs that would be merged into it.

    `moves`: what else would move. `note`: why nothing can be foretold, or why the two would not join.
    `radius`: what hangs on the golden records that would be joined.
    """

    survivor: str = ""
    ending: tuple[str, ...] = ()
    moves: tuple[Move, ...] = ()
    record_count: int = 0
    changes: tuple[Change, ...] = ()
    pushes: tuple[Push, ...] = ()
    untouched: tuple[str, ...] = ()
    followers: tuple[tuple[str, Count], ...] = ()
    radius: Radius | None = None
    note: str = ""


def of_same(pair: MatchPair, *, sight: Sight, at: datetime) -> Preview:
    """What would follow if the two records of `pair` were declared the same. A fixed number of queries beside one a hop."""
    records = components.expand({pair.left_id, pair.right_id})
    if len(records) > MOST:
        return Preview(
            note=f"These two hang together with {len(records):,} records; what follows is worked out in the background."
        )
    release = sight.release(pair.domain)
    plan = plans.regroup(release, _as_if_same(components.read(records), (pair.left_id, pair.right_id)))
    placement = next((place for place in plan.assignment.placements if pair.left_id in place.members), None)
    if placement is None or pair.right_id not in placement.members or placement.golden is None:
        return Preview(note="Another decision keeps these two apart, so that they would not join.")
    return _preview(plan, placement, release=release, sight=sight, at=at)


def _as_if_same(component: Component, link: tuple[int, int]) -> Component:
    return replace(
        component, same=(*component.same, link), different=tuple(other for other in component.different if other != link)
    )


def _preview(plan: Regrouping, placement: Placement, *, release: Release, sight: Sight, at: datetime) -> Preview:
    assert placement.golden is not None
    homes, gone = plan.component.homes, {departure.golden for departure in plan.assignment.departures}
    ending = gone & {homes[record] for record in placement.members if record in homes}
    wanted = {placement.golden, *homes.values()}
    goldens = {golden.pk: golden for golden in sight.goldens().filter(pk__in=wanted)}
    if len(goldens) < len(wanted):
        return Preview(note="This would touch records outside your regions, so that somebody who sees them has to decide it.")
    rows = rows_of(placement.members)
    kept = goldens[placement.golden]
    pins = pinned.after(plan)[plan.assignment.placements.index(placement)]
    values = members.survive(release, members.of_records(rows), at=max(at, kept.changed_at), overrides=pins).values
    pushes = [push(row, kept, values, release=release, sight=sight) for row in rows if row.source.is_target]
    names = tuple(goldens[number].enterprise_id for number in sorted(ending))
    return Preview(
        survivor=kept.enterprise_id,
        ending=names,
        moves=moves_of(plan, gone, {number: golden.enterprise_id for number, golden in goldens.items()}),
        record_count=len(rows),
        changes=changes_of(values, kept.values, release=release, sight=sight),
        pushes=tuple(push for push in pushes if push.changes or push.new_id),
        untouched=tuple(sorted({push.system_title for push in pushes if not push.changes and not push.new_id})),
        followers=related.inward_counts(_following(rows, kept, names), domain=release.domain, sight=sight),
        radius=blast_radius.radius({homes[record] for record in placement.members if record in homes}, sight=sight),
    )


def _following(rows: Collection[SourceRecord], kept: Golden, ending: Collection[str]) -> Ends:
    """What would name another golden record than now: the records that move, and the IDs that end."""
    return Ends([row for row in rows if _home(row) != kept.pk], aims.names_of(ending) if ending else ())


def rows_of(records: Collection[int]) -> list[SourceRecord]:
    return list(
        SourceRecord.objects.filter(pk__in=records).select_related("source", "delivery").prefetch_related("homes").order_by("key")
    )


def moves_of(plan: Regrouping, gone: Collection[int], names: Mapping[int, str]) -> tuple[Move, ...]:
    """Records that leave a golden record which stays, counted by where from and where to."""
    counts: Counter[tuple[str, str]] = Counter()
    for placement in plan.assignment.placements:
        for record in placement.members:
            home = plan.component.homes.get(record)
            if home is not None and home != placement.golden and home not in gone:
                counts[names[home], names.get(placement.golden or 0, "")] += 1
    return tuple(Move(count, old, new) for (old, new), count in sorted(counts.items()))


def _home(row: SourceRecord) -> int | None:
    return next((home.golden_id for home in row.homes.all() if home.valid_to is None), None)


def push(row: SourceRecord, kept: Golden | None, values: dict[str, Any], *, release: Release, sight: Sight) -> Push:
    """What the push afterwards would send that the system does not hold already; `kept` None: a golden record yet to be born."""
    system = sight.systems[row.source.system_id]
    delivery = getattr(row, "delivery", None)
    held = {**row.attributes, **(delivery.held if delivery else {})}
    accepted = reading.accepted(release, row.source)
    wanted = {name: value for name, value in echo.pushable(release.spec, values, system.code).items() if name in accepted}
    return Push(
        system=system.code,
        system_title=system.title,
        chip=system.chip,
        native_id=row.native_id,
        changes=changes_of(wanted, held, release=release, sight=sight),
        new_id=NEW if kept is None else kept.enterprise_id if _home(row) != kept.pk else "",
    )


def changes_of(wanted: dict[str, Any], held: dict[str, Any], *, release: Release, sight: Sight) -> tuple[Change, ...]:
    titles = sight.titles(release.domain)
    return tuple(
        Change(titles[name], sight.shown(release.domain, name, before), sight.shown(release.domain, name, after))
        for name, after, before in drift.differences(wanted, held)
    )
