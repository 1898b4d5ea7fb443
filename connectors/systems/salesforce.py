"""Salesforce REST: SOQL over queryAll with pages by URL, tombstones by /deleted, writes by sObject Collections."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import httpx2

from connectors.base import Found
from connectors.errors import ConnectorError
from connectors.http import Call, Door
from connectors.manifest import ObjectSpec
from mdm.ports import Change, Written

# The API tells deletions of the last fifteen days; a little less, because its clock is not ours.
_TOMBSTONE_WINDOW = timedelta(days=14, hours=23)
# A query travels in the URL, and proxies cut URLs at 4,000 characters: an id in quotes takes 27 of them.
_IDS_A_QUERY = 100
_LOCATOR_GONE = "INVALID_QUERY_LOCATOR"


class Salesforce:
    """The room; see the REST API Developer Guide for what it calls."""

    def __init__(self, door: Door, settings: Mapping[str, str]) -> None:
        self._door = door
        self._data = f"/services/data/v{settings['api_version']}"

    def changed(self, spec: ObjectSpec, since: datetime | None) -> Iterator[Found]:
        """Rows by time of change, soft-deleted ones included."""
        while True:
            try:
                for found in self._rows(spec, _where(spec, since), all_rows=True):
                    yield found
                    since = datetime.fromisoformat(found.rows[-1][spec.updated_at]) if found.rows else since
                return
            except ConnectorError as error:
                # A query's pages are kept for a while only: ask again from the last row that was read.
                if error.code != _LOCATOR_GONE or since is None:
                    raise

    def graves(self, spec: ObjectSpec, since: datetime) -> Iterator[tuple[str, datetime]]:
        """Rows deleted since then, those gone from the recycle bin included."""
        if spec.deletes.kind != "flag_and_tombstones":
            return
        now = datetime.now(UTC)
        start = max(since - timedelta(minutes=2), now - _TOMBSTONE_WINDOW)
        params = {"start": _moment(start), "end": _moment(now + timedelta(minutes=1))}
        answer = self._door.call(Call("GET", f"{self._data}/sobjects/{spec.name}/deleted/", params=params)).json()
        for grave in answer["deletedRecords"]:
            yield grave["id"], datetime.fromisoformat(grave["deletedDate"])

    def all(self, spec: ObjectSpec) -> Iterator[Found]:
        """Live rows by id."""
        yield from self._rows(spec, "ORDER BY Id", all_rows=False)

    def by_ids(self, spec: ObjectSpec, native_ids: Sequence[str]) -> Iterator[Mapping[str, Any]]:
        """Live rows of these ids."""
        for start in range(0, len(native_ids), _IDS_A_QUERY):
            listed = ",".join(quoted(native_id) for native_id in native_ids[start : start + _IDS_A_QUERY])
            for found in self._rows(spec, f"WHERE {spec.id} IN ({listed})", all_rows=False):
                yield from found.rows

    def write(self, spec: ObjectSpec, changes: Sequence[Change]) -> Sequence[Written]:
        """One collections call; a single guarded change goes to the row itself, where the server checks the guard."""
        if len(changes) == 1 and changes[0].seen_version and spec.write and spec.write.guard == "if_unmodified_since":
            return [self._guarded(spec, changes[0])]
        records = [{"attributes": {"type": spec.name}, "id": change.native_id, **change.fields} for change in changes]
        body = {"allOrNone": False, "records": records}
        results = self._door.call(Call("PATCH", f"{self._data}/composite/sobjects", json=body)).json()
        if len(results) != len(changes):
            raise ConnectorError(
                f"Salesforce answered {len(results)} results for {len(changes)} records.", permanent=False, code="bad_answer"
            )
        return [self._written(change, result) for change, result in zip(changes, results, strict=True)]

    def remote_fields(self, spec: ObjectSpec) -> Mapping[str, bool]:
        """Fields of the object, and the names under which it reaches its parents."""
        described = self._door.call(Call("GET", f"{self._data}/sobjects/{spec.name}/describe")).json()["fields"]
        fields = {field["name"]: bool(field["updateable"]) for field in described}
        return fields | {field["relationshipName"]: False for field in described if field.get("relationshipName")}

    def close(self) -> None:
        """Close the connections."""
        self._door.close()

    def _rows(self, spec: ObjectSpec, rest: str, *, all_rows: bool) -> Iterator[Found]:
        flag = [spec.deletes.field] if spec.deletes.field else []
        columns = ", ".join(dict.fromkeys([*spec.paths, *flag]))
        path = f"{self._data}/{'queryAll' if all_rows else 'query'}"
        params = {"q": f"SELECT {columns} FROM {spec.name} {rest}"}
        headers = {"Sforce-Query-Options": f"batchSize={spec.read.page_rows}"} if spec.read else None
        page = self._door.call(Call("GET", path, params=params, headers=headers)).json()
        while True:
            rows = tuple(_plain(row) for row in page["records"])
            deleted_ids = frozenset(row[spec.id] for row in rows if flag and row.pop(flag[0]))
            yield Found(rows, deleted_ids)
            if page["done"]:
                return
            page = self._door.call(Call("GET", page["nextRecordsUrl"])).json()

    def _guarded(self, spec: ObjectSpec, change: Change) -> Written:
        seen = datetime.fromisoformat(str(change.seen_version)).astimezone(UTC)
        headers = {"If-Unmodified-Since": format_datetime(seen, usegmt=True)}
        path, fields = f"{self._data}/sobjects/{spec.name}/{change.native_id}", dict(change.fields)
        request = {"method": "PATCH", "path": path, "body": fields}
        try:
            answer = self._door.call(Call("PATCH", path, json=fields, headers=headers))
        except ConnectorError as error:
            if not error.permanent and not self._door.rule(400, error.code).is_row:
                raise
            return Written(change.native_id, error.permanent, error.code, str(error), error.retry_after_seconds, request)
        return Written(change.native_id, request=request, response={"status": answer.status_code})

    def _written(self, change: Change, result: Mapping[str, Any]) -> Written:
        request = {
            "method": "PATCH",
            "path": f"{self._data}/composite/sobjects",
            "body": {"id": change.native_id, **change.fields},
        }
        if result.get("success"):
            return Written(change.native_id, request=request, response=result)
        error = (result.get("errors") or [{}])[0]
        code, rule = str(error.get("statusCode", "")), self._door.rule(400, str(error.get("statusCode", "")))
        message = f"{error.get('message', 'refused')}" + (f" ({', '.join(error['fields'])})" if error.get("fields") else "")
        return Written(change.native_id, rule.error_class not in {"retry", "throttle"}, code, message, None, request, result)


def explain(answer: httpx2.Response) -> tuple[str, str]:
    """Code and message of an error: a list of errors, or OAuth's own shape."""
    try:
        body = answer.json()
    except ValueError:
        return "", answer.text[:300]
    if isinstance(body, list) and body and isinstance(body[0], dict):
        return str(body[0].get("errorCode", "")), str(body[0].get("message", ""))
    if isinstance(body, dict):
        return str(body.get("error", "")), str(body.get("error_description", ""))
    return "", str(body)[:300]


def quoted(text: str) -> str:
    """A text as SOQL writes it."""
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"


def _where(spec: ObjectSpec, since: datetime | None) -> str:
    changed = spec.updated_at
    condition = f"WHERE {changed} >= {_moment(since)} " if since else ""
    return f"{condition}ORDER BY {changed}, {spec.id}"


def _moment(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _plain(row: Mapping[str, Any]) -> dict[str, Any]:
    """The record without the `attributes` that every record and parent carries."""
    return {name: _plain(value) if isinstance(value, dict) else value for name, value in row.items() if name != "attributes"}
