"""Search, and the page of one golden record."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from mdm import permissions
from mdm.readers.golden import ids, record_page
from mdm.readers.golden import search as searching
from mdm.readers.golden.acting import change_page, pin_page
from mdm.readers.golden.record_page import Ended, RecordPage
from mdm.readers.governance import change_requests
from mdm.readers.governance.sight import Sight
from stewardship import pages
from stewardship.permissions import needs, person


@require_safe
@needs("golden.view")
def search(request: HttpRequest) -> HttpResponse:
    """Golden records by name, by any system's ID, by identifier."""
    viewer = person(request)
    text, domain = request.GET.get("q", "").replace("\x00", ""), request.GET.get("type", "")
    sight = Sight(viewer)
    context = {
        "area": "records",
        "text": text,
        "domain": domain,
        "domains": [(name, sight.spec(name).title_plural) for name in sight.domains],
        "found": searching.find(text, viewer=viewer, domain=domain),
    }
    return pages.render(request, "stewardship/records/search.html", context)


@require_safe
@needs("golden.view")
def record(request: HttpRequest, enterprise_id: str) -> HttpResponse:
    """One golden record; a merged one redirects to its survivor (no browser keeps that), a split one lists its branches."""
    viewer = person(request)
    page = record_page.page(enterprise_id, viewer=viewer)
    if isinstance(page, Ended):
        return _ended(request, page)
    context = {
        "area": "records",
        "page": page,
        "life": ids.life(page.golden.enterprise_id, viewer=viewer),
        "came_by": request.GET.get("from", "")[:24],
        "can_review": permissions.can(viewer, "pair.view"),
        "requests": change_requests.of_golden(page.golden.pk, viewer=viewer),
        "askable": _askable(viewer, page.golden.domain),
        "can_erase": permissions.can(viewer, "erasure.request", domain=page.golden.domain),
        **_acts(viewer, page),
    }
    return pages.render(request, "stewardship/records/record.html", context)


def _acts(viewer: Any, page: RecordPage) -> dict[str, Any]:
    """What this viewer may do with the golden record, what is pinned on it, and the newest act where they may undo it."""
    domain, verbs = page.golden.domain, {"merge": "golden.merge", "split": "golden.split", "pin": "golden.override"}
    return {
        "may": {name: permissions.can(viewer, verb, domain=domain) for name, verb in verbs.items()},
        "pinned": pin_page.standing(page.golden, sight=Sight(viewer)),
        "last": change_page.last_act(page.versions, viewer=viewer, at=timezone.now()),
    }


def _askable(viewer: Any, domain: str) -> list[tuple[str, str]]:
    """Fields for which this viewer may ask for another value, with their titles; those whose values they see."""
    if not permissions.can(viewer, "request.ask", domain=domain):
        return []
    sight = Sight(viewer)
    hidden = sight.hidden(domain)
    return [(one.name, one.title) for one in sight.spec(domain).attributes if one.name not in hidden and not one.is_multi]


def _ended(request: HttpRequest, ended: Ended) -> HttpResponse:
    if ended.golden.status == "MERGED" and len(ended.heirs) == 1:
        url = reverse("stewardship:record", args=[ended.heirs[0].enterprise_id])
        response = redirect(f"{url}?{urlencode({'from': ended.golden.enterprise_id})}")
        response["Cache-Control"] = "no-store"
        return response
    life = ids.life(ended.golden.enterprise_id, viewer=person(request))
    return pages.render(request, "stewardship/records/ended.html", {"area": "records", "ended": ended, "life": life})
