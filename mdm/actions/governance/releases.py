"""Releases of domains: what is declared becomes a numbered, immutable version."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from mdm import audit, outbox, permissions
from mdm.actions import locks
from mdm.engine import releases
from mdm.engine.releases import Said
from mdm.models import DomainRelease, Job, SourceRecord, User
from mdm.rules.governance.domains import DomainSpec

REMATCH = "rematch:"
"""The key of the one job that brings records over, whatever the domain: the one that its schedule wishes every night."""


@transaction.atomic
def publish(*, spec: DomainSpec, actor: User, at: datetime) -> DomainRelease | None:
    """Release `spec` with the match model it names at once; None when nothing differs from the last one.

    For a domain without records there is nothing to plan. Where records are, people go by `proposals`; here they are brought over
    without anybody having seen what that does.

    Raises:
        NotAllowed: the actor may not publish.
        BadConfiguration: the declaration and the match model do not fit.
    """
    permissions.check(actor, "release.publish", domain=spec.name)
    return put(domain=spec.name, said=releases.said_by(spec), actor=actor, at=at)


@transaction.atomic
def put(
    *, domain: str, said: Said, actor: User, at: datetime, reason: str = "", returns_to: int | None = None
) -> DomainRelease | None:
    """Make `said` the next release, by which everybody works from now on, and wish what is stored to be brought over to it.

    Holds the domain alone, so that nobody is in the middle of writing by the former one. Whether the actor may is the caller's to
    check. `returns_to`: the former release that it repeats. A domain's first release is no event: nobody follows it yet.
    """
    locks.lock_domain(domain, alone=True)
    last = DomainRelease.objects.filter(domain=domain).order_by("-number").first()
    if last is not None and last.content_hash == releases.digest(said):
        return None
    number = last.number + 1 if last else 1
    is_settled = not SourceRecord.objects.filter(domain=domain).exists() or not releases.touched(domain, said).stages
    row = DomainRelease.objects.create(
        domain=domain,
        number=number,
        spec=said[0],
        model=said[1],
        content_hash=releases.digest(said),
        released_at=at,
        released_by=actor,
        settled_at=at if is_settled else None,
    )
    if not is_settled:
        _wish_rematch(at)
    if last is not None:
        outbox.tell_release(row, returns_to=returns_to)
    audit.record(
        at=at,
        actor=actor,
        verb="release.publish",
        subject=f"release:{domain}/{number}",
        domain=domain,
        reason=reason,
        new=row.content_hash,
    )
    return row


def _wish_rematch(at: datetime) -> None:
    """From its beginning, also when it is at work for another release: its chunks count up by one."""
    before = Job.objects.filter(kind="rematch", key=REMATCH).values_list("wanted", flat=True).first() or 0
    wish = outbox.Wish(kind="rematch", key=REMATCH, wanted=max(int(at.timestamp()), before + 1_000))
    outbox.want([wish], at=at, again=True)
