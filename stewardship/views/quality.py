"""How good the data is: the figures, their course, and the records that need work."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from mdm import permissions
from mdm.readers.governance import graded, quality
from mdm.readers.governance.sight import Sight
from stewardship import pages
from stewardship.permissions import needs, person
from stewardship.presenters import courses


@require_safe
@needs("golden.view")
def overview(request: HttpRequest) -> HttpResponse:
    """All domains that declare rules."""
    viewer = person(request)
    is_open = quality.may_see(viewer)
    boards = quality.boards(viewer=viewer) if is_open else []
    until = timezone.localdate()
    shown = [(board, courses.course(quality.recent(board.domain, viewer=viewer, until=until))) for board in boards]
    context = {"area": "quality", "boards": shown, "is_open": is_open, "domains": _graded(Sight(viewer))}
    return pages.render(request, "stewardship/quality/overview.html", context)


@require_safe
@needs("golden.view")
def domain(request: HttpRequest, domain: str) -> HttpResponse:
    """One domain by rule and system, or one system's part of it, night by night."""
    viewer, system = person(request), request.GET.get("system", "").replace("\x00", "")[:60]
    permissions.check(viewer, "golden.view", domain=domain)
    board = quality.board(domain, viewer=viewer, system=system)
    days = quality.recent(domain, viewer=viewer, system=system, until=timezone.localdate())
    title = next((part.title for part in board.systems if part.system == system), "")
    context = {"area": "quality", "board": board, "course": courses.course(days), "system": system, "system_title": title}
    return pages.render(request, "stewardship/quality/domain.html", context | {"days": list(reversed(days))[:30]})


@require_safe
@needs("golden.view")
def records(request: HttpRequest, domain: str) -> HttpResponse:
    """Golden records that have a fault, the worst first."""
    viewer = person(request)
    permissions.check(viewer, "golden.view", domain=domain)
    said = {name: request.GET.get(name, "").replace("\x00", "")[:60] for name in ("failing", "system", "below")}
    below = int(said["below"]) if said["below"].isascii() and said["below"].isdigit() and len(said["below"]) < 4 else 101
    wanted = graded.Wanted(below, said["failing"], said["system"])
    page = graded.worst(domain, wanted, viewer=viewer, after=_place(request.GET.get("after", "")))
    spec = Sight(viewer).spec(domain)
    context = {
        "area": "quality",
        "page": page,
        "domain": domain,
        "title": spec.title_plural,
        "rules": [(rule.code, rule.title) for rule in spec.quality],
        "following": f"{page.next[0]}.{page.next[1]}" if page.next else "",
        **said,
    }
    return pages.render(request, "stewardship/quality/records.html", context)


def _graded(sight: Sight) -> list[tuple[str, str]]:
    return [(name, sight.spec(name).title_plural) for name in sight.domains if sight.spec(name).quality]


def _place(text: str) -> tuple[int, int] | None:
    """Score and row ID, as the address of a following page says them."""
    score, _, number = text.partition(".")
    is_place = score.isascii() and score.isdigit() and number.isascii() and number.isdigit() and len(text) < 22
    return (int(score), int(number)) if is_place else None
