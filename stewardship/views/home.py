"""Home, and the page a load balancer asks."""

from __future__ import annotations

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from mdm import permissions
from mdm.readers.governance import health
from mdm.readers.governance import home as home_reader
from stewardship import pages
from stewardship.permissions import person


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """My work and what needs attention."""
    viewer = person(request)
    context = {"home": home_reader.home(viewer=viewer, at=timezone.now()), "can_decide": permissions.can(viewer, "pair.decide")}
    return pages.render(request, "stewardship/home.html", context)


@require_safe
@login_not_required
def healthz(request: HttpRequest) -> JsonResponse:
    """Whether the hub can work: 200, or 503 while the database does not answer."""
    is_well = health.database_answers()
    return JsonResponse({"status": "ok" if is_well else "no database"}, status=200 if is_well else 503)
