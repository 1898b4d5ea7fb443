"""Renders screens in their frame, and refusals as pages or as notices."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.shortcuts import render as render_template
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme

from mdm import permissions
from mdm.errors import HubError
from mdm.readers.governance import home
from stewardship import preferences
from stewardship.permissions import person

AREAS = (
    ("review", "Review", "stewardship:queue", "pair.view"),
    ("requests", "Requests", "stewardship:requests", "request.view"),
    ("records", "Records", "stewardship:search", "golden.view"),
    ("loads", "Loads", "stewardship:loads", "golden.view"),
    ("quality", "Quality", "stewardship:quality", "golden.view"),
    ("quarantine", "Quarantine", "stewardship:quarantine", "quarantine.view"),
    ("erasures", "Erasures", "stewardship:erasures", "erasure.view"),
    ("sync", "Sync", "stewardship:sync", "sync.view"),
    ("drift", "Drift", "stewardship:drift", "sync.view"),
    ("releases", "Releases", "stewardship:releases", "release.plan"),
)
BROKEN = {
    403: "The page was open for too long; load it again and repeat what you did.",
    404: "This is not there any more.",
    500: "The hub could not finish this; try again, and tell the operators if it stays.",
}
HEADINGS = {
    400: "That did not work",
    403: "Not allowed",
    404: "Not found",
    409: "Something changed",
    410: "Erased",
    413: "Too much at once",
    500: "Something broke",
}


def render(request: HttpRequest, template: str, context: Mapping[str, Any] | None = None, *, status: int = 200) -> HttpResponse:
    """A screen in its frame; `file.html#part` renders the fragment alone."""
    said = dict(context or {})
    if "#" not in template:
        said |= frame(request, said.get("area", ""))
    return render_template(request, template, said, status=status)


def frame(request: HttpRequest, area: str = "") -> dict[str, Any]:
    """The top bar and the person's settings; two queries for somebody who is logged in, none else."""
    if not getattr(request, "user", None) or not request.user.is_authenticated:
        return {"areas": (), "desk": None, "debug": settings.DEBUG}
    viewer = person(request)
    areas = [
        {"key": key, "title": title, "view": view, "is_here": key == area}
        for key, title, view, verb in AREAS
        if permissions.can(viewer, verb)
    ]
    return {
        "areas": areas,
        "desk": preferences.of(viewer),
        "open_pairs": home.open_pair_count(viewer=viewer),
        "debug": settings.DEBUG,
    }


def is_fragment(request: HttpRequest) -> bool:
    """Whether htmx asks for a part of the page."""
    htmx: Any = getattr(request, "htmx", None)
    return bool(htmx) and not htmx.boosted


def refusal(request: HttpRequest, error: HubError, *, status: int = 0) -> HttpResponse:
    """What the hub refused, with its status: a page, or a notice above the page that htmx keeps."""
    status = status or error.status
    said = {
        "heading": HEADINGS.get(status, "That did not work"),
        "message": error.message,
        "problems": error.problems,
        "status": status,
        "back": came_from(request),
        "correlation": getattr(request, "correlation", ""),
    }
    if is_fragment(request):
        response = render_template(request, "_components/notice.html", said, status=status)
        response["HX-Retarget"], response["HX-Reswap"] = "#notice", "innerHTML"
        return response
    return render(request, "stewardship/refusal.html", said, status=status)


def for_htmx(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    """What a fragment of a page cannot show: the log-in leads there as a whole, an error page becomes a notice."""
    if not is_fragment(request) or "HX-Retarget" in response:
        return response
    if response.status_code == 302 and response["Location"].startswith(reverse(settings.LOGIN_URL)):
        away = HttpResponse(status=401)
        away["HX-Redirect"] = f"{reverse(settings.LOGIN_URL)}?{urlencode({'next': came_from(request)})}"
        return away
    if response.status_code >= 400:
        return refusal(request, HubError(BROKEN.get(response.status_code, BROKEN[500])), status=response.status_code)
    return response


def came_from(request: HttpRequest) -> str:
    """The page a form was sent from, if it is ours."""
    url = request.headers.get("HX-Current-URL") or request.headers.get("Referer") or "/"
    return url if url_has_allowed_host_and_scheme(url, allowed_hosts={request.get_host()}) else "/"


def go(request: HttpRequest, url: str) -> HttpResponse:
    """Send the browser to another page after a POST: 303 for a plain form, a header for htmx."""
    if is_fragment(request):
        response = HttpResponse(status=200)
        response["HX-Redirect"] = url
        return response
    response = redirect(url)
    response.status_code = 303
    return response
