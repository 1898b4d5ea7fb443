"""Hierarchies: whatever records say, in whatever order, what stands is a forest, and one step of each circle gives way."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mdm.rules.golden.kin import hierarchy
from mdm.rules.golden.kin.hierarchy import Step

RANKS = ("erp", "crm")
KEYS = st.builds("{}/account//{}".format, st.sampled_from(["erp", "crm", "psa", "hr"]), st.integers(1, 9))


@st.composite
def told(draw):
    """Steps with one parent a child, as survivorship leaves them: circles, chains, a record that names itself."""
    children = draw(st.sets(st.integers(1, 14)))
    return [Step(child, draw(st.integers(1, 14)), draw(KEYS)) for child in sorted(children)]


@given(told(), st.randoms(use_true_random=False))
def test_p3_a_forest_has_no_circle_one_parent_a_child_and_does_not_depend_on_order(steps, chance):
    made = hierarchy.forest(steps, RANKS)
    shuffled = list(steps)
    chance.shuffle(shuffled)

    assert hierarchy.forest(shuffled, RANKS) == made
    assert made.parents.keys() <= {step.child for step in steps}
    for start in made.parents:
        way, current = [start], start
        while current in made.parents:
            current = made.parents[current]
            assert current not in way
            way.append(current)


@given(told())
def test_only_one_step_of_each_circle_gives_way_and_nothing_else(steps):
    made = hierarchy.forest(steps, RANKS)

    assert len(made.open) == len(made.circles)
    assert len(made.parents) == len(steps) - len(made.open)
    for circle, gone in zip(made.circles, made.open, strict=True):
        assert gone in circle
        assert [step.parent for step in circle] == [step.child for step in (*circle[1:], circle[0])]
        assert circle[0].child == min(step.child for step in circle)


@given(told())
def test_a_circle_alone_decides_what_gives_way(steps):
    """What hangs on a circle, or stands beside it, has no say: a tree around one record tells the same as the whole domain."""
    for circle, gone in zip(*(lambda made: (made.circles, made.open))(hierarchy.forest(steps, RANKS)), strict=True):
        assert hierarchy.forest(circle, RANKS).open == (gone,)


@pytest.mark.parametrize(
    ("said", "gone"),
    [
        ({1: "erp/a//1", 2: "crm/a//2"}, 2),  # the system that ranks last
        ({1: "psa/a//1", 2: "crm/a//2"}, 1),  # one that is not ranked, below all others
        ({1: "crm/a//1", 2: "crm/a//2"}, 2),  # among equals the last by key
        ({1: "", 2: "erp/a//2"}, 2),  # a person's word last of all
        ({1: "erp/a//1"}, 1),  # a record that names itself
    ],
)
def test_which_step_gives_way(said, gone):
    children = sorted(said)
    steps = [Step(child, up, said[child]) for child, up in zip(children, [*children[1:], children[0]], strict=True)]

    assert [step.child for step in hierarchy.forest(steps, RANKS).open] == [gone]


def test_two_parents_of_one_child_are_survivorships_to_decide():
    with pytest.raises(ValueError, match="1 has two parents"):
        hierarchy.forest([Step(1, 2), Step(1, 3)], ())


def test_a_deep_chain_and_many_circles_cost_no_more_than_their_number():
    chain = [Step(number, number + 1, "crm/a//x") for number in range(1, 20_000)]
    circles = [Step(number, number + 1 if number % 3 else number - 2, "crm/a//y") for number in range(30_001, 60_001)]
    steps = chain + circles
    random.Random(1).shuffle(steps)

    made = hierarchy.forest(steps, ())

    assert len(made.circles) == 10_000
    assert made.parents[1] == 2


def test_the_systems_are_ranked_as_survivorship_ranks_them(declare):
    up = [{"name": "up", "title": "Up", "domain": "thing", "is_hierarchy": True}]
    rule = {"attributes": ["up"], "strategies": [{"kind": "source_priority", "order": ["b", "a"]}, "most_recent"]}

    assert hierarchy.ranking(declare("name", relations=up, survivorship=[rule]), "up") == ("b", "a")
    assert hierarchy.ranking(declare("name", relations=up), "up") == ()
