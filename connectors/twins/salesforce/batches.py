"""Many records in one call: /composite/sobjects; each record succeeds or fails by itself unless allOrNone is set."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from connectors.twins.errors import Refused
from connectors.twins.rows import Rows, Writer
from connectors.twins.salesforce.ids import long_form
from connectors.twins.salesforce.records import external_id, upsert
from connectors.twins.salesforce.voice import row_error
from connectors.twins.schema import Schema
from connectors.twins.web import Answer, Request, Routes

_PATH = r"/services/data/v(?P<version>\d+\.\d)/composite/sobjects"
_MOST_RECORDS = 200

_One = Callable[[Mapping[str, Any]], dict[str, Any]]


class _AllOrNone(Exception):
    """Rolls the whole batch back."""


class Collections:
    """Create, change and upsert up to 200 records."""

    def __init__(self, rows: Rows, schema: Schema) -> None:
        self._rows = rows
        self._schema = schema

    def routes(self) -> Routes:
        """Collection endpoints."""
        return [
            ("POST", f"{_PATH}/?", self._create),
            ("PATCH", f"{_PATH}/?", self._change),
            ("PATCH", f"{_PATH}/(?P<object_name>\\w+)/(?P<field_name>\\w+)", self._upsert),
        ]

    def _create(self, request: Request, version: str) -> Answer:
        def one(record: Mapping[str, Any]) -> dict[str, Any]:
            row_id = self._rows.insert(self._schema.object(_type(record)), _fields(record), Writer(request.client))
            return {"id": row_id, "success": True, "errors": []}

        return self._each(request, one)

    def _change(self, request: Request, version: str) -> Answer:
        def one(record: Mapping[str, Any]) -> dict[str, Any]:
            row_id = next((str(value) for name, value in record.items() if name.lower() == "id"), "")
            if not row_id:
                raise Refused("required", "Id not specified in an update call", fields=("Id",))
            self._rows.update(self._schema.object(_type(record)), long_form(row_id), _fields(record), Writer(request.client))
            return {"id": long_form(row_id), "success": True, "errors": []}

        return self._each(request, one)

    def _upsert(self, request: Request, version: str, object_name: str, field_name: str) -> Answer:
        kind = self._schema.object(object_name)
        key = external_id(kind, field_name)

        def one(record: Mapping[str, Any]) -> dict[str, Any]:
            fields = _fields(record)
            if not fields.get(key):
                raise Refused("required", f"{key} not specified", fields=(key,))
            row_ids = self._rows.find(kind, key, str(fields[key]))
            row_id, created = upsert(self._rows, kind, fields, row_ids=row_ids, by=Writer(request.client))
            return {"id": row_id, "success": True, "errors": [], "created": created}

        return self._each(request, one)

    def _each(self, request: Request, one: _One) -> Answer:
        body = request.json()
        records = body.get("records") if isinstance(body, dict) else None
        if not isinstance(records, list) or not records:
            raise Refused("bad_json", 'The body must be {"allOrNone": …, "records": [...]}.')
        if len(records) > _MOST_RECORDS:
            raise Refused("too_many", f"record limit reached. cannot submit more than {_MOST_RECORDS} records into this call")
        results: list[dict[str, Any]] = []
        try:
            with self._rows.store.writing():
                results.extend(_attempt(one, record) for record in records)
                if body.get("allOrNone") and not all(result["success"] for result in results):
                    raise _AllOrNone
        except _AllOrNone:
            rolled_back = {"statusCode": "ALL_OR_NONE_OPERATION_ROLLED_BACK", "message": "Record rolled back", "fields": []}
            results = [r if not r["success"] else {"success": False, "errors": [rolled_back]} for r in results]
        return Answer(200, results)


def _attempt(one: _One, record: Mapping[str, Any]) -> dict[str, Any]:
    # A refused record has changed nothing: checks come before the first write of a row.
    try:
        return one(record)
    except Refused as refusal:
        given = {"id": record["id"]} if "id" in record else {}
        return {**given, "success": False, "errors": [row_error(refusal)]}


def _type(record: Mapping[str, Any]) -> str:
    return str((record.get("attributes") or {}).get("type", ""))


def _fields(record: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in record.items() if name != "attributes" and name.lower() != "id"}
