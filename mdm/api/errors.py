"""Errors as problem+json (RFC 9457): one shape for everything that goes wrong."""

from __future__ import annotations

import logging
import uuid
from typing import Any

from django.core.exceptions import PermissionDenied, RequestDataTooBig
from django.db import DataError
from django.http import Http404
from rest_framework import exceptions
from rest_framework.response import Response

from mdm import audit
from mdm.errors import HubError

logger = logging.getLogger(__name__)


SAID: dict[type[Exception], tuple[int, str, str]] = {
    Http404: (404, "not_found", "There is no such thing."),
    PermissionDenied: (403, "not_allowed", "You may not do this."),
    RequestDataTooBig: (413, "too_large", "The request is too large; send smaller batches."),
}


def handle(error: Exception, context: dict[str, Any]) -> Response:
    """What a caller gets for any exception; never a traceback."""
    if isinstance(error, HubError):
        return problem(error.status, error.code, error.message, errors=[dict(each) for each in error.problems])
    if isinstance(error, exceptions.ValidationError):
        return problem(400, "bad_input", "The request is wrong; see errors.", errors=list(_flat(error.detail)))
    if isinstance(error, exceptions.APIException):
        response = problem(error.status_code, str(error.get_codes()), str(error.detail))
        if header := getattr(error, "auth_header", None):
            response["WWW-Authenticate"] = header
        return response
    for kind, said in SAID.items():
        if isinstance(error, kind):
            return problem(*said)
    if isinstance(error, DataError | ValueError) and "NUL" in str(error):
        return problem(400, "bad_input", "The request contains a NUL character; leave it out.")
    logger.exception("a request failed unexpectedly", exc_info=error)
    return problem(500, "unexpected", "Something went wrong here; nothing was half-done. Tell the operator the trace ID.")


def problem(status: int, code: str, detail: str, *, errors: list[dict[str, Any]] | None = None, **more: Any) -> Response:
    """One problem document."""
    trace = audit.correlation.get() or uuid.uuid4().hex
    body = {
        "type": f"urn:concord:problem:{code}",
        "title": detail.split(". ")[0][:120],
        "status": status,
        "code": code,
        "detail": detail,
    }
    return Response(
        {**body, "errors": errors or [], "trace_id": trace, **more}, status=status, content_type="application/problem+json"
    )


def _flat(detail: Any, path: str = "") -> Any:
    """Serializer errors as a list of {field, message}."""
    if isinstance(detail, dict):
        for name, inner in detail.items():
            yield from _flat(inner, f"{path}.{name}" if path else str(name))
    elif isinstance(detail, list):
        for place, inner in enumerate(detail):
            yield from _flat(inner, path if isinstance(inner, str) else f"{path}[{place}]")
    else:
        yield {"code": getattr(detail, "code", "invalid"), "field": path, "message": str(detail)}
