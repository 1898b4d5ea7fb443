"""NetSuite REST: SuiteQL by keyset, deletions from `deletedrecord`, writes one record a call, several at once.

Batches (`Prefer: respond-async`) are not used: what a batch answers about its records stands in no public document, and
each call here answers for itself.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import httpx2

from connectors.base import Found
from connectors.errors import ConnectorError
from connectors.http import Call, Door
from connectors.manifest import ObjectSpec
from mdm.ports import Change, Written

_SUITEQL = "/services/rest/query/v1/suiteql"
_RECORDS = "/services/rest/record/v1"
_ORACLE_MOMENT, _PYTHON_MOMENT = "YYYY-MM-DD HH24:MI:SS", "%Y-%m-%d %H:%M:%S"
_GRAVE_ROWS = 1_000
_CLOCKS_MAY_DIFFER = timedelta(minutes=2)


class NetSuite:
    """The room; see the SuiteTalk REST Web Services guide for what it calls."""

    def __init__(self, door: Door, settings: Mapping[str, str]) -> None:
        self._door = door
        self._zone = ZoneInfo(settings["time_zone"])
        # Where clocks are set back, an hour of local times comes twice; reading it again loses nothing.
        self._twice = timedelta(0) if settings["time_zone"] == "UTC" else timedelta(hours=1)

    def changed(self, spec: ObjectSpec, since: datetime | None) -> Iterator[Found]:
        """Rows by time of change and id, each page behind the last row of the one before.

        So a row that changes meanwhile, and moves to the end, pushes no other row out of a page.
        """
        column, id_column = _column(spec.updated_at), _column(spec.id)
        condition = f"WHERE {column} >= {self._literal(since - self._twice)}" if since else ""
        while True:
            rows = self._select(spec, f"{condition} ORDER BY {column}, {id_column}")
            yield Found(tuple(rows))
            if spec.read is None or len(rows) < spec.read.page_rows:
                return
            at, last_id = self._literal(datetime.fromisoformat(rows[-1][spec.updated_at])), _number(rows[-1][spec.id])
            condition = f"WHERE ({column} > {at} OR ({column} = {at} AND {id_column} > {last_id}))"

    def graves(self, spec: ObjectSpec, since: datetime) -> Iterator[tuple[str, datetime]]:
        """Rows of this type in the table of deleted records."""
        shown, start = f"TO_CHAR(deleteddate, '{_ORACLE_MOMENT}')", self._literal(since - self._twice - _CLOCKS_MAY_DIFFER)
        condition = f"recordtypeid = {quoted(spec.deletes.type)} AND deleteddate >= {start}"
        query = f"SELECT recordid AS c0, {shown} AS c1 FROM deletedrecord WHERE {condition} ORDER BY deleteddate, recordid"
        offset, has_more = 0, True
        while has_more:
            body = self._query(query, limit=_GRAVE_ROWS, offset=offset)
            for item in body["items"]:
                yield str(item["c0"]), self._moment(item["c1"])
            offset, has_more = offset + _GRAVE_ROWS, body["hasMore"]

    def all(self, spec: ObjectSpec) -> Iterator[Found]:
        """Live rows by id."""
        id_column, condition = _column(spec.id), ""
        while True:
            rows = self._select(spec, f"{condition} ORDER BY {id_column}")
            yield Found(tuple(rows))
            if spec.read is None or len(rows) < spec.read.page_rows:
                return
            condition = f"WHERE {id_column} > {_number(rows[-1][spec.id])}"

    def by_ids(self, spec: ObjectSpec, native_ids: Sequence[str]) -> Iterator[Mapping[str, Any]]:
        """Live rows of these ids; what is no number is no id here."""
        numbers = ", ".join(native_id for native_id in native_ids if native_id.isdecimal())
        if numbers:
            yield from self._select(spec, f"WHERE {_column(spec.id)} IN ({numbers}) ORDER BY {_column(spec.id)}")

    def write(self, spec: ObjectSpec, changes: Sequence[Change]) -> Sequence[Written]:
        """One PATCH a record, as many at once as the account allows us."""
        with ThreadPoolExecutor(self._door.limits.concurrency) as pool:
            answers = list(pool.map(lambda change: self._patch(spec, change), changes))
        refusals = [refusal for _, refusal in answers if refusal is not None]
        if len(refusals) == len(answers) and refusals:
            # Not one record got through, and none for a reason of its own: the account as a whole refuses.
            raise refusals[0]
        return [written for written, _ in answers]

    def remote_fields(self, spec: ObjectSpec) -> Mapping[str, bool]:
        """Fields of the record type, from the metadata catalog as JSON Schema."""
        headers = {"Accept": "application/schema+json"}
        catalog = self._door.call(Call("GET", f"{_RECORDS}/metadata-catalog/{spec.name}", headers=headers)).json()
        return {name: not facts.get("readOnly", False) for name, facts in catalog["properties"].items()}

    def close(self) -> None:
        """Close the connections."""
        self._door.close()

    def _patch(self, spec: ObjectSpec, change: Change) -> tuple[Written, ConnectorError | None]:
        """The answer for one change, and the error when it was not about this record."""
        path, body = f"{_RECORDS}/{spec.name}/{change.native_id}", _nested(change.fields)
        request = {"method": "PATCH", "path": path, "body": body}
        try:
            answer = self._door.call(Call("PATCH", path, json=body))
        except ConnectorError as error:
            is_about_row = error.error_class in {"permanent", "not_found", "conflict"} or self._door.rule(400, error.code).is_row
            written = Written(change.native_id, error.permanent, error.code, str(error), error.retry_after_seconds, request)
            return written, None if is_about_row else error
        return Written(change.native_id, request=request, response={"status": answer.status_code}), None

    def _select(self, spec: ObjectSpec, rest: str) -> list[dict[str, Any]]:
        columns = ", ".join(f"{self._shown(spec, path)} AS c{number}" for number, path in enumerate(spec.paths))
        limit = spec.read.page_rows if spec.read else 1_000
        body = self._query(f"SELECT {columns} FROM {spec.name} {rest}", limit=limit, offset=0)
        return [self._row(spec, item) for item in body["items"]]

    def _query(self, query: str, *, limit: int, offset: int) -> dict[str, Any]:
        params = {"limit": str(limit), "offset": str(offset)}
        call = Call("POST", _SUITEQL, params=params, json={"q": query}, headers={"Prefer": "transient"}, is_repeatable=True)
        body: dict[str, Any] = self._door.call(call).json()
        return body

    def _row(self, spec: ObjectSpec, item: Mapping[str, Any]) -> dict[str, Any]:
        """The item under the record service's names; SuiteQL leaves empty columns out, here they are None."""
        flat = {path: item.get(f"c{number}") for number, path in enumerate(spec.paths)}
        flat[spec.id] = str(flat[spec.id])
        if flat.get(spec.updated_at):
            flat[spec.updated_at] = self._moment(str(flat[spec.updated_at])).isoformat()
        return _nested(flat)

    def _shown(self, spec: ObjectSpec, path: str) -> str:
        """What SELECT says for a path: the name of the record behind it, a time in our format, or the column itself."""
        column = _column(path)
        if path == spec.updated_at:
            return f"TO_CHAR({column}, '{_ORACLE_MOMENT}')"
        if path in spec.day_paths:
            return f"TO_CHAR({column}, 'YYYY-MM-DD')"
        return f"BUILTIN.DF({column})" if path.endswith(".refName") else column

    def _literal(self, at: datetime) -> str:
        return f"TO_TIMESTAMP('{at.astimezone(self._zone).strftime(_PYTHON_MOMENT)}', '{_ORACLE_MOMENT}')"

    def _moment(self, text: str) -> datetime:
        return datetime.strptime(text, _PYTHON_MOMENT).replace(tzinfo=self._zone).astimezone(UTC)


def explain(answer: httpx2.Response) -> tuple[str, str]:
    """Code and message of an error document."""
    try:
        body = answer.json()
    except ValueError:
        return "", answer.text[:300]
    details = body.get("o:errorDetails") if isinstance(body, dict) else None
    if not details:
        return "", str(body)[:300]
    return str(details[0].get("o:errorCode", "")), str(details[0].get("detail", ""))


def quoted(text: str) -> str:
    """A text as SuiteQL writes it."""
    return "'" + text.replace("'", "''") + "'"


def _column(path: str) -> str:
    """The column behind a path of the record service."""
    return path.partition(".")[0].lower()


def _number(native_id: str) -> str:
    if not native_id.isdecimal():
        raise ConnectorError(f"NetSuite gave the id {native_id!r}, which is no number.", permanent=True, code="bad_answer")
    return native_id


def _nested(flat: Mapping[str, Any]) -> dict[str, Any]:
    """Dotted paths as objects in objects: {"subsidiary.id": "3"} -> {"subsidiary": {"id": "3"}}."""
    nested: dict[str, Any] = {}
    for path, value in flat.items():
        *outer, last = path.split(".")
        inner = nested
        for step in outer:
            inner = inner.setdefault(step, {})
        inner[last] = value
    return nested
