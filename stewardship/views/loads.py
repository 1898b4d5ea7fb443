"""Loads: what came in."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from mdm.readers.intake import loads
from mdm.rules.intake.load_states import STOPPED
from stewardship import pages
from stewardship.permissions import needs, person

STATES = (("", "All"), ("RUNNING", "Running"), ("DONE", "Done"), ("FAILED", "Failed"))


@require_safe
@needs("golden.view")
def listing(request: HttpRequest) -> HttpResponse:
    """The latest loads."""
    before, status = request.GET.get("before", ""), request.GET.get("status", "")
    page = loads.page(viewer=person(request), status=status, before=int(before) if before.isdigit() and len(before) < 19 else 0)
    return pages.render(
        request, "stewardship/loads/list.html", {"area": "loads", "page": page, "status": status, "states": STATES}
    )


@require_safe
@needs("golden.view")
def one(request: HttpRequest, load_id: int) -> HttpResponse:
    """One load with its counts; a running one is asked again every two seconds, until it is done or has stopped."""
    load = loads.one(load_id, viewer=person(request))
    template = "stewardship/loads/one.html#progress" if pages.is_fragment(request) else "stewardship/loads/one.html"
    return pages.render(request, template, {"area": "loads", "load": load, "stopped": STOPPED})
