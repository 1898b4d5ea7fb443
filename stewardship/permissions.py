"""Who may open which screen: a decorator over the hub's own permissions."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse

from mdm import permissions

View = Callable[..., HttpResponse]


def needs(verb: str) -> Callable[[View], View]:
    """Let only those in whose role has `verb`; the others get a page that says who may."""

    def decorate(view: View) -> View:
        @wraps(view)
        def checked(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            permissions.check(person(request), verb)
            return view(request, *args, **kwargs)

        return checked

    return decorate


def person(request: HttpRequest) -> Any:
    """Who is logged in; every screen but the public ones is behind the log-in, so there is always somebody."""
    return request.user
