"""Tells the planner how tables grow: it plans by statistics, and autovacuum looks once a minute at what is committed only."""

from __future__ import annotations

from django.db import connection

MANY = 1_000
"""Rows after which old statistics of a small table mislead. Measured: without this a join of 3,000 fresh records on a table known
as empty ran for minutes instead of a tenth of a second."""
SHARE = 5
"""A larger table is looked at again when this process has added a fifth of it."""

_added: dict[str, int] = {}
_due: dict[str, int] = {}


def refresh(table: str, *, written: int) -> None:
    """Note that rows were written to `table`; analyse it inside the transaction when they have become many.

    Nobody waits for anybody: while another transaction analyses the table, this one goes on without.
    """
    _added[table] = _added.get(table, 0) + written
    if _added[table] < max(MANY, _due.get(table, 0)):
        return
    if table not in _due and _added[table] < _share(table):
        _due[table] = _share(table)  # a process that begins on a large table has no reason to look at it
        return
    with connection.cursor() as cursor:
        cursor.execute(f"ANALYZE (SKIP_LOCKED) {connection.ops.quote_name(table)}")
    _added[table], _due[table] = 0, _share(table)


def _share(table: str) -> int:
    """How many rows make the share, by what the planner believes the table holds."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT reltuples::bigint FROM pg_class WHERE oid = to_regclass(%s)", [table])
        row = cursor.fetchone()
    return (row[0] if row else 0) // SHARE
