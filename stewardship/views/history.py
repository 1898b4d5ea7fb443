"""A golden record in time: at a moment, and between two."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_safe

from mdm.readers.golden.history import compare as comparing
from mdm.readers.golden.history import then_page
from mdm.readers.governance.sight import Sight
from mdm.rules import moments
from stewardship import pages
from stewardship.permissions import needs, person

BY = (("known_at", "what the hub knew"), ("as_of", "what was true"))


@require_safe
@needs("golden.view")
def then(request: HttpRequest, enterprise_id: str) -> HttpResponse:
    """One golden record as of a date, as known on a date, or both; without a date, as it is."""
    now, asked = timezone.now(), {name: request.GET.get(name, "") for name in ("as_of", "known_at")}
    as_of, known_at = (moments.parse(text, name=name, now=now) for name, text in asked.items())
    if as_of is None and known_at is None:
        return redirect("stewardship:record", enterprise_id)
    page = then_page.page(enterprise_id, viewer=person(request), now=now, as_of=as_of, known_at=known_at)
    context = {"area": "records", "page": page, "asked": asked, "axes": BY, "now": now}
    return pages.render(request, "stewardship/records/then.html", context)


@require_safe
@needs("golden.view")
def compare(request: HttpRequest, enterprise_id: str) -> HttpResponse:
    """Two dates of one golden record, attribute by attribute; without a first date, the record as it is."""
    now, asked = timezone.now(), {name: request.GET.get(name, "") for name in ("from", "to", "by")}
    start = moments.parse(asked["from"], name="from", now=now)
    if start is None:
        return redirect("stewardship:record", enterprise_id)
    found = comparing.between(
        enterprise_id,
        start=start,
        end=moments.parse(asked["to"], name="to", now=now) or now,
        by=asked["by"] or "known_at",
        viewer=person(request),
        now=now,
    )
    decimals = [item.name for item in Sight(person(request)).spec(found.golden.domain).attributes if item.kind == "decimal"]
    asked |= {"start": asked["from"]}
    context = {"area": "records", "found": found, "asked": asked, "axes": BY, "decimals": decimals}
    return pages.render(request, "stewardship/records/compare.html", context)
