"""What would change the answer: one change where one is enough, two where it takes two, and never an untrue one."""

import numpy as np
import pytest

import matching
from matching.explain.flips import flips, total

SMALL = {
    "name": "small",
    "attributes": {"a": {"kind": "text"}, "b": {"kind": "text"}, "c": {"kind": "text"}},
    "keys": {"a": {"parts": ["a.words"]}},
    "comparisons": {
        name: {"comparator": "same_value", "inputs": {"value": f"{name}.words"}, "weights": [4, -4]} for name in "abc"
    },
    "prior": -4,
    "thresholds": {"auto": 0.98, "review": 0.6},
}
MODEL = matching.load_model(SMALL)


def explained(left, right, model=MODEL):
    columns = {name: [left[place], right[place]] for place, name in enumerate("abc")}
    return matching.explain(model, matching.standardise(model, columns), 0, 1)


def test_one_change_is_named_alone_where_it_is_enough():
    found = explained(("x", "y", "z"), ("x", "y", "other"))

    assert all(len(flip.changes) == 1 for flip in found.flips)
    assert 'reach the auto threshold if C were "same"' in " ".join(found.counterfactuals)


def test_two_changes_are_named_where_one_is_not_enough():
    found = explained(("x", "y", "z"), ("x", "p", "q"))

    auto = next(flip for flip in found.flips if flip.threshold == "auto")
    assert auto.changes == (("b", "B", "same"), ("c", "C", "same"))
    assert auto.sentence.startswith('It would reach the auto threshold if B were "same" and C were "same" (then 0.99')
    assert auto.is_up


def test_nothing_is_said_where_two_changes_do_not_help():
    strict = matching.load_model(SMALL | {"prior": -40})

    assert explained(("x", "y", "z"), ("p", "q", "r"), strict).flips == ()


@pytest.mark.timed
@pytest.mark.parametrize("name", ["customer", "person"])
def test_every_change_is_true_with_all_that_depends_on_it(name):
    model = matching.load_model(name)
    rng = np.random.default_rng(8)
    for _ in range(15):
        seen = {one.name: (int(rng.integers(0, one.size + 1)), 0.0) for one in model.comparisons}
        now = total(model, seen, {})
        for flip in flips(model, seen):
            threshold = getattr(model.thresholds, f"{flip.threshold}_weight")
            assert flip.is_up == (now < threshold)
            assert (flip.probability >= getattr(model.thresholds, flip.threshold) - 1e-6) == flip.is_up
            if len(flip.changes) == 2:
                single = [total(model, seen, {one.name: level}) for one in model.comparisons for level in range(1, one.size + 1)]
                assert not any((after >= threshold) != (now >= threshold) for after in single)


def test_the_total_is_that_of_the_explanation():
    found = explained(("x", "y", "z"), ("x", "p", None))

    assert total(MODEL, {step.comparison: (step.level, step.tf_part) for step in found.steps}, {}) == pytest.approx(found.total)
