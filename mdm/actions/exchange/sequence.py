"""The one sequencer: stamps the position of committed events and links the audit chain, in order, without gaps.

Whoever holds the advisory lock is the one. Readers follow `position` only: an identity says who drew first, not who
committed first, and a feed that reads by identity loses events.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from django.db import close_old_connections, connection, transaction

from mdm import audit
from mdm.actions.locks import number_of
from mdm.models import AuditEntry

logger = logging.getLogger(__name__)

BATCH = 20_000
AUDIT_BATCH = 2_000
PAUSE_SECONDS = 0.03
RETRY_SECONDS = 2.0

STAMP = f"""
    WITH waiting AS (SELECT id, row_number() OVER (ORDER BY id) AS n
                     FROM (SELECT id FROM mdm_event WHERE position IS NULL ORDER BY id LIMIT {BATCH}) AS unstamped),
         last AS (SELECT coalesce(max(position), 0) AS position FROM mdm_event)
    UPDATE mdm_event AS event SET position = last.position + waiting.n FROM waiting, last WHERE event.id = waiting.id
"""


@contextmanager
def leading() -> Iterator[bool]:
    """Whether this process is the sequencer now; it stays so for the block. The lock ends with the connection."""
    number = number_of("sequencer", "events")
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s)", [number])
        row = cursor.fetchone()
    leads = bool(row and row[0])
    try:
        yield leads
    finally:
        if leads and connection.connection is not None and not connection.connection.closed:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(%s)", [number])


def stamp() -> int:
    """Stamp what is committed; returns how many events and audit entries. Only the leader may call it."""
    with connection.cursor() as cursor:
        cursor.execute(STAMP)
        events: int = cursor.rowcount
    return events + _link_audit()


@transaction.atomic
def _link_audit() -> int:
    waiting = list(AuditEntry.objects.filter(position=None).order_by("id")[:AUDIT_BATCH])
    if not waiting:
        return 0
    last = AuditEntry.objects.filter(position__isnull=False).order_by("-position").first()
    position, chain = (last.position or 0, bytes(last.chain or b"")) if last else (0, b"")
    links = []
    for entry in waiting:
        position += 1
        chain = audit.link(chain, entry, position)
        links.append((entry.pk, position, chain))
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE mdm_auditentry AS entry SET position = link.position, chain = link.chain"
            " FROM unnest(%s::bigint[], %s::bigint[], %s::bytea[]) AS link (id, position, chain) WHERE entry.id = link.id",
            [list(column) for column in zip(*links, strict=True)],
        )
    return len(links)


def drain() -> int:
    """Stamp until nothing waits, when nobody else leads; for commands and tests. Returns how many were stamped."""
    total = 0
    with leading() as leads:
        while leads and (count := stamp()):
            total += count
    return total


def run_forever(stop: threading.Event) -> None:
    """Lead when nobody else does, stamp as soon as anything waits, until `stop`; survives a lost database."""
    while not stop.is_set():
        try:
            with leading() as leads:
                while leads and not stop.is_set():
                    if not stamp():
                        stop.wait(PAUSE_SECONDS)
        except Exception:
            logger.exception("the sequencer lost its database and tries again")
            close_old_connections()
            connection.close()
        stop.wait(RETRY_SECONDS)
