"""Ping-pong is two systems that come back to their own values in turn, and nothing else."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mdm.rules.governance import contests
from mdm.rules.governance.contests import Contest, Turn

A, B, C, PINNED = Turn("crm", "x"), Turn("erp", "y"), Turn("psa", "z"), Turn("", "x")
JOINED = Turn("crm", "x", is_other=True)


@pytest.mark.parametrize(
    ("turns", "expected"),
    [
        ([A, B, A, B], Contest("x", "crm", "y", "erp", 3)),
        ([B, A, B, A], Contest("y", "erp", "x", "crm", 3)),
        ([C, A, B, A, B, A], Contest("x", "crm", "y", "erp", 4)),
        ([A, A, B, B, A, B], Contest("x", "crm", "y", "erp", 3)),
        ([A, B, A], None),
        ([A, B, C, A, B], None),
        ([A, B, PINNED, A, B], None),
        ([A, B, A, Turn("erp", "other")], None),
        ([A, Turn("erp", "x"), A, Turn("erp", "x")], None),
        ([A, Turn("crm", "y"), A, Turn("crm", "y")], None),
        ([A, B, JOINED, B, A, B], Contest("x", "crm", "y", "erp", 3)),
        ([A, B, JOINED, B], None),
        ([A, B, A, Turn("erp", "y", is_other=True)], None),
        ([A], None),
        ([], None),
    ],
    ids=[
        "three times", "begun by the other", "after a third", "said again", "too few", "a third between", "a person between",
        "a new value", "one value", "one system", "after a record joined", "before a record joined",
        "by a record that joins", "one turn", "nothing",
    ],
)  # fmt: skip
def test_a_contest_is_both_coming_back_to_their_own(turns, expected):
    assert contests.find(turns, times=3) == expected


@given(st.lists(st.sampled_from([A, B, C, PINNED]), max_size=12), st.integers(2, 5))
def test_what_is_found_is_at_the_end_and_long_enough(turns, times):
    found = contests.find(turns, times=times)

    if found is not None:
        assert found.times >= times
        assert {turns[-1].system, found.holder, found.challenger} == {found.holder, found.challenger}
        assert turns[-1].value in (found.agreed, found.challenge)
