"""The metadata catalog: each record type as JSON Schema."""

from __future__ import annotations

from typing import Any

from connectors.twins.netsuite.records import RECORDS
from connectors.twins.schema import Field, ObjectType, Schema
from connectors.twins.web import Answer, Request, Routes

_CATALOG = f"{RECORDS}/metadata-catalog"
_TYPES = {"number": "number", "flag": "boolean"}
_FORMATS = {"date": "date", "datetime": "date-time", "email": "email", "url": "uri"}


class Catalog:
    """What record types there are, and their fields."""

    def __init__(self, schema: Schema) -> None:
        self._schema = schema

    def routes(self) -> Routes:
        """Catalog endpoints."""
        return [("GET", f"{_CATALOG}/?", self._list), ("GET", f"{_CATALOG}/(?P<type_name>\\w+)", self._describe)]

    def _list(self, request: Request) -> Answer:
        items = [{"name": kind.name, "links": [{"rel": "canonical", "href": f"{_CATALOG}/{kind.name}"}]} for kind in self._schema]
        return Answer(200, {"items": items})

    def _describe(self, request: Request, type_name: str) -> Answer:
        kind = self._schema.object(type_name)
        return Answer(200, _schema(kind))


def _schema(kind: ObjectType) -> dict[str, Any]:
    required = [field.name for field in kind.fields.values() if field.is_required]
    return {"type": "object", "required": required, "properties": {name: _property(field) for name, field in kind.fields.items()}}


def _property(field: Field) -> dict[str, Any]:
    facts: dict[str, Any] = {
        "title": field.label or field.name,
        "nullable": not field.is_required,
        "readOnly": not field.is_writable,
    }
    if field.type in {"reference", "choice"} and not field.upper:
        facts |= {"type": "object", "properties": {"id": {"type": "string"}, "refName": {"type": "string", "readOnly": True}}}
    else:
        facts["type"] = _TYPES.get(field.type, "string")
    if field.type in _FORMATS:
        facts["format"] = _FORMATS[field.type]
    if field.length:
        facts["maxLength"] = field.length
    return facts
