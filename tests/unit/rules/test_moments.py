"""Moments as people and systems write them."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from mdm.errors import BadInput
from mdm.rules import moments

NOW = datetime(2026, 3, 1, 15, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", None),
        ("  ", None),
        ("2026-01-31", datetime(2026, 1, 31, 23, 59, 59, 999999, tzinfo=UTC)),
        ("2026-03-01", NOW),
        ("2026-01-31T12:00:00Z", datetime(2026, 1, 31, 12, tzinfo=UTC)),
        ("2026-01-31T12:00", datetime(2026, 1, 31, 12, tzinfo=UTC)),
        ("2026-01-31T12:00:00 02:00", datetime(2026, 1, 31, 10, tzinfo=UTC)),
    ],
    ids=["none", "blank", "a day is its end", "today is now", "UTC", "no zone is UTC", "a plus that became a space"],
)
def test_a_moment_is_read(text, expected):
    assert moments.parse(text, name="as_of", now=NOW) == expected


@pytest.mark.parametrize("text", ["yesterday", "2026-13-01", "2026-01-31T25:00:00Z", "0001-01-01T00:00:00+23:00", "1", "\x00"])
def test_what_is_no_moment_is_refused_with_an_example(text):
    with pytest.raises(BadInput, match="is no moment; write 2026-01-31"):
        moments.parse(text, name="as_of", now=NOW)


@pytest.mark.parametrize("text", ["2026-03-02", "2026-03-01T15:00:01Z"])
def test_the_future_is_refused(text):
    with pytest.raises(BadInput, match=f"as_of={text} lies in the future"):
        moments.parse(text, name="as_of", now=NOW)


@pytest.mark.parametrize(
    ("text", "expected"),
    [("2026-01-31", "2026-01-31"), ("2026-01-31T12:05:00Z", "2026-01-31, 12:05 UTC")],
    ids=["the end of a day", "a minute"],
)
def test_a_moment_is_said(text, expected):
    moment = moments.parse(text, name="as_of", now=NOW)

    assert moment is not None
    assert moments.said(moment) == expected
