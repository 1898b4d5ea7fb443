"""Which links say a partition, and what stays tied when a record is gone."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mdm.rules.golden import links, sides

LINKS = st.lists(st.tuples(st.integers(1, 9), st.integers(1, 9)).filter(lambda link: link[0] < link[1]), max_size=12)


@pytest.mark.parametrize(
    ("groups", "said", "expected"),
    [
        ([], [], []),
        ([{1}], [], []),
        ([{1, 2, 3}], [], [(1, 2), (1, 3)]),
        ([{1, 2, 3}], [(1, 3)], [(1, 2)]),
        ([{1, 2, 3}], [(2, 3)], [(1, 2)]),
        ([{1, 2}, {4, 5}], [], [(1, 2), (4, 5)]),
    ],
)
def test_a_group_is_held_together_by_its_eldest_and_what_was_said_before(groups, said, expected):
    assert links.tied(groups, {}, said, {}) == expected


def test_the_eldest_is_who_came_first_not_who_has_the_smallest_number():
    assert links.tied([{1, 2, 3}], {1: 30, 2: 20, 3: 10}, [], {}) == [(1, 3), (2, 3)]


BLOCKS = {1: 0, 2: 0, 3: 1, 4: 1, 5: 2, 6: 2}
"""Evidence holds 1 and 2, 3 and 4, 5 and 6 together."""


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ([], [(1, 2), (1, 3), (1, 4), (1, 5), (1, 6)]),
        ([(1, 3)], [(1, 2), (1, 5), (1, 6)]),
        ([(2, 3), (3, 4)], [(1, 2), (1, 5), (1, 6)]),
        ([(3, 6)], [(1, 2), (1, 3), (1, 4)]),
        ([(1, 2), (1, 3), (1, 4)], [(1, 5), (1, 6), (2, 5)]),
    ],
)
def test_a_block_that_somebody_else_tied_goes_with_their_word_and_all_others_are_tied_by_more_than_evidence(said, expected):
    found = links.tied([{1, 2, 3, 4, 5, 6}], {}, said, BLOCKS)

    assert found == expected
    assert not {*found} & {*said}


def test_different_groups_are_kept_apart_record_by_record():
    assert links.apart([{3}, {1, 2}, {4}]) == [(1, 3), (1, 4), (2, 3), (2, 4), (3, 4)]
    assert links.apart([]) == []


@pytest.mark.parametrize(
    ("said", "living", "expected"),
    [
        ([(1, 2), (2, 3)], {1, 2, 3}, ((1, 2), (2, 3))),
        ([(1, 2), (2, 3)], {1, 3}, ((1, 3),)),
        ([(1, 2), (2, 3), (3, 4)], {1, 4}, ((1, 4),)),
        ([(1, 2), (2, 3), (1, 3)], {1, 3}, ((1, 3),)),
        ([(1, 2)], {1}, ()),
        ([], {1}, ()),
    ],
)
def test_what_a_record_tied_together_stays_tied_when_it_is_gone(said, living, expected):
    assert links.through(said, living) == expected


@given(LINKS, st.sets(st.integers(1, 9)))
def test_the_living_hang_together_as_before_and_no_other_way(said, living):
    before, after = links.joined(said), links.joined(links.through(said, living))

    for one in living:
        for other in living:
            together = one == other or before.get(one, -one) == before.get(other, -other)
            assert (one == other or after.get(one, -one) == after.get(other, -other)) is together


MOVES = [{"record": 3, "from": 20, "to": 10}, {"record": 4, "from": 20, "to": 10}, {"record": 5, "from": None, "to": 10}]


def test_the_sides_of_a_merge_are_where_its_records_came_from():
    found = sides.sides(MOVES, {10: [1, 2, 3, 4], 30: [7, 8]})

    assert found == {10: (frozenset({1, 2}), frozenset({3, 4}))}


def test_sides_are_kept_apart_record_by_record_or_where_that_is_too_many_by_evidence(monkeypatch):
    parts = [(frozenset({1, 2}), frozenset({3, 4}))]
    assert len(sides.apart(parts, [])) == 4

    monkeypatch.setattr(links, "MOST_APART", 3)

    assert sides.apart(parts, [(2, 4)]) == [(1, 3), (2, 4)]
