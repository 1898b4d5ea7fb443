"""Transaction-scoped locks: one order for everybody, so that nobody waits in a circle.

Order: domain (shared, or exclusive for bulk) → match keys and identities, sorted → golden rows by ID.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any

from django.db import connection, transaction

from mdm.engine import components
from mdm.models import Golden
from mdm.rules.intake.content import content_hash

MOST_KEYS = 200
"""Key locks one transaction may hold: the server's lock table is small and shared by all writers."""


def lock_domain(domain: str, *, alone: bool = False) -> None:
    """Hold the domain: shared with other live writers, or alone for a bulk load."""
    function = "pg_advisory_xact_lock" if alone else "pg_advisory_xact_lock_shared"
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {function}(%s)", [number_of("domain", domain)])


def lock_keys(keys: Iterable[int]) -> None:
    """Hold all match keys and identities, in ascending order."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_advisory_xact_lock(key) FROM (SELECT unnest(%s::bigint[]) AS key ORDER BY 1) AS sorted",
            [sorted(set(keys))],
        )


def number_of(*words: str) -> int:
    """A lock number, 63 bits, for something that has a name."""
    return int(content_hash("\x1f".join(words))[:15], 16)


def lock_component(start: Collection[int]) -> tuple[set[int], dict[int, Golden]]:
    """Lock the golden rows of the whole components around `start`, and return their records and those rows by ID.

    Rows are locked in ID order. Whoever held one before may have grown the component meanwhile, so it is read again; when
    it grew, the rows are let go and taken again in order together with the new ones, until nothing moves.
    """
    wanted: list[int] = components.homes(components.expand(start))
    while True:
        savepoint = transaction.savepoint()
        goldens = {golden.pk: golden for golden in Golden.objects.select_for_update().filter(id__in=wanted).order_by("id")}
        records = components.expand(start)
        found = components.homes(records)
        if set(found) <= set(wanted):
            transaction.savepoint_commit(savepoint)
            return records, goldens
        transaction.savepoint_rollback(savepoint)
        wanted = sorted({*wanted, *found})


def stable_rows(rows: Iterable[Any]) -> list[Any]:
    """Rows sorted by primary key: the order in which they are locked."""
    return sorted(rows, key=lambda row: row.pk)
