"""Gives every request a correlation ID and turns what the hub refuses into a page."""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from mdm import audit
from mdm.errors import HubError
from stewardship import pages

GIVEN = re.compile(r"[A-Za-z0-9._:-]{1,60}")


class HubErrors:
    """Stands last in MIDDLEWARE, so that it is the first to see what a view raises.

    The correlation ID is the caller's X-Request-ID where it has a sane form; audit entries of the request carry it, and the
    answer says it. The API renders its own errors.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        given = request.headers.get("X-Request-ID", "")
        correlation = given if GIVEN.fullmatch(given) else uuid.uuid4().hex
        request.correlation = correlation  # type: ignore[attr-defined]
        token = audit.correlation.set(correlation)
        try:
            response = pages.for_htmx(request, self.get_response(request))
        finally:
            audit.correlation.reset(token)
        response["X-Request-ID"] = correlation
        return response

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        if isinstance(exception, HubError) and not request.path.startswith("/api/"):
            return pages.refusal(request, exception)
        return None
