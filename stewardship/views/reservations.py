"""Reserved enterprise IDs: the list, and to reserve, to hold for longer, to give back."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from mdm import permissions
from mdm.actions.golden.ids import reservations
from mdm.readers.golden import reserved
from mdm.readers.governance.sight import Sight
from stewardship import forms, pages
from stewardship.permissions import needs, person
from stewardship.presenters import words

SHOWN = 5
"""IDs that a message names; the list has them all."""


@require_safe
@needs("golden.view")
def listing(request: HttpRequest) -> HttpResponse:
    """Who holds which ID, for what, until when; and how those of the past ended."""
    return _page(request)


@require_POST
@needs("id.reserve")
def reserve(request: HttpRequest) -> HttpResponse:
    """Reserve IDs for things that have no record yet."""
    form = forms.Reserving(request.POST)
    if not form.is_valid():
        return _page(request, form=form, status=422)
    rows = reservations.reserve(
        domain=form.cleaned_data["domain"],
        count=form.cleaned_data["count"],
        lasting=timedelta(days=form.cleaned_data["days"]),
        purpose=form.cleaned_data["purpose"],
        actor=person(request),
        at=timezone.now(),
    )
    messages.success(request, f"Reserved {_named([row.enterprise_id for row in rows])}.")
    return pages.go(request, f"{reverse('stewardship:reservations')}?mine=1")


@require_POST
@needs("id.reserve")
def renew(request: HttpRequest) -> HttpResponse:
    """Hold the chosen IDs for longer."""
    form = forms.Holding(request.POST)
    if not form.is_valid():
        return _again(request, form)
    days = form.cleaned_data["days"]
    rows = reservations.renew(
        enterprise_ids=form.cleaned_data["id"], lasting=timedelta(days=days), actor=person(request), at=timezone.now()
    )
    plural = "" if days == 1 else "s"
    messages.success(request, f"{_named([row.enterprise_id for row in rows])} held for {days} day{plural} from now.")
    return pages.go(request, reverse("stewardship:reservations"))


@require_POST
@needs("id.reserve")
def release(request: HttpRequest) -> HttpResponse:
    """Give the chosen IDs back; nobody ever gets them again."""
    form = forms.GivingBack(request.POST)
    if not form.is_valid():
        return _again(request, form)
    said = form.cleaned_data
    rows = reservations.release(enterprise_ids=said["id"], actor=person(request), at=timezone.now(), reason=said["reason"])
    messages.success(request, f"{_named([row.enterprise_id for row in rows])} given back; never used again.")
    return pages.go(request, reverse("stewardship:reservations"))


def _again(request: HttpRequest, form: forms.Chosen) -> HttpResponse:
    wrong = [(name, str(error)) for name, errors in form.errors.items() for error in errors]
    messages.warning(request, " ".join(error if name == "id" else f"{form[name].label}: {error}" for name, error in wrong))
    return pages.go(request, reverse("stewardship:reservations"))


def _named(names: Sequence[str]) -> str:
    more = f" and {len(names) - SHOWN} more" if len(names) > SHOWN else ""
    return ", ".join(names[:SHOWN]) + more


def _page(request: HttpRequest, *, form: forms.Reserving | None = None, status: int = 200) -> HttpResponse:
    viewer, sight = person(request), Sight(person(request))
    asked = request.GET.get("status", "")
    shown = asked if asked in words.HOLDS else "RESERVED"
    before = request.GET.get("before", "")
    page = reserved.page(
        viewer=viewer,
        status=shown,
        is_mine=bool(request.GET.get("mine")),
        before=int(before) if before.isdecimal() and len(before) < 19 else 0,
    )
    context = {
        "area": "records",
        "page": page,
        "status": shown,
        "statuses": list(words.HOLDS),
        "is_mine": bool(request.GET.get("mine")),
        "can_reserve": permissions.can(viewer, "id.reserve"),
        "can_choose": shown == "RESERVED" and permissions.can(viewer, "id.reserve") and any(row.is_theirs for row in page.rows),
        "domains": [(name, sight.spec(name).title_plural) for name in sight.domains],
        "form": form or forms.Reserving(),
        "is_open": form is not None,
    }
    return pages.render(request, "stewardship/records/reservations.html", context, status=status)
