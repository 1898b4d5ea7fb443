"""How Salesforce says no, and the usage header on every answer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from connectors.twins.errors import Refused
from connectors.twins.faults import Faults
from connectors.twins.salesforce.login import TOKEN_PATH, Login
from connectors.twins.store import Store
from connectors.twins.web import Answer, Request

# neutral code -> (HTTP status, errorCode)
CODES: Mapping[str, tuple[int, str]] = {
    "bad_json": (400, "JSON_PARSER_ERROR"),
    "bad_login": (401, "INVALID_SESSION_ID"),
    "bad_request": (400, "INVALID_INPUT"),
    "bad_method": (405, "METHOD_NOT_ALLOWED"),
    "no_route": (404, "NOT_FOUND"),
    "not_found": (404, "NOT_FOUND"),
    "deleted": (404, "ENTITY_IS_DELETED"),
    "unknown_object": (400, "INVALID_TYPE"),
    "unknown_field": (400, "INVALID_FIELD"),
    "read_only": (400, "INVALID_FIELD_FOR_INSERT_UPDATE"),
    "required": (400, "REQUIRED_FIELD_MISSING"),
    "too_long": (400, "STRING_TOO_LONG"),
    "bad_choice": (400, "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST"),
    "bad_value": (400, "JSON_PARSER_ERROR"),
    "bad_reference": (400, "INVALID_CROSS_REFERENCE_KEY"),
    "duplicate": (400, "DUPLICATE_EXTERNAL_ID"),
    "bad_query": (400, "MALFORMED_QUERY"),
    "bad_locator": (400, "INVALID_QUERY_LOCATOR"),
    "stale": (412, "PRECONDITION_FAILED"),
    "locked": (400, "UNABLE_TO_LOCK_ROW"),
    "rejected": (400, "FIELD_CUSTOM_VALIDATION_EXCEPTION"),
    "too_many": (400, "LIMIT_EXCEEDED"),
    "over_limit": (403, "REQUEST_LIMIT_EXCEEDED"),
    "forbidden": (403, "INSUFFICIENT_ACCESS"),
}


def row_error(refusal: Refused) -> dict[str, Any]:
    """One error inside the answer to a batch."""
    return {"statusCode": CODES[refusal.code][1], "message": refusal.message, "fields": list(refusal.fields)}


class Salesforce:
    """The twin's voice; also counts calls against the daily limit."""

    reads_by_post: tuple[str, ...] = (TOKEN_PATH,)

    def __init__(self, *, store: Store, faults: Faults, login: Login, daily_calls: int) -> None:
        self._store = store
        self._faults = faults
        self._login = login
        self._daily_calls = daily_calls

    def client_of(self, request: Request) -> str:
        """Who sent the request; the token endpoint is open to all.

        Raises:
            Refused: no valid session, or the day's calls are used up.
        """
        if request.path == TOKEN_PATH:
            return ""
        if self._faults.take("refuse_login", path=request.path) is not None:
            raise Refused("bad_login", "Session expired or invalid")
        client = self._login.client_of(request)
        self._store.count("api calls")
        if self._faults.take("daily_limit") is not None or self._used() > self._daily_calls:
            raise Refused("over_limit", "TotalRequests Limit exceeded.")
        return client

    def refused(self, refusal: Refused) -> Answer:
        """Errors are a JSON array; all but login errors name the fields."""
        status, code = CODES[refusal.code]
        fields = {"fields": list(refusal.fields)} if refusal.fields else {}
        return Answer(status, [{"message": refusal.message, "errorCode": code, **fields}])

    def throttled(self, retry_after_seconds: float | None) -> Answer:
        """Too many requests."""
        headers = {} if retry_after_seconds is None else {"Retry-After": f"{retry_after_seconds:g}"}
        return Answer(429, [{"message": "Too many requests", "errorCode": "REQUEST_RATE_EXCEEDED"}], headers)

    def unavailable(self) -> Answer:
        """The server is down for a moment."""
        return Answer(503, [{"message": "The server is too busy, or in maintenance.", "errorCode": "SERVER_UNAVAILABLE"}])

    def finish(self, request: Request, answer: Answer) -> Answer:
        """Add the usage header."""
        return replace(answer, headers={**answer.headers, "Sforce-Limit-Info": f"api-usage={self._used()}/{self._daily_calls}"})

    def _used(self) -> int:
        return self._store.counted().get("api calls", 0)
