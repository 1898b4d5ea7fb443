"""One change of golden records: what it did, undo it, unmerge it."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from mdm.actions.golden import undoing
from mdm.errors import BadInput, Conflict
from mdm.readers.golden import changes
from mdm.readers.golden.acting import change_page
from stewardship import pages
from stewardship.act_forms import TakingBack
from stewardship.permissions import needs, person


@require_safe
@needs("golden.view")
def one(request: HttpRequest, change_id: int) -> HttpResponse:
    """What it did, by whom, and what may be done about it."""
    return _page(request, change_id)


@require_POST
@needs("golden.undo")
def undo(request: HttpRequest, change_id: int) -> HttpResponse:
    """Take it back as if it had never been made, and go back to the golden record."""
    form = _said(request)
    row = changes.one(change_id, viewer=person(request))
    undoing.undo(change_id=row.id, actor=person(request), at=timezone.now(), reason=form.cleaned_data["reason"])
    messages.success(request, "Undone: everything stands as before.")
    back = form.cleaned_data["back"]
    return pages.go(request, reverse("stewardship:record", args=[back]) if back in row.goldens else _address(row.id))


@require_POST
@needs("golden.unmerge")
def rehearse(request: HttpRequest, change_id: int) -> HttpResponse:
    """What an unmerge would do; nothing is done."""
    form = _said(request)
    row, chain = changes.one(change_id, viewer=person(request)), form.cleaned_data["chain"]
    try:
        done = undoing.rehearse(change_id=row.id, actor=person(request), at=timezone.now(), chain=chain)
    except Conflict as error:
        return _page(request, row.id, refused=error.message, status=409)
    return _page(request, row.id, rehearsed=done, seen=[each.undoes for each in done[:-1]], chain=chain)


@require_POST
@needs("golden.unmerge")
def unmerge(request: HttpRequest, change_id: int) -> HttpResponse:
    """Take it back and keep apart what it had joined."""
    form = _said(request)
    row, said = changes.one(change_id, viewer=person(request)), form.cleaned_data
    asked: dict[str, Any] = {"change_id": row.id, "actor": person(request), "at": timezone.now(), "reason": said["reason"]}
    try:
        undoing.unmerge(**asked, chain=said["chain"], seen=form.seen())
    except Conflict as error:
        return _page(request, row.id, refused=error.message, status=409)
    messages.success(request, "Taken back. What it had joined is kept apart from now on.")
    return pages.go(request, _address(row.id))


def _said(request: HttpRequest) -> TakingBack:
    form = TakingBack(request.POST)
    if not form.is_valid():
        raise BadInput("A reason is text of at most 1,000 characters.")
    return form


def _address(change_id: int) -> str:
    return reverse("stewardship:change", args=[change_id])


def _page(request: HttpRequest, change_id: int, *, status: int = 200, **said: Any) -> HttpResponse:
    page = change_page.page(change_id, viewer=person(request), at=timezone.now())
    return pages.render(request, "stewardship/acting/change.html", {"area": "records", "page": page, **said}, status=status)
