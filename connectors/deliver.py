"""Delivers sync tasks: reads the target's rows, writes what differs, reads back, records what the target made of it."""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from django.utils import timezone

from connectors.errors import ConnectorError
from mdm import permissions, ports
from mdm.actions.exchange import jobs, sync
from mdm.actions.exchange.jobs import Failure
from mdm.actions.exchange.sync import Held
from mdm.engine import reading, releases
from mdm.ports import Change, Connector, RawRecord, Written
from mdm.readers.exchange import sync as readers
from mdm.readers.exchange.sync import Order
from mdm.rules.exchange.drift import differences

if TYPE_CHECKING:
    from mdm.models import Job, SourceObject

logger = logging.getLogger(__name__)

Row = tuple[str, str]
"""(object, native id)"""


@dataclass(slots=True)
class Round:
    """One batch of jobs on its way through the target."""

    orders: list[Order]
    before: dict[Row, RawRecord] = field(default_factory=dict)
    after: dict[Row, RawRecord] = field(default_factory=dict)
    answers: dict[Row, Written] = field(default_factory=dict)


def work(target: str) -> bool:
    """Do one batch of the waiting `sync` jobs of a target; whether there was one."""
    connector = ports.connector(target)
    if connector is None:
        return False
    claimed = jobs.claim(kind="sync", target=target, most=connector.batch_size, actor=permissions.machine(), at=timezone.now())
    if claimed:
        deliver(connector, claimed)
    return bool(claimed)


def deliver(connector: Connector, claimed: Sequence[Job]) -> None:
    """One batch. Safe to repeat after a crash at any point: the target is read before it is written."""
    machine = permissions.machine()
    orders = readers.orders(claimed, system=connector.system)
    turn = Round(orders)
    try:
        sync.announce(orders=orders, actor=machine, at=timezone.now())
        turn.before = _read(connector, orders)
        jobs.renew(jobs=claimed, actor=machine, at=timezone.now())
        _write(connector, turn)
        jobs.renew(jobs=claimed, actor=machine, at=timezone.now())
        turn.after = {**turn.before, **_read(connector, [order for order in orders if _row(order) in turn.answers])}
    except ConnectorError as error:
        logger.warning("a target refused a batch", extra={"target": connector.system, "code": error.code})
        refusal = Failure(error.code, str(error), error.permanent, error.retry_after_seconds)
        for job in claimed:
            sync.record(job=job, held=(), failure=refusal, actor=machine, at=timezone.now())
        return
    held = _held(turn)
    for job in claimed:
        mine = [order for order in orders if order.job is job]
        failure, exchange = _verdict(mine, turn)
        known = [held[_row(order)] for order in mine if _row(order) in held]
        sync.record(job=job, held=known, failure=failure, actor=machine, at=timezone.now(), exchange=exchange)


def _row(order: Order) -> Row:
    return (order.source.object, order.native_id)


def _read(connector: Connector, orders: Sequence[Order]) -> dict[Row, RawRecord]:
    """The rows of `orders` as the target shows them now; one call an object."""
    by_object: dict[str, list[str]] = defaultdict(list)
    for order in orders:
        by_object[order.source.object].append(order.native_id)
    return {(name, native_id): row for name, ids in by_object.items() for native_id, row in connector.current(name, ids).items()}


def _write(connector: Connector, turn: Round) -> None:
    """Send what differs, nothing else: a row that holds all already is not touched."""
    changes: dict[str, list[Change]] = defaultdict(list)
    for source, orders in _by_source(turn.orders).items():
        present = [order for order in orders if _row(order) in turn.before]
        release = releases.current(source.domain)
        shown = reading.canonical(release, source, [turn.before[_row(order)].payload for order in present])
        for order, now in zip(present, shown, strict=True):
            fields = _fields(release, order, now.attributes, turn.before[_row(order)])
            if fields:
                changes[source.object].append(
                    Change(order.native_id, fields, f"{order.job.pk}:{order.job.wanted}:{order.native_id}")
                )
    for name, listed in changes.items():
        for answer in connector.write(name, listed):
            turn.answers[name, answer.native_id] = answer


def _by_source(orders: Sequence[Order]) -> dict[SourceObject, list[Order]]:
    found: dict[SourceObject, list[Order]] = defaultdict(list)
    for order in orders:
        found[order.source].append(order)
    return found


def _fields(release: releases.Release, order: Order, now: Mapping[str, Any], row: RawRecord) -> dict[str, Any]:
    """The remote fields to set: attributes that differ, and the enterprise ID where it is missing or wrong.

    What the target made of the very same value last time (trimmed, upper-cased) is no difference.
    """
    settled = {
        name
        for name in order.wanted
        if name in order.held and order.sent.get(name) == order.wanted[name] and now.get(name) == order.held[name]
    }
    differing = {name: wanted for name, wanted, _ in differences(order.wanted, now) if name not in settled}
    fields = reading.remote(release, order.source, differing)
    stamp = order.source.enterprise_id_field
    if stamp and row.payload.get(stamp) != order.enterprise_id:
        fields[stamp] = order.enterprise_id
    return fields


def _held(turn: Round) -> dict[Row, Held]:
    """What the rows show at the end, in our words."""
    found: dict[Row, Held] = {}
    for source, orders in _by_source(turn.orders).items():
        present = [order for order in orders if _row(order) in turn.after]
        release = releases.current(source.domain)
        before = reading.canonical(release, source, [turn.before[_row(order)].payload for order in present])
        after = reading.canonical(release, source, [turn.after[_row(order)].payload for order in present])
        for order, then, now in zip(present, before, after, strict=True):
            stamped = str(turn.after[_row(order)].payload.get(source.enterprise_id_field) or "")
            answer = turn.answers.get(_row(order))
            was_written = answer is not None and answer.is_accepted
            found[_row(order)] = Held(order, then.attributes, now.attributes, stamped, now.content_hash, was_written)
    return found


def _verdict(orders: Sequence[Order], turn: Round) -> tuple[Failure | None, dict[str, Any] | None]:
    """Whether the job succeeded, and the last request and answer word for word."""
    refused = [
        turn.answers[_row(order)] for order in orders if _row(order) in turn.answers and not turn.answers[_row(order)].is_accepted
    ]
    answered = [turn.answers[_row(order)] for order in orders if _row(order) in turn.answers]
    exchange = {"request": dict(answered[-1].request), "response": dict(answered[-1].response)} if answered else None
    if not refused:
        return None, exchange
    worst = max(refused, key=lambda answer: bool(answer.permanent))
    said = {"request": dict(worst.request), "response": dict(worst.response)}
    return Failure(worst.code, worst.message, bool(worst.permanent), worst.retry_after_seconds, said), said
