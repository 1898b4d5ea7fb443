"""One record at a time, by id and by external id: /sobjects/X/…"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

from connectors.twins.errors import Refused
from connectors.twins.rows import Rows, Writer
from connectors.twins.salesforce.ids import long_form
from connectors.twins.salesforce.queries import attributes
from connectors.twins.schema import ObjectType, Schema
from connectors.twins.web import Answer, Request, Routes

_OBJECT = r"/services/data/v(?P<version>\d+\.\d)/sobjects/(?P<object_name>\w+)"


class Records:
    """Create, read, change, delete."""

    def __init__(self, rows: Rows, schema: Schema) -> None:
        self._rows = rows
        self._schema = schema

    def routes(self) -> Routes:
        """Record endpoints; they come last, because ids look like anything."""
        one, by_key = f"{_OBJECT}/(?P<row_id>[A-Za-z0-9]{{15,18}})", f"{_OBJECT}/(?P<field_name>\\w+)/(?P<value>[^/]+)"
        return [
            ("POST", f"{_OBJECT}/?", self._create),
            ("GET", one, self._read),
            ("PATCH", one, self._change),
            ("DELETE", one, self._delete),
            ("GET", by_key, self._read_by_key),
            ("PATCH", by_key, self._upsert),
        ]

    def _create(self, request: Request, version: str, object_name: str) -> Answer:
        kind = self._schema.object(object_name)
        row_id = self._rows.insert(kind, _fields(request.json()), Writer(request.client))
        return Answer(201, {"id": row_id, "success": True, "errors": []})

    def _read(self, request: Request, version: str, object_name: str, row_id: str) -> Answer:
        kind = self._schema.object(object_name)
        row = self._rows.get(kind, long_form(row_id))
        wanted = request.query.get("fields")
        shown = {kind.field(name).name: row.get(kind.field(name).name) for name in wanted.split(",")} if wanted else row
        return Answer(200, {"attributes": attributes(kind, row["Id"], version=version), **shown})

    def _change(self, request: Request, version: str, object_name: str, row_id: str) -> Answer:
        self._rows.update(
            self._schema.object(object_name),
            long_form(row_id),
            _fields(request.json()),
            Writer(request.client),
            unmodified_since=_unmodified_since(request),
        )
        return Answer(204)

    def _delete(self, request: Request, version: str, object_name: str, row_id: str) -> Answer:
        self._rows.delete(self._schema.object(object_name), long_form(row_id), Writer(request.client))
        return Answer(204)

    def _read_by_key(self, request: Request, *, version: str, object_name: str, field_name: str, value: str) -> Answer:
        kind = self._schema.object(object_name)
        found = self._rows.find(kind, external_id(kind, field_name), value)
        if not found:
            raise Refused("not_found", "The requested resource does not exist")
        if len(found) > 1:
            return _several(kind, found, version)
        return self._read(request, version, object_name, found[0])

    def _upsert(self, request: Request, *, version: str, object_name: str, field_name: str, value: str) -> Answer:
        kind, fields = self._schema.object(object_name), _fields(request.json())
        row_ids = self._rows.find(kind, external_id(kind, field_name), value)
        if len(row_ids) > 1:
            return _several(kind, row_ids, version)
        row_id, created = upsert(self._rows, kind, fields | {field_name: value}, row_ids=row_ids, by=Writer(request.client))
        return Answer(201 if created else 200, {"id": row_id, "success": True, "errors": [], "created": created})


def upsert(rows: Rows, kind: ObjectType, fields: Mapping[str, Any], *, row_ids: list[str], by: Writer) -> tuple[str, bool]:
    """Change the one row found, or create one; gives its id and whether it is new.

    Raises:
        Refused: several rows were found, or a value does not fit.
    """
    if len(row_ids) > 1:
        raise Refused("duplicate", f"External ID matches several records: {', '.join(row_ids)}")
    if not row_ids:
        return rows.insert(kind, fields, by), True
    rows.update(kind, row_ids[0], fields, by)
    return row_ids[0], False


def external_id(kind: ObjectType, field_name: str) -> str:
    """The name of an external id field.

    Raises:
        Refused: the field is not marked as one.
    """
    field = kind.field(field_name)
    if not field.is_external_id:
        raise Refused("no_route", f"Provided external ID field does not exist or is not accessible: {field_name}")
    return field.name


def _several(kind: ObjectType, row_ids: list[str], version: str) -> Answer:
    return Answer(300, [attributes(kind, row_id, version=version)["url"] for row_id in row_ids])


def _fields(body: Any) -> dict[str, Any]:
    if not isinstance(body, dict):
        raise Refused("bad_json", "The HTTP entity body must be a JSON object.")
    return {name: value for name, value in body.items() if name != "attributes"}


def _unmodified_since(request: Request) -> datetime | None:
    text = request.headers.get("if-unmodified-since")
    if text is None:
        return None
    try:
        return parsedate_to_datetime(text).astimezone(UTC)
    except ValueError as error:
        raise Refused("bad_request", f"If-Unmodified-Since is no HTTP date: {text}") from error
