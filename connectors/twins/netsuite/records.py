"""The record service, one record at a time: /record/v1/{type}/…"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from connectors.twins.errors import Refused
from connectors.twins.rows import Rows, Writer
from connectors.twins.schema import Field, ObjectType, Schema
from connectors.twins.web import Answer, Request, Routes

RECORDS = "/services/rest/record/v1"
KEY_HEADER = "x-netsuite-idempotency-key"
_TYPE = f"{RECORDS}/(?P<type_name>\\w+)"


class Records:
    """Create, read, change, upsert, delete."""

    def __init__(self, rows: Rows, schema: Schema) -> None:
        self._rows = rows
        self._schema = schema

    def routes(self) -> Routes:
        """Record endpoints."""
        return [
            ("GET", f"{_TYPE}/?", self._list),
            ("POST", f"{_TYPE}/?", self._create),
            ("GET", f"{_TYPE}/(?P<key>[^/]+)", self._read),
            ("PATCH", f"{_TYPE}/(?P<key>[^/]+)", self._change),
            ("PUT", f"{_TYPE}/(?P<key>[^/]+)", self._upsert),
            ("DELETE", f"{_TYPE}/(?P<key>[^/]+)", self._delete),
        ]

    def kind(self, type_name: str) -> ObjectType:
        """A record type that may be written.

        Raises:
            Refused: there is none of that name, or it is a system table.
        """
        kind = self._schema.object(type_name)
        if kind.name == "deletedrecord":
            raise Refused("unknown_object", f"Record type '{type_name}' does not exist.")
        return kind

    def change(self, kind: ObjectType, key: str, fields: Mapping[str, Any], by: Writer) -> str:
        """Change the record named by an id or by `eid:` and an external id; gives its id."""
        row_id = self._row_id(kind, key)
        self._rows.update(kind, row_id, fields, by)
        return row_id

    def create(self, kind: ObjectType, fields: Mapping[str, Any], by: Writer) -> str:
        """Create a record; gives its id.

        Raises:
            Refused: another record has this external id, or a value does not fit.
        """
        external = fields.get("externalId")
        if external and self._rows.find(kind, "externalId", str(external)):
            raise Refused("ambiguous", f"This record already exists: external id {external}", fields=("externalId",))
        return self._rows.insert(kind, fields, by)

    def upsert(self, kind: ObjectType, external_id: str, fields: Mapping[str, Any], by: Writer) -> str:
        """Change the record with this external id, or create it; gives its id."""
        found = self._rows.find(kind, "externalId", external_id)
        if found:
            return self.change(kind, found[0], fields, by)
        return self.create(kind, {**fields, "externalId": external_id}, by)

    def _list(self, request: Request, type_name: str) -> Answer:
        kind = self.kind(type_name)
        if "q" in request.query:
            raise Refused("bad_request", "This twin filters by SuiteQL only.", fields=("q",))
        limit, offset = int(request.query.get("limit", "1000")), int(request.query.get("offset", "0"))
        ids = self._rows.store.ids("object = ?", (kind.name,), order="CAST(id AS INTEGER)")
        items = [
            {"links": [{"rel": "self", "href": _href(request, kind, row_id)}], "id": row_id}
            for row_id in ids[offset : offset + limit]
        ]
        has_more = offset + limit < len(ids)
        return Answer(
            200,
            {"links": [], "count": len(items), "hasMore": has_more, "items": items, "offset": offset, "totalResults": len(ids)},
        )

    def _create(self, request: Request, type_name: str) -> Answer:
        kind = self.kind(type_name)
        return _done(request, kind, self.create(kind, body_of(request.json()), writer(request)))

    def _read(self, request: Request, type_name: str, key: str) -> Answer:
        kind = self.kind(type_name)
        row = self._rows.get(kind, self._row_id(kind, key))
        known = {
            name: self._shown(kind.fields[name], value)
            for name, value in row.items()
            if value is not None and name in kind.fields
        }
        return Answer(200, {"links": [{"rel": "self", "href": _href(request, kind, row["id"])}], **known})

    def _change(self, request: Request, type_name: str, key: str) -> Answer:
        kind = self.kind(type_name)
        return _done(request, kind, self.change(kind, key, body_of(request.json()), writer(request)))

    def _upsert(self, request: Request, type_name: str, key: str) -> Answer:
        kind, external_id = self.kind(type_name), key.removeprefix("eid:")
        if external_id == key:
            raise Refused("bad_method", "PUT takes an external id: eid:…")
        return _done(request, kind, self.upsert(kind, external_id, body_of(request.json()), writer(request)))

    def _delete(self, request: Request, type_name: str, key: str) -> Answer:
        kind, graves = self.kind(type_name), self._schema.object("deletedrecord")
        with self._rows.store.writing():
            row = self._rows.delete(kind, self._row_id(kind, key), writer(request))
            now = self._rows.now().replace(microsecond=0)
            grave = str(self._rows.store.next_number("id deletedrecord", first=1))
            # Column names and the record type by its own name are assumptions: Oracle documents the table's use only.
            data = {"id": grave, "recordId": row["id"], "recordTypeId": kind.name, "name": row[kind.name_field]}
            data["deletedDate"] = now.strftime("%Y-%m-%dT%H:%M:%SZ")
            self._rows.store.put(graves.name, grave, data, changed_at=now.isoformat())
        return Answer(204)

    def _row_id(self, kind: ObjectType, key: str) -> str:
        if not key.startswith("eid:"):
            return key
        found = self._rows.find(kind, "externalId", key[4:])
        if not found:
            raise Refused("not_found", f"The record instance does not exist. Provide a valid record instance ID: {key}")
        return found[0]

    def _shown(self, field: Field, value: Any) -> Any:
        if field.type == "choice" and field.choices and not field.upper:
            return {"id": value, "refName": field.choices.get(value, value)}
        if field.type != "reference":
            return value
        parent = self._schema.object(field.reference_to)
        found = self._rows.store.row(parent.name, value)
        return {"links": [], "id": value, "refName": found[0][parent.name_field] if found else value}


def writer(request: Request) -> Writer:
    """Who writes, with the idempotency key of the request."""
    return Writer(request.client, request.headers.get(KEY_HEADER, ""))


def body_of(body: Any) -> dict[str, Any]:
    """The fields of a record body; links and the like are left out.

    Raises:
        Refused: it is no JSON object.
    """
    if not isinstance(body, dict):
        raise Refused("bad_json", "The request body must be a JSON object.")
    return {name: value for name, value in body.items() if name not in {"links", "id"}}


def _done(request: Request, kind: ObjectType, row_id: str) -> Answer:
    return Answer(204, None, {"Location": _href(request, kind, row_id)})


def _href(request: Request, kind: ObjectType, row_id: str) -> str:
    return f"{request.host_url}{RECORDS}/{kind.name}/{row_id}"
