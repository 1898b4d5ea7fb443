"""Faults that a test or a demo queues: a twin takes them one by one when their turn comes."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from connectors.twins.errors import Refused
from connectors.twins.store import Store

# kind: what happens, and the details it takes. `times` is how often; without it, until it is cleared. `path`: only for
# requests whose path contains this text.
KINDS: Mapping[str, frozenset[str]] = {
    "throttle": frozenset({"times", "retry_after", "path"}),  # 429; Retry-After only when `retry_after` (seconds) is given
    "unavailable": frozenset({"times", "path"}),  # 503
    "delay": frozenset({"times", "seconds", "path"}),  # answers later
    "drop_after_apply": frozenset({"times", "path"}),  # does the write, then closes the connection
    "refuse_login": frozenset({"times", "path"}),  # 401 although the credentials are right
    "expire_tokens": frozenset(),  # all sessions end now; Salesforce only
    "expire_locators": frozenset(),  # the next pages of all queries are gone; Salesforce only
    "daily_limit": frozenset({"times"}),  # 403 REQUEST_LIMIT_EXCEEDED; Salesforce only
    "lock_row": frozenset({"times", "object", "id"}),  # someone else is saving this row
    "reject_row": frozenset({"times", "object", "id", "message"}),  # a validation rule of the tenant refuses this row
}


class Faults:
    """The queue, kept in the twin's store so that a restart does not clear it."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def add(self, kind: str, details: Mapping[str, Any]) -> int:
        """Queue a fault; gives its number.

        Raises:
            Refused: there is no such kind, or it takes no such detail.
        """
        if kind not in KINDS or not KINDS[kind].issuperset(details):
            takes = f"takes {', '.join(sorted(KINDS[kind])) or 'nothing'}" if kind in KINDS else f"is none of {', '.join(KINDS)}"
            raise Refused("bad_request", f"The fault {kind!r} {takes}.")
        rest = {name: value for name, value in details.items() if name != "times"}
        with self._store.writing() as connection:
            cursor = connection.execute(
                "INSERT INTO fault (kind, details, times) VALUES (?, ?, ?)", (kind, json.dumps(rest), details.get("times"))
            )
            return int(cursor.lastrowid or 0)

    def take(self, kind: str, **seen: str) -> dict[str, Any] | None:
        """The details of the oldest fault of this kind that fits, used up by one; None when there is none.

        `seen`: what the twin is looking at. `path` fits when it contains the fault's path, all else must be equal.
        """
        query = "SELECT id, details FROM fault WHERE kind = ? AND (times IS NULL OR times > 0) ORDER BY id"
        for fault_id, text in self._store.connection().execute(query, (kind,)).fetchall():
            details = json.loads(text)
            if _fits(details, seen) and self._use_up(fault_id):
                return dict(details)
        return None

    def clear(self, fault_id: int | None) -> None:
        """Take back one fault, or all when None."""
        with self._store.writing() as connection:
            connection.execute("DELETE FROM fault WHERE ? IS NULL OR id = ?", (fault_id, fault_id))

    def waiting(self) -> list[dict[str, Any]]:
        """The faults that can still happen."""
        query = "SELECT id, kind, details, times FROM fault WHERE times IS NULL OR times > 0 ORDER BY id"
        return [
            {"id": fault_id, "kind": kind, "times": times, **json.loads(details)}
            for fault_id, kind, details, times in self._store.connection().execute(query)
        ]

    def _use_up(self, fault_id: int) -> bool:
        with self._store.writing() as connection:
            done = connection.execute(
                "UPDATE fault SET times = times - 1 WHERE id = ? AND (times IS NULL OR times > 0)", (fault_id,)
            )
            return done.rowcount == 1


def _fits(details: Mapping[str, Any], seen: Mapping[str, str]) -> bool:
    if details.get("path", "") not in seen.get("path", ""):
        return False
    return all(details[name] == value for name, value in seen.items() if name in details and name != "path")
