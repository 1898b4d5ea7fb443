"""Releases of domains: what is declared becomes a numbered, immutable version."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from mdm import audit, permissions
from mdm.actions import locks
from mdm.engine import releases
from mdm.models import DomainRelease, User
from mdm.rules.governance.domains import DomainSpec
from mdm.rules.intake.content import content_hash


@transaction.atomic
def publish(*, spec: DomainSpec, actor: User, at: datetime) -> DomainRelease | None:
    """Release `spec` with the match model it names as the next version; None when nothing differs from the last one.

    Raises:
        NotAllowed: the actor may not publish.
        BadConfiguration: the declaration and the match model do not fit.
    """
    permissions.check(actor, "release.publish", domain=spec.name)
    locks.lock_domain(spec.name, alone=True)
    model = releases.model_of(spec).to_dict()
    digest = content_hash({"spec": spec.to_dict(), "model": model})
    last = DomainRelease.objects.filter(domain=spec.name).order_by("-number").first()
    if last is not None and last.content_hash == digest:
        return None
    number = last.number + 1 if last else 1
    row = DomainRelease.objects.create(
        domain=spec.name, number=number, spec=spec.to_dict(), model=model, content_hash=digest, released_at=at, released_by=actor
    )
    audit.record(
        at=at, actor=actor, verb="release.publish", subject=f"release:{spec.name}/{number}", domain=spec.name, new=digest
    )
    return row
