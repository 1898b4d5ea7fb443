"""The review queue and the focus screen: one pair, one key a verdict."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse, QueryDict
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from mdm import permissions
from mdm.actions.golden import leases
from mdm.errors import BadInput
from mdm.readers.golden.review import pair_page, pairs, queue_facets
from mdm.readers.golden.review.pair_page import PairPage
from stewardship import forms, pages
from stewardship.permissions import needs, person
from stewardship.presenters import fields, waterfall, words

MOST_SKIPPED = 500


@require_safe
@needs("pair.view")
def queue(request: HttpRequest) -> HttpResponse:
    """Which pairs wait."""
    form = forms.QueueFilter(request.GET)
    wanted, viewer = form.wanted(), person(request)
    page = pairs.queue(wanted, viewer=viewer, at=timezone.now(), after=request.GET.get("after", ""))
    context = {
        "area": "review",
        "page": page,
        "wanted": wanted,
        "facets": queue_facets.facets(viewer=viewer),
        "skipped": len(_skipped(request)),
        "can_decide": permissions.can(viewer, "pair.decide"),
    }
    return pages.render(request, "stewardship/review/queue.html", context)


@require_POST
@needs("pair.decide")
def take_next(request: HttpRequest) -> HttpResponse:
    """Lease the next pair and go there; a GET must not take a lease."""
    if request.POST.get("again"):
        request.session["skipped"] = []
    wanted = _wanted(request)
    found = leases.take_next(wanted=wanted, actor=person(request), at=timezone.now(), without=_skipped(request))
    return pages.go(request, _address(found, request))


@require_safe
@needs("pair.view")
def focus(request: HttpRequest, pair_id: int) -> HttpResponse:
    """One pair with everything a steward needs."""
    return pages.render(request, "stewardship/review/focus.html", _focus(request, pair_id, QueryDict(request.GET.get("q", ""))))


@require_POST
@needs("pair.decide")
def decide(request: HttpRequest, pair_id: int) -> HttpResponse:
    """Record a verdict and show the next pair, in one round trip."""
    form = forms.Verdict(request.POST)
    if not form.is_valid():
        said = "A verdict is Same, Different or Not sure, on the version of the pair that you saw."
        return pages.refusal(request, BadInput(said), status=422)
    answered = leases.answer(
        pair_id=pair_id,
        wanted=_wanted(request),
        actor=person(request),
        at=timezone.now(),
        without=_skipped(request),
        **form.said(),
    )
    return _onward(request, answered.next_id, f"Said: {words.VERDICTS[answered.verdict]}. Undo with Z.")


@require_POST
@needs("pair.decide")
def skip(request: HttpRequest, pair_id: int) -> HttpResponse:
    """Leave a pair for others and show the next one."""
    request.session["skipped"] = [*_skipped(request), pair_id][-MOST_SKIPPED:]
    found = leases.skip(
        pair_id=pair_id, wanted=_wanted(request), actor=person(request), at=timezone.now(), without=_skipped(request)
    )
    return _onward(request, found, "Skipped.")


@require_POST
@needs("pair.undo")
def undo(request: HttpRequest, decision_id: int) -> HttpResponse:
    """Take a decision back and show its pair again."""
    pair_id = leases.take_back(decision_id=decision_id, actor=person(request), at=timezone.now())
    return _onward(request, pair_id, "Undone; this pair asks again.")


@require_POST
@needs("pair.decide")
def hold(request: HttpRequest, pair_id: int) -> HttpResponse:
    """Keep a pair for another ten minutes: the open page asks once a minute."""
    leases.take(pair_id=pair_id, actor=person(request), at=timezone.now())
    return HttpResponse(status=204)


@require_safe
@needs("pair.view")
def done(request: HttpRequest) -> HttpResponse:
    """The end of the queue."""
    return pages.render(request, "stewardship/review/done.html", _done(request))


def _onward(request: HttpRequest, pair_id: int | None, said: str) -> HttpResponse:
    """The next pair: as a fragment with its address for htmx, by a redirect else."""
    url = _address(pair_id, request)
    if not pages.is_fragment(request):
        return pages.go(request, url)
    query = QueryDict(request.POST.get("q", ""))
    context = _focus(request, pair_id, query) if pair_id else _done(request)
    template = "stewardship/review/focus.html#pair" if pair_id else "stewardship/review/done.html#done"
    response = pages.render(request, template, {**context, "said": said})
    response["HX-Push-Url"] = url
    return response


def _focus(request: HttpRequest, pair_id: int, query: QueryDict) -> dict[str, Any]:
    viewer, now = person(request), timezone.now()
    page = pair_page.page(pair_id, viewer=viewer, at=now)
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
    return {
        "area": "review",
        "page": page,
        "table": fields.table(page.fields),
        "waterfall": waterfall.waterfall(page.evidence),
        **_recent(viewer, page),
        "decided_today": pairs.decided_since(midnight, viewer=viewer),
        "query": query.urlencode(),
        "can_decide": permissions.can(viewer, "pair.decide", domain=page.pair.domain) and not page.holder,
        "is_waiting": page.pair.status in pairs.WAITING,
    }


def _done(request: HttpRequest) -> dict[str, Any]:
    viewer = person(request)
    midnight = timezone.now().replace(hour=0, minute=0, second=0, microsecond=0)
    return {
        "area": "review",
        "decided_today": pairs.decided_since(midnight, viewer=viewer),
        "skipped": len(_skipped(request)),
        **_recent(viewer),
        "query": request.GET.get("q", "") or request.POST.get("q", ""),
    }


def _recent(viewer: Any, page: PairPage | None = None) -> dict[str, Any]:
    """The last twenty decisions, and the one that Z takes back: of a decided pair its own, else the latest."""
    recent = pairs.recent(viewer=viewer)
    last = next((said for said in recent if said.undone_at is None), None)
    if page is not None and page.pair.status in {"SAME", "DIFFERENT"} and page.standing is not None:
        may_undo = page.standing.is_mine or permissions.can(viewer, "pair.undo_others")
        last = page.standing if may_undo else None
    return {"recent": recent, "last": last}


def _wanted(request: HttpRequest) -> pairs.Wanted:
    """The filter that the form carries along."""
    return forms.QueueFilter(QueryDict(request.POST.get("q", ""))).wanted()


def _skipped(request: HttpRequest) -> list[int]:
    return list(request.session.get("skipped", []))


def _address(pair_id: int | None, request: HttpRequest) -> str:
    url = reverse("stewardship:pair", args=[pair_id]) if pair_id else reverse("stewardship:done")
    carried = QueryDict(mutable=True)
    if request.POST.get("q"):
        carried["q"] = request.POST["q"]
    return f"{url}?{carried.urlencode()}" if carried else url
