"""How a cluster came about: its unions in order, its border, its weakest pair, the same in every order."""

import json

import numpy as np
import pytest

import matching
from tests.unit.matching.pipeline.test_order_does_not_matter import columns, records

MODEL = matching.load_model("customer")
NAMES = ["Zyntho Pharmix GmbH", "Zyntho Pharmix", "Zyntho Pharmix AG", "Zyntho Pharmix Services", "Quux Bank"]
SITES = ["zyntho.de", "zyntho.de", "zyntho.de", "zyntho.de", "quux.ch"]
IDS = ["d", "c", "b", "a", "q"]


def grown(of, **more):
    std = matching.standardise(MODEL, {"name": NAMES, "domain": SITES})
    whole = matching.resolve(MODEL, {"name": NAMES, "domain": SITES}, ids=IDS)
    return matching.growth(MODEL, std, (whole.left, whole.right, whole.weight), IDS.index(of), ids=IDS, **more), whole


def test_the_unions_build_the_cluster():
    found, whole = grown("c")

    mine = whole.clusters.labels == whole.clusters.labels[1]
    assert found.members == tuple(sorted(np.array(IDS)[mine]))
    assert len(found.unions) == len(found.members) - 1
    assert [union.weight for union in found.unions] == sorted((union.weight for union in found.unions), reverse=True)
    assert found.unions[0].left_size == found.unions[0].right_size == 1
    assert found.unions[-1].left_size + found.unions[-1].right_size == len(found.members)
    assert found.probability == pytest.approx(min(union.probability for union in found.unions), abs=1e-5)
    assert found.component >= len(found.members)


def test_a_lone_record_was_joined_to_nothing():
    found, _ = grown("q")

    assert (found.members, found.unions, found.cohesion, found.weakest) == (("q",), (), None, None)
    assert "Nothing was joined to it." in found.text()


def test_a_decision_stands_in_the_trace_and_a_contrary_one_at_the_border():
    joined, _ = grown("q", must_link=[(4, 0)])
    parted, _ = grown("c", cannot_link=[(1, 0), (1, 2), (1, 3)])

    assert joined.unions[0].is_decided
    assert "a steward decided that they are the same" in joined.text()
    assert parted.members == ("c",)
    assert {kept.reason for kept in parted.refused} == {"decided_different"}
    assert "Kept apart from" in parted.text()


def test_a_source_without_duplicates_keeps_its_records_apart():
    found, _ = grown("c", unique=["s", "s", None, None, None])

    assert "d" not in found.members
    assert any(kept.reason == "not_unique" for kept in found.refused)


def test_a_weak_bridge_is_named_with_sizes_and_means():
    low = matching.load_model(
        {
            "name": "small",
            "attributes": {"a": {"kind": "text"}, "b": {"kind": "text"}},
            "keys": {"a": {"parts": ["a.words"]}, "b": {"parts": ["b.words"]}},
            "comparisons": {
                name: {"comparator": "same_value", "inputs": {"value": f"{name}.words"}, "weights": [6, -1]} for name in "ab"
            },
            "prior": -1,
            "thresholds": {"auto": 0.9, "review": 0.5},
            "tie": {"least_mean": 2, "most": 10},
        }
    )
    # a and b are alike, c and d too; e has one value of each two.
    cells = {"a": ["x", "x", "y", "y", "x"], "b": ["p", "p", "q", "q", "q"]}
    ids = list("abcde")
    whole = matching.resolve(low, cells, ids=ids)
    std = matching.standardise(low, cells)

    found = matching.growth(low, std, (whole.left, whole.right, whole.weight), 0, ids=ids)

    assert found.members == ("a", "b", "e")
    assert [(kept.inside, kept.outside, kept.reason, kept.outside_size) for kept in found.refused] == [("e", "c", "weak_tie", 2)]
    assert found.refused[0].detail.endswith("Sides of 2 and 3 records: mean weight -0.7 bits, 2.0 needed.")
    assert "the bridge e - c has +4.0 bits" in found.text()


def test_it_is_plain_data_and_text():
    found, _ = grown("c")

    assert json.loads(json.dumps(found.to_dict()))["members"] == list(found.members)
    assert found.text().startswith(f"A cluster of {len(found.members)} records: ")
    assert "It would part at" in found.text()


@pytest.mark.timed
def test_the_trace_is_the_same_in_every_order_and_agrees_with_the_run():
    rows = records()
    rng = np.random.default_rng(1)
    traces = []
    for order in (np.arange(len(rows)), rng.permutation(len(rows))):
        some = [rows[number] for number in order]
        ids = [row["id"] for row in some]
        whole = matching.resolve(MODEL, columns(some), ids=ids)
        std = matching.standardise(MODEL, columns(some))
        labels = whole.clusters.labels
        largest = np.flatnonzero(np.bincount(labels)[labels] == np.bincount(labels).max())
        pick = min(largest.tolist(), key=lambda row, ids=ids: ids[row])
        found = matching.growth(MODEL, std, (whole.left, whole.right, whole.weight), pick, ids=ids)
        assert set(found.members) == {ids[row] for row in np.flatnonzero(labels == labels[pick])}
        traces.append(found)

    assert traces[0] == traces[1]
