"""Scoring: the sum of weights, the frequency part, dependence between comparisons, and nothing else."""

import numpy as np
import pytest

from matching.config.load import load_model
from matching.pipeline.steps import standardise
from matching.score import fellegi_sunter
from matching.score.fellegi_sunter import effective, score

MODEL = load_model(
    {
        "name": "small",
        "attributes": {"name": {"kind": "text"}, "city": {"kind": "city"}, "site": {"kind": "web_domain"}},
        "keys": {"name": {"parts": ["name.words"]}},
        "comparisons": {
            "name": {
                "comparator": "same_value",
                "inputs": {"value": "name.words"},
                "weights": [5, -4],
                "tf": {"table": "names", "mean": 8, "most": 3},
            },
            "city": {
                "comparator": "same_value",
                "inputs": {"value": "city.name"},
                "weights": [2, -1, 0.5, -3],
                "given": {"comparison": "name", "groups": [[1], [2]], "labels": ["names agree", "names differ"]},
            },
        },
        "prior": -3,
        "thresholds": {"auto": 0.9, "review": 0.5},
        "frequencies": {"names": {"unlisted": 14, "bits": {"smith": 4, "jones": 7}}},
    }
)
COLUMNS = {
    "name": ["smith", "smith", "jones", "jones", "zyx", "zyx", None],
    "city": ["bonn", "bonn", "bonn", None, "bonn", "kiel", "bonn"],
}


def weights(*pairs, model=MODEL):
    left, right = (np.array(side, np.int32) for side in zip(*pairs, strict=True))
    return score(model, standardise(model, COLUMNS), left, right)


@pytest.mark.parametrize(
    ("pair", "expected"),
    [
        ((0, 1), -3 + 5 - 3 + 2),  # a common name: three bits less, and no more than three
        ((2, 3), -3 + 5 - 1),  # a city on one side only weighs nothing
        ((4, 5), -3 + 5 + 3 - 1),  # a rare name: three bits more, and no more than three
        ((0, 2), -3 - 4 + 0.5),  # the same city says less where the names differ
        ((1, 5), -3 - 4 - 3),
        ((0, 6), -3 + 0.5),  # a name that could not be compared counts as the last group
    ],
    ids=["common", "missing", "rare", "names differ", "all differ", "no name"],
)
def test_the_weight_is_the_prior_and_the_sum_of_the_parts(pair, expected):
    found = weights(pair)

    assert found.weight.tolist() == [expected]
    assert found.parts.sum() == pytest.approx(expected + 3)
    assert found.probability[0] == pytest.approx(1 / (1 + 2.0**-expected), abs=1e-6)


def test_the_band_follows_the_thresholds():
    assert weights((4, 5), (2, 3), (0, 2)).band.tolist() == [2, 1, 0]


def test_sides_and_company_do_not_matter(monkeypatch):
    pairs = [(a, b) for a in range(7) for b in range(7) if a != b]
    together = weights(*pairs)
    swapped = weights(*[(b, a) for a, b in pairs])
    alone = np.array([weights(pair).weight[0] for pair in pairs])
    monkeypatch.setattr(fellegi_sunter, "CHUNK", 5)
    chunked = weights(*pairs)

    assert together.weight.tolist() == swapped.weight.tolist() == alone.tolist() == chunked.weight.tolist()
    assert together.levels.tolist() == chunked.levels.tolist()


def test_no_pairs_give_no_scores():
    none = np.zeros(0, np.int32)

    found = score(MODEL, standardise(MODEL, COLUMNS), none, none)

    assert [len(part) for part in found] == [0] * 5


def test_a_dependent_level_moves_to_the_block_of_its_group():
    levels = np.array([[1, 2], [2, 2], [0, 1], [2, 0]], np.int8)

    assert effective(MODEL, levels).tolist() == [[1, 2], [2, 4], [0, 3], [2, 0]]


def test_a_shared_mailbox_has_no_rarity_where_the_site_is_not_the_same():
    # Level 2 of web_site is the exact one; a missing site must not be looked up.
    model = load_model(
        {
            **MODEL.to_dict(),
            "comparisons": {
                "site": {
                    "comparator": "web_site",
                    "inputs": {"site": "site.site", "label": "site.label", "mailbox": "name.words"},
                    "weights": [6, 4, 1, -2],
                    "tf": {"table": "names", "mean": 13},
                }
            },
        }
    )
    std = standardise(model, {"name": ["x", "x", None, None], "site": [None, "a.com", "a.com", "a.com"]})

    found = score(model, std, np.array([0, 2], np.int32), np.array([1, 3], np.int32))

    assert found.parts.ravel().tolist() == [6, 5]
