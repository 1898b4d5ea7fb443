from __future__ import annotations

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mdm.rules.golden.identity import Departure, Leaving, Outcome, assign


def placed(clusters, homes, *, former=None, ages=None):
    """The assignment of clusters written as text, a letter a record; golden records are numbers, older ones smaller."""
    sets = [frozenset(map(ord, cluster)) for cluster in clusters]
    at_home = {ord(record): golden for record, golden in homes.items()}
    formerly = {ord(record): tuple(goldens) for record, goldens in (former or {}).items()}
    return assign(sets, at_home, ages=ages or {golden: golden for golden in homes.values()}, former=formerly)


def outcomes(assignment):
    return [(str(placement.outcome), placement.golden) for placement in assignment.placements]


def test_a_cluster_of_strangers_is_born():
    assert outcomes(placed(["ab"], {})) == [("born", None)]


def test_an_unchanged_cluster_keeps_its_golden_record_and_nothing_departs():
    assignment = placed(["abc"], {"a": 1, "b": 1})

    assert outcomes(assignment) == [("kept", 1)]
    assert (assignment.departures, assignment.splits) == ((), {})


def test_a_merge_keeps_the_larger_side():
    assignment = placed(["abc"], {"a": 1, "b": 2, "c": 2})

    assert outcomes(assignment) == [("kept", 2)]
    assert assignment.departures == (Departure(1, Leaving.MERGED, (0,)),)


def test_a_merge_of_equals_keeps_the_older_by_issue():
    assert outcomes(placed(["ab"], {"a": 1, "b": 2}, ages={1: 9, 2: 4})) == [("kept", 2)]


def test_a_split_leaves_the_id_with_the_larger_part():
    assignment = placed(["a", "bc"], {"a": 1, "b": 1, "c": 1})

    assert outcomes(assignment) == [("born", None), ("kept", 1)]
    assert assignment.splits == {1: (0,)}


def test_an_even_split_leaves_the_id_with_the_part_that_holds_the_smallest_record():
    assert outcomes(placed(["cd", "ab"], dict.fromkeys("abcd", 1))) == [("born", None), ("kept", 1)]


def test_each_golden_record_is_kept_once_and_the_next_best_claim_is_heard():
    # Both clusters know golden 1 best; the second has to be content with 2.
    assignment = placed(["abc", "dexy"], {"a": 1, "b": 1, "c": 1, "d": 1, "e": 1, "x": 2})

    assert outcomes(assignment) == [("kept", 1), ("kept", 2)]
    assert assignment.splits == {1: (1,)}


def test_a_golden_record_that_lost_all_its_members_to_several_is_split_most_first():
    # Each cluster has more records of its own golden record than of 4.
    assignment = placed(
        ["abx", "cdeyz", "fgv"],
        {**dict.fromkeys("ab", 1), **dict.fromkeys("cde", 2), **dict.fromkeys("fg", 3), **dict.fromkeys("xyzv", 4)},
    )

    assert outcomes(assignment) == [("kept", 1), ("kept", 2), ("kept", 3)]
    assert assignment.departures == (Departure(4, Leaving.SPLIT, (1, 0, 2)),)
    assert assignment.splits == {}


def test_the_larger_part_keeps_the_live_id_even_when_it_once_had_another():
    assignment = placed(["a", "bc"], dict.fromkeys("abc", 1), former={"b": [7], "c": [7]})

    assert outcomes(assignment) == [("born", None), ("kept", 1)]


def test_unmerge_restores_the_id_that_was_merged_away():
    # 7 was merged into 1; now its records part from 1 again.
    assignment = placed(["abc", "xy"], dict.fromkeys("abcxy", 1), former={"x": [7], "y": [7]})

    assert outcomes(assignment) == [("kept", 1), ("restored", 7)]
    assert assignment.splits == {1: (1,)}


