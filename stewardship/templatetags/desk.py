"""Words, signs and small drawings that every template may use."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django import template
from django.http import HttpRequest
from django.templatetags.static import static
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

from stewardship.presenters import words

register = template.Library()

register.filter("signed", words.signed)
register.filter("percent", words.percent)
register.filter("plain", words.plain)
register.filter("amounts", words.amounts)
register.filter("amount", words.amount)


register.filter("elide", words.elide)


@register.filter
def word(name: str, table: str) -> str:
    """The desk's word for a code: `{{ pair.band|word:"BANDS" }}`."""
    return str(getattr(words, table).get(name) or str(name).replace("_", " ").capitalize())


@register.filter
def look(state: str) -> str:
    """The class that colours a state."""
    return words.SIGNS.get(state, ("calm", "·"))[0]


@register.filter
def sign(state: str) -> str:
    """The sign that says a state without colour."""
    return words.SIGNS.get(state, ("calm", "·"))[1]


@register.simple_tag
def icon(name: str) -> SafeString:
    """A small drawing beside words; never alone."""
    href = f"{static('vendor/lucide@1.62.0/sprite.svg')}#{name}"
    return format_html('<svg class="icon" aria-hidden="true" focusable="false"><use href="{}"></use></svg>', href)


@register.simple_tag
def ago(at: datetime | None) -> SafeString | str:
    """How long ago something was; the exact time for machines and on paper."""
    if at is None:
        return "—"
    return format_html('<time datetime="{}">{}</time>', at.isoformat(timespec="seconds"), words.ago(at, timezone.now()))


@register.simple_tag
def when(at: datetime | None) -> SafeString | str:
    """A date and time in full."""
    if at is None:
        return "—"
    local = timezone.localtime(at)
    return format_html('<time datetime="{}">{}</time>', at.isoformat(timespec="seconds"), f"{local:%d %b %Y, %H:%M}")


@register.simple_tag(takes_context=True)
def with_query(context: dict[str, Any], **changes: Any) -> str:
    """The present query string with some values changed; an empty value is left out."""
    request: HttpRequest = context["request"]
    query = request.GET.copy()
    for name, value in changes.items():
        query.pop(name, None)
        if value not in ("", None, 0):
            query[name] = str(value)
    return f"?{query.urlencode()}" if query else "?"
