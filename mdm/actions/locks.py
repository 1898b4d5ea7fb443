"""Transaction-scoped locks: one order for everybody, so that nobody waits in a circle.

Order: domain (shared, or exclusive for bulk) → identities, sorted → match keys, sorted → reservations by enterprise ID →
golden rows by ID.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager
from functools import cache

from django.db import connection, transaction

from mdm.engine import components
from mdm.models import Golden
from mdm.rules.intake.content import content_hash

SHARE, MOST_KEYS = 32, 1_500
"""Part of the server's lock table that the key locks of one transaction may fill, for all writers share it; and never more than
so many, for others wait while a transaction lasts."""


def lock_domain(domain: str, *, alone: bool = False) -> None:
    """Hold the domain: shared with other live writers, or alone for a bulk load."""
    function = "pg_advisory_xact_lock" if alone else "pg_advisory_xact_lock_shared"
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {function}(%s)", [number_of("domain", domain)])


@contextmanager
def holding_domain(domain: str) -> Iterator[None]:
    """Hold the domain alone over many transactions of this connection; gone with the connection, however that ends."""
    number = [number_of("domain", domain)]
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s)", number)
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_unlock(%s)", number)


def lock_keys(keys: Iterable[int]) -> None:
    """Hold all these numbers, in ascending order: the identities of some records, or their match keys."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_advisory_xact_lock(key) FROM (SELECT unnest(%s::bigint[]) AS key ORDER BY 1) AS sorted",
            [sorted(set(keys))],
        )


@cache
def most_keys() -> int:
    """Key locks one transaction may hold on this server: 200 where PostgreSQL is set up as it comes. Asked once a process."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT current_setting('max_locks_per_transaction')::int"
            " * (current_setting('max_connections')::int + current_setting('max_prepared_transactions')::int)"
        )
        row = cursor.fetchone()
    return min(MOST_KEYS, (row[0] if row else 0) // SHARE)


def number_of(*words: str) -> int:
    """A lock number, 63 bits, for something that has a name."""
    return int(content_hash("\x1f".join(words))[:15], 16)


def lock_component(start: Collection[int]) -> tuple[set[int], dict[int, Golden]]:
    """Lock the golden rows of the whole components around `start`, and return their records and those rows by ID.

    Rows are locked in ID order. Whoever held one before may have grown the component meanwhile, so it is read again; when
    it grew, the rows are let go and taken again in order together with the new ones, until nothing moves. The lock leaves
    foreign keys to the rows alone: whoever notes a delivery does not wait for a writer.
    """
    records, wanted = components.reach(start)
    while wanted:
        savepoint = transaction.savepoint()
        rows = Golden.objects.select_for_update(no_key=True).filter(id__any=wanted).order_by("id")
        goldens = {golden.pk: golden for golden in rows}
        records, found = components.reach(start)
        if set(found) <= set(wanted):
            transaction.savepoint_commit(savepoint)
            return records, goldens
        transaction.savepoint_rollback(savepoint)
        wanted = sorted({*wanted, *found})
    return records, {}
