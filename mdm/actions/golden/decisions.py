"""Decisions: a steward's word on two records. Recorded, obeyed at once, undone exactly."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from mdm import audit, permissions
from mdm.actions import catching_up, locks, retrying
from mdm.actions.golden import undoing
from mdm.actions.golden.resolve import settle
from mdm.engine import components, releases
from mdm.errors import Conflict, NotFound, StaleVersion
from mdm.models import ChangeSet, Decision, MatchPair, User
from mdm.rules.golden.change_kinds import ChangeKind
from mdm.rules.golden.pair_states import PairStatus, check_arrow


@retrying.on_conflict
@transaction.atomic
def decide(*, pair_id: int, verdict: PairStatus, seen_version: int, actor: User, at: datetime, reason: str = "") -> MatchPair:
    """Record a verdict on one pair and make the golden records follow it.

    `SAME` joins the two golden records, `DIFFERENT` keeps (or puts) them apart, `UNSURE` asks somebody else.

    Raises:
        NotAllowed: the actor may not decide pairs.
        NotFound: there is no such pair.
        StaleVersion: the pair changed after the page was drawn.
        IllegalTransition: the pair's state does not allow this verdict.
    """
    pair = _hold(pair_id, "pair.decide", actor=actor, at=at)
    if pair.version != seen_version:
        raise StaleVersion("This pair changed while you were reading it.")
    check_arrow(PairStatus(pair.status), verdict)
    before = pair.status
    change_set = ChangeSet.objects.create(kind=ChangeKind.DECISION.value, at=at, actor=actor, reason=reason, domain=pair.domain)
    Decision.objects.filter(left=pair.left_id, right=pair.right_id, undone_at=None).update(undone_at=at, undone_by=actor)
    Decision.objects.create(
        left_id=pair.left_id,
        right_id=pair.right_id,
        verdict=verdict.value,
        reason=reason,
        decided_by=actor,
        decided_at=at,
        change_set=change_set,
    )
    pair.status, pair.version = verdict.value, pair.version + 1
    pair.leased_by, pair.leased_until = None, None
    pair.save(update_fields=["status", "version", "leased_by", "leased_until"])
    _follow(pair, change_set, actor=actor, at=at)
    audit.record(
        at=at,
        actor=actor,
        verb="pair.decide",
        subject=f"pair:{pair.pk}",
        domain=pair.domain,
        old=before,
        new=verdict.value,
        reason=reason,
    )
    pair.refresh_from_db()
    return pair


def undo(*, decision_id: int, actor: User, at: datetime, reason: str = "") -> MatchPair:
    """Take a verdict back: the pair asks again, and IDs and members are as if it had never been given.

    A word that came with a merge or a split is taken back with all of it, as `undoing.undo` does.

    Raises:
        NotAllowed: it is somebody else's, and the actor may only undo own ones.
        NotFound: there is no such decision.
        Conflict: it was undone already, or is part of an act whose undo window is over.
    """
    decision = Decision.objects.filter(pk=decision_id).first()
    if decision is None:
        raise NotFound(f"There is no decision {decision_id}.")
    pair = MatchPair.objects.filter(left=decision.left_id, right=decision.right_id).first()
    if pair is None:
        raise NotFound(f"The pair of decision {decision_id} is gone; its records changed.")
    if decision.undone_at is not None:
        raise Conflict("This decision was undone already.")
    undoing.undo(change_id=decision.change_set_id, actor=actor, at=at, reason=reason)
    pair.refresh_from_db()
    return pair


def _hold(pair_id: int, verb: str, *, actor: User, at: datetime) -> MatchPair:
    """The pair, its domain held shared and its components' golden rows locked before its own row: everybody's order."""
    found = MatchPair.objects.filter(pk=pair_id).first()
    if found is None:
        raise NotFound(f"There is no pair {pair_id}; its records changed, or it was never found.")
    permissions.check(actor, verb, domain=found.domain)
    catching_up.enter(found.domain, [found.left_id, found.right_id], actor=actor, at=at)
    _, goldens = locks.lock_component({found.left_id, found.right_id})
    for number in components.homes([found.left_id, found.right_id]) if actor.regions else ():
        permissions.check_region(actor, goldens[number].regions)
    pair = MatchPair.objects.select_for_update().filter(pk=pair_id).first()
    if pair is None:
        raise NotFound(f"Pair {pair_id} is gone; its records changed.")
    return pair


def _follow(pair: MatchPair, change_set: ChangeSet, *, actor: User, at: datetime) -> None:
    settle(
        release=releases.current(pair.domain),
        start={pair.left_id, pair.right_id},
        actor=actor,
        at=at,
        change_set=change_set,
        waits=True,
    )
