"""Merge golden records: choose the others, see what follows, do it."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from mdm.actions.golden import regrouping
from mdm.engine.people.acts import MOST
from mdm.errors import BadInput, Conflict, HubError
from mdm.readers.golden import goldens
from mdm.readers.golden.acting import merging
from mdm.readers.golden.acting.merging import Asked
from stewardship import pages
from stewardship.act_forms import Merging, texts
from stewardship.permissions import needs, person


@require_http_methods(["GET", "HEAD", "POST"])
@needs("golden.merge")
def merge(request: HttpRequest, enterprise_id: str) -> HttpResponse:
    """Who would be in it, and what would follow; a POST carries choices of values, and writes nothing either."""
    if request.method == "POST":
        form = Merging(request.POST)
        return _page(request, enterprise_id, form.asked(), form=form)
    if goldens.seen(enterprise_id, viewer=person(request)).status != "LIVE":
        return redirect("stewardship:record", enterprise_id)
    said = {name: (texts(request.GET, name, most=1) or [""])[0] for name in ("q", "keep")}
    asked = Asked(others=tuple(texts(request.GET, "with", most=MOST)), text=said["q"], keep=said["keep"])
    return _page(request, enterprise_id, asked)


@require_POST
@needs("golden.merge")
def confirm(request: HttpRequest, enterprise_id: str) -> HttpResponse:
    """Merge them as they were seen; where something changed meanwhile, the page shows how it stands now."""
    form = Merging(request.POST)
    wanted, why = form.wanted(), form.why()
    try:
        regrouping.repartition(wanted=wanted, actor=person(request), at=timezone.now(), **why)
    except (BadInput, Conflict) as error:
        return _page(request, enterprise_id, form.asked(), form=form, refused=error)
    messages.success(request, f"{len(wanted.enterprise_ids)} golden records are one now. All their IDs lead here.")
    return pages.go(request, reverse("stewardship:record", args=[enterprise_id]))


def _page(
    request: HttpRequest, enterprise_id: str, asked: Asked, *, form: Merging | None = None, refused: HubError | None = None
) -> HttpResponse:
    page = merging.page(enterprise_id, asked, viewer=person(request), at=timezone.now())
    seen = form.versions() if form else {}
    context = {
        "area": "records",
        "page": page,
        "asked": asked,
        "refused": refused.message if refused else "",
        "changed": [row.enterprise_id for row in page.rows if seen.get(row.enterprise_id, row.version) != row.version],
        "reason": request.POST.get("reason", "")[:1_000],
        "is_set_aside": bool(request.POST.get("set_aside")),
    }
    template = "stewardship/acting/merge.html#plan" if pages.is_fragment(request) else "stewardship/acting/merge.html"
    return pages.render(request, template, context, status=refused.status if refused else 200)
