"""A steward's words on records, and the pairs they are about."""

from __future__ import annotations

from datetime import datetime

from django.db.models import Q

from mdm.actions.golden import decisions
from mdm.models import Decision, MatchPair, User
from mdm.rules.golden.pair_states import PairStatus
from tests.factories.times import NOON


def pair(one: str, other: str) -> MatchPair:
    """The pair of two records by native ID."""
    return MatchPair.objects.get(Q(left__native_id=one, right__native_id=other) | Q(left__native_id=other, right__native_id=one))


def say(verdict: str, one: str, other: str, *, actor: User, at: datetime = NOON) -> Decision:
    """Decide the pair of two records; returns the decision."""
    asked = pair(one, other)
    decisions.decide(
        pair_id=asked.pk, verdict=PairStatus(verdict), seen_version=asked.version, actor=actor, at=at, reason="as the test says"
    )
    return Decision.objects.get(left=asked.left_id, right=asked.right_id, undone_at=None)


def take_back(decision: Decision, *, actor: User, at: datetime = NOON) -> None:
    decisions.undo(decision_id=decision.pk, actor=actor, at=at)
