"""POST /query/v1/suiteql"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from connectors.twins import conditions, language
from connectors.twins.errors import Refused
from connectors.twins.language import Call, Query
from connectors.twins.netsuite import suiteql
from connectors.twins.rows import Rows
from connectors.twins.schema import ObjectType, Schema
from connectors.twins.web import Answer, Request, Routes

_MOST_ROWS_A_PAGE = 1_000
_MOST_ROWS = 100_000


class Queries:
    """SuiteQL over one table at a time; no joins."""

    def __init__(self, rows: Rows, schema: Schema) -> None:
        self._rows = rows
        self._schema = schema

    def routes(self) -> Routes:
        """The query endpoint."""
        return [("POST", "/services/rest/query/v1/suiteql", self._query)]

    def _query(self, request: Request) -> Answer:
        if "transient" not in request.headers.get("prefer", ""):
            raise Refused("bad_request", "The required header 'Prefer: transient' is missing.")
        body = request.json()
        if not isinstance(body, dict) or not isinstance(body.get("q"), str):
            raise Refused("bad_request", 'The body must be {"q": "SELECT …"}.')
        limit, offset = _paging(request)
        query = language.parse(body["q"])
        if query.limit is not None or query.offset:
            raise Refused("bad_query", "Search error occurred: page with the limit and offset parameters")
        kind = self._schema.object(query.table)
        condition, parameters = conditions.where(query.where, suiteql.SuiteQl(kind)) if query.where else ("1", [])
        condition, parameters = f"object = ? AND ({condition})", [kind.name, *parameters]
        total = min(self._rows.store.number_of(condition, parameters), _MOST_ROWS)
        if isinstance(query.columns[0].term, Call) and query.columns[0].term.name == "COUNT":
            return _answer(request, [{suiteql.name(query.columns[0], 1): str(total), "links": []}], 1, limit=limit, offset=0)
        order, order_parameters = conditions.order(query.order, suiteql.SuiteQl(kind))
        rows = self._rows.store.select(condition, [*parameters, *order_parameters], order=order, limit=limit, offset=offset)
        return _answer(request, self._items(query, kind, rows), total, limit=limit, offset=offset)

    def _items(self, query: Query, kind: ObjectType, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
        names = self._names(query, kind, rows)
        items = []
        for row in rows:
            values = {suiteql.name(c, place): suiteql.shown(c, kind, row, names) for place, c in enumerate(query.columns, 1)}
            # Columns without a value are left out of an item.
            items.append({"links": [], **{key: value for key, value in values.items() if value is not None}})
        return items

    def _names(self, query: Query, kind: ObjectType, rows: list[dict[str, Any]]) -> Mapping[str, Mapping[str, str]]:
        names = {}
        for field in suiteql.named_fields(query.columns, kind):
            parent = self._schema.object(field.reference_to)
            found = self._rows.store.rows(parent.name, sorted({row[field.name] for row in rows if row.get(field.name)}))
            names[field.name] = {row_id: row[parent.name_field] for row_id, row in found.items() if row[parent.name_field]}
        return names


def _paging(request: Request) -> tuple[int, int]:
    try:
        limit, offset = int(request.query.get("limit", "1000")), int(request.query.get("offset", "0"))
    except ValueError as error:
        raise Refused("bad_request", "limit and offset must be numbers") from error
    if not 1 <= limit <= _MOST_ROWS_A_PAGE or offset < 0 or offset % limit:
        raise Refused("bad_request", f"limit must be 1 to {_MOST_ROWS_A_PAGE}, and offset a multiple of limit")
    return limit, offset


def _answer(request: Request, items: list[dict[str, Any]], total: int, *, limit: int, offset: int) -> Answer:
    here = f"{request.host_url}/services/rest/query/v1/suiteql"
    links = [{"rel": "self", "href": f"{here}?limit={limit}&offset={offset}"}]
    has_more = offset + limit < total
    if has_more:
        links.append({"rel": "next", "href": f"{here}?limit={limit}&offset={offset + limit}"})
    return Answer(
        200,
        {
            "links": links,
            "count": len(items),
            "hasMore": has_more,
            "items": items,
            "offset": offset,
            "totalResults": total,
        },
    )
