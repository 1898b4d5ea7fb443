"""Clustering: strongest first, guards, the mean tie, and the same result in any order."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components

from matching.cluster import guards, run
from matching.cluster.components import components
from matching.config.load import load_model
from matching.errors import BadInput

MODEL = load_model(
    {
        "name": "small",
        "attributes": {"name": {"kind": "text"}, "number": {"kind": "lei"}},
        "keys": {"name": {"parts": ["name.words"]}},
        "comparisons": {
            "name": {"comparator": "same_value", "inputs": {"value": "name.words"}, "weights": [5, -5]},
            "number": {"comparator": "identifier", "inputs": {"number": "number.number"}, "weights": [9, 2, -9, -9]},
        },
        "constraints": [{"comparison": "number", "levels": [3], "reason": "Two numbers are two companies."}],
        "prior": 0,
        "thresholds": {"auto": 0.94, "review": 0.5},
        "tie": {"least_mean": 1, "most": 10},
    }
)
AUTO = 5.0


def clustered(ids, weights, *, levels=None, must=(), cannot=(), unique=()):
    """Cluster records whose pair weights are given by id pair; a pair that is not given weighs 0 and is no edge."""
    row = {one: number for number, one in enumerate(ids)}
    known = {frozenset((row[a], row[b])): weight for (a, b), weight in weights.items()}
    number = {frozenset((row[a], row[b])): level for (a, b), level in (levels or {}).items()}

    def scorer(left, right):
        pairs = [frozenset(pair) for pair in zip(left.tolist(), right.tolist(), strict=True)]
        found = np.array([[1, number.get(pair, 0)] for pair in pairs], np.int8).reshape(-1, 2)
        return np.array([known.get(pair, 0.0) for pair in pairs], np.float32), found

    edges = [(row[a], row[b], weight) for (a, b), weight in weights.items() if weight >= 0]
    left, right, weight = (np.array(side) for side in zip(*edges, strict=True)) if edges else (np.zeros(0),) * 3
    rules = run.Rules(
        *(np.array([[row[a], row[b]] for a, b in pairs], np.int32).reshape(-1, 2) for pairs in (must, cannot)), unique
    )
    found = run.cluster(
        MODEL, run.Edges(left.astype(np.int32), right.astype(np.int32), weight.astype(np.float32)), ids, scorer, rules=rules
    )
    groups = {}
    for one, label in zip(ids, found.labels.tolist(), strict=True):
        groups.setdefault(label, set()).add(one)
    return sorted(map(sorted, groups.values())), found


def groups(*arguments, **more):
    return ["".join(group) for group in clustered(*arguments, **more)[0]]


def test_no_records_and_lone_records():
    assert groups([], {}) == []
    assert groups(list("ba"), {}) == ["a", "b"]


def test_rules_may_be_left_out():
    none = np.zeros(0, np.int32)

    found = run.cluster(MODEL, run.Edges(none, none, none.astype(np.float32)), ["a"], lambda *_: (none, none), rules=run.Rules())

    assert found.labels.tolist() == [0]


def test_only_the_auto_band_joins():
    assert groups(list("abcd"), {("a", "b"): AUTO, ("c", "d"): 2.0}) == ["ab", "c", "d"]


def test_strength_is_the_weakest_union_and_1_for_a_lone_record():
    _, found = clustered(list("abcd"), {("a", "b"): 6.0, ("b", "c"): 5.0, ("a", "c"): 4.5})

    assert found.strength.tolist() == pytest.approx([1 / (1 + 2**-5)] * 3 + [1.0])


def test_clusters_are_numbered_by_their_smallest_id():
    _, found = clustered(["z", "m", "a", "b"], {("z", "a"): 6.0})

    assert found.labels.tolist() == [0, 2, 0, 1]


def test_one_strong_bridge_does_not_join_two_groups():
    weights = {("a", "b"): 9.0, ("c", "d"): 9.0, ("b", "c"): 6.0, ("a", "c"): -8.0, ("b", "d"): -8.0, ("a", "d"): -8.0}

    found, clusters = clustered(list("abcd"), weights)

    assert found == [["a", "b"], ["c", "d"]]
    assert [(one.reason, one.weight) for one in clusters.refused] == [(guards.WEAK_TIE, 6.0)]
    assert clusters.refused[0].detail == (
        "One pair is strong, but the two sides as a whole do not agree."
        " Sides of 2 and 2 records: mean weight -4.5 bits, 1.0 needed."
    )


def test_a_refused_union_is_forgotten_when_the_groups_meet_after_all():
    # b-c is looked at first and refused (its sides as a whole disagree); with e on its side the group agrees.
    weights = {("a", "b"): 9.0, ("b", "c"): 8.0, ("a", "c"): -9.0, ("c", "e"): 7.0, ("b", "e"): 7.0, ("a", "e"): 7.0}

    found, clusters = clustered(list("abce"), weights)

    assert found == [["a", "b", "c", "e"]]
    assert clusters.refused == ()


def test_a_contradicting_identifier_keeps_groups_apart_unless_one_pair_agrees():
    weights = {("a", "b"): 9.0, ("b", "c"): 9.0, ("a", "c"): 9.0}

    assert groups(list("abc"), weights, levels={("a", "c"): 3}) in (["ab", "c"], ["a", "bc"])
    assert groups(list("abc"), weights, levels={("a", "c"): 3, ("b", "c"): 1}) == ["abc"]


def test_the_reason_of_a_conflict_is_the_models():
    _, found = clustered(list("ab"), {("a", "b"): 9.0}, levels={("a", "b"): 3})

    assert [(one.left, one.right, one.reason, one.detail) for one in found.refused] == [
        (0, 1, guards.CONFLICT, "Two numbers are two companies.")
    ]


def test_a_place_that_has_no_duplicates_is_held_once():
    found, clusters = clustered(list("abc"), {("a", "b"): 9.0, ("b", "c"): 8.0, ("a", "c"): 8.0}, unique=["s1", None, "s1"])

    assert found == [["a", "b"], ["c"]]
    assert [one.reason for one in clusters.refused] == [guards.NOT_UNIQUE]


def test_same_decisions_join_what_no_weight_would():
    _, found = clustered(list("ab"), {}, must=[("a", "b")])

    assert found.labels.tolist() == [0, 0]
    assert found.strength.tolist() == [1.0, 1.0]


def test_different_decisions_keep_apart_what_weights_join():
    found, clusters = clustered(list("abc"), {("a", "b"): 9.0, ("b", "c"): 8.0, ("a", "c"): 8.0}, cannot=[("c", "a")])

    assert found == [["a", "b"], ["c"]]
    assert [one.reason for one in clusters.refused] == [guards.CANNOT_LINK]


def test_a_different_decision_between_records_that_nothing_links_changes_nothing():
    assert groups(list("abcd"), {("a", "b"): 9.0, ("c", "d"): 9.0}, cannot=[("a", "c")]) == ["ab", "cd"]


def test_decisions_that_contradict_each_other_are_named():
    found, clusters = clustered(list("abc"), {}, must=[("a", "b"), ("b", "c"), ("b", "a")], cannot=[("a", "c")])

    assert found == [["a", "b"], ["c"]]
    assert [one.reason for one in clusters.refused] == [guards.CANNOT_LINK]


def test_a_same_decision_outranks_identifiers_and_uniqueness():
    assert groups(list("ab"), {("a", "b"): -9.0}, levels={("a", "b"): 3}, unique=["x", "x"], must=[("a", "b")]) == ["ab"]


def test_a_very_large_component_is_judged_by_its_known_pairs(monkeypatch):
    monkeypatch.setattr(run, "LARGEST_WHOLE", 2)

    assert groups(list("abcx"), {("a", "b"): 9.0, ("b", "c"): 9.0, ("a", "c"): 9.0}) == ["abc", "x"]


def test_components_are_scored_in_batches(monkeypatch):
    weights = {("a", "b"): 9.0, ("c", "d"): 9.0, ("e", "f"): 9.0}
    monkeypatch.setattr(run, "BATCH", 1)

    assert groups(list("abcdef"), weights) == ["ab", "cd", "ef"]


def test_components_are_what_hangs_together():
    assert components(4, np.array([0, 2], np.int32), np.array([1, 3], np.int32)).tolist() == [0, 0, 1, 1]
    assert components(2, np.zeros(0, np.int32), np.zeros(0, np.int32)).tolist() == [0, 1]


@given(st.integers(1, 40).flatmap(lambda size: st.tuples(st.just(size), st.lists(st.tuples(*[st.integers(0, size - 1)] * 2)))))
def test_components_are_those_that_scipy_finds(graph):
    size, pairs = graph
    left, right = np.array(pairs, np.int32).reshape(-1, 2).T
    linked = coo_matrix((np.ones(len(left)), (left, right)), shape=(size, size))

    assert components(size, left, right).tolist() == connected_components(linked, directed=False)[1].tolist()


def test_a_long_chain_is_one_component():
    order = np.random.default_rng(3).permutation(10_000)

    assert not components(10_000, order[:-1], order[1:]).any()


def test_repeated_ids_are_refused():
    with pytest.raises(BadInput, match="ids must be unique; 1 repeat others"):
        clustered(["a", "a"], {})


@pytest.mark.timed
@settings(max_examples=40, deadline=None)
@given(data=st.data())
def test_the_partition_depends_on_no_order(data):
    ids = list("abcdefg")
    pairs = [(a, b) for a in ids for b in ids if a < b]
    weights = {pair: data.draw(st.sampled_from([-6.0, 0.5, 4.5, 6.0, 6.0, 9.0])) for pair in pairs if data.draw(st.booleans())}
    levels = {pair: data.draw(st.sampled_from([0, 0, 0, 1, 3])) for pair in weights}
    must, cannot = (data.draw(st.lists(st.sampled_from(pairs), max_size=2)) for _ in range(2))
    unique = dict(zip(ids, data.draw(st.lists(st.sampled_from([None, None, "s"]), min_size=7, max_size=7)), strict=True))
    order = data.draw(st.permutations(ids))
    mixed = dict(data.draw(st.permutations(list(weights.items()))))

    first = clustered(ids, weights, levels=levels, must=must, cannot=cannot, unique=[unique[one] for one in ids])
    other = clustered(
        order, mixed, levels=levels, must=must[::-1], cannot=[(b, a) for a, b in cannot], unique=[unique[one] for one in order]
    )

    assert first[0] == other[0]
    named = [
        sorted((ids[r.left], ids[r.right], r.reason) for r in first[1].refused),
        sorted((order[r.left], order[r.right], r.reason) for r in other[1].refused),
    ]
    assert named[0] == named[1]
    assert dict(zip(ids, first[1].strength.tolist(), strict=True)) == dict(zip(order, other[1].strength.tolist(), strict=True))


@pytest.mark.timed
@settings(max_examples=60, deadline=None)
@given(seed=st.integers(0, 10**6), easy=st.floats(0.3, 1.0))
def test_plain_components_end_as_step_by_step(seed, easy):
    """Mostly strong pairs, some weak ones, some numbers that contradict, some records of one clean source."""
    random = np.random.default_rng(seed)
    size = 24
    town = random.integers(0, 8, size)
    strong = np.triu(random.random((size, size)) < easy, 1) & (town[:, None] == town[None, :])
    weight = np.where(strong, np.round(random.uniform(4, 9, (size, size)), 1), np.round(random.uniform(-4, 3, (size, size)), 1))
    level = np.where(random.random((size, size)) < 0.03, 3, 0)
    unique = [None if random.random() < 0.9 else "same place" for _ in range(size)]
    left, right = (side.astype(np.int32) for side in np.nonzero(np.triu(weight >= 0, 1) & (town[:, None] == town[None, :])))
    edges = run.Edges(left, right, weight[left, right].astype(np.float32))

    def scorer(one, other):
        one, other = np.minimum(one, other), np.maximum(one, other)
        levels = np.stack([np.ones(len(one)), level[one, other]], axis=1).astype(np.int8)
        return weight[one, other].astype(np.float32), levels

    ids = [f"r{number:02}" for number in random.permutation(size)]
    fast = run.cluster(MODEL, edges, ids, scorer, rules=run.Rules(unique=unique))
    slow = run.cluster(MODEL, edges, ids, scorer, rules=run.Rules(unique=unique), unions=[])

    assert fast.labels.tolist() == slow.labels.tolist()
    assert fast.strength.tolist() == slow.strength.tolist()
    assert fast.refused == slow.refused
