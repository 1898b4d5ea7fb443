"""Releases of domains: what is proposed, what it would do, and the word of a second person."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from mdm import permissions
from mdm.actions.governance.releasing import proposals as actions
from mdm.readers.governance.releasing import proposals
from stewardship import forms, pages
from stewardship.permissions import needs, person
from stewardship.presenters import releases as presenting

PAGE = 50
BUSY = {"PLANNING", "RUNNING"}
"""States that a page asks about every two seconds."""


@require_safe
@needs("release.plan")
def listing(request: HttpRequest) -> HttpResponse:
    """What was proposed, newest first."""
    before = request.GET.get("before", "")
    number = int(before) if before.isdigit() and len(before) < 19 else 0
    rows = proposals.page(viewer=person(request), before=number, limit=PAGE)
    older = rows[-1].pk if len(rows) == PAGE else ""
    return pages.render(request, "stewardship/releases/list.html", {"area": "releases", "rows": rows, "older": older})


@require_safe
@needs("release.plan")
def one(request: HttpRequest, proposal_id: int) -> HttpResponse:
    """One proposed release: what changes, with examples, and how to answer."""
    response = _page(request, proposal_id)
    if pages.is_fragment(request) and proposals.one(proposal_id, viewer=person(request)).row.status not in BUSY:
        response["HX-Refresh"] = "true"  # what may be answered now stands beside the part that was asked for
    return response


@require_POST
@needs("release.publish")
def approve(request: HttpRequest, proposal_id: int) -> HttpResponse:
    """Let it count."""
    form = forms.Approval(request.POST)
    if not form.is_valid():
        return _page(request, proposal_id, approving=form, status=422)
    row = actions.approve(proposal_id=proposal_id, actor=person(request), at=timezone.now(), **form.cleaned_data)
    messages.success(request, f"Release {row.number} counts from now on; what is stored is brought over to it.")
    return pages.go(request, reverse("stewardship:release", args=[proposal_id]))


@require_POST
@needs("release.plan")
def refuse(request: HttpRequest, proposal_id: int) -> HttpResponse:
    """Say no, or take an own proposal back."""
    form = forms.Reason(request.POST)
    if not form.is_valid():
        return _page(request, proposal_id, refusing=form, status=422)
    actions.refuse(proposal_id=proposal_id, actor=person(request), at=timezone.now(), **form.cleaned_data)
    messages.success(request, "Refused; nothing changes.")
    return pages.go(request, reverse("stewardship:release", args=[proposal_id]))


@require_POST
@needs("release.plan")
def plan(request: HttpRequest, proposal_id: int) -> HttpResponse:
    """Have it worked out anew."""
    actions.plan_again(proposal_id=proposal_id, actor=person(request), at=timezone.now())
    return pages.go(request, reverse("stewardship:release", args=[proposal_id]))


@require_POST
@needs("release.plan")
def roll_back(request: HttpRequest, proposal_id: int) -> HttpResponse:
    """Propose that the release before this one counts again."""
    form = forms.Reason(request.POST)
    if not form.is_valid():
        return _page(request, proposal_id, returning=form, status=422)
    row = proposals.one(proposal_id, viewer=person(request)).row
    back = actions.roll_back(domain=row.domain, to=row.base, actor=person(request), at=timezone.now(), **form.cleaned_data)
    messages.success(request, f"Proposed: release {row.base} again, once somebody else approves.")
    return pages.go(request, reverse("stewardship:release", args=[back.pk]))


def _page(request: HttpRequest, proposal_id: int, *, status: int = 200, **forms_said: Any) -> HttpResponse:
    viewer = person(request)
    found = proposals.one(proposal_id, viewer=viewer)
    row, is_own = found.row, found.row.proposed_by_id == viewer.pk
    may_publish = permissions.can(viewer, "release.publish", domain=row.domain)
    is_open = row.status in {"PLANNING", "PROPOSED"}
    context = {
        "area": "releases",
        "found": found,
        "row": row,
        "touches": presenting.stages(found.plan) if found.plan else "",
        "lines": presenting.lines(found.plan) if found.plan else (),
        "examples": list(presenting.examples(found.plan)) if found.plan else (),
        "can_approve": may_publish and not is_own and row.status == "PROPOSED" and not found.is_stale,
        "can_refuse": is_open and (may_publish or is_own),
        "can_plan": row.status == "PROPOSED",
        "can_return": row.status in {"RUNNING", "RELEASED"},
        "is_own": is_own,
        **forms_said,
    }
    part = "#progress" if pages.is_fragment(request) and status == 200 else ""
    return pages.render(request, f"stewardship/releases/one.html{part}", context, status=status)
