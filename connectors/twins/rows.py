"""Reading and writing rows the way every vendor does it: check, compare, store, stamp the time of change, journal."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from connectors.twins import schema
from connectors.twins.errors import Refused
from connectors.twins.faults import Faults
from connectors.twins.schema import ObjectType
from connectors.twins.store import Store


@dataclass(frozen=True, slots=True)
class Writer:
    """Who writes, and under which idempotency key."""

    client: str
    key: str = ""


@dataclass(frozen=True, slots=True)
class Vendor:
    """What differs between vendors: how a time is written, how new ids are made, what a new row holds besides.

    `also_stamped`: fields that hold the time of change too. `keeps_deleted`: deleted rows stay, marked.
    """

    moment: Callable[[datetime], str]
    new_id: Callable[[Store, ObjectType], str]
    fresh: Mapping[str, Any]
    keeps_deleted: bool
    also_stamped: tuple[str, ...] = ()


class Rows:
    """The rows of one twin."""

    def __init__(
        self, *, store: Store, faults: Faults, vendor: Vendor, clock: Callable[[], datetime] = lambda: datetime.now(UTC)
    ) -> None:
        self.store = store
        self._faults = faults
        self._vendor = vendor
        self._clock = clock

    def get(self, kind: ObjectType, row_id: str) -> dict[str, Any]:
        """A live row.

        Raises:
            Refused: there is none, or it was deleted.
        """
        found = self.store.row(kind.name, row_id)
        if found is None:
            raise Refused("not_found", "The requested resource does not exist")
        if found[1]:
            raise Refused("deleted", "entity is deleted")
        return found[0]

    def find(self, kind: ObjectType, field_name: str, value: str) -> list[str]:
        """Ids of live rows whose field has this value; case does not matter."""
        where = "object = ? AND NOT is_deleted AND json_extract(data, ?) = ? COLLATE NOCASE"
        return self.store.ids(where, (kind.name, f"$.{kind.field(field_name).name}", value), order="id")

    def insert(self, kind: ObjectType, fields: Mapping[str, Any], by: Writer) -> str:
        """Create a row; gives its id."""
        values = self._checked(kind, fields)
        missing = [f.name for f in kind.fields.values() if f.is_required and values.get(f.name) is None]
        if missing:
            raise Refused("required", f"Required fields are missing: [{', '.join(missing)}]", fields=missing)
        with self.store.writing():
            row_id = self._vendor.new_id(self.store, kind)
            empty = {name: None for name, field in kind.fields.items() if field.is_writable}
            data = empty | dict(self._vendor.fresh) | values | {kind.id_field: row_id}
            self._save(kind, data, verb="create", changes={name: [None, value] for name, value in values.items()}, by=by)
        return row_id

    def update(
        self, kind: ObjectType, row_id: str, fields: Mapping[str, Any], by: Writer, *, unmodified_since: datetime | None = None
    ) -> None:
        """Change a row; a write that changes nothing leaves time and journal alone.

        Raises:
            Refused: the row is gone, locked, refused by a rule, newer than `unmodified_since`, or a value does not fit.
        """
        values = self._checked(kind, fields)
        # Before the transaction, whose end would give a used-up fault back.
        self._check_faults(kind, row_id)
        with self.store.writing():
            data = self.get(kind, row_id)
            self._check_age(data[kind.changed_field], unmodified_since)
            changes = {name: [data.get(name), value] for name, value in values.items() if data.get(name) != value}
            emptied = [name for name in changes if changes[name][1] is None and kind.fields[name].is_required]
            if emptied:
                raise Refused("required", f"Required fields are missing: [{', '.join(emptied)}]", fields=emptied)
            if changes:
                self._save(kind, data | values, verb="update", changes=changes, by=by)
            else:
                self.store.count("writes idle")

    def delete(self, kind: ObjectType, row_id: str, by: Writer) -> dict[str, Any]:
        """Delete a row, softly where the vendor has a recycle bin; gives its last data."""
        self._check_faults(kind, row_id)
        with self.store.writing() as connection:
            data = self.get(kind, row_id)
            self._save(kind, data, verb="delete", changes={}, by=by)
            if not self._vendor.keeps_deleted:
                connection.execute("DELETE FROM row WHERE object = ? AND id = ?", (kind.name, row_id))
        return data

    def restore(self, kind: ObjectType, row_id: str, by: Writer) -> None:
        """Take a row back out of the recycle bin.

        Raises:
            Refused: it is not in there.
        """
        with self.store.writing():
            found = self.store.row(kind.name, row_id)
            if found is None or not found[1]:
                raise Refused("not_found", "There is no such row in the recycle bin.")
            self._save(kind, found[0], verb="restore", changes={}, by=by)

    def seed(self, kind: ObjectType, rows: Sequence[Mapping[str, Any]]) -> int:
        """Put rows in as they are: no checks, as data that is older than today's rules; how many were new."""
        prepared = [(str(row[kind.id_field]), _bare(kind, row), self._sortable(row[kind.changed_field])) for row in rows]
        return self.store.seed(kind.name, prepared)

    def now(self) -> datetime:
        """The twin's clock."""
        return self._clock()

    def _checked(self, kind: ObjectType, fields: Mapping[str, Any]) -> dict[str, Any]:
        values = {}
        for name, value in fields.items():
            field = kind.field(name)
            if not field.is_writable:
                raise Refused("read_only", f"Unable to create/update fields: {field.name}.", fields=(field.name,))
            values[field.name] = schema.stored(field, value)
            if field.type == "reference" and values[field.name] is not None:
                self._check_reference(field, values[field.name])
        return values

    def _check_reference(self, field: schema.Field, row_id: str) -> None:
        found = self.store.row(field.reference_to, row_id)
        if found is None or found[1]:
            raise Refused("bad_reference", f"{field.label}: invalid cross reference id: {row_id}", fields=(field.name,))

    def _check_faults(self, kind: ObjectType, row_id: str) -> None:
        if self._faults.take("lock_row", object=kind.name, id=row_id) is not None:
            raise Refused("locked", "unable to obtain exclusive access to this record")
        rejected = self._faults.take("reject_row", object=kind.name, id=row_id)
        if rejected is not None:
            raise Refused("rejected", rejected.get("message", "This record is frozen by the finance team."))

    def _check_age(self, changed: str, unmodified_since: datetime | None) -> None:
        if unmodified_since is not None and datetime.fromisoformat(self._sortable(changed)) > unmodified_since:
            raise Refused("stale", "The resource was modified after the time you gave.")

    def _save(self, kind: ObjectType, data: Mapping[str, Any], *, verb: str, changes: Mapping[str, Any], by: Writer) -> None:
        now = self._clock().replace(microsecond=0)
        stamped = dict(data) | {name: self._vendor.moment(now) for name in (kind.changed_field, *self._vendor.also_stamped)}
        if "IsDeleted" in stamped:
            stamped["IsDeleted"] = verb == "delete"
        self.store.put(kind.name, data[kind.id_field], stamped, changed_at=now.isoformat(), is_deleted=verb == "delete")
        self.store.log(
            at=now.isoformat(),
            object_name=kind.name,
            row_id=data[kind.id_field],
            verb=verb,
            changes=changes,
            client=by.client,
            key=by.key,
        )

    @staticmethod
    def _sortable(moment: str) -> str:
        return datetime.fromisoformat(moment).astimezone(UTC).isoformat()


def _bare(kind: ObjectType, row: Mapping[str, Any]) -> dict[str, Any]:
    bare = {}
    for name, value in row.items():
        field = kind.fields.get(name)
        value = value.get("id") if isinstance(value, Mapping) else value
        bare[name] = value == "T" if field is not None and field.type == "flag" and isinstance(value, str) else value
    return bare
