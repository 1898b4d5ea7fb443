"""Counts that never scan a whole table."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet

MOST = 1_000


@dataclass(frozen=True, slots=True)
class Count:
    """How many rows there are; `is_more`: at least so many."""

    number: int
    is_more: bool = False

    def __str__(self) -> str:
        return f"{self.number:,}+" if self.is_more else f"{self.number:,}"

    def __bool__(self) -> bool:
        return self.number > 0


def up_to(rows: QuerySet[Any], most: int = MOST) -> Count:
    """Count `rows`, stopping at `most`; one query."""
    found = rows.order_by()[: most + 1].count()
    return Count(min(found, most), found > most)
