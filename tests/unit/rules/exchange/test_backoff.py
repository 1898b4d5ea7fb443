from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mdm.rules.exchange.backoff import next_delay


@pytest.mark.parametrize(
    ("attempt", "expected"), [(0, 2.0), (1, 2.0), (2, 4.0), (3, 8.0), (11, 2048.0), (12, 3600.0), (10**9, 3600.0)]
)
def test_the_longest_wait_doubles_up_to_the_cap(attempt, expected):
    assert next_delay(attempt, jitter=1.0) == expected


def test_jitter_takes_any_share_of_it():
    assert [next_delay(3, jitter=share) for share in (0.0, 0.25, 1.0)] == [0.0, 2.0, 8.0]


@pytest.mark.parametrize(
    ("retry_after", "jitter", "expected"), [(30, 0.0, 30.0), (30, 1.0, 32.0), (0, 0.5, 1.0), (-5, 0.0, 0.0), (10**6, 0.0, 3600.0)]
)
def test_what_the_other_side_asks_for_is_waited(retry_after, jitter, expected):
    assert next_delay(9, retry_after=retry_after, jitter=jitter) == expected


def test_base_and_cap_are_the_callers():
    assert next_delay(4, jitter=1.0, base=0.5, cap=3.0) == 3.0


@pytest.mark.timed
@given(st.integers(0, 10_000), st.floats(0, 1), st.none() | st.floats(0, 10**9))
def test_a_wait_is_never_negative_nor_beyond_the_cap_and_a_base(attempt, jitter, retry_after):
    assert 0.0 <= next_delay(attempt, jitter=jitter, retry_after=retry_after) <= 3602.0
