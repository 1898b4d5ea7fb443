"""Proposed releases, and how far those are that are carried out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet

from mdm.engine import releases
from mdm.errors import NotFound
from mdm.models import Job, ReleaseProposal, Revisit, User
from mdm.readers.governance.sight import Sight
from mdm.rules.governance.releasing.release_limits import Limits, exceeded
from mdm.rules.governance.releasing.release_states import ReleaseStatus


@dataclass(frozen=True, slots=True)
class Shown:
    """A proposal as a viewer may see it. `above`: what of its plan lies above the limits. `left`: records still to be visited.

    `plan`: who is confined to regions gets counts without examples. `is_stale`: another release came in since it was planned.
    """

    row: ReleaseProposal
    plan: dict[str, Any] | None
    above: tuple[str, ...]
    is_stale: bool
    left: int | None
    error: str


def page(*, viewer: User, domain: str = "", before: int = 0, limit: int = 50) -> list[ReleaseProposal]:
    """Proposals within the viewer's confines, newest first, without what they say; one query."""
    rows = _seen(viewer).filter(domain=domain) if domain else _seen(viewer)
    rows = rows.filter(pk__lt=before) if before else rows
    return list(rows.order_by("-id").defer("spec", "model")[:limit])


def one(proposal_id: int, *, viewer: User) -> Shown:
    """One proposal with its plan; five small queries.

    Raises:
        NotFound: there is none, or it lies outside the viewer's confines.
    """
    row = _seen(viewer).filter(pk=proposal_id).first()
    if row is None:
        raise NotFound(f"There is no proposed release {proposal_id}.")
    present = releases.current(row.domain)
    waits = row.status in {ReleaseStatus.PLANNING, ReleaseStatus.PROPOSED}
    above = exceeded(present.spec.release_limits or Limits(), row.plan) if row.plan and waits else []
    plan = row.plan and {**row.plan, "examples": {} if viewer.regions else row.plan["examples"]}
    left = Revisit.objects.filter(domain=row.domain).count() if row.status == ReleaseStatus.RUNNING else None
    return Shown(row, plan, tuple(above), waits and present.number != row.base, left, _error(row))


def waiting(*, viewer: User) -> int:
    """How many wait for a second person."""
    return _seen(viewer).filter(status=ReleaseStatus.PROPOSED.value).count()


def _seen(viewer: User) -> QuerySet[ReleaseProposal]:
    return ReleaseProposal.objects.filter(Sight(viewer).in_domains()).select_related("proposed_by", "decided_by")


def _error(row: ReleaseProposal) -> str:
    """Why the plan, or the work after it, does not come on; empty while it does."""
    kinds: dict[str, dict[str, Any]] = {
        ReleaseStatus.PLANNING.value: {"kind": "plan", "subject": row.pk},
        ReleaseStatus.RUNNING.value: {"kind": "rematch"},
    }
    job = Job.objects.filter(status="DEAD", **kinds[row.status]).first() if row.status in kinds else None
    return (job.error or job.error_code) if job else ""
