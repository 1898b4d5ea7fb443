"""Change requests: the queue, one to approve, refuse, take back or talk about, and asking for one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from mdm import permissions
from mdm.actions.governance import change_requests as actions
from mdm.errors import BadInput
from mdm.readers.governance import change_requests as requests
from mdm.readers.governance.change_requests import Wanted
from mdm.readers.governance.sight import Sight
from mdm.rules.governance.request_states import RequestKind, RequestStatus
from stewardship import forms, pages
from stewardship.permissions import needs, person

SAID = {
    "APPLIED": "Approved: the value is golden now.",
    "APPROVED": "Approved. It waits for a second person before it becomes golden.",
    "REFUSED": "Refused; the same value of that system does not ask again.",
    "WITHDRAWN": "Taken back.",
}
FROZEN = {"REFUSED": "The frozen value stays, in your name.", "WITHDRAWN": "The value is free again; the rules decide."}


@require_safe
@needs("request.view")
def listing(request: HttpRequest) -> HttpResponse:
    """What waits for an answer, or what was answered."""
    viewer, form = person(request), forms.RequestFilter(request.GET)
    wanted = Wanted(**form.said())
    sight = Sight(viewer)
    context = {
        "area": "requests",
        "page": requests.page(wanted, viewer=viewer, after=form.after()),
        "wanted": wanted,
        "domains": [(name, sight.spec(name).title) for name in sight.domains],
        "kinds": [kind.value for kind in RequestKind],
        "statuses": [status.value for status in RequestStatus if status is not RequestStatus.OPEN],
        "can_decide": permissions.can(viewer, "request.decide"),
    }
    return pages.render(request, "stewardship/requests/list.html", context)


@require_safe
@needs("request.view")
def one(request: HttpRequest, request_id: int) -> HttpResponse:
    """One request: old and new value, who asks, what hangs on it, what was said."""
    return _page(request, request_id)


@require_POST
@needs("request.decide")
def approve(request: HttpRequest, request_id: int) -> HttpResponse:
    """Say yes."""
    return _answer(request, request_id, actions.approve, forms.Answer(request.POST))


@require_POST
@needs("request.decide")
def refuse(request: HttpRequest, request_id: int) -> HttpResponse:
    """Say no, with a reason."""
    return _answer(request, request_id, actions.refuse, forms.Discard(request.POST))


@require_POST
@needs("request.ask")
def withdraw(request: HttpRequest, request_id: int) -> HttpResponse:
    """Take one's own request back, or end a freeze."""
    return _answer(request, request_id, actions.withdraw, forms.Answer(request.POST))


@require_POST
@needs("request.ask")
def comment(request: HttpRequest, request_id: int) -> HttpResponse:
    """Say something about a request."""
    form = forms.Comment(request.POST)
    if not form.is_valid():
        return _page(request, request_id, commenting=form, status=422)
    actions.comment(request_id=request_id, text=form.cleaned_data["text"], actor=person(request), at=timezone.now())
    return pages.go(request, f"{reverse('stewardship:request', args=[request_id])}#comments")


@require_POST
@needs("request.ask")
def ask(request: HttpRequest, enterprise_id: str) -> HttpResponse:
    """Ask for another value of a golden record."""
    form = forms.Asking(request.POST)
    if not form.is_valid():
        raise BadInput("A change request needs a field and a reason of at most 1,000 characters.")
    row = actions.ask(enterprise_id=enterprise_id, actor=person(request), at=timezone.now(), **form.said())
    messages.success(request, "Asked. Who decides sees it in the queue.")
    return pages.go(request, reverse("stewardship:request", args=[row.pk]))


def _answer(request: HttpRequest, request_id: int, act: Callable[..., Any], form: Any) -> HttpResponse:
    """Answer, then go on to the next that waits."""
    if not form.is_valid():
        return _page(request, request_id, refusing=form, status=422)
    viewer = person(request)
    row = act(
        request_id=request_id,
        seen_version=form.cleaned_data["version"],
        reason=form.cleaned_data["reason"],
        actor=viewer,
        at=timezone.now(),
    )
    messages.success(request, (FROZEN if row.kind == "CONTEST" else {}).get(row.status, SAID[row.status]))
    return pages.go(request, _next(requests.following(request_id, viewer=viewer)))


def _next(request_id: int | None) -> str:
    return reverse("stewardship:request", args=[request_id]) if request_id else reverse("stewardship:requests")


def _page(request: HttpRequest, request_id: int, *, status: int = 200, **said: Any) -> HttpResponse:
    viewer = person(request)
    found = requests.one(request_id, viewer=viewer)
    context = {
        "area": "requests",
        "found": found,
        "row": found.row,
        "can_ask": permissions.can(viewer, "request.ask", domain=found.row.domain),
        "is_open": found.row.status in requests.OPENED,
        "skip_to": _next(requests.following(request_id, viewer=viewer)),
        **said,
    }
    return pages.render(request, "stewardship/requests/one.html", context, status=status)
