"""Many refused records sent in again: first counted, then watched."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, QueryDict
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from mdm.actions.intake import resubmissions as actions
from mdm.readers.intake import resubmissions
from stewardship import forms, pages
from stewardship.permissions import needs, person


@require_http_methods(["GET", "HEAD", "POST"])
@needs("quarantine.edit")
def start(request: HttpRequest) -> HttpResponse:
    """How many there are, and the reason; then they are sent in."""
    viewer = person(request)
    form = forms.Resubmission(request.POST or None, initial=_limits(request.GET))
    if request.method == "POST" and form.is_valid():
        run = actions.start(**form.cleaned_data, actor=viewer, at=timezone.now())
        return pages.go(request, reverse("stewardship:resubmission", args=[run.pk]))
    limits = _limits(request.POST if request.method == "POST" else request.GET)
    context = {"area": "quarantine", "form": form, **limits, "count": resubmissions.count(viewer=viewer, **limits)}
    status = 422 if request.method == "POST" else 200
    return pages.render(request, "stewardship/quarantine/resubmit.html", context, status=status)


@require_safe
@needs("quarantine.view")
def one(request: HttpRequest, run_id: int) -> HttpResponse:
    """How far one is; a running one is asked again every two seconds."""
    run = resubmissions.one(run_id, viewer=person(request))
    template = "stewardship/quarantine/resubmission.html"
    return pages.render(
        request, f"{template}#progress" if pages.is_fragment(request) else template, {"area": "quarantine", "run": run}
    )


def _limits(said: QueryDict) -> dict[str, str]:
    return {name: said.get(name, "").replace("\x00", "")[:most] for name, most in forms.RESUBMIT_LIMITS.items()}
