"""Writes a regrouping: births, moves, retirements, survivorship, versions, events, sync tasks, questions."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import connection

from mdm import audit
from mdm.actions.golden import carrying, survival
from mdm.engine import components, statistics
from mdm.engine.members import Row
from mdm.engine.plans import Regrouping
from mdm.engine.releases import Release
from mdm.models import ChangeSet, Golden, IdLife, MatchPair, User, copying
from mdm.rules.golden import enterprise_id, pair_states
from mdm.rules.golden.change_kinds import ChangeKind
from mdm.rules.golden.pair_states import PairStatus

NUMBERS = """
    SELECT nextval(pg_get_serial_sequence('mdm_golden', 'id')), nextval('mdm_enterprise_number') FROM generate_series(1, %s)
"""
LEAVE = """
    UPDATE mdm_crosswalk SET valid_to = greatest(valid_from, %s) WHERE record_id = ANY(%s) AND valid_to IS NULL
"""
ENTER = """
    INSERT INTO mdm_crosswalk (record_id, golden_id, valid_from, change_set_id)
    SELECT fresh.record, fresh.golden,
           greatest(%s, (SELECT max(past.valid_to) FROM mdm_crosswalk past WHERE past.record_id = fresh.record)), %s
    FROM unnest(%s::bigint[], %s::bigint[]) AS fresh (record, golden)
