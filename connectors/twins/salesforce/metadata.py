"""What the tenant's objects are (describe), and which records were deleted or updated in a window (replication)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from connectors.twins.errors import Refused
from connectors.twins.rows import Rows
from connectors.twins.schema import Field, ObjectType, Schema, relation_name
from connectors.twins.web import Answer, Request, Routes

_DATA = r"/services/data/v(?P<version>\d+\.\d)"
_OBJECT = f"{_DATA}/sobjects/(?P<object_name>\\w+)"
_KEPT_DAYS = 15
_TYPES = {"text": "string", "choice": "picklist", "number": "double", "flag": "boolean"}


class Metadata:
    """Describe and replication endpoints."""

    def __init__(self, rows: Rows, schema: Schema) -> None:
        self._rows = rows
        self._schema = schema

    def routes(self) -> Routes:
        """Metadata endpoints."""
        return [
            (
                "GET",
                "/services/data/?",
                lambda request: Answer(200, [{"label": "Twin", "url": "/services/data/v62.0", "version": "62.0"}]),
            ),
            ("GET", f"{_DATA}/sobjects/?", self._list),
            ("GET", f"{_OBJECT}/describe/?", self._describe),
            ("GET", f"{_OBJECT}/deleted/?", self._deleted),
            ("GET", f"{_OBJECT}/updated/?", self._updated),
        ]

    def _list(self, request: Request, version: str) -> Answer:
        return Answer(200, {"encoding": "UTF-8", "maxBatchSize": 200, "sobjects": [_head(kind) for kind in self._schema]})

    def _describe(self, request: Request, version: str, object_name: str) -> Answer:
        kind = self._schema.object(object_name)
        return Answer(200, {**_head(kind), "fields": [_field(field) for field in kind.fields.values()]})

    def _deleted(self, request: Request, version: str, object_name: str) -> Answer:
        kind = self._schema.object(object_name)
        start, end = _window(request, self._rows.now())
        where = "object = ? AND is_deleted AND changed_at >= ? AND changed_at < ?"
        rows = self._rows.store.select(where, (kind.name, start.isoformat(), end.isoformat()), order="changed_at, id")
        return Answer(
            200,
            {
                "deletedRecords": [{"id": row["Id"], "deletedDate": row["SystemModstamp"]} for row in rows],
                "earliestDateAvailable": _moment(self._rows.now() - timedelta(days=_KEPT_DAYS)),
                "latestDateCovered": _moment(end),
            },
        )

    def _updated(self, request: Request, version: str, object_name: str) -> Answer:
        kind = self._schema.object(object_name)
        start, end = _window(request, self._rows.now())
        where = "object = ? AND NOT is_deleted AND changed_at >= ? AND changed_at < ?"
        ids = self._rows.store.ids(where, (kind.name, start.isoformat(), end.isoformat()), order="changed_at, id")
        return Answer(200, {"ids": ids, "latestDateCovered": _moment(end)})


def _window(request: Request, now: datetime) -> tuple[datetime, datetime]:
    try:
        start, end = (datetime.fromisoformat(request.query[name].replace(" ", "+")).astimezone(UTC) for name in ("start", "end"))
    except (KeyError, ValueError) as error:
        raise Refused("bad_request", "start and end must be dates with a time zone") from error
    if start < now - timedelta(days=_KEPT_DAYS):
        raise Refused("bad_request", f"startDate cannot be more than {_KEPT_DAYS} days ago")
    if start >= end:
        raise Refused("bad_request", "endDate must be after startDate")
    return start, min(end, now.replace(microsecond=0) + timedelta(seconds=1))


def _head(kind: ObjectType) -> dict[str, Any]:
    return {
        "name": kind.name,
        "label": kind.label,
        "keyPrefix": kind.key_prefix,
        "custom": kind.name.endswith("__c"),
        "queryable": True,
        "createable": True,
        "updateable": True,
        "deletable": True,
        "replicateable": True,
    }


def _field(field: Field) -> dict[str, Any]:
    choices = [{"active": True, "value": value, "label": label} for value, label in (field.choices or {}).items()]
    return {
        "name": field.name,
        "label": field.label,
        "type": _TYPES.get(field.type, field.type),
        "length": field.length or 0,
        "nillable": not field.is_required,
        "createable": field.is_writable,
        "updateable": field.is_writable,
        "externalId": field.is_external_id,
        "relationshipName": relation_name(field) if field.type == "reference" else None,
        "referenceTo": [field.reference_to] if field.reference_to else [],
        "picklistValues": choices,
    }


def _moment(at: datetime) -> str:
    return at.strftime("%Y-%m-%dT%H:%M:%S.000+0000")
