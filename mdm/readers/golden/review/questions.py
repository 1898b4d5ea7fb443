"""Pairs by state, for callers that go through them one after the other."""

from __future__ import annotations

from django.db.models import QuerySet

from mdm.errors import NotFound
from mdm.models import Crosswalk, Decision, MatchPair, User


def page(*, viewer: User, status: str, domain: str, after: int, limit: int) -> list[MatchPair]:
    """Pairs with `status` by ascending ID after `after`, within the viewer's domains and regions. One query."""
    rows = _seen_by(viewer).filter(status=status, pk__gt=after)
    return list((rows.filter(domain=domain) if domain else rows).order_by("id")[:limit])


def one(pair_id: int, *, viewer: User) -> MatchPair:
    """One pair.

    Raises:
        NotFound: there is none, or it lies outside the viewer's confines.
    """
    row = _seen_by(viewer).filter(pk=pair_id).first()
    if row is None:
        raise NotFound(f"There is no pair {pair_id}.")
    return row


def standing_decision(pair_id: int) -> int:
    """The ID of the decision that stands on a pair.

    Raises:
        NotFound: nobody decided it.
    """
    pair = MatchPair.objects.filter(pk=pair_id).first()
    decision = pair and Decision.objects.filter(left=pair.left_id, right=pair.right_id, undone_at=None).first()
    if decision is None:
        raise NotFound(f"Nobody decided pair {pair_id}.")
    return decision.pk


def _seen_by(viewer: User) -> QuerySet[MatchPair]:
    rows = MatchPair.objects.select_related("left", "right")
    if viewer.domains:
        rows = rows.filter(domain__in=viewer.domains)
    if viewer.regions:
        near = Crosswalk.objects.filter(valid_to=None, golden__regions__overlap=viewer.regions).values("record")
        rows = rows.filter(left__in=near, right__in=near)
    return rows
