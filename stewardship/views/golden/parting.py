"""Split records off a golden record, or move them to another one."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from mdm.actions.golden import regrouping
from mdm.errors import BadInput, Conflict, HubError
from mdm.readers.golden import changes, goldens
from mdm.readers.golden.acting import parting
from mdm.readers.golden.acting.parting import Asked
from stewardship import pages
from stewardship.act_forms import MOST_RECORDS, Parting, texts
from stewardship.permissions import needs, person


@require_safe
@needs("golden.split")
def split(request: HttpRequest, enterprise_id: str) -> HttpResponse:
    """Which records would leave, where they would go, and what would follow."""
    if goldens.seen(enterprise_id, viewer=person(request)).status != "LIVE":
        return redirect("stewardship:record", enterprise_id)
    said = {name: (texts(request.GET, name, most=1) or [""])[0] for name in ("q", "into")}
    asked = Asked(tuple(texts(request.GET, "record", most=MOST_RECORDS)), said["into"], said["q"])
    return _page(request, enterprise_id, asked)


@require_POST
@needs("golden.split")
def confirm(request: HttpRequest, enterprise_id: str) -> HttpResponse:
    """Split or move as it was seen; where something changed meanwhile, the page shows how it stands now."""
    form, viewer = Parting(request.POST), person(request)
    wanted, why = form.wanted(), form.why()
    if not wanted.enterprise_ids:
        raise BadInput("Say which version of the golden record you saw: choose the records on its page.")
    try:
        change = regrouping.repartition(wanted=wanted, actor=viewer, at=timezone.now(), **why)
    except (BadInput, Conflict) as error:
        return _page(request, enterprise_id, form.asked(), refused=error)
    count = len(wanted.parts[0])
    what = f"{count} source record{'' if count == 1 else 's'}"
    born = [name for name, before, _ in changes.one(change.pk, viewer=viewer).lives if not before]
    said = f"{what} split off into {', '.join(born)}." if born else f"{what} moved to {wanted.enterprise_ids[-1]}."
    messages.success(request, said)
    return pages.go(request, reverse("stewardship:record", args=[enterprise_id]))


def _page(request: HttpRequest, enterprise_id: str, asked: Asked, *, refused: HubError | None = None) -> HttpResponse:
    page = parting.page(enterprise_id, asked, viewer=person(request), at=timezone.now())
    context = {
        "area": "records",
        "page": page,
        "asked": asked,
        "refused": refused.message if refused else "",
        "reason": request.POST.get("reason", "")[:1_000],
        "is_set_aside": bool(request.POST.get("set_aside")),
    }
    return pages.render(request, "stewardship/acting/split.html", context, status=refused.status if refused else 200)
