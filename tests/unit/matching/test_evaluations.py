"""Figures of a clustering, against counting by hand."""

from itertools import combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matching.errors import BadInput
from matching.evaluate import evaluate


def test_perfect_empty_and_lone():
    assert evaluate(["a", "a", "b"], ["x", "x", "y"]).f1 == 1
    assert evaluate([], []).b3_f1 == 1
    assert evaluate(["a", "b"], ["x", "y"]).precision == 1


def test_a_known_case():
    found = evaluate(["a", "a", "a", "b"], ["x", "x", "y", "y"])

    assert (found.true_positives, found.predicted_pairs, found.true_pairs) == (1, 3, 2)
    assert (found.precision, found.recall) == pytest.approx((1 / 3, 1 / 2))
    assert (found.b3_precision, found.b3_recall) == pytest.approx((2 / 3, 3 / 4))
    assert found.to_dict()["precision"] == 0.3333


def test_nothing_right_is_nothing():
    assert evaluate(["a", "a"], ["x", "y"]).f1 == 0


def test_only_pairs_across_sides_count():
    found = evaluate(["a", "a", "a"], ["x", "x", "x"], side=["l", "l", "r"])

    assert (found.true_positives, found.true_pairs) == (2, 2)


def test_lengths_must_agree():
    with pytest.raises(BadInput, match="1 predicted labels and 2 true"):
        evaluate(["a"], ["x", "y"])


@pytest.mark.timed
@settings(max_examples=40, deadline=None)
@given(rows=st.lists(st.tuples(*[st.sampled_from("abc")] * 3), max_size=12))
def test_pairs_are_what_counting_one_by_one_gives(rows):
    predicted, truth, side = ([row[place] for row in rows] for place in range(3))
    pairs = [(a, b) for a, b in combinations(range(len(rows)), 2) if side[a] != side[b]]

    found = evaluate(predicted, truth, side=side)

    assert found.predicted_pairs == sum(predicted[a] == predicted[b] for a, b in pairs)
    assert found.true_pairs == sum(truth[a] == truth[b] for a, b in pairs)
    assert found.true_positives == sum(predicted[a] == predicted[b] and truth[a] == truth[b] for a, b in pairs)
