"""Scoring: the sum of weights, the frequency part, dependence between comparisons, and nothing else."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from matching.config.load import load_model
from matching.pipeline.steps import standardise
from matching.score import fellegi_sunter
from matching.score.fellegi_sunter import effective, kept, score
from matching.score.promising import ceilings

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
# Sixty records drawn from few values each, so that some pairs agree on much and most on little.
VALUES = {
    "customer": {
        "name": ["Zyntho Pharmix Ltd", "Zyntho Pharmx", "Zyntho Pharmix Holding", "Acme Services", "Acme", "Bonn Bakery", None],
        "country": ["DE", "FR", None],
        "tax_id": ["DE123456788", "DE987654329", None, None],
        "domain": ["zyntho.com", "acme.example", None],
        "phone": ["+49 228 1234567", "+49 221 7654321", None],
        "postcode": ["53111", "50667", None],
        "address": ["Hauptstr. 1", "Marktplatz 7", None],
    },
    "person": {
        "given_name": ["Anna", "Ana", "Robert", "Bob", None],
        "surname": ["Kowalski", "Kowalsky", "Smith", None],
        "date_of_birth": ["1980-01-02", "1980-02-01", "1991-12-31", None],
        "city": ["Bonn", "London", None],
        "postcode": ["53111", "E1 6AN", None],
    },
}


def population(model, size=60, seed=4):
    rng = np.random.default_rng(seed)
    return {name: [values[at] for at in rng.integers(0, len(values), size)] for name, values in VALUES[model].items()}


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


@pytest.mark.parametrize("name", VALUES)
def test_what_is_kept_is_what_reaches_the_review_level(name, monkeypatch):
    monkeypatch.setattr(fellegi_sunter, "CHUNK", 500)
    model = load_model(name)
    std = standardise(model, population(name))
    left, right = (side.astype(np.int32) for side in np.triu_indices(len(std), 1))
    everything = score(model, std, left, right)

    rows, kept_scores = kept(model, std, left, right)

    assert rows.tolist() == np.flatnonzero(everything.band > 0).tolist()
    assert 0 < len(rows) < len(left)
    for one, other in zip(kept_scores, everything.only(everything.band > 0), strict=True):
        assert one.tobytes() == other.tobytes()


@given(st.data())
def test_no_pair_exceeds_its_ceiling(data):
    model = load_model("customer")
    sizes = [comparison.size for comparison in model.comparisons]
    levels = np.array([[data.draw(st.integers(0, size)) for size in sizes]], np.int8)
    places = effective(model, levels)
    weight = model.prior + sum([0.0, *comparison.weights][places[0, place]] for place, comparison in enumerate(model.comparisons))
    unknown = data.draw(st.lists(st.integers(0, len(sizes) - 1), unique=True))

    assert ceilings(model, levels, unknown)[0] >= weight