"""


@dataclass(frozen=True, slots=True)
class Stood:
    """How an ended golden record stood before a change brought it back, and the `homes` that its records then came from."""

    status: str
    successors: tuple[str, ...]
    homes: frozenset[int]


@dataclass(slots=True)
class Movement:
    """What a regrouping changed, gathered while it is written."""

    release: Release
    actor: User
    at: datetime
    goldens: dict[int, Golden]
    claims: dict[int, str] = field(default_factory=dict)
    stood: Mapping[int, Stood] = field(default_factory=dict)
    moves: list[dict[str, int | None]] = field(default_factory=list)
    lives: list[dict[str, Any]] = field(default_factory=list)
    verbs: dict[int, tuple[str, dict[str, Any]]] = field(default_factory=dict)
    members: dict[int, list[int]] = field(default_factory=dict)

    @property
    def has_ended_or_returned(self) -> bool:
        return any(life["to"] != "LIVE" or life["from"] is not None for life in self.lives)

    @property
    def is_merge_or_split(self) -> bool:
        return self.has_ended_or_returned or any(move["from"] is not None for move in self.moves)


def write(
    regrouping: Regrouping,
    *,
    release: Release,
    goldens: dict[int, Golden],
    changed: Collection[int],
    actor: User,
    at: datetime,
    change_set: ChangeSet | None = None,
    waits: bool = False,
    rows: Mapping[int, Row] | None = None,
    claims: Mapping[int, str] | None = None,
    stood: Mapping[int, Stood] | None = None,
) -> ChangeSet | None:
    """Make the tables say what `regrouping` says, in the caller's transaction; the golden rows are locked by the caller.

    `changed`: records whose own values changed. `waits`: targets hear of it after their undo window, else at once. `rows`: all
    members by record, where the caller has them at hand; else they are read. `claims`: reserved IDs by the record whose newborn
    golden record takes them. `stood`: how golden records that were brought back stood before, which they do again where they end.
    Returns the change set when records moved or IDs ended, the given one included.
    """
    movement = Movement(release, actor, at, dict(goldens), dict(claims or {}), stood or {})
    homes = _settle(regrouping, movement)
    if movement.is_merge_or_split or change_set is not None:
        change_set = change_set or ChangeSet(kind=ChangeKind.RESOLVE.value, at=at, actor=actor, domain=release.domain)
        change_set.moves, change_set.lives = movement.moves, movement.lives
        change_set.save()
    _move(movement, change_set)
    touched = _touched(movement, changed, homes)
    survival.refresh(
        touched,
        verbs=movement.verbs,
        release=release,
        goldens=movement.goldens,
        at=at,
        change_set=change_set,
        waits=waits,
        carriers=carrying.follow(movement.goldens, movement.moves) if movement.has_ended_or_returned else (),
        members_of=None if rows is None else _at_hand(movement, rows),
    )
    _write_lives(movement, change_set)
    _ask(regrouping, homes, at=at)
    if change_set is not None and change_set.kind == ChangeKind.RESOLVE:
        summary = {"moves": movement.moves, "lives": movement.lives}
        audit.record(
            at=at, actor=actor, verb="golden.regroup", subject=f"change:{change_set.pk}", domain=release.domain, new=summary
        )
    return change_set


def _settle(regrouping: Regrouping, movement: Movement) -> dict[int, int]:
    """Give every cluster its golden row; returns the new home of every record of the component."""
    placements = regrouping.assignment.placements
    movement.goldens |= _restorable({placement.golden for placement in placements} - movement.goldens.keys())
    fresh = iter(_births(sum(placement.golden not in movement.goldens for placement in placements), movement))
    homes: dict[int, int] = {}
    for placement in placements:
        golden = movement.goldens.get(placement.golden or 0) or _named(next(fresh), placement.members, movement)
        if golden.status != "LIVE":
            movement.lives.append({"golden": golden.pk, "from": golden.status, "to": "LIVE"})
            movement.verbs[golden.pk] = ("restored", {})
            golden.status, golden.successors, golden.status_since = "LIVE", [], movement.at
        movement.goldens[golden.pk] = golden
        movement.members[golden.pk] = sorted(placement.members)
        homes |= dict.fromkeys(placement.members, golden.pk)
    present = regrouping.component.homes
    movement.moves += [
        {"record": record, "from": present.get(record), "to": home}
        for record, home in homes.items()
        if present.get(record) != home
    ]
    _retire(regrouping, movement, homes)
    _depart(regrouping, movement)
    return homes


def _named(golden: Golden, members: Collection[int], movement: Movement) -> Golden:
    """A newborn golden record takes the reserved ID that the first of its records claims."""
    claimed = next((movement.claims.pop(record) for record in sorted(members) if record in movement.claims), "")
    golden.enterprise_id = claimed or golden.enterprise_id
    return golden


def _restorable(wanted: Collection[int | None]) -> dict[int, Golden]:
    """Retired golden rows to bring back, locked in ID order. One that other records brought back meanwhile is not to be had."""
    numbers = [number for number in wanted if number is not None]
    if not numbers:
        return {}
    rows = (
        Golden.objects.select_for_update(no_key=True).filter(id__in=numbers).exclude(status__in=["LIVE", "ERASED"]).order_by("id")
    )
    return {golden.pk: golden for golden in rows}


def _births(count: int, movement: Movement) -> list[Golden]:
    """New golden records, each with its row ID and the next enterprise ID; survival writes the rows."""
    if not count:
        return []
    with connection.cursor() as cursor:
        cursor.execute(NUMBERS, [count])
        numbers = cursor.fetchall()
    prefix, at = movement.release.spec.prefix, movement.at
    rows = [
        Golden(
            id=row_id,
            domain=movement.release.domain,
            enterprise_id=enterprise_id.make(prefix, number),
            version=0,
            release=movement.release.number,
            born_at=at,
            changed_at=at,
            status_since=at,
        )
        for row_id, number in numbers
    ]
    movement.lives += [{"golden": golden.pk, "from": None, "to": "LIVE"} for golden in rows]
    movement.verbs |= {golden.pk: ("created", {}) for golden in rows}
    return rows


def _retire(regrouping: Regrouping, movement: Movement, homes: dict[int, int]) -> None:
    """End the golden records that keep no member, and note what left those that do."""
    heirs_of: dict[int, set[int]] = {}
    for record, before in regrouping.component.homes.items():
        heirs_of.setdefault(before, set()).add(homes[record])
    for before, heirs in sorted(heirs_of.items()):
        names = sorted(movement.goldens[heir].enterprise_id for heir in heirs - {before})
        if before in movement.members:
            movement.verbs.update({before: ("split", {"to": names})} if names else {})
            continue
        status = "MERGED" if len(names) == 1 else "SPLIT"
        if (was := movement.stood.get(before)) and was.homes == heirs:
            status, names = was.status, [*was.successors]
        golden = movement.goldens[before]
        movement.lives.append({"golden": before, "from": golden.status, "to": status})
        movement.verbs[before] = (status.lower(), {"into": names})
        movement.members[before] = []
        golden.status, golden.successors, golden.status_since = status, names, movement.at
        heir = next(iter(heirs))
        if names == [movement.goldens[heir].enterprise_id]:
            verb, data = movement.verbs.get(heir, ("updated", {}))
            movement.verbs[heir] = (verb, {**data, "absorbed": sorted([*data.get("absorbed", []), golden.enterprise_id])})


def _depart(regrouping: Regrouping, movement: Movement) -> None:
    """Deleted records leave; a golden record they leave empty retires, and its ID keeps answering."""
    departed = regrouping.component.departed
    movement.moves += [{"record": record, "from": before, "to": None} for record, before in departed.items()]
    for before in sorted({*departed.values()} - set(movement.members) - regrouping.component.inhabited):
        golden = movement.goldens[before]
        movement.lives.append({"golden": before, "from": golden.status, "to": "RETIRED"})
        movement.verbs[before] = ("retired", {"into": []})
        golden.status, golden.successors, golden.status_since = "RETIRED", [], movement.at


def _move(movement: Movement, change_set: ChangeSet | None) -> None:
    """Close the old memberships and open the new ones; whoever came last counts from there, whatever the clocks say."""
    leaving = [move["record"] for move in movement.moves if move["from"] is not None]
    coming = [(move["record"], move["to"]) for move in movement.moves if move["to"] is not None]
    with connection.cursor() as cursor:
        if leaving:
            cursor.execute(LEAVE, [movement.at, leaving])
        if coming:
            columns = [list(column) for column in zip(*coming, strict=True)]
            cursor.execute(ENTER, [movement.at, change_set.pk if change_set else None, *columns])
    statistics.refresh("mdm_crosswalk", written=len(coming))
    ends = {end for move in movement.moves for end in (move["from"], move["to"]) if end is not None}
    for end in ends - movement.verbs.keys():
        movement.verbs[end] = ("updated", {})


def _touched(movement: Movement, changed: Collection[int], homes: dict[int, int]) -> set[int]:
    """Golden records whose values have to be looked at again."""
    touched = {homes[record] for record in changed if record in homes} | set(movement.verbs)
    touched |= set(components.homes(elsewhere)) if (elsewhere := set(changed) - set(homes)) else set()
    return touched


def _at_hand(movement: Movement, rows: Mapping[int, Row]) -> dict[int, list[Row]]:
    """The members of each golden record in key order, from the rows at hand."""
    return {
        golden: sorted((rows[record] for record in records), key=lambda row: row.member.key)
        for golden, records in movement.members.items()
    }


def _write_lives(movement: Movement, change_set: ChangeSet | None) -> None:
    causes = {"LIVE": "born", "MERGED": "merged", "SPLIT": "split", "RETIRED": "emptied"}
    copying.append(
        IdLife(
            golden_id=life["golden"],
            status=life["to"],
            cause="restored" if life["to"] == "LIVE" and life["from"] else causes[life["to"]],
            successors=movement.goldens[life["golden"]].successors,
            at=movement.at,
            actor=movement.actor,
            change_set=change_set,
        )
        for life in movement.lives
    )


def _ask(regrouping: Regrouping, homes: dict[int, int], *, at: datetime) -> None:
    """Which pairs ask a steward now: the strongest between two golden records, unless somebody answered.

    A pair that is found after the answer, which came with a merge or a split, takes it.
    """
    component = regrouping.component
    verdicts: dict[tuple[int, int], PairStatus] = {}
    said_same = [link for link in component.same if link not in component.implied]
    said = (PairStatus.SAME, said_same), (PairStatus.DIFFERENT, component.different), (PairStatus.UNSURE, component.unsure)
    for verdict, links in said:
        verdicts |= dict.fromkeys(links, verdict)
    decided = {
        pair.pk: verdicts[pair.left_id, pair.right_id] for pair in component.pairs if (pair.left_id, pair.right_id) in verdicts
    }
    states = pair_states.question_states(
        [(pair.pk, pair.left_id, pair.right_id, pair.weight) for pair in component.pairs],
        homes,
        component.different,
        decided,
    )
    wanted = {**decided, **states}
    update_pairs(
        pair for pair in component.pairs if pair.status != wanted.get(pair.pk, pair.status) and _turn(pair, wanted[pair.pk])
    )


def _turn(pair: MatchPair, status: str) -> bool:
    pair.status, pair.version = str(status), pair.version + 1
    return True


def update_pairs(pairs: Iterable[MatchPair]) -> None:
    """Write status and version of many pairs in one statement."""
    listed = list(pairs)
    if not listed:
        return
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE mdm_matchpair AS pair SET status = fresh.status, version = fresh.version"
            " FROM unnest(%s::bigint[], %s::text[], %s::int[]) AS fresh (id, status, version) WHERE pair.id = fresh.id",
            [[pair.pk for pair in listed], [pair.status for pair in listed], [pair.version for pair in listed]],
        )
