"""The control plane `/_twin/`: what a test or a demo may do to a twin that no vendor would allow."""

from __future__ import annotations

import hmac
from typing import Any

from connectors.twins.errors import Refused
from connectors.twins.faults import Faults
from connectors.twins.rows import Rows, Writer
from connectors.twins.schema import Schema
from connectors.twins.web import Answer, Handler, Request, Routes

_ADMIN_HEADER = "x-twin-admin-key"
_JOURNAL_PAGE = 1_000
# Faults that happen at once: what the twin forgets.
_FORGOTTEN = {"expire_tokens": "session", "expire_locators": "locator"}


class Control:
    """Handlers of the control plane."""

    def __init__(self, *, rows: Rows, schema: Schema, faults: Faults, admin_key: str) -> None:
        self._rows = rows
        self._schema = schema
        self._faults = faults
        self._admin_key = admin_key.encode()

    def routes(self) -> Routes:
        """The control plane's routes, each behind the admin key."""
        return [
            ("POST", "/_twin/seed", self._guarded(self._seed)),
            ("POST", "/_twin/edit", self._guarded(self._edit)),
            ("POST", "/_twin/restore", self._guarded(self._restore)),
            ("POST", "/_twin/faults", self._guarded(self._add_fault)),
            ("GET", "/_twin/faults", self._guarded(self._list_faults)),
            ("DELETE", "/_twin/faults", self._guarded(self._clear_faults)),
            ("GET", "/_twin/journal", self._guarded(self._journal)),
            ("GET", "/_twin/stats", self._guarded(self._stats)),
        ]

    def _guarded(self, handler: Handler) -> Handler:
        def checked(request: Request) -> Answer:
            if not hmac.compare_digest(request.headers.get(_ADMIN_HEADER, "").encode(), self._admin_key):
                raise Refused("forbidden", "The header X-Twin-Admin-Key is missing or wrong.")
            return handler(request)

        return checked

    def _seed(self, request: Request) -> Answer:
        body = _mapping(request)
        kind = self._schema.object(str(body.get("object")))
        return Answer(200, {"inserted": self._rows.seed(kind, body.get("rows", []))})

    def _edit(self, request: Request) -> Answer:
        body = _mapping(request)
        kind = self._schema.object(str(body.get("object")))
        self._rows.update(kind, str(body.get("id")), body.get("fields", {}), Writer(f"person:{body.get('user', 'someone')}"))
        return Answer(200, {"edited": 1})

    def _restore(self, request: Request) -> Answer:
        body = _mapping(request)
        kind = self._schema.object(str(body.get("object")))
        self._rows.restore(kind, str(body.get("id")), Writer(f"person:{body.get('user', 'someone')}"))
        return Answer(200, {"restored": 1})

    def _add_fault(self, request: Request) -> Answer:
        details = _mapping(request)
        kind = str(details.pop("kind", ""))
        if kind in _FORGOTTEN:
            self._rows.store.forget(_FORGOTTEN[kind])
            return Answer(201, {"id": 0})
        return Answer(201, {"id": self._faults.add(kind, details)})

    def _list_faults(self, request: Request) -> Answer:
        return Answer(200, {"faults": self._faults.waiting()})

    def _clear_faults(self, request: Request) -> Answer:
        self._faults.clear(int(request.query["id"]) if "id" in request.query else None)
        return Answer(200, {"faults": self._faults.waiting()})

    def _journal(self, request: Request) -> Answer:
        after = int(request.query.get("after", "0"))
        return Answer(200, {"entries": self._rows.store.journal(after=after, limit=_JOURNAL_PAGE)})

    def _stats(self, request: Request) -> Answer:
        store = self._rows.store
        live = {kind.name: store.number_of("object = ? AND NOT is_deleted", (kind.name,)) for kind in self._schema}
        counted = store.counted()
        calls = {name.removeprefix("requests "): count for name, count in counted.items() if name.startswith("requests ")}
        writes = {"effective": store.journal_length(), "idle": counted.get("writes idle", 0)}
        return Answer(200, {"rows": live, "requests": calls, "writes": writes, "faults": len(self._faults.waiting())})


def _mapping(request: Request) -> dict[str, Any]:
    body = request.json()
    if not isinstance(body, dict):
        raise Refused("bad_request", "The body must be a JSON object.")
    return body
