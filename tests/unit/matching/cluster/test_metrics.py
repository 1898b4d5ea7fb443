"""Metrics of clusters: against brute force, and at the edges."""

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import matching
from matching.cluster import metrics as measuring
from matching.cluster.metrics import metrics


def table(size, seed):
    """Weights of all pairs of records, many of them equal."""
    weight = np.random.default_rng(seed).integers(-4, 9, (size, size)).astype(np.float32)
    return np.minimum(weight, weight.T)


def weakest_cut(rows, weight):
    """Over all ways to part the rows in two, the least of the strongest weights across."""
    first, *rest = rows
    cuts = [set(chosen) | {first} for count in range(len(rest)) for chosen in combinations(rest, count)]
    return min(max(weight[a, b] for a in cut for b in set(rows) - cut) for cut in cuts)


@pytest.mark.timed
@settings(max_examples=60, deadline=None)
@given(labels=st.lists(st.integers(0, 4), min_size=1, max_size=14), seed=st.integers(0, 99), batch=st.sampled_from([1, 1000]))
def test_metrics_are_those_of_brute_force(labels, seed, batch):
    dense = np.unique(labels, return_inverse=True)[1].astype(np.int32)
    weight = table(len(labels), seed)
    before, measuring.BATCH = measuring.BATCH, batch
    try:
        found = metrics(dense, lambda left, right: weight[left, right])
    finally:
        measuring.BATCH = before

    expected = [label for label in range(dense.max() + 1) if (dense == label).sum() > 1]
    assert found.label.tolist() == expected
    for place, label in enumerate(expected):
        rows = np.flatnonzero(dense == label).tolist()
        assert found.size[place] == len(rows)
        assert found.cohesion[place] == pytest.approx(np.mean([weight[a, b] for a, b in combinations(rows, 2)]), abs=1e-5)
        assert found.weakest[place] == weakest_cut(rows, weight)
        left, right = found.weakest_left[place], found.weakest_right[place]
        assert {left, right} <= set(rows)
        assert weight[left, right] == found.weakest[place]


@pytest.mark.parametrize("labels", [[], [0, 1, 2]], ids=["no record", "all alone"])
def test_lone_records_have_no_metrics(labels):
    found = metrics(np.array(labels, np.int32), lambda left, right: left.astype(np.float32))

    assert [len(column) for column in found] == [0] * 6


def test_the_front_door_scores_the_pairs_itself():
    model = matching.load_model("customer")
    columns = {"name": ["Zyntho Pharmix"] * 3 + ["Quux"], "domain": ["zyntho.de"] * 3 + [None]}
    std = matching.standardise(model, columns)
    labels = matching.resolve(model, columns, ids=list("abcd")).clusters.labels

    found = matching.cluster_metrics(model, std, labels)

    assert found.size.tolist() == [3]
    assert found.cohesion[0] == pytest.approx(found.weakest[0], abs=1e-4)
