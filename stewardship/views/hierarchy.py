"""The tree around a golden record, and relations that do not fit."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from mdm import permissions
from mdm.actions.golden.kin import findings
from mdm.readers.golden import goldens
from mdm.readers.golden.kin import finding_list, trees
from mdm.readers.golden.kin.trees import Asked
from mdm.readers.governance.sight import Sight
from mdm.rules import moments
from mdm.rules.golden.kin.findings import FindingStatus
from stewardship import pages
from stewardship.permissions import needs, person
from stewardship.presenters import hierarchy as presenter

LEVELS = 3


@require_safe
@needs("golden.view")
def tree(request: HttpRequest, enterprise_id: str) -> HttpResponse:
    """Parents up to the ultimate one and three levels below; an ID that ended leads to its own page, which says how."""
    viewer, now = person(request), timezone.now()
    said = {name: request.GET.get(name, "") for name in ("as_of", "known_at")}
    asked = Asked(
        kind=request.GET.get("kind", ""),
        depth=LEVELS,
        after=_number(request.GET.get("after", "")),
        as_of=moments.parse(said["as_of"], name="as_of", now=now),
        known_at=moments.parse(said["known_at"], name="known_at", now=now),
    )
    if not asked.is_past and goldens.seen(enterprise_id, viewer=viewer).status != "LIVE":
        return redirect("stewardship:record", enterprise_id)
    found = trees.tree(enterprise_id, asked, viewer=viewer, now=now)
    context = {
        "area": "records",
        "tree": found,
        "rows": presenter.rows(found),
        "kinds": list(Sight(viewer).spec(found.golden.domain).hierarchies),
        "asked": said,
    }
    return pages.render(request, "stewardship/records/hierarchy.html", context)


@require_safe
@needs("golden.view")
def listing(request: HttpRequest) -> HttpResponse:
    """What the nightly look at relations found."""
    viewer = person(request)
    status, kind = request.GET.get("status", "") or "OPEN", request.GET.get("kind", "")[:60]
    page = finding_list.page(viewer=viewer, status=status, kind=kind, before=_number(request.GET.get("before", "")))
    context = {
        "area": "drift",
        "page": page,
        "status": status,
        "kind": kind,
        "statuses": list(FindingStatus),
        "can_accept": status == "OPEN" and permissions.can(viewer, "finding.accept"),
    }
    return pages.render(request, "stewardship/sync/findings.html", context)


@require_POST
@needs("finding.accept")
def accept(request: HttpRequest, finding_id: int) -> HttpResponse:
    """Say that a finding is right as it is."""
    reason = request.POST.get("reason", "").replace("\x00", "")[:1_000]
    findings.accept(finding_id=finding_id, reason=reason, actor=person(request), at=timezone.now())
    messages.success(request, "Accepted; it stays quiet until it changes.")
    return pages.go(request, reverse("stewardship:findings"))


def _number(text: str) -> int:
    return int(text) if text.isdigit() and len(text) < 19 else 0
