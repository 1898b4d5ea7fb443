"""Nightly work of the hub itself."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest

from mdm.rules.exchange.standing import STANDING, last_night


@pytest.mark.parametrize(
    ("at", "night"),
    [
        (datetime(2026, 1, 15, 12, tzinfo=UTC), datetime(2026, 1, 15, 2, tzinfo=UTC)),
        (datetime(2026, 1, 15, 2, tzinfo=UTC), datetime(2026, 1, 15, 2, tzinfo=UTC)),
        (datetime(2026, 1, 15, 1, 59, tzinfo=UTC), datetime(2026, 1, 14, 2, tzinfo=UTC)),
        (datetime(2026, 1, 15, 2, tzinfo=timezone(timedelta(hours=5))), datetime(2026, 1, 14, 2, tzinfo=UTC)),
    ],
    ids=["by day", "at the stroke", "before", "elsewhere"],
)
def test_the_last_night_is_not_after_the_time(at, night):
    assert last_night(at) == night


def test_each_kind_has_a_name_of_its_own_and_a_rhythm():
    assert len({work.name for work in STANDING.values()}) == len(STANDING)
    assert all(work.every_seconds >= 60 for work in STANDING.values())