def test_of_several_former_ids_the_largest_overlap_comes_back_then_the_latest():
    base = dict.fromkeys("abcdxyz", 1)

    assert outcomes(placed(["abcd", "xyz"], base, former={"x": [7], "y": [8], "z": [8]}))[1] == ("restored", 8)
    assert outcomes(placed(["abcd", "xyz"], base, former={"x": [8, 7], "y": [8, 7]}))[1] == ("restored", 8)
    assert outcomes(placed(["abcd", "xyz"], base, former={"x": [7], "y": [8]}))[1] == ("restored", 8)


def test_a_former_id_comes_back_once_and_never_while_it_lives():
    assignment = placed(["abcde", "xy", "z"], dict.fromkeys("abcdexyz", 1), former={"x": [7], "y": [7], "z": [7]})
    assert outcomes(assignment) == [("kept", 1), ("restored", 7), ("born", None)]

    assignment = placed(["abc", "x", "m"], {**dict.fromkeys("abcx", 1), "m": 7}, former={"x": [7]})
    assert outcomes(assignment) == [("kept", 1), ("born", None), ("kept", 7)]


def test_a_cluster_that_keeps_one_restores_none():
    assert outcomes(placed(["ab"], {"a": 1}, former={"a": [7], "b": [7]})) == [("kept", 1)]


@st.composite
def components(draw):
    records = list(range(draw(st.integers(1, 12))))
    groups = draw(st.lists(st.integers(0, 4), min_size=len(records), max_size=len(records)))
    clusters = [frozenset(r for r, g in zip(records, groups, strict=True) if g == group) for group in sorted(set(groups))]
    homes = {r: draw(st.integers(1, 4)) for r in records if draw(st.booleans())}
    former = {r: tuple(draw(st.lists(st.integers(3, 8), max_size=2, unique=True))) for r in records if draw(st.booleans())}
    return clusters, homes, former, draw(st.permutations(clusters)), draw(st.randoms(use_true_random=False))


@pytest.mark.timed
@settings(max_examples=100)
@given(components())
def test_p3_the_order_of_clusters_and_records_does_not_matter(component):
    clusters, homes, former, shuffled, chance = component
    ages = {golden: -golden for golden in range(10)}

    one = assign(clusters, homes, ages=ages, former=former)
    other = assign(shuffled, _shuffled(homes, chance), ages=ages, former=_shuffled(former, chance))

    assert {p.members: (p.outcome, p.golden) for p in one.placements} == {
        p.members: (p.outcome, p.golden) for p in other.placements
    }
    assert _named(one.departures, clusters) == _named(other.departures, shuffled)
    assert {g: [clusters[i] for i in to] for g, to in one.splits.items()} == {
        g: [shuffled[i] for i in to] for g, to in other.splits.items()
    }


@pytest.mark.timed
@settings(max_examples=100)
@given(components())
def test_p2_every_live_id_is_kept_once_or_departs_with_its_successors(component):
    clusters, homes, former, _, _ = component

    result = assign(clusters, homes, ages={golden: golden for golden in range(10)}, former=former)

    live = set(homes.values())
    named = [placement.golden for placement in result.placements if placement.golden is not None]
    kept = {placement.golden for placement in result.placements if placement.outcome is Outcome.KEPT}
    assert [placement.members for placement in result.placements] == clusters
    assert len(named) == len(set(named))
    assert kept | {departure.golden for departure in result.departures} == live
    assert kept.isdisjoint(departure.golden for departure in result.departures)
    assert not live & {p.golden for p in result.placements if p.outcome is Outcome.RESTORED}
    for departure in result.departures:
        took = {i for i, members in enumerate(clusters) if any(homes.get(record) == departure.golden for record in members)}
        assert set(departure.into) == took
        assert (departure.outcome is Leaving.SPLIT) == (len(took) > 1)


def _shuffled(table, chance: random.Random):
    items = list(table.items())
    chance.shuffle(items)
    return dict(items)


def _named(departures, clusters):
    return [(d.golden, d.outcome, [clusters[i] for i in d.into]) for d in departures]


def test_a_golden_record_without_an_age_is_a_mistake_of_the_caller():
    with pytest.raises(KeyError):
        assign([frozenset({1})], {1: 5}, ages={}, former={})
