from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from mdm.rules.intake.freshness import is_stale

THEN = datetime(2026, 1, 1, tzinfo=UTC)
LATER = THEN + timedelta(seconds=1)


@pytest.mark.parametrize(
    ("old", "new", "stale"),
    [
        ((5, None), (4, None), True),
        ((5, None), (5, None), False),
        ((5, None), (6, None), False),
        ((5, THEN), (4, LATER), True),
        ((5, LATER), (6, THEN), False),
        ((5, LATER), (5, THEN), False),
        ((None, LATER), (None, THEN), True),
        ((None, THEN), (None, THEN), False),
        ((None, THEN), (None, LATER), False),
        ((5, LATER), (None, THEN), True),
        ((5, None), (None, THEN), False),
        ((None, LATER), (4, None), False),
        ((None, None), (None, None), False),
    ],
)
def test_older_is_stale_equal_and_unknown_are_not(old, new, stale):
    assert is_stale(*old, *new) is stale
