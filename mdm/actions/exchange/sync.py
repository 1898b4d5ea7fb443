"""Pushes: announced before they leave, recorded after they were read back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction

from mdm import audit, outbox, permissions
from mdm.actions import retrying
from mdm.actions.exchange import jobs
from mdm.actions.exchange.jobs import Failure
from mdm.models import Delivery, Drift, Golden, Job, User
from mdm.readers.exchange import sync as readers
from mdm.readers.exchange.sync import Order
from mdm.rules.exchange import echo


@dataclass(frozen=True, slots=True)
class Held:
    """What one row of the target shows after a push (or instead of one, when it held all already)."""

    order: Order
    before: Mapping[str, Any]
    after: Mapping[str, Any]
    enterprise_id: str
    echo_hash: str
    was_written: bool


@retrying.on_conflict
@transaction.atomic
def announce(*, orders: Sequence[Order], actor: User, at: datetime) -> None:
    """Note what is about to be pushed, so that its echo is known even if we die before the answer (P10).

    Raises:
        NotAllowed: the actor may not work on sync.
    """
    permissions.check(actor, "sync.work")
    Delivery.objects.bulk_create(
        (
            Delivery(
                record_id=order.record_id,
                golden_id=order.golden_id,
                golden_version=0,
                sent={**order.sent, **order.wanted},
                held=order.held,
                outcome=echo.Outcome.STALE.value,
                at=at,
            )
            for order in sorted(orders, key=lambda order: order.record_id)
        ),
        update_conflicts=True,
        unique_fields=["record"],
        update_fields=["sent"],
    )


@retrying.on_conflict
@transaction.atomic
def record(
    *, job: Job, held: Sequence[Held], failure: Failure | None, actor: User, at: datetime, exchange: dict[str, Any] | None = None
) -> bool:
    """Settle a sync task with what the target shows, in one transaction; False when the lease was lost meanwhile.

    One that failed while its record moved to another golden record is cancelled: the new home has a task of its own.
    """
    if not jobs.settle(job=job, failure=failure, actor=actor, at=at, exchange=exchange, is_wanted=readers.is_wanted):
        return False
    rows = [_delivery(each, at) for each in sorted(held, key=lambda each: each.order.record_id)]
    Delivery.objects.bulk_create(
        rows,
        update_conflicts=True,
        unique_fields=["record"],
        update_fields=["golden", "golden_version", "enterprise_id", "sent", "held", "echo_hash", "outcome", "at"],
    )
    written = [each for each in held if each.was_written]
    if written:
        keys = [f"{each.order.source.system_id}/{each.order.source.object}/{each.order.native_id}" for each in written]
        audit.record(at=at, actor=actor, verb="sync.push", subject=f"job:{job.pk}", new={"records": keys, "version": job.wanted})
    if failure is None:
        healing = Drift.objects.filter(record_id__in=[each.order.record_id for each in held], status="HEALING")
        healing.update(status="HEALED", closed_at=at)
    return True


def _delivery(each: Held, at: datetime) -> Delivery:
    order = each.order
    return Delivery(
        record_id=order.record_id,
        golden_id=order.golden_id,
        golden_version=order.golden_version,
        enterprise_id=each.enterprise_id,
        sent=order.wanted,
        held=dict(each.after),
        echo_hash=each.echo_hash,
        outcome=echo.classify(order.wanted, each.before, each.after).overall.value,
        at=at,
    )


@transaction.atomic
def push_again(*, golden_ids: Sequence[int], target: str, actor: User, at: datetime) -> None:
    """Deliver golden records to a target once more, whatever was delivered before; the target is read first.

    Raises:
        NotAllowed: the actor may not work on sync.
    """
    permissions.check(actor, "sync.work")
    goldens = Golden.objects.filter(id__in=golden_ids, status="LIVE").values_list("id", "version")
    wishes = [
        outbox.Wish(kind="sync", key=f"{target}:{number}", target=target, subject=number, wanted=version)
        for number, version in goldens
    ]
    outbox.want(wishes, at=at, again=True)
