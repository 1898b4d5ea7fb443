"""A system outside, in memory: it is read and written as a real one is, spells values its own way, refuses, and dies on demand.

What it promises is tested in tests/hub/actions/exchange/test_fake_system.py, in the same sentences as the real connectors'.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from connectors.errors import ConnectorError
from mdm import ports
from mdm.ports import Change, Page, RawRecord, Written
from tests.factories.times import NOON


class Killed(BaseException):
    """The process died here."""


@dataclass
class FakeSystem:
    """`rows`: by object and native ID. `journal`: every accepted write, in order. `log`: every change, as the cursor counts.

    `spell`: what the system makes of a value it is given. `refuse`: answers to give instead, by native ID; an answer is used
    up unless it is `permanent`. `down`: how many of the next calls the system as a whole refuses. `die`: where the process
    dies once: "before write", "after write", "after read".
    """

    system: str
    batch_size: int = 50
    page_size: int = 3
    rows: dict[str, dict[str, dict[str, Any]]] = field(default_factory=dict)
    stamps: dict[tuple[str, str], datetime] = field(default_factory=dict)
    log: list[tuple[str, str, bool]] = field(default_factory=list)
    journal: list[Change] = field(default_factory=list)
    spell: Callable[[str, Any], Any] = lambda path, value: value
    refuse: dict[str, Written] = field(default_factory=dict)
    down: int = 0
    die: str = ""
    calls: int = 0

    def report(self) -> FakeSystem:
        """Report for duty, as an app does at start."""
        ports.register(self.system, lambda: self)
        return self

    def put(self, object: str, native_id: str, **fields: Any) -> None:
        """Somebody there makes a row or edits it."""
        self.rows.setdefault(object, {}).setdefault(native_id, {}).update(fields)
        self._changed(object, native_id)

    def remove(self, object: str, native_id: str) -> None:
        del self.rows[object][native_id]
        self._changed(object, native_id, is_deleted=True)

    def row(self, native_id: str, object: str = "account") -> dict[str, Any]:
        return self.rows[object][native_id]

    def changes(self, object: str, *, cursor: str | None) -> Iterator[Page]:
        start = int(cursor) if cursor and cursor.isdecimal() else 0
        latest: dict[str, bool] = {name: is_deleted for kind, name, is_deleted in self.log[start:] if kind == object}
        end, names = str(len(self.log)), sorted(latest)
        for at in range(0, len(names), self.page_size):
            self._answer()
            page = names[at : at + self.page_size]
            is_last = at + self.page_size >= len(names)
            yield Page(
                tuple(self._record(object, name, is_deleted=latest[name]) for name in page), end if is_last else str(start)
            )

    def scan(self, object: str) -> Iterator[Page]:
        names = sorted(self.rows.get(object, {}))
        for at in range(0, len(names), self.page_size):
            self._answer()
            page = names[at : at + self.page_size]
            yield Page(tuple(self._record(object, name) for name in page), page[-1])

    def current(self, object: str, native_ids: Sequence[str]) -> Mapping[str, RawRecord]:
        self._answer()
        known = self.rows.get(object, {})
        return {name: self._record(object, name) for name in native_ids if name in known}

    def write(self, object: str, changes: Sequence[Change]) -> Sequence[Written]:
        self._answer()
        self._die("before write")
        answers = [self._written(object, change) for change in changes]
        self._die("after write")
        return answers

    def _written(self, object: str, change: Change) -> Written:
        said = {"request": dict(change.fields)}
        answer = self.refuse.get(change.native_id)
        if answer is not None:
            if not answer.permanent:
                del self.refuse[change.native_id]
            return Written(change.native_id, answer.permanent, answer.code, answer.message, answer.retry_after_seconds, **said)
        self.journal.append(change)
        self.put(object, change.native_id, **{path: self.spell(path, value) for path, value in change.fields.items()})
        return Written(change.native_id, **said, response={"status": 204})

    def _record(self, object: str, native_id: str, *, is_deleted: bool = False) -> RawRecord:
        payload = {} if is_deleted else dict(self.rows[object][native_id])
        return RawRecord(native_id, payload, updated_at=self.stamps[object, native_id], is_deleted=is_deleted)

    def _changed(self, object: str, native_id: str, *, is_deleted: bool = False) -> None:
        self.log.append((object, native_id, is_deleted))
        self.stamps[object, native_id] = NOON - timedelta(days=1) + timedelta(seconds=len(self.log))

    def _answer(self) -> None:
        self.calls += 1
        if self.down:
            self.down -= 1
            raise ConnectorError("The system is down for maintenance.", permanent=False, code="503", retry_after_seconds=0)

    def _die(self, where: str) -> None:
        if self.die == where:
            self.die = ""
            raise Killed(where)
