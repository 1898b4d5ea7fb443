"""Batches: up to 100 records in one asynchronous request, and the jobs to ask about them.

The records are written at once, in the transaction that stores the job, so that a kill loses neither; the job is shown as
running for a moment, as a real one would be. The shape of the per-record results is an assumption: no public document has it.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Mapping
from typing import Any

from connectors.twins.errors import Refused
from connectors.twins.netsuite.records import KEY_HEADER, RECORDS, Records, body_of, writer
from connectors.twins.netsuite.voice import error_body
from connectors.twins.rows import Rows, Writer
from connectors.twins.schema import ObjectType, Schema
from connectors.twins.web import Answer, Request, Routes

_JOBS = "/services/rest/async/v1/job"
_MOST_RECORDS = 100
_RUNNING_SECONDS = 0.05


class Jobs:
    """Starts batches and answers for them. Its routes stand before the single-record ones and take only asynchronous requests."""

    def __init__(self, rows: Rows, schema: Schema, records: Records) -> None:
        self._rows = rows
        self._schema = schema
        self._records = records
        self._single = {method: handler for method, pattern, handler in records.routes() if pattern.endswith("/?")}

    def routes(self) -> Routes:
        """Batch and job endpoints."""
        collection, job = f"{RECORDS}/(?P<type_name>\\w+)/?", f"{_JOBS}/(?P<job_id>[\\w-]+)"
        return [
            ("POST", collection, self._start),
            ("PATCH", collection, self._start),
            ("PUT", collection, self._start),
            ("GET", job, self._job),
            ("GET", f"{job}/task/?", self._tasks),
            ("GET", f"{job}/task/(?P<task_id>\\d+)", self._task),
            ("GET", f"{job}/task/(?P<task_id>\\d+)/result", self._result),
        ]

    def _start(self, request: Request, type_name: str) -> Answer:
        if "respond-async" not in request.headers.get("prefer", ""):
            if request.method == "POST":
                return self._single["POST"](request, type_name)
            raise Refused("bad_method", "A collection takes the header Prefer: respond-async.")
        key = request.headers.get(KEY_HEADER, "")
        known = self._rows.store.kept("idempotency", key) if key else None
        if known:
            return _accepted(request, known["job"])
        kind, items = self._records.kind(type_name), _items(request)
        job_id = secrets.token_hex(8)
        with self._rows.store.writing():
            results = [self._one(kind, request.method, item, writer(request)) for item in items]
            self._rows.store.keep("job", job_id, {"ready_at": time.time() + _RUNNING_SECONDS, "results": results})
            if key:
                self._rows.store.keep("idempotency", key, {"job": job_id})
        return _accepted(request, job_id)

    def _one(self, kind: ObjectType, method: str, item: Mapping[str, Any], by: Writer) -> dict[str, Any]:
        fields = body_of(item)
        try:
            if method == "POST":
                row_id = self._records.create(kind, fields, by)
            elif method == "PUT":
                row_id = self._records.upsert(kind, str(item.get("externalId", "")), fields, by)
            else:
                key = str(item["id"]) if "id" in item else f"eid:{item.get('externalId', '')}"
                row_id = self._records.change(kind, key, {n: v for n, v in fields.items() if n != "externalId"}, by)
        except Refused as refusal:
            return error_body(refusal)
        return {"status": 204, "id": row_id}

    def _job(self, request: Request, job_id: str) -> Answer:
        _, is_ready = self._kept(job_id)
        href = f"{request.host_url}{_JOBS}/{job_id}"
        links = {"links": [{"rel": "self", "href": f"{href}/task"}]}
        return Answer(
            200, {"id": job_id, "completed": is_ready, "progress": "succeeded" if is_ready else "processing", "task": links}
        )

    def _tasks(self, request: Request, job_id: str) -> Answer:
        _, is_ready = self._kept(job_id)
        href = f"{request.host_url}{_JOBS}/{job_id}/task/1"
        return Answer(200, {"items": [{"id": "1", "completed": is_ready, "links": [{"rel": "self", "href": href}]}], "count": 1})

    def _task(self, request: Request, job_id: str, task_id: str) -> Answer:
        _, is_ready = self._kept(job_id)
        return Answer(200, {"id": task_id, "completed": is_ready, "progress": "succeeded" if is_ready else "processing"})

    def _result(self, request: Request, job_id: str, task_id: str) -> Answer:
        results, is_ready = self._kept(job_id)
        if not is_ready:
            raise Refused("bad_request", "The task has not been completed yet.")
        return Answer(200, {"items": results, "count": len(results)})

    def _kept(self, job_id: str) -> tuple[list[dict[str, Any]], bool]:
        job = self._rows.store.kept("job", job_id)
        if job is None:
            raise Refused("not_found", f"Job {job_id} does not exist.")
        return job["results"], job["ready_at"] <= time.time()


def _accepted(request: Request, job_id: str) -> Answer:
    return Answer(202, None, {"Location": f"{request.host_url}{_JOBS}/{job_id}", "Preference-Applied": "respond-async"})


def _items(request: Request) -> list[dict[str, Any]]:
    body = request.json()
    items = body.get("items") if isinstance(body, dict) else None
    if not isinstance(items, list) or not items:
        raise Refused("bad_json", 'The body must be {"items": [...]}.')
    if len(items) > _MOST_RECORDS:
        raise Refused("too_many", f"A batch takes {_MOST_RECORDS} records at the most.")
    return items
