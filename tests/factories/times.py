"""Moments that tests pass as `at`; the clock itself is never frozen."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

NOON = datetime(2026, 1, 15, 12, tzinfo=UTC)


def later(minutes: float = 1) -> datetime:
    """That many minutes after noon."""
    return NOON + timedelta(minutes=minutes)
