"""Erasure of a person's data: counted, asked for, confirmed by somebody else, certified."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from mdm import permissions
from mdm.actions.governance import erasures as actions
from mdm.errors import BadInput
from mdm.readers.governance import erasures
from stewardship import forms, pages
from stewardship.permissions import needs, person


@require_http_methods(["GET", "HEAD", "POST"])
@needs("erasure.view")
def listing(request: HttpRequest) -> HttpResponse:
    """All erasures; with an enterprise ID also what erasing that person would remove, and the form that asks for it."""
    viewer = person(request)
    form = forms.Erasure(request.POST or None)
    if request.method == "POST" and form.is_valid():
        row = actions.request(**form.cleaned_data, actor=viewer, at=timezone.now())
        messages.success(request, "Asked for. Nothing is removed before somebody else confirms it.")
        return pages.go(request, reverse("stewardship:erasure", args=[row.pk]))
    sought = (request.POST.get("enterprise_id") or request.GET.get("id", ""))[:24]
    may_ask = permissions.can(viewer, "erasure.request")
    before = request.GET.get("before", "")
    rows = erasures.listed(viewer=viewer, before=int(before) if before.isascii() and before.isdigit() and len(before) < 19 else 0)
    context = {
        "area": "erasures",
        "form": form,
        "sought": sought,
        "preview": erasures.preview(sought, viewer=viewer) if sought and may_ask else None,
        "rows": rows,
        "next": rows[-1].pk if len(rows) == erasures.PAGE else "",
        "may_ask": may_ask,
    }
    return pages.render(request, "stewardship/erasures/list.html", context, status=422 if request.method == "POST" else 200)


@require_safe
@needs("erasure.view")
def one(request: HttpRequest, erasure_id: int) -> HttpResponse:
    """One erasure: what waits, how far it is, or the certificate to print; a running one is asked again every two seconds."""
    viewer = person(request)
    row = erasures.one(erasure_id, viewer=viewer)
    context = {
        "area": "erasures",
        "row": row,
        "lines": erasures.lines(row),
        "preview": erasures.foreseen(row, viewer=viewer) if row.status == "REQUESTED" else None,
        "may_confirm": permissions.can(viewer, "erasure.confirm") and row.requested_by_id != viewer.pk,
        "may_cancel": permissions.can(viewer, "erasure.request"),
        "suppressed": erasures.suppressed(row),
        "may_lift": permissions.can(viewer, "erasure.confirm"),
    }
    template = "stewardship/erasures/one.html"
    return pages.render(request, f"{template}#state" if pages.is_fragment(request) else template, context)


@require_POST
@needs("erasure.confirm")
def confirm(request: HttpRequest, erasure_id: int) -> HttpResponse:
    """Agree to what somebody else asked for."""
    actions.confirm(erasure_id=erasure_id, actor=person(request), at=timezone.now())
    return pages.go(request, reverse("stewardship:erasure", args=[erasure_id]))


@require_POST
@needs("erasure.request")
def cancel(request: HttpRequest, erasure_id: int) -> HttpResponse:
    """Give it up before it is confirmed."""
    actions.cancel(erasure_id=erasure_id, actor=person(request), at=timezone.now())
    messages.success(request, "Given up; nothing was removed.")
    return pages.go(request, reverse("stewardship:erasures"))


@require_POST
@needs("erasure.confirm")
def lift(request: HttpRequest, erasure_id: int) -> HttpResponse:
    """Let the person's keys come in again."""
    form = forms.Reason(request.POST)
    if not form.is_valid():
        raise BadInput("Give a reason, without naming the person.")
    count = actions.lift(erasure_id=erasure_id, reason=form.cleaned_data["reason"], actor=person(request), at=timezone.now())
    messages.success(request, f"{count} keys may come in again.")
    return pages.go(request, reverse("stewardship:erasure", args=[erasure_id]))
