"""Merge, split and move: a person says which records are one thing, by the IDs of golden records."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import transaction

from mdm import audit, permissions
from mdm.actions import catching_up, locks, retrying
from mdm.actions.golden import inverse, pinning
from mdm.actions.golden.resolve import settle
from mdm.engine import releases
from mdm.engine.people import acts, pinned
from mdm.engine.people.acts import Act, Wanted
from mdm.errors import Conflict
from mdm.models import ChangeSet, Crosswalk, Golden, User
from mdm.readers.governance.sight import Sight
from mdm.rules.golden.change_kinds import REGROUPS


@retrying.on_conflict
@transaction.atomic
def repartition(*, wanted: Wanted, actor: User, at: datetime, reason: str = "", set_aside: bool = False) -> ChangeSet:
    """Merge 2 to 50 golden records, split one, or move records from one to another.

    Must-links and cannot-links make it last, choices become pinned values, and targets hear of it after their undo window; all of
    it can be taken back exactly. `set_aside`: standing decisions that say otherwise give way, until this is undone.

    Raises:
        NotAllowed: the actor may not.
        NotFound, BadInput: what is asked makes no sense.
        StaleVersion: a golden record changed after it was seen.
        Conflict: a decision says otherwise, an ID ended, or other evidence holds the records where they are.
    """
    verb = REGROUPS[wanted.kind]
    permissions.check(actor, verb)
    seen = Sight(actor).goldens()
    found = acts.named(wanted, seen)
    permissions.check(actor, verb, domain=found[0].domain)
    members = set(Crosswalk.objects.filter(golden__in=found, valid_to=None).values_list("record_id", flat=True))
    release = catching_up.enter(found[0].domain, members, actor=actor, at=at)
    members |= set(Crosswalk.objects.filter(golden__in=found, valid_to=None).values_list("record_id", flat=True))
    _, held = locks.lock_component(members)
    act = acts.worked_out(release, wanted, [held.get(golden.pk) or Golden.objects.get(pk=golden.pk) for golden in found])
    for golden in act.goldens.values():
        permissions.check_region(actor, golden.regions)
    change_set = ChangeSet.objects.create(kind=wanted.kind.value, at=at, actor=actor, reason=reason, domain=act.domain)
    contrary = _say(act, change_set, set_aside=set_aside)
    choices = _choose(act, wanted, change_set)
    more: Any = {"prefer": act.prefer, "leaving": act.leaving, "waits": True, "most": None}
    settle(release=release, start=act.records, actor=actor, at=at, change_set=change_set, **more)
    _check(act)
    names = sorted(golden.enterprise_id for golden in act.goldens.values())
    audit.record(
        at=at, actor=actor, verb=verb, subject=f"change:{change_set.pk}", domain=act.domain, reason=reason,
        old={"goldens": names},
        new={"moves": change_set.moves, "lives": change_set.lives, "choices": choices, "set_aside": contrary},
    )  # fmt: skip
    return change_set


def _say(act: Act, change_set: ChangeSet, *, set_aside: bool) -> list[int]:
    """Write what the act says of pairs of records; returns the decisions that gave way."""
    words = acts.words_of(act, acts.standing(act.records))
    if words.contrary and not set_aside:
        raise Conflict(acts.refusal(words.contrary[0]))
    inverse.end([*words.contrary, *words.settled], change_set)
    inverse.say(words.same, "SAME", change_set)
    inverse.say(words.different, "DIFFERENT", change_set)
    return [word.pk for word in words.contrary]


def _choose(act: Act, wanted: Wanted, change_set: ChangeSet) -> dict[str, Any]:
    """Pin what was chosen on the golden record that stays."""
    if not wanted.choices:
        return {}
    kept = act.goldens[next(group.keep for group in act.groups if group.keep is not None)]
    release, at = releases.current(act.domain), change_set.at
    values = pinned.chosen(release, kept, wanted.choices, act.names, role=change_set.actor.role, at=at)
    pinning.put(kept, values, change_set)
    return values


def _check(act: Act) -> None:
    """See that the records stand as they were asked to, else nothing of it happens."""
    homes = dict(Crosswalk.objects.filter(record__in=act.records, valid_to=None).values_list("record_id", "golden_id"))
    if not acts.is_as_asked(act, homes):
        raise Conflict(acts.HELD)
