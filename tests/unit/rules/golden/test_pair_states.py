from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mdm.rules.golden.pair_states import Pair, PairStatus, question_states

# Records 1-3 live in golden 10, 4-5 in 20, 6 in 30.
GOLDEN_OF = {1: 10, 2: 10, 3: 10, 4: 20, 5: 20, 6: 30}


def states(*pairs, cannot=(), decided=None):
    found = question_states([Pair(*pair) for pair in pairs], GOLDEN_OF, cannot, decided or {})
    return {pair: str(status) for pair, status in found.items()}


def test_records_of_one_golden_record_are_joined():
    assert states((1, 1, 2, 9.0)) == {1: "JOINED"}


def test_the_strongest_pair_between_two_golden_records_asks_for_the_others():
    assert states((1, 1, 4, 3.0), (2, 2, 5, 7.0), (3, 3, 6, 1.0)) == {1: "COVERED", 2: "OPEN", 3: "OPEN"}


def test_of_equally_strong_pairs_the_one_with_the_smallest_records_asks():
    assert states((1, 2, 4, 3.0), (2, 5, 1, 3.0), (3, 1, 4, 3.0)) == {1: "COVERED", 2: "COVERED", 3: "OPEN"}


def test_a_cannot_link_between_any_two_records_bars_all_pairs_of_their_golden_records():
    assert states((1, 1, 4, 3.0), (2, 2, 6, 2.0), cannot=[(5, 3)]) == {1: "BARRED", 2: "OPEN"}


def test_a_cannot_link_with_a_record_that_is_gone_counts_for_nothing():
    assert states((1, 1, 4, 3.0), cannot=[(1, 99), (99, 4)]) == {1: "OPEN"}


def test_decided_pairs_get_no_state():
    decided = {1: PairStatus.SAME, 2: PairStatus.DIFFERENT}

    assert states((1, 1, 2, 9.0), (2, 1, 4, 3.0), (3, 2, 4, 1.0), cannot=[(1, 4)], decided=decided) == {3: "BARRED"}


def test_a_doubt_keeps_asking_and_covers_the_others_even_stronger_ones():
    assert states((1, 1, 4, 3.0), (2, 2, 5, 7.0), decided={1: PairStatus.UNSURE}) == {1: "UNSURE", 2: "COVERED"}


def test_a_doubt_ends_when_the_question_is_settled_elsewhere():
    decided = {1: PairStatus.UNSURE, 2: PairStatus.UNSURE}

    assert states((1, 1, 2, 3.0), (2, 1, 4, 3.0), cannot=[(2, 5)], decided=decided) == {1: "JOINED", 2: "BARRED"}


def test_verdicts_may_be_plain_text_as_tables_keep_them():
    assert states((1, 1, 4, 3.0), decided={1: "DIFFERENT"}) == {}


PAIRS = st.lists(
    st.tuples(st.integers(1, 6), st.integers(1, 6), st.sampled_from([1.0, 2.0, 5.5])).filter(lambda pair: pair[0] < pair[1]),
    unique_by=lambda pair: pair[:2],
    max_size=12,
)


@pytest.mark.timed
@settings(max_examples=80)
@given(PAIRS, st.lists(st.tuples(st.integers(1, 6), st.integers(1, 6)), max_size=2), st.data())
def test_two_golden_records_give_one_question_at_most_in_any_order(drawn, cannot, data):
    pairs = [Pair(number, *pair) for number, pair in enumerate(drawn)]
    verdicts = st.sampled_from([PairStatus.SAME, PairStatus.DIFFERENT, None])
    decided = {pair.id: verdict for pair in pairs if (verdict := data.draw(verdicts)) is not None}

    found = question_states(pairs, GOLDEN_OF, cannot, decided)

    assert found == question_states(data.draw(st.permutations(pairs)), GOLDEN_OF, cannot, decided)
    assert set(found) == {pair.id for pair in pairs} - set(decided)
    asking = [frozenset({GOLDEN_OF[p.left], GOLDEN_OF[p.right]}) for p in pairs if found.get(p.id) is PairStatus.OPEN]
    assert len(asking) == len(set(asking))
    for pair in pairs:
        if found.get(pair.id) is PairStatus.COVERED:
            assert frozenset({GOLDEN_OF[pair.left], GOLDEN_OF[pair.right]}) in asking
