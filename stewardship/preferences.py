"""Reads and saves a person's desk settings."""

from __future__ import annotations

from typing import Any

from django.db import transaction

from stewardship.models import DeskSettings


def of(person: Any) -> DeskSettings:
    """The person's settings, or the defaults; one query."""
    return DeskSettings.objects.filter(user=person).first() or DeskSettings(user=person)


@transaction.atomic
def save(person: Any, *, theme: str, has_shortcuts: bool) -> DeskSettings:
    """Keep what the person chose. Own convenience, no fact about master data: not audited."""
    row, _ = DeskSettings.objects.update_or_create(user=person, defaults={"theme": theme, "has_shortcuts": has_shortcuts})
    return row
