"""How NetSuite says no."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from connectors.twins.errors import Refused
from connectors.twins.faults import Faults
from connectors.twins.netsuite.tba import TokenAuthentication
from connectors.twins.web import Answer, Request

CONTENT_TYPE = "application/vnd.oracle.resource+json; type=singular"
_ERROR_TYPE = "application/vnd.oracle.resource+json; type=error"
_TITLES = {
    400: "Bad Request",
    401: "Unauthorized",
    403: "Forbidden",
    404: "Not Found",
    405: "Method Not Allowed",
    429: "Too Many Requests",
}

# neutral code -> (HTTP status, o:errorCode)
CODES: Mapping[str, tuple[int, str]] = {
    "bad_json": (400, "INVALID_CONTENT"),
    "bad_login": (401, "INVALID_LOGIN"),
    "bad_request": (400, "INVALID_REQUEST"),
    "bad_method": (405, "METHOD_NOT_ALLOWED"),
    "no_route": (404, "INVALID_URL"),
    "not_found": (404, "NONEXISTENT_ID"),
    "deleted": (404, "NONEXISTENT_ID"),
    "ambiguous": (400, "USER_ERROR"),
    "unknown_object": (404, "NONEXISTENT_RECORD_TYPE"),
    "unknown_field": (400, "INVALID_CONTENT"),
    "read_only": (400, "INVALID_CONTENT"),
    "required": (400, "USER_ERROR"),
    "too_long": (400, "FIELD_VALUE_TOO_LONG"),
    "bad_choice": (400, "INVALID_KEY_OR_REF"),
    "bad_value": (400, "INVALID_CONTENT"),
    "bad_reference": (400, "INVALID_KEY_OR_REF"),
    "bad_query": (400, "INVALID_PARAMETER"),
    "locked": (400, "RCRD_HAS_BEEN_CHANGED"),
    "rejected": (400, "USER_ERROR"),
    "too_many": (400, "INVALID_REQUEST"),
    "forbidden": (403, "INSUFFICIENT_PERMISSION"),
}


def error_body(refusal: Refused) -> dict[str, Any]:
    """The error document, alone or inside the result of a batch."""
    status, code = CODES[refusal.code]
    path = {"o:errorPath": refusal.fields[0]} if refusal.fields else {}
    return {
        "type": f"https://www.rfc-editor.org/rfc/rfc9110.html#section-15.5.{status - 399}",
        "title": _TITLES.get(status, "Error"),
        "status": status,
        "o:errorDetails": [{"detail": refusal.message, "o:errorCode": code, **path}],
    }


class NetSuite:
    """The twin's voice."""

    reads_by_post: tuple[str, ...] = ("/suiteql",)

    def __init__(self, *, faults: Faults, authentication: TokenAuthentication) -> None:
        self._faults = faults
        self._authentication = authentication

    def client_of(self, request: Request) -> str:
        """Who signed the request.

        Raises:
            Refused: nobody whom the account knows, or a fault says so: overload looks like a wrong login at times.
        """
        if self._faults.take("refuse_login", path=request.path) is not None:
            raise Refused("bad_login", "Invalid login attempt.")
        return self._authentication.client_of(request)

    def refused(self, refusal: Refused) -> Answer:
        """One error document."""
        body = error_body(refusal)
        return Answer(body["status"], body, content_type=_ERROR_TYPE)

    def throttled(self, retry_after_seconds: float | None) -> Answer:
        """Too many calls at once. The code is an assumption: no public document names it for REST."""
        headers = {} if retry_after_seconds is None else {"Retry-After": f"{retry_after_seconds:g}"}
        detail = {"detail": "Concurrent request limit exceeded. Request blocked.", "o:errorCode": "CONCURRENCY_LIMIT_EXCEEDED"}
        return Answer(429, {"title": _TITLES[429], "status": 429, "o:errorDetails": [detail]}, headers, _ERROR_TYPE)

    def unavailable(self) -> Answer:
        """The server is down for a moment."""
        detail = {"detail": "The service is temporarily unavailable.", "o:errorCode": "SERVICE_UNAVAILABLE"}
        return Answer(503, {"title": "Service Unavailable", "status": 503, "o:errorDetails": [detail]}, {}, _ERROR_TYPE)

    def finish(self, request: Request, answer: Answer) -> Answer:
        """Answers carry Oracle's own content type."""
        return answer if answer.content_type == _ERROR_TYPE else replace(answer, content_type=CONTENT_TYPE)
