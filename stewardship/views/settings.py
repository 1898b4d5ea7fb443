"""A person's own settings, and the list of shortcuts."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from stewardship import forms, pages, preferences
from stewardship.permissions import person


@require_http_methods(["GET", "HEAD", "POST"])
def settings(request: HttpRequest) -> HttpResponse:
    """Theme and single-key shortcuts."""
    if request.method != "POST":
        return pages.render(request, "stewardship/settings.html", {"themes": _themes()})
    form = forms.DeskSettings(request.POST)
    if not form.is_valid():
        return pages.render(request, "stewardship/settings.html", {"themes": _themes(), "form": form}, status=422)
    preferences.save(person(request), **form.cleaned_data)
    messages.success(request, "Saved.")
    return pages.go(request, reverse("stewardship:settings"))


@require_safe
def shortcuts(request: HttpRequest) -> HttpResponse:
    """What each key does, as a page to print."""
    return pages.render(request, "stewardship/shortcuts.html", {})


def _themes() -> list[tuple[str, str]]:
    return list(forms.DeskSettings.base_fields["theme"].choices)  # type: ignore[attr-defined]
