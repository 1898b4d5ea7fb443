"""Puts facts and wishes into the transaction that makes them true: events to tell, jobs to do."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from celery import current_app
from django.db import connection, transaction
from kombu.exceptions import OperationalError

from mdm.models import DomainRelease, Event, Golden, copying
from mdm.rules.exchange.event_types import Fact, event_type

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Wish:
    """Do `kind` for `key`, up to version `wanted`; not before `due_at`, where it is given."""

    kind: str
    key: str
    target: str = ""
    subject: int | None = None
    wanted: int = 1
    payload: str = "{}"
    due_at: datetime | None = None


def tell(facts: Iterable[tuple[Golden, str, dict[str, Any]]], *, at: datetime) -> None:
    """Events about golden records, whose rows the caller holds locked.

    Each fact is (golden, verb, data); the golden's `version` becomes the event's sequence. Data carries no attribute
    values: readers join them from the version, where masking and erasure find them.
    """
    copying.append(
        Event(
            type=event_type(golden.domain, verb),
            domain=golden.domain,
            golden=golden,
            enterprise_id=golden.enterprise_id,
            sequence=golden.version,
            regions=golden.regions,
            data=data,
            at=at,
        )
        for golden, verb, data in facts
    )


def tell_release(release: DomainRelease, *, returns_to: int | None = None) -> None:
    """The event that a domain works by another release, or by a former one again; the caller holds the domain alone."""
    data: dict[str, Any] = {"release": release.number, "actor": release.released_by.name}
    Event.objects.create(
        type=event_type(release.domain, Fact.RELEASED if returns_to is None else Fact.ROLLED_BACK),
        domain=release.domain,
        sequence=release.number,
        data=data if returns_to is None else data | {"returns_to": returns_to},
        at=release.released_at,
    )


WISH = """
    INSERT INTO mdm_job AS job (kind, key, target, subject, wanted, payload, done, status, due_at, attempts, error_code, error,
                                created_at, changed_at)
    SELECT kind, key, target, subject, wanted, payload, 0, 'QUEUED', due, 0, '', '', now_, now_
    FROM unnest(%(kinds)s::text[], %(keys)s::text[], %(targets)s::text[], %(subjects)s::bigint[], %(wanted)s::bigint[],
                %(payloads)s::jsonb[], %(dues)s::timestamptz[]) AS wish (kind, key, target, subject, wanted, payload, due),
         (SELECT %(at)s::timestamptz AS now_) AS clock
    ORDER BY kind, key
    ON CONFLICT (kind, key) DO UPDATE SET
        wanted = greatest(job.wanted, excluded.wanted), payload = excluded.payload, subject = excluded.subject,
        status = CASE WHEN job.status = 'RUNNING' THEN 'RUNNING' ELSE 'QUEUED' END,
        due_at = CASE WHEN job.status = 'QUEUED' THEN least(job.due_at, excluded.due_at) ELSE excluded.due_at END,
        attempts = CASE WHEN job.status = 'RUNNING' THEN job.attempts ELSE 0 END,
        changed_at = excluded.changed_at
    WHERE %(again)s OR job.wanted < excluded.wanted OR job.status IN ('DONE', 'DEAD', 'CANCELLED') AND job.done < excluded.wanted
"""


def want(wishes: Iterable[Wish], *, at: datetime, due_at: datetime | None = None, again: bool = False) -> None:
    """Jobs to do; a wish for a newer version takes the place of one that still waits, and wakes a dead one.

    `again`: also what is done already. `due_at`: not before that time, None means now.
    """
    listed = list({(wish.kind, wish.key): wish for wish in wishes}.values())
    if not listed:
        return
    with connection.cursor() as cursor:
        cursor.execute(
            WISH,
            {
                "kinds": [wish.kind for wish in listed],
                "keys": [wish.key for wish in listed],
                "targets": [wish.target for wish in listed],
                "subjects": [wish.subject for wish in listed],
                "wanted": [wish.wanted for wish in listed],
                "payloads": [wish.payload for wish in listed],
                "dues": [wish.due_at or due_at or at for wish in listed],
                "at": at,
                "again": again,
            },
        )
    for kind, target in sorted({(wish.kind, wish.target) for wish in listed}):
        ring_after_commit(kind, target)


QUEUES = {
    "sync": "sync", "reconcile": "reconcile", "pull": "bulk", "cluster": "bulk", "purge": "bulk", "refresh": "bulk",
    "retention": "bulk", "risk": "bulk", "lapse": "bulk", "expire": "bulk", "quality": "bulk", "resubmit": "bulk", "plan": "bulk",
    "rematch": "bulk", "findings": "bulk", "requests": "bulk", "erase": "bulk", "loads": "bulk",
}  # fmt: skip
QUIET_SECONDS, MUTE_SECONDS = 0.25, 15.0
BROKEN = ("", "")
LIMITS = {"soft_time_limit": 3_600, "time_limit": 3_660}
"""Seconds. What a job does is bounded by its own time-outs; a message serves a target for a few seconds."""
_rung: dict[tuple[str, str], float] = {}


def ring_after_commit(kind: str, target: str) -> None:
    """Ring the worker's bell once this transaction is committed.

    A message only says "look": rings within a quarter of a second are one, and a lost ring is made good by the sweeper.
    """
    transaction.on_commit(lambda: _ring(kind, target), robust=True)


def _ring(kind: str, target: str) -> None:
    """Send the message; a broker that does not answer is left alone for a while, callers never wait for it twice."""
    now = time.monotonic()
    if now < _rung.get((kind, target), 0.0) + QUIET_SECONDS or now < _rung.get(BROKEN, 0.0) + MUTE_SECONDS:
        return
    _rung[kind, target] = now
    message = {"kind": kind, "target": target}
    try:
        current_app.send_task("mdm.work", kwargs=message, queue=QUEUES.get(kind, "default"), expires=60, **LIMITS)
    except OperationalError as error:
        _rung[BROKEN] = time.monotonic()
        logger.warning("the broker did not take a message; the sweeper will ring", extra={"error": str(error)})
