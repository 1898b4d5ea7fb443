"""How targets stand, what gave up, and what drifted."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from mdm import permissions
from mdm.actions.exchange import jobs
from mdm.readers.exchange import drift_list, sync_board
from stewardship import forms, pages
from stewardship.permissions import needs, person


@require_safe
@needs("sync.view")
def board(request: HttpRequest) -> HttpResponse:
    """One line a target."""
    return pages.render(
        request, "stewardship/sync/board.html", {"area": "sync", "targets": sync_board.targets(viewer=person(request))}
    )


@require_safe
@needs("sync.view")
def dead(request: HttpRequest) -> HttpResponse:
    """Jobs that gave up."""
    viewer, target = person(request), request.GET.get("target", "")[:60]
    page = sync_board.dead_page(viewer=viewer, target=target, before=_number(request.GET.get("before", "")))
    context = {
        "area": "sync",
        "page": page,
        "target": target,
        "is_dead": True,
        "can_replay": permissions.can(viewer, "sync.replay"),
    }
    return pages.render(request, "stewardship/sync/letters.html", context)


@require_safe
@needs("sync.view")
def stuck(request: HttpRequest) -> HttpResponse:
    """Jobs that should have been done ten minutes ago."""
    page = sync_board.stuck_page(viewer=person(request), at=timezone.now(), before=_number(request.GET.get("before", "")))
    return pages.render(request, "stewardship/sync/letters.html", {"area": "sync", "page": page, "is_dead": False})


@require_POST
@needs("sync.replay")
def replay(request: HttpRequest) -> HttpResponse:
    """Queue dead jobs again."""
    form = forms.Replay(request.POST)
    if not form.is_valid():
        messages.warning(request, "Choose at least one dead letter to send again.")
        return pages.go(request, reverse("stewardship:dead"))
    count = jobs.replay(
        job_ids=form.cleaned_data["job"], actor=person(request), at=timezone.now(), reason=form.cleaned_data["reason"]
    )
    messages.success(request, f"{count} queued again.")
    return pages.go(request, reverse("stewardship:dead"))


@require_safe
@needs("sync.view")
def drift(request: HttpRequest) -> HttpResponse:
    """Differences that reconciliation found."""
    said = {name: request.GET.get(name, "")[:60] for name in ("status", "system", "kind")}
    status = said["status"] or "OPEN"
    page = drift_list.page(
        viewer=person(request),
        status=status,
        system=said["system"],
        kind=said["kind"],
        before=_number(request.GET.get("before", "")),
    )
    return pages.render(
        request,
        "stewardship/sync/drift.html",
        {"area": "drift", "page": page, **said, "status": status, "statuses": drift_list.STATUSES},
    )


def _number(text: str) -> int:
    return int(text) if text.isdigit() and len(text) < 19 else 0
