"""What a merge, split or move would do: the same plan and the same survivorship as the act, and nothing written."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from mdm.engine import components, members, plans
from mdm.engine.people import acts, pinned
from mdm.engine.people.acts import Act, Wanted
from mdm.engine.plans import Regrouping
from mdm.engine.releases import Release
from mdm.models import Golden, SourceRecord, User
from mdm.readers.counting import Count
from mdm.readers.golden import blast_radius, merge_preview
from mdm.readers.golden.blast_radius import Radius
from mdm.readers.golden.kin import aims, related
from mdm.readers.golden.kin.related import Ends
from mdm.readers.golden.merge_preview import NEW, Change, Move, Push
from mdm.readers.governance.sight import Sight
from mdm.rules.golden.change_kinds import ChangeKind
from mdm.rules.golden.survivorship import Override

MOST = 2_000
"""Records of one component that a preview plans for."""


@dataclass(frozen=True, slots=True)
class Result:
    """One golden record as it would be. `enterprise_id`: NEW where one is yet to be given. `changes`: beside what it is now.

    `values`: all of them by attribute, masked where they must be.
    """

    enterprise_id: str
    label: str
    records: tuple[str, ...]
    changes: tuple[Change, ...]
    pushes: tuple[Push, ...]
    values: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Foresight:
    """What would follow. `survivor`: the ID that a merge keeps. `ending`: IDs that would end. `moves`: what else would move.

    `untouched`: systems that hold a record and would be sent nothing. `followers`: what points at records that would move, by
    domain. `radius`: what hangs on the golden records that would change. `contrary`: decisions that would have to be set aside.
    `note`: why it would be refused.
    """

    kind: str
    domain: str
    survivor: str
    ending: tuple[str, ...] = ()
    results: tuple[Result, ...] = ()
    moves: tuple[Move, ...] = ()
    untouched: tuple[str, ...] = ()
    followers: tuple[tuple[str, Count], ...] = ()
    radius: Radius | None = None
    contrary: tuple[str, ...] = ()
    note: str = ""


def of_act(wanted: Wanted, *, viewer: User, at: datetime) -> Foresight:
    """What would follow if this were done now. A fixed number of queries beside one a hop of the component.

    Raises:
        As `regrouping.repartition`, but for decisions that say otherwise: those are listed.
    """
    sight = Sight(viewer)
    named = acts.named(wanted, sight.goldens())
    release = sight.release(named[0].domain)
    act = acts.worked_out(release, wanted, named)
    words = acts.words_of(act, acts.standing(act.records))
    contrary = tuple(acts.refusal(word) for word in words.contrary)
    kept = [act.goldens[group.keep].enterprise_id for group in act.groups if group.keep is not None]
    survivor = kept[0] if act.kind == ChangeKind.MERGE else ""
    component = components.read(components.expand(act.records))
    if len(component.nodes) > MOST:
        note = f"These hang together with {len(component.nodes):,} records; what follows is too much to show."
        return Foresight(act.kind, act.domain, survivor, contrary=contrary, note=note)
    plan = plans.regroup(release, acts.as_if(component, words), prefer=act.prefer, leaving=act.leaving)
    homes = {
        record: -number if placement.golden is None else placement.golden
        for number, placement in enumerate(plan.assignment.placements, start=1)
        for record in placement.members
    }
    goldens = {golden.pk: golden for golden in sight.goldens().filter(pk__in={*homes.values(), *component.homes.values()})}
    if {*component.homes.values()} - goldens.keys():
        note = "This would touch records outside your regions, so that somebody who sees them has to do it."
        return Foresight(act.kind, act.domain, survivor, contrary=contrary, note=note)
    chosen = _chosen(act, wanted, release=release, sight=sight, at=at)
    found = _Worked(act, plan, goldens, chosen)
    return _foresight(found, survivor, contrary, "" if acts.is_as_asked(act, homes) else acts.HELD, sight=sight, at=at)


@dataclass(frozen=True, slots=True)
class _Worked:
    """The plan, the golden records it touches, and the pinned values of the choices by the golden record they act on."""

    act: Act
    plan: Regrouping
    goldens: dict[int, Golden]
    chosen: dict[int, list[Override]]


def _chosen(act: Act, wanted: Wanted, *, release: Release, sight: Sight, at: datetime) -> dict[int, list[Override]]:
    if not wanted.choices:
        return {}
    kept = next(group.keep for group in act.groups if group.keep is not None)
    values = pinned.chosen(release, act.goldens[kept], wanted.choices, act.names, role=sight.viewer.role, at=at)
    return {kept: [Override(name, value, sight.viewer.name, "", at) for name, value in values.items()]}


def _foresight(found: _Worked, survivor: str, contrary: tuple[str, ...], note: str, *, sight: Sight, at: datetime) -> Foresight:
    plan, placements = found.plan, found.plan.assignment.placements
    kept = {placement.golden for placement in placements}
    ending = sorted(set(plan.component.homes.values()) - kept)
    names = tuple(found.goldens[number].enterprise_id for number in ending)
    pins, results, moving, untouched, touched = pinned.after(plan), [], [], set(), set[int]()
    for number, placement in enumerate(placements):
        now = {plan.component.homes.get(record) for record in placement.members}
        if not placement.members & found.act.records and now == {placement.golden}:
            continue
        touched |= {home for home in (*now, placement.golden) if home is not None}
        rows = merge_preview.rows_of(placement.members)
        golden = found.goldens.get(placement.golden or 0)
        replaced = {one.attribute for one in found.chosen.get(placement.golden or 0, [])}
        counted = [one for one in pins[number] if not (one.is_own and one.attribute in replaced)]
        counted += found.chosen.get(placement.golden or 0, [])
        result, silent = _result(golden, rows, counted, release=sight.release(found.act.domain), sight=sight, at=at)
        results.append(result)
        untouched |= silent
        moving += [row for row in rows if plan.component.homes.get(row.pk) != placement.golden]
    sent = {push.system_title for result in results for push in result.pushes}
    ends = Ends(moving, aims.names_of(names) if names else ())
    return Foresight(
        kind=found.act.kind,
        domain=found.act.domain,
        survivor=survivor,
        ending=names,
        results=tuple(results),
        moves=merge_preview.moves_of(plan, ending, {number: golden.enterprise_id for number, golden in found.goldens.items()}),
        untouched=tuple(sorted(untouched - sent)),
        followers=related.inward_counts(ends, domain=found.act.domain, sight=sight),
        radius=blast_radius.radius(touched, sight=sight),
        contrary=contrary,
        note=note,
    )


def _result(
    golden: Golden | None, rows: list[SourceRecord], pins: list[Override], *, release: Release, sight: Sight, at: datetime
) -> tuple[Result, set[str]]:
    """One golden record as it would be, and the titles of its systems that would be sent nothing."""
    moment = max(at, golden.changed_at) if golden else at
    values = members.survive(release, members.of_records(rows), at=moment, overrides=pins).values
    pushes = [merge_preview.push(row, golden, values, release=release, sight=sight) for row in rows if row.source.is_target]
    sent = tuple(push for push in pushes if push.changes or push.new_id)
    before = golden.values if golden and golden.status == "LIVE" else {}
    result = Result(
        enterprise_id=golden.enterprise_id if golden else NEW,
        label=sight.named(release.domain, str(values.get(release.spec.label, ""))),
        records=tuple(row.key for row in rows),
        changes=merge_preview.changes_of(_all(values, before), before, release=release, sight=sight),
        pushes=sent,
        values={name: sight.shown(release.domain, name, value) for name, value in values.items()},
    )
    return result, {push.system_title for push in pushes if not push.changes and not push.new_id}


def _all(values: dict[str, object], before: dict[str, object]) -> dict[str, object]:
    """The values afterwards, and None for what would be gone."""
    return {**dict.fromkeys(before), **values}
