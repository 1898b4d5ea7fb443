"""Merges, splits and moves, as somebody asks for them who has just looked."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from mdm.actions.golden import regrouping, undoing
from mdm.engine.people.acts import Wanted
from mdm.models import ChangeSet, Golden, User
from mdm.rules.golden.change_kinds import ChangeKind
from tests.factories.times import NOON


def wanted(kind: str, *goldens: Golden, **more: Any) -> Wanted:
    """What is asked; the versions seen are those of now."""
    rows = [Golden.objects.get(pk=golden.pk) for golden in goldens]
    names = tuple(golden.enterprise_id for golden in rows)
    return Wanted(
        **{"kind": ChangeKind(kind), "enterprise_ids": names, "seen": {row.enterprise_id: row.version for row in rows}, **more}
    )


def merge(*goldens: Golden, actor: User, at: datetime = NOON, set_aside: bool = False, **more: Any) -> ChangeSet:
    return regrouping.repartition(
        wanted=wanted("merge", *goldens, **more), actor=actor, at=at, reason="as the test says", set_aside=set_aside
    )


def split(golden: Golden, *parts: tuple[str, ...], actor: User, at: datetime = NOON, set_aside: bool = False) -> ChangeSet:
    asked = wanted("split", golden, parts=parts)
    return regrouping.repartition(wanted=asked, actor=actor, at=at, reason="as the test says", set_aside=set_aside)


def move(one: Golden, other: Golden, *records: str, actor: User, at: datetime = NOON, set_aside: bool = False) -> ChangeSet:
    asked = wanted("move", one, other, parts=(records,))
    return regrouping.repartition(wanted=asked, actor=actor, at=at, reason="as the test says", set_aside=set_aside)


def unmerge(change: ChangeSet, *, actor: User, at: datetime = NOON, chain: bool = False) -> list[ChangeSet]:
    return undoing.unmerge(change_id=change.pk, actor=actor, at=at, reason="as the test says", chain=chain)


def undo(change: ChangeSet, *, actor: User, at: datetime = NOON) -> ChangeSet:
    return undoing.undo(change_id=change.pk, actor=actor, at=at)
