"""Refused records: the list, one to mend, send in again or discard, and many to send in at once."""

from __future__ import annotations

import json
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from mdm import permissions
from mdm.actions.intake import mending
from mdm.actions.intake import quarantine as quarantine_actions
from mdm.actions.intake import resubmissions as resubmitting
from mdm.readers.intake import quarantine as refused
from mdm.readers.intake import resubmissions
from mdm.rules.intake.quarantine_states import QuarantineStatus
from stewardship import forms, pages
from stewardship.permissions import needs, person


@require_safe
@needs("quarantine.view")
def listing(request: HttpRequest) -> HttpResponse:
    """What waits to be mended."""
    system, code = request.GET.get("system", "")[:255], request.GET.get("code", "")[:80]
    domain, viewer = request.GET.get("domain", "")[:255], person(request)
    page = refused.page(viewer=viewer, system=system, code=code, domain=domain, before=_number(request.GET.get("before", "")))
    can_edit = permissions.can(viewer, "quarantine.edit")
    context = {"area": "quarantine", "page": page, "system": system, "code": code, "domain": domain, "can_edit": can_edit}
    return pages.render(request, "stewardship/quarantine/list.html", context)


@require_safe
@needs("quarantine.view")
def one(request: HttpRequest, quarantined_id: int) -> HttpResponse:
    """One refused record with its problems in words."""
    return _page(request, quarantined_id)


@require_POST
@needs("quarantine.edit")
def mend(request: HttpRequest, quarantined_id: int) -> HttpResponse:
    """Save the payload and send the record in again."""
    form = forms.Mending(request.POST)
    if not form.is_valid():
        return _page(request, quarantined_id, form=form, status=422)
    mended = mending.mend(
        quarantined_id=quarantined_id,
        payload=form.cleaned_data["payload"],
        key=form.key(),
        seen_version=form.cleaned_data["version"],
        actor=person(request),
        at=timezone.now(),
    )
    if mended.outcome.status == "quarantined":
        messages.warning(request, "Saved, but it is still refused; the problems below are the new ones.")
        return pages.go(request, reverse("stewardship:quarantined", args=[quarantined_id]))
    messages.success(request, f"Taken in: {mended.outcome.status}.")
    where = mended.outcome.enterprise_id
    return pages.go(request, reverse("stewardship:record", args=[where]) if where else reverse("stewardship:quarantine"))


@require_POST
@needs("quarantine.edit")
def discard(request: HttpRequest, quarantined_id: int) -> HttpResponse:
    """Close a record that nobody will mend; it stays on file with the reason."""
    form = forms.Discard(request.POST)
    if not form.is_valid():
        return _page(request, quarantined_id, discarding=form, status=422)
    quarantine_actions.close(
        quarantined_id=quarantined_id,
        status=QuarantineStatus.DISCARDED,
        seen_version=form.cleaned_data["version"],
        reason=form.cleaned_data["reason"],
        actor=person(request),
        at=timezone.now(),
    )
    messages.success(request, "Discarded; the record stays on file.")
    return pages.go(request, reverse("stewardship:quarantine"))


@require_http_methods(["GET", "HEAD", "POST"])
@needs("quarantine.edit")
def resubmit(request: HttpRequest) -> HttpResponse:
    """How many there are, and the reason; then they are sent in."""
    viewer = person(request)
    form = forms.Resubmission(request.POST or None, initial=_limits(request.GET))
    if request.method == "POST" and form.is_valid():
        run = resubmitting.start(**form.cleaned_data, actor=viewer, at=timezone.now())
        return pages.go(request, reverse("stewardship:resubmission", args=[run.pk]))
    limits = _limits(request.POST if request.method == "POST" else request.GET)
    context = {"area": "quarantine", "form": form, **limits, "count": resubmissions.count(viewer=viewer, **limits)}
    status = 422 if request.method == "POST" else 200
    return pages.render(request, "stewardship/quarantine/resubmit.html", context, status=status)


@require_safe
@needs("quarantine.view")
def resubmission(request: HttpRequest, run_id: int) -> HttpResponse:
    """How far one is; a running one is asked again every two seconds."""
    run = resubmissions.one(run_id, viewer=person(request))
    template = "stewardship/quarantine/resubmission.html"
    return pages.render(
        request, f"{template}#progress" if pages.is_fragment(request) else template, {"area": "quarantine", "run": run}
    )


def _limits(said: QueryDict) -> dict[str, str]:
    return {name: said.get(name, "").replace("\x00", "")[:most] for name, most in forms.RESUBMIT_LIMITS.items()}


def _page(request: HttpRequest, quarantined_id: int, *, status: int = 200, **forms_said: Any) -> HttpResponse:
    viewer = person(request)
    record = refused.one(quarantined_id, viewer=viewer)
    form = forms_said.get("form")
    context = {
        "area": "quarantine",
        "record": record,
        "payload": form.data.get("payload", "") if form else json.dumps(record.payload, indent=2, ensure_ascii=False),
        "key": [(name, form.data.get(name, "") if form else getattr(record.row, name)) for name in forms.KEY],
        "is_key_wrong": any(problem.get("field") in forms.KEY for problem in record.problems),
        "can_edit": permissions.can(viewer, "quarantine.edit") and not record.is_masked and record.row.status == "OPEN",
        **forms_said,
    }
    return pages.render(request, "stewardship/quarantine/one.html", context, status=status)


def _number(text: str) -> int:
    return int(text) if text.isdigit() and len(text) < 19 else 0
