"""/query, /queryAll and the pages behind them."""

from __future__ import annotations

import re
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from connectors.twins import conditions
from connectors.twins.errors import Refused
from connectors.twins.language import Query
from connectors.twins.rows import Rows
from connectors.twins.salesforce import soql
from connectors.twins.schema import ObjectType, Schema
from connectors.twins.web import Answer, Request, Routes

_LEAST_ROWS, _MOST_ROWS = 200, 2_000
_DATA = r"/services/data/v(?P<version>\d+\.\d)"


@dataclass(frozen=True, slots=True)
class _Snapshot:
    """The ids that a query found, the paths it asked for, and how many rows a page has."""

    kind: ObjectType
    paths: tuple[tuple[str, ...], ...]
    ids: tuple[str, ...]
    page_rows: int


class Queries:
    """A query takes a snapshot of ids; pages show the rows as they are when asked for."""

    def __init__(self, rows: Rows, schema: Schema) -> None:
        self._rows = rows
        self._schema = schema

    def routes(self) -> Routes:
        """Query endpoints."""
        return [
            ("GET", f"{_DATA}/query/?", self._query),
            ("GET", f"{_DATA}/queryAll/?", self._query_all),
            ("GET", f"{_DATA}/query(?:All)?/(?P<locator>[^/-]+)-(?P<start>\\d+)", self._more),
        ]

    def _query(self, request: Request, version: str) -> Answer:
        return self._run(request, version, with_deleted=False)

    def _query_all(self, request: Request, version: str) -> Answer:
        return self._run(request, version, with_deleted=True)

    def _run(self, request: Request, version: str, *, with_deleted: bool) -> Answer:
        query = soql.parse(request.query.get("q", ""))
        kind = self._schema.object(query.table)
        condition, parameters = _condition(query, kind, with_deleted=with_deleted)
        if soql.is_count(query):
            return Answer(200, {"totalSize": self._rows.store.number_of(condition, parameters), "done": True, "records": []})
        paths = soql.paths(query, kind)
        order, order_parameters = conditions.order(query.order, soql.Soql(kind))
        limit = -1 if query.limit is None else query.limit
        ids = self._rows.store.ids(condition, [*parameters, *order_parameters], order=order, limit=limit)[query.offset :]
        snapshot = _Snapshot(kind, tuple(paths), tuple(ids), _page_rows(request))
        locator = ""
        if len(ids) > snapshot.page_rows:
            locator = f"01g{secrets.token_hex(8)}"
            kept = {"object": kind.name, "paths": paths, "ids": ids, "page_rows": snapshot.page_rows}
            self._rows.store.keep("locator", locator, kept)
        return self._page(snapshot, version=version, start=0, locator=locator)

    def _more(self, request: Request, version: str, locator: str, start: str) -> Answer:
        kept = self._rows.store.kept("locator", locator)
        if kept is None or int(start) >= len(kept["ids"]):
            raise Refused("bad_locator", "invalid query locator")
        paths = tuple(tuple(path) for path in kept["paths"])
        snapshot = _Snapshot(self._schema.object(kept["object"]), paths, tuple(kept["ids"]), kept["page_rows"])
        return self._page(snapshot, version=version, start=int(start), locator=locator)

    def _page(self, snapshot: _Snapshot, *, version: str, start: int, locator: str) -> Answer:
        kind, end = snapshot.kind, start + snapshot.page_rows
        wanted = snapshot.ids[start:end]
        found = self._rows.store.rows(kind.name, wanted)
        parents = self._parents(kind, snapshot.paths, found)
        records = [_record(kind, found[row_id], snapshot.paths, parents, version=version) for row_id in wanted if row_id in found]
        more = {"nextRecordsUrl": f"/services/data/v{version}/query/{locator}-{end}"} if end < len(snapshot.ids) else {}
        return Answer(200, {"totalSize": len(snapshot.ids), "done": not more, **more, "records": records})

    def _parents(
        self, kind: ObjectType, paths: Sequence[tuple[str, ...]], found: Mapping[str, Mapping[str, Any]]
    ) -> dict[str, dict[str, dict[str, Any]]]:
        parents = {}
        for relation in {path[0] for path in paths if len(path) == 2}:
            field = kind.relations[relation.lower()]
            parent_ids = sorted({row[field.name] for row in found.values() if row.get(field.name)})
            parents[relation] = self._rows.store.rows(field.reference_to, parent_ids)
        return parents


def _page_rows(request: Request) -> int:
    """What the header Sforce-Query-Options asks for; the server gives 200 to 2,000 rows a page."""
    asked = re.search(r"batchSize=(\d+)", request.headers.get("sforce-query-options", ""))
    return min(max(int(asked.group(1)), _LEAST_ROWS), _MOST_ROWS) if asked else _MOST_ROWS


def _condition(query: Query, kind: ObjectType, *, with_deleted: bool) -> tuple[str, list[Any]]:
    condition, parameters = conditions.where(query.where, soql.Soql(kind)) if query.where else ("1", [])
    only_live = "" if with_deleted else " AND NOT is_deleted"
    return f"object = ?{only_live} AND ({condition})", [kind.name, *parameters]


def _record(
    kind: ObjectType,
    row: Mapping[str, Any],
    paths: Sequence[tuple[str, ...]],
    parents: Mapping[str, Mapping[str, Mapping[str, Any]]],
    *,
    version: str,
) -> dict[str, Any]:
    record: dict[str, Any] = {"attributes": attributes(kind, row["Id"], version=version)}
    for path in paths:
        if len(path) == 1:
            record[path[0]] = row.get(path[0])
            continue
        field = kind.relations[path[0].lower()]
        parent = parents[path[0]].get(row.get(field.name) or "")
        if parent is None:
            record[path[0]] = None
            continue
        held = record.setdefault(path[0], {"attributes": {"type": field.reference_to}})
        held[path[1]] = parent.get(path[1])
    return record


def attributes(kind: ObjectType, row_id: str, *, version: str) -> dict[str, str]:
    """The head of every record."""
    return {"type": kind.name, "url": f"/services/data/v{version}/sobjects/{kind.name}/{row_id}"}
