"""What a twin remembers: rows, the journal of writes, counters and small documents, in one SQLite file that survives kill -9."""

from __future__ import annotations

import json
import sqlite3
import threading
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

_TABLES = """
CREATE TABLE IF NOT EXISTS row (
    object TEXT NOT NULL, id TEXT NOT NULL, data TEXT NOT NULL, changed_at TEXT NOT NULL, is_deleted INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (object, id)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS row_by_change ON row (object, changed_at, id);
CREATE TABLE IF NOT EXISTS journal (
    seq INTEGER PRIMARY KEY AUTOINCREMENT, at TEXT NOT NULL, object TEXT NOT NULL, row_id TEXT NOT NULL, verb TEXT NOT NULL,
    changes TEXT NOT NULL, client TEXT NOT NULL, idempotency_key TEXT NOT NULL
);
CREATE TABLE IF NOT EXISTS document (
    kind TEXT NOT NULL, id TEXT NOT NULL, data TEXT NOT NULL, PRIMARY KEY (kind, id)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS counter (name TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS fault (id INTEGER PRIMARY KEY AUTOINCREMENT, kind TEXT NOT NULL, details TEXT NOT NULL, times INTEGER);
"""


class Store:
    """One SQLite file; every thread has a connection of its own, writers take turns.

    `changed_at` of a row is ISO 8601 in UTC with +00:00 and without fractions, so that text order is time order.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._local = threading.local()
        self._counted: Counter[str] = Counter()
        self._counting = threading.Lock()
        self.connection().executescript(_TABLES)

    def connection(self) -> sqlite3.Connection:
        """This thread's connection, in autocommit mode."""
        found: sqlite3.Connection | None = getattr(self._local, "connection", None)
        if found is None:
            found = sqlite3.connect(self._path, isolation_level=None, timeout=30)
            found.executescript("PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;")
            self._local.connection = found
        return found

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """A transaction that alone may write; joins the one that this thread is in already."""
        connection = self.connection()
        if connection.in_transaction:
            yield connection
            return
        connection.execute("BEGIN IMMEDIATE")
        try:
            yield connection
        except BaseException:
            connection.execute("ROLLBACK")
            raise
        connection.execute("COMMIT")

    def row(self, object_name: str, row_id: str) -> tuple[dict[str, Any], bool] | None:
        """A row's data and whether it is deleted; None when there never was one."""
        found = (
            self.connection()
            .execute("SELECT data, is_deleted FROM row WHERE object = ? AND id = ?", (object_name, row_id))
            .fetchone()
        )
        return (json.loads(found[0]), bool(found[1])) if found else None

    def rows(self, object_name: str, row_ids: Sequence[str]) -> dict[str, dict[str, Any]]:
        """Data of many rows by id, deleted ones included; unknown ids are left out."""
        query = f"SELECT id, data FROM row WHERE object = ? AND id IN ({', '.join('?' * len(row_ids))})"
        return {row_id: json.loads(data) for row_id, data in self.connection().execute(query, (object_name, *row_ids))}

    def select(
        self, where: str, parameters: Sequence[Any], *, order: str = "id", limit: int = -1, offset: int = 0
    ) -> list[dict[str, Any]]:
        """Data of the rows for which the SQL condition over table `row` holds."""
        query = f"SELECT data FROM row WHERE {where} ORDER BY {order} LIMIT ? OFFSET ?"
        return [json.loads(data) for (data,) in self.connection().execute(query, (*parameters, limit, offset))]

    def ids(self, where: str, parameters: Sequence[Any], *, order: str, limit: int = -1) -> list[str]:
        """Ids of the rows for which the SQL condition holds."""
        query = f"SELECT id FROM row WHERE {where} ORDER BY {order} LIMIT ?"
        return [row_id for (row_id,) in self.connection().execute(query, (*parameters, limit))]

    def number_of(self, where: str, parameters: Sequence[Any]) -> int:
        """How many rows the SQL condition holds for."""
        (count,) = self.connection().execute(f"SELECT count(*) FROM row WHERE {where}", tuple(parameters)).fetchone()
        return int(count)

    def put(self, object_name: str, row_id: str, data: Mapping[str, Any], *, changed_at: str, is_deleted: bool = False) -> None:
        """Insert or replace a row."""
        with self.writing() as connection:
            connection.execute(
                "INSERT INTO row VALUES (?, ?, ?, ?, ?) ON CONFLICT (object, id) DO UPDATE"
                " SET data = excluded.data, changed_at = excluded.changed_at, is_deleted = excluded.is_deleted",
                (object_name, row_id, json.dumps(data, ensure_ascii=False), changed_at, int(is_deleted)),
            )

    def seed(self, object_name: str, rows: Sequence[tuple[str, Mapping[str, Any], str]]) -> int:
        """Insert (id, data, changed_at) rows that are not there yet; how many were new."""
        with self.writing() as connection:
            before = connection.total_changes
            connection.executemany(
                "INSERT OR IGNORE INTO row VALUES (?, ?, ?, ?, 0)",
                [(object_name, row_id, json.dumps(data, ensure_ascii=False), changed_at) for row_id, data, changed_at in rows],
            )
            return connection.total_changes - before

    def log(
        self, *, at: str, object_name: str, row_id: str, verb: str, changes: Mapping[str, Any], client: str, key: str = ""
    ) -> None:
        """Add one effective write to the journal."""
        with self.writing() as connection:
            connection.execute(
                "INSERT INTO journal (at, object, row_id, verb, changes, client, idempotency_key) VALUES (?, ?, ?, ?, ?, ?, ?)",
                (at, object_name, row_id, verb, json.dumps(changes, ensure_ascii=False), client, key),
            )

    def journal(self, *, after: int, limit: int) -> list[dict[str, Any]]:
        """Effective writes after a sequence number, oldest first."""
        columns = "seq, at, object, row_id, verb, changes, client, idempotency_key"
        names = ("seq", "at", "object", "id", "verb", "changes", "client", "idempotency_key")
        query = f"SELECT {columns} FROM journal WHERE seq > ? ORDER BY seq LIMIT ?"
        found = (dict(zip(names, row, strict=True)) for row in self.connection().execute(query, (after, limit)))
        return [entry | {"changes": json.loads(entry["changes"])} for entry in found]

    def journal_length(self) -> int:
        """How many effective writes there were, ever."""
        (length,) = self.connection().execute("SELECT count(*) FROM journal").fetchone()
        return int(length)

    def next_number(self, name: str, *, first: int) -> int:
        """The next number of a named sequence."""
        with self.writing() as connection:
            sql = "INSERT INTO counter VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = value + 1 RETURNING value"
            (value,) = connection.execute(sql, (name, first)).fetchone()
            return int(value)

    def keep(self, kind: str, document_id: str, data: Mapping[str, Any]) -> None:
        """Store a small document: a session, a query locator, a job."""
        with self.writing() as connection:
            connection.execute("INSERT OR REPLACE INTO document VALUES (?, ?, ?)", (kind, document_id, json.dumps(data)))

    def kept(self, kind: str, document_id: str) -> dict[str, Any] | None:
        """A stored document, None when there is none."""
        found = self.connection().execute("SELECT data FROM document WHERE kind = ? AND id = ?", (kind, document_id)).fetchone()
        return json.loads(found[0]) if found else None

    def forget(self, kind: str) -> None:
        """Drop all documents of a kind."""
        with self.writing() as connection:
            connection.execute("DELETE FROM document WHERE kind = ?", (kind,))

    def count(self, name: str) -> None:
        """Count something since this process started."""
        with self._counting:
            self._counted[name] += 1

    def counted(self) -> dict[str, int]:
        """All counts since this process started."""
        with self._counting:
            return dict(sorted(self._counted.items()))
