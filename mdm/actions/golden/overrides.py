"""Overrides: a person pins a value, which beats every rule until it is released or its time is over."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any

from django.db import transaction

from mdm import audit
from mdm.actions import locks, retrying
from mdm.actions.exchange import jobs
from mdm.actions.golden import pinning
from mdm.actions.golden.kin import parents
from mdm.engine import releases
from mdm.engine.people import acts, pinned
from mdm.engine.releases import Release
from mdm.errors import BadInput, Conflict, NotFound
from mdm.models import ChangeSet, Golden, Override, User
from mdm.rules.golden import enterprise_id as ids
from mdm.rules.golden.change_kinds import ChangeKind

MOST_A_NIGHT = 5_000


@retrying.on_conflict
@transaction.atomic
def pin(
    *,
    enterprise_id: str,
    attribute: str,
    value: Any,
    seen_version: int,
    actor: User,
    at: datetime,
    reason: str,
    expires_at: datetime | None = None,
) -> Override:
    """Make `value` the golden value of `attribute`, whatever the systems say; None pins that there is none.

    A hierarchy takes the enterprise ID of the parent.

    It takes the place of what was pinned there before, and ends by itself at `expires_at`.

    Raises:
        NotAllowed: the actor may not pin values, or may not see this one.
        NotFound: there is no such golden record or attribute.
        Conflict, StaleVersion: it is not live, or changed after the page was drawn.
        BadInput: the value fails its checks, the parent would be its own child's child, the reason is missing, or the end lies in
            the past.
    """
    if not reason.strip():
        raise BadInput("A pinned value needs a reason; who reads it later wants to know why.")
    if expires_at is not None and expires_at <= at:
        raise BadInput("The end of a pinned value must lie in the future.")
    golden = pinning.hold(ids.parse(enterprise_id), "golden.override", actor=actor, at=at)
    acts.check_seen(golden, {golden.enterprise_id: seen_version})
    release = releases.current(golden.domain)
    if attribute in release.spec.relation_names:
        cleaned: Any = parents.aim(release, golden, attribute, value, actor=actor)
    else:
        cleaned = pinned.clean(release, golden, attribute, value, role=actor.role, at=at)
    change_set = ChangeSet.objects.create(kind=ChangeKind.PIN.value, at=at, actor=actor, reason=reason, domain=golden.domain)
    row = pinning.put(golden, {attribute: cleaned}, change_set, expires_at=expires_at)[0]
    pinning.refresh([golden.pk], release=release, at=at, change_set=change_set)
    audit.record(
        at=at, actor=actor, verb="override.pin", subject=f"golden:{golden.pk}", domain=golden.domain, reason=reason,
        old={attribute: golden.values.get(attribute)}, new={attribute: cleaned, "override": row.pk},
    )  # fmt: skip
    return row


@retrying.on_conflict
@transaction.atomic
def release(*, override_id: int, actor: User, at: datetime, reason: str = "") -> Override:
    """End a pinned value; the rules decide again.

    Raises:
        NotAllowed: the actor may not.
        NotFound: there is no such pinned value.
        Conflict: it ended already.
    """
    found = Override.objects.select_related("carrier").filter(pk=override_id).first()
    if found is None:
        raise NotFound(f"There is no override {override_id}.")
    golden = pinning.hold(found.carrier.enterprise_id, "golden.override", actor=actor, at=at)
    row = Override.objects.select_for_update().get(pk=override_id)
    if row.ended_at is not None:
        raise Conflict("This pinned value ended already.")
    kind = ChangeKind.RELEASE.value
    change_set = ChangeSet.objects.create(kind=kind, at=at, actor=actor, reason=reason, domain=golden.domain)
    row.ended_at, row.ended_by, row.ended_by_change = at, actor, change_set
    row.save(update_fields=["ended_at", "ended_by", "ended_by_change"])
    pinning.refresh([row.carrier_id], release=releases.current(golden.domain), at=at, change_set=change_set)
    audit.record(
        at=at, actor=actor, verb="override.release", subject=f"golden:{golden.pk}", domain=golden.domain, reason=reason,
        old={row.attribute: row.value, "override": row.pk},
    )  # fmt: skip
    return row


def expire_next(*, actor: User, at: datetime) -> bool:
    """Do the waiting `expire` job; False when none waits.

    Raises:
        NotAllowed: the actor may not work on jobs.
    """
    return jobs.do_next(kind="expire", target="", act=lambda _: expire(actor=actor, at=at), actor=actor, at=at, seconds=600)


@transaction.atomic
def expire(*, actor: User, at: datetime) -> int:
    """End the pinned values whose time is over and let the rules decide again; returns how many. Safe to repeat.

    While records are brought over to a new release, the rules that each golden record stands on: the clock is not to be ahead of
    the re-match.
    """
    due = Override.objects.filter(expires_at__lte=at, ended_at=None).order_by("carrier_id", "id")
    carriers: dict[str, set[int]] = {}
    for domain, carrier in due.values_list("carrier__domain", "carrier_id")[:MOST_A_NIGHT]:
        carriers.setdefault(domain, set()).add(carrier)
    count = 0
    for domain, numbers in sorted(carriers.items()):
        locks.lock_domain(domain)
        rows = list(Golden.objects.select_for_update(no_key=True).filter(pk__in=numbers).order_by("pk"))
        over = list(due.filter(carrier_id__in=numbers).values_list("pk", flat=True))  # somebody may have been faster
        Override.objects.filter(pk__in=over).update(ended_at=at, ended_by=actor)
        for rules, some in _rules_of(domain, rows):
            pinning.refresh(some, release=rules, at=at, change_set=None, waits=False)
        audit.record(at=at, actor=actor, verb="override.expire", subject=f"domain:{domain}", domain=domain, old=over)
        count += len(over)
    return count


def _rules_of(domain: str, goldens: Iterable[Golden]) -> Iterator[tuple[Release, list[int]]]:
    """Golden records by the rules that decide on them."""
    present = releases.current(domain)
    by_number: dict[int, list[int]] = {}
    for golden in goldens:
        by_number.setdefault(present.number if present.is_settled else golden.release, []).append(golden.pk)
    for number, some in sorted(by_number.items()):
        yield present if number == present.number else releases.numbered(domain, number), some
