"""What all connectors share: cursors, records out of rows, answers for changes. What differs is a small room in systems/."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol

from connectors.discover import Catalogue, discover
from connectors.errors import ConnectorError, ErrorClass
from connectors.manifest import Manifest, ObjectSpec
from mdm.errors import Problem
from mdm.ports import Change, Page, RawRecord, Written

_ROWS_A_CALL = 200


@dataclass(frozen=True, slots=True)
class Found:
    """Some rows in the order of their change, deleted ones among them, as payloads with the paths of the manifest."""

    rows: tuple[Mapping[str, Any], ...]
    deleted_ids: frozenset[str] = frozenset()


class Room(Catalogue, Protocol):
    """What a system's own room must be able to do."""

    def changed(self, spec: ObjectSpec, since: datetime | None) -> Iterator[Found]:
        """All rows changed at or after `since`, oldest change first; None means all."""
        ...

    def graves(self, spec: ObjectSpec, since: datetime) -> Iterator[tuple[str, datetime]]:
        """Ids of rows that are gone without a trace among the changed ones, with the time they went; oldest first."""
        ...

    def all(self, spec: ObjectSpec) -> Iterator[Found]:
        """All live rows, by id."""
        ...

    def by_ids(self, spec: ObjectSpec, native_ids: Sequence[str]) -> Iterable[Mapping[str, Any]]:
        """The live rows among at most 200 ids, in any order."""
        ...

    def write(self, spec: ObjectSpec, changes: Sequence[Change]) -> Sequence[Written]:
        """Apply at most `spec.write.size` changes; one answer each, in order."""
        ...

    def close(self) -> None:
        """Close the connections."""
        ...


@dataclass(frozen=True, slots=True)
class Cursor:
    """Where a reader is: all changes up to `since` are in, all graves up to `graves`."""

    since: datetime | None = None
    graves: datetime | None = None

    @classmethod
    def read(cls, text: str | None) -> Cursor:
        """The cursor of its opaque text; a text that is none starts again from the beginning."""
        try:
            raw = json.loads(text or "{}")
            return cls(*(datetime.fromisoformat(raw[name]) if raw.get(name) else None for name in ("since", "graves")))
        except (ValueError, TypeError, AttributeError):
            return cls()

    def text(self) -> str:
        """The opaque text that the hub stores."""
        return json.dumps({name: at.isoformat() for name, at in (("since", self.since), ("graves", self.graves)) if at})


class RestConnector:
    """A system behind HTTP: implements mdm.ports.Connector by its manifest and its room."""

    def __init__(self, manifest: Manifest, room: Room) -> None:
        self.system = manifest.system
        self.batch_size = max((spec.write.size for spec in manifest.objects.values() if spec.write), default=1)
        self._manifest = manifest
        self._room = room

    def changes(self, object: str, *, cursor: str | None) -> Iterator[Page]:
        """Pages of everything changed since the cursor, looking back a little, deletions included."""
        spec, at = self._spec(object), Cursor.read(cursor)
        started = datetime.now(UTC)
        overlap = timedelta(seconds=spec.read.overlap_seconds if spec.read else 0)
        for found in self._room.changed(spec, at.since and at.since - overlap):
            records = tuple(_record(spec, row, found.deleted_ids) for row in found.rows)
            newest = max((record.updated_at for record in records if record.updated_at), default=None)
            at = Cursor(max(filter(None, (at.since, newest)), default=None), at.graves)
            yield Page(records, at.text())
        yield from self._graves(spec, at, started - overlap)

    def scan(self, object: str) -> Iterator[Page]:
        """Pages of every live row, by id; the cursor of a page is its last id."""
        spec = self._spec(object)
        for found in self._room.all(spec):
            records = tuple(_record(spec, row, frozenset()) for row in found.rows)
            yield Page(records, records[-1].native_id if records else "")

    def current(self, object: str, native_ids: Sequence[str]) -> Mapping[str, RawRecord]:
        """The rows as they are now, by native id; a row that is gone is left out."""
        spec, wanted, records = self._spec(object), list(dict.fromkeys(native_ids)), {}
        for start in range(0, len(wanted), _ROWS_A_CALL):
            for row in self._room.by_ids(spec, wanted[start : start + _ROWS_A_CALL]):
                record = _record(spec, row, frozenset())
                records[record.native_id] = record
        return records

    def write(self, object: str, changes: Sequence[Change]) -> Sequence[Written]:
        """Apply the changes, one answer each, in order.

        Raises:
            ConnectorError: the system as a whole refused; some changes may be in, and sending all again does no harm.
        """
        spec = self._spec(object)
        if spec.write is None:
            raise ConnectorError(f"{self.system}/{object} is not written.", permanent=True, code="not_writable")
        conflicts = self._conflicts(object, changes)
        wanted = [change for change in changes if change.native_id not in conflicts]
        answers = iter(
            [
                answer
                for start in range(0, len(wanted), spec.write.size)
                for answer in self._room.write(spec, wanted[start : start + spec.write.size])
            ]
        )
        return [conflicts[change.native_id] if change.native_id in conflicts else next(answers) for change in changes]

    def discover(self) -> tuple[Problem, ...]:
        """What of the manifest the system does not have.

        Raises:
            ConnectorError: the system does not answer.
        """
        return discover(self._manifest, self._room)

    def close(self) -> None:
        """Close the connections; the connector cannot be used after that."""
        self._room.close()

    def _graves(self, spec: ObjectSpec, at: Cursor, until: datetime) -> Iterator[Page]:
        if at.graves is None:
            # Whoever went before the first read was never known here.
            yield Page((), Cursor(at.since, until).text())
            return
        gone = list(self._room.graves(spec, at.graves))
        records = tuple(RawRecord(native_id, {}, updated_at=when, is_deleted=True) for native_id, when in gone)
        yield Page(records, Cursor(at.since, max(until, at.graves)).text())

    def _conflicts(self, object: str, changes: Sequence[Change]) -> dict[str, Written]:
        """Answers for changes whose row is newer than the version they were made for."""
        guarded = {change.native_id: change for change in changes if change.seen_version}
        if not guarded:
            return {}
        now = self.current(object, list(guarded))
        return {
            native_id: _conflict(change, record)
            for native_id, change in guarded.items()
            if (record := now.get(native_id)) is not None and _is_newer(record, change)
        }

    def _spec(self, object: str) -> ObjectSpec:
        spec = self._manifest.objects.get(object)
        if spec is None:
            raise ConnectorError(f"{self.system} has no object {object!r}.", permanent=True, code="unknown_object")
        return spec


def _record(spec: ObjectSpec, row: Mapping[str, Any], deleted_ids: frozenset[str]) -> RawRecord:
    native_id, changed = str(row[spec.id]), row.get(spec.updated_at)
    return RawRecord(
        native_id=native_id,
        payload=row,
        updated_at=datetime.fromisoformat(changed).astimezone(UTC) if changed else None,
        is_deleted=native_id in deleted_ids,
    )


def _is_newer(record: RawRecord, change: Change) -> bool:
    seen = datetime.fromisoformat(str(change.seen_version))
    return record.updated_at is not None and record.updated_at > (seen if seen.tzinfo else seen.replace(tzinfo=UTC))


def _conflict(change: Change, record: RawRecord) -> Written:
    at = record.updated_at.isoformat() if record.updated_at else ""
    message = f"Somebody changed {change.native_id} at {at}, after the version {change.seen_version} was read."
    return Written(change.native_id, permanent=True, code=ErrorClass.CONFLICT.value, message=message)
