"""Leases: who looks at which pair, so that two people never answer the same question at once.

A lease is no fact about master data and ends by itself, so it has no audit entry; the decision it leads to has.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction

from mdm import permissions
from mdm.actions.golden import decisions
from mdm.errors import Conflict, NotFound
from mdm.models import Decision, MatchPair, User
from mdm.readers.golden.review import pairs
from mdm.readers.golden.review.pairs import Wanted
from mdm.readers.governance.sight import Sight
from mdm.rules.golden.pair_states import PairStatus

LENGTH = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Answered:
    """What came of a verdict: the decision, and the next pair for this person, None at the end of the queue."""

    decision_id: int
    verdict: str
    next_id: int | None


@transaction.atomic
def take_next(*, wanted: Wanted, actor: User, at: datetime, without: Collection[int] = ()) -> int | None:
    """Lease the first pair of that part of the queue nobody else holds; None when none is left.

    `without`: pairs this person skipped. Rows that somebody takes at this moment are passed over, not waited for.

    Raises:
        NotAllowed: the actor may not decide pairs.
    """
    permissions.check(actor, "pair.decide", domain=wanted.domain)
    rows = pairs.for_person(pairs.waiting(wanted, sight=Sight(actor)), viewer=actor, at=at).exclude(id__in=without)
    pair = rows.order_by(*pairs.ORDER).select_for_update(skip_locked=True, of=("self",)).first()
    if pair is None:
        return None
    _lease(pair, actor, at)
    return pair.pk


@transaction.atomic
def skip(*, pair_id: int, wanted: Wanted, actor: User, at: datetime, without: Collection[int] = ()) -> int | None:
    """Give one pair back and take the next; the caller names the skipped ones in `without`."""
    permissions.check(actor, "pair.decide", domain=wanted.domain)
    MatchPair.objects.filter(pk=pair_id, leased_by=actor).update(leased_by=None, leased_until=None)
    return take_next(wanted=wanted, actor=actor, at=at, without={*without, pair_id})


@transaction.atomic
def take(*, pair_id: int, actor: User, at: datetime) -> None:
    """Lease this very pair, or hold it for another ten minutes.

    Raises:
        NotAllowed: the actor may not decide pairs.
        NotFound: there is no such pair.
        Conflict: a colleague has it open.
    """
    permissions.check(actor, "pair.decide")
    pair = MatchPair.objects.select_for_update(of=("self",)).select_related("leased_by").filter(pk=pair_id).first()
    if pair is None:
        raise NotFound(f"There is no pair {pair_id}; its records changed, or it was never found.")
    permissions.check(actor, "pair.decide", domain=pair.domain)
    if not pairs.is_near(pair, viewer=actor):
        raise NotFound(f"There is no pair {pair_id} in your regions.")
    if holder := pairs.holder(pair, viewer=actor, at=at):
        raise Conflict(f"{holder} has this pair open until {pair.leased_until:%H:%M} UTC.")
    _lease(pair, actor, at)


def answer(
    *,
    pair_id: int,
    verdict: PairStatus,
    seen_version: int,
    wanted: Wanted,
    actor: User,
    at: datetime,
    reason: str = "",
    without: Collection[int] = (),
) -> Answered:
    """Record a verdict, then lease the next pair: two transactions, so that the verdict stands whatever happens to the second.

    Raises:
        As `decisions.decide`.
    """
    pair = decisions.decide(pair_id=pair_id, verdict=verdict, seen_version=seen_version, actor=actor, at=at, reason=reason)
    decision = Decision.objects.only("id").get(left=pair.left_id, right=pair.right_id, undone_at=None)
    return Answered(decision.pk, verdict.value, take_next(wanted=wanted, actor=actor, at=at, without=without))


def take_back(*, decision_id: int, actor: User, at: datetime) -> int:
    """Undo a decision and lease its pair again; returns the pair.

    Raises:
        As `decisions.undo`.
    """
    pair = decisions.undo(decision_id=decision_id, actor=actor, at=at)
    MatchPair.objects.filter(pk=pair.pk).update(leased_by=actor, leased_until=at + LENGTH)
    return pair.pk


def _lease(pair: MatchPair, actor: User, at: datetime) -> None:
    pair.leased_by, pair.leased_until = actor, at + LENGTH
    pair.save(update_fields=["leased_by", "leased_until"])
