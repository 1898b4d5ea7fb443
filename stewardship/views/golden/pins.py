"""Pin a value or a parent on a golden record, and end a pin."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from mdm.actions.golden import overrides
from mdm.errors import BadInput, Conflict, NotFound
from mdm.readers.golden import goldens, pins
from mdm.readers.golden.acting import pin_page
from stewardship import forms, pages
from stewardship.act_forms import Pinning, texts
from stewardship.permissions import needs, person


@require_safe
@needs("golden.override")
def pin(request: HttpRequest, enterprise_id: str) -> HttpResponse:
    """One field: what stands there and why, what else was said, and what is pinned."""
    if goldens.seen(enterprise_id, viewer=person(request)).status != "LIVE":
        return redirect("stewardship:record", enterprise_id)
    return _page(request, enterprise_id, request.GET.get("field", ""))


@require_POST
@needs("golden.override")
def set_pin(request: HttpRequest, enterprise_id: str) -> HttpResponse:
    """Pin it."""
    form = Pinning(request.POST)
    attribute = request.POST.get("attribute", "").replace("\x00", "")
    if not form.is_valid():
        return _page(request, enterprise_id, attribute, complaints=form.complaints(), status=422)
    actor = person(request)
    try:
        golden = goldens.seen(enterprise_id, viewer=actor)
        overrides.pin(enterprise_id=golden.enterprise_id, actor=actor, at=timezone.now(), **form.said())
    except (BadInput, Conflict, NotFound) as error:
        return _page(request, enterprise_id, attribute, complaints=[error.message], status=error.status)
    messages.success(request, "Pinned. It holds, whatever the systems say, until somebody ends it or its last day is over.")
    return pages.go(request, f"{reverse('stewardship:record', args=[golden.enterprise_id])}#pinned")


@require_POST
@needs("golden.override")
def end(request: HttpRequest, override_id: int) -> HttpResponse:
    """End a pin; the rules decide again."""
    form = forms.Why(request.POST)
    if not form.is_valid():
        raise BadInput("A reason is text of at most 1,000 characters.")
    row = pins.one(override_id, viewer=person(request))
    overrides.release(override_id=row.pk, actor=person(request), at=timezone.now(), reason=form.cleaned_data["reason"])
    messages.success(request, "The pin is ended; the rules decide again.")
    return pages.go(request, reverse("stewardship:record", args=[row.carrier.enterprise_id]))


def _page(request: HttpRequest, enterprise_id: str, attribute: str, *, status: int = 200, **said: Any) -> HttpResponse:
    sought = (texts(request.GET, "q", most=1) or [""])[0]
    page = pin_page.page(enterprise_id, attribute.replace("\x00", ""), sought=sought, viewer=person(request))
    context = {"area": "records", "page": page, "sought": sought, "typed": request.POST, "today": timezone.localdate(), **said}
    return pages.render(request, "stewardship/acting/pin.html", context, status=status)
