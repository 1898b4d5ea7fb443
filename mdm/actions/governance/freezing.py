"""Freezes a value that two systems overwrite in turn, until a person chooses."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import connection

from mdm import audit, permissions
from mdm.actions.governance.requesting import said, value_hash
from mdm.engine.members import Row, Survivors
from mdm.engine.releases import Release
from mdm.models import ChangeRequest, ChangeSet, Golden, Override
from mdm.rules.golden.change_kinds import ChangeKind
from mdm.rules.governance import contests
from mdm.rules.governance.contests import Contest, Turn
from mdm.rules.governance.ownership import PingPong
from mdm.rules.governance.request_states import RequestKind

MOST_VERSIONS = 200
"""Versions of one golden record that are looked through; a fight shows in the last few."""

HISTORY = """
    SELECT wanted.golden, wanted.attribute, told.system, told.value, told.members, told.is_act
    FROM unnest(%s::bigint[], %s::text[]) AS wanted (golden, attribute)
    CROSS JOIN LATERAL (
        SELECT one.version, one.members, one.change_set_id IS NOT NULL AS is_act,
               one.provenance -> wanted.attribute ->> 'system' AS system, one.values -> wanted.attribute AS value
        FROM mdm_goldenversion one WHERE one.golden_id = wanted.golden AND one.recorded_at > %s
        ORDER BY one.version DESC LIMIT %s
    ) AS told ORDER BY 1, 2, told.version
"""
Place = tuple[int, str]
"""(golden record, attribute)"""


@dataclass(frozen=True, slots=True)
class _Said:
    """A golden value, whose it was, among which records. `is_act`: somebody regrouped them or pinned a value with it."""

    system: str
    value: Any
    members: Sequence[int]
    is_act: bool = False


def freeze(
    survivors: Mapping[int, Survivors],
    goldens: Mapping[int, Golden],
    rows: Mapping[int, list[Row]],
    *,
    release: Release,
    at: datetime,
) -> set[int]:
    """Pin what stood before two systems began to overwrite each other, where the values about to survive show that they do.

    `survivors`: what would become of the golden records, whose rows are locked. Returns those on which a value was pinned; their
    survivors have to be worked out again. One query where a value goes over to another system, else none. A value that went over
    because records came, left, or were regrouped by somebody is no overwriting.
    """
    turning = {
        (number, name): _Said(told.provenance[name]["system"], told.values[name], [row.member.record_id for row in rows[number]])
        for number, told in survivors.items()
        for name in _turned(goldens[number], told, release)
    }
    limits = release.spec.ping_pong or PingPong()
    found: dict[Place, Contest] = {}
    for place, history in _history(turning, since=at - timedelta(days=limits.days)).items():
        contest = contests.find(_turns([*history, turning[place]]), times=limits.times)
        if contest is not None:
            found[place] = contest
    if found:
        _pin(found, goldens, release=release, at=at, days=limits.days)
    return {number for number, _ in found}


def _turned(golden: Golden, told: Survivors, release: Release) -> Iterable[str]:
    """Attributes whose value becomes another one, and another system's."""
    if not golden.provenance:
        return
    for name in release.spec.attribute_names:
        before, after = golden.provenance.get(name, {}).get("system"), told.provenance.get(name, {}).get("system")
        if before and after and before != after and name in told.values and golden.values.get(name) != told.values[name]:
            yield name


def _turns(said: Sequence[_Said]) -> list[Turn]:
    """What was said, and where other records than before said it."""
    before = [said[0], *said[:-1]]
    return [
        Turn(now.system, now.value, is_other=now.is_act or sorted(now.members) != sorted(then.members))
        for now, then in zip(said, before, strict=True)
    ]


def _history(places: Iterable[Place], *, since: datetime) -> dict[Place, list[_Said]]:
    """What stood at these places, oldest first."""
    wanted = sorted(places)
    if not wanted:
        return {}
    found: dict[Place, list[_Said]] = {}
    with connection.cursor() as cursor:
        cursor.execute(HISTORY, [*(list(column) for column in zip(*wanted, strict=True)), since, MOST_VERSIONS])
        for golden, attribute, system, value, members, is_act in cursor.fetchall():
            said = _Said(system or "", None if value is None else json.loads(value), members, is_act)
            found.setdefault((golden, attribute), []).append(said)
    return found


def _pin(found: Mapping[Place, Contest], goldens: Mapping[int, Golden], *, release: Release, at: datetime, days: int) -> None:
    """One pinned value and one request each, in the machine's name."""
    machine = permissions.machine()
    change_set = ChangeSet.objects.create(kind=ChangeKind.FREEZE.value, at=at, actor=machine, domain=release.domain)
    rows = []
    for (number, name), contest in found.items():
        Override.objects.filter(golden=number, attribute=name, ended_at=None).update(
            ended_at=at, ended_by=machine, ended_by_change=change_set
        )
        reason = (
            f"{contest.holder} and {contest.challenger} overwrote each other {contest.times} times in turn within {days} days."
        )
        pinned = Override.objects.create(
            golden=goldens[number],
            carrier=goldens[number],
            attribute=name,
            value=contest.agreed,
            reason=reason,
            made_by=machine,
            made_at=at,
            change_set=change_set,
        )
        rows.append(_asked(goldens[number], name, contest, pinned))
    facts = [audit.Fact(f"change_request:{row.pk}", row.domain, new=said(row)) for row in rows]
    audit.record_all(facts, at=at, actor=machine, verb="request.freeze")


def _asked(golden: Golden, name: str, contest: Contest, pinned: Override) -> ChangeRequest:
    return ChangeRequest.objects.create(
        domain=golden.domain,
        golden=golden,
        kind=RequestKind.CONTEST.value,
        attribute=name,
        value=contest.challenge,
        value_hash=value_hash(contest.challenge),
        old_value=contest.agreed,
        system=contest.challenger,
        reason=pinned.reason,
        asked_by=pinned.made_by,
        asked_at=pinned.made_at,
        override=pinned,
    )
