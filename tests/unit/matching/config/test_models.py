"""Models: shipped ones load, bad ones say everything that is wrong at once."""

import json
import math

import pytest

from matching.config.load import load_model, shipped_names, write_model
from matching.config.model import bits_of, probability_of
from matching.errors import BadConfig
from matching.types import Frequencies

SMALL = {
    "name": "small",
    "attributes": {"name": {"kind": "text"}},
    "keys": {"name": {"parts": ["name.words"]}},
    "comparisons": {"name": {"comparator": "same_value", "inputs": {"value": "name.words"}, "weights": [5, -5]}},
    "prior": -3,
    "thresholds": {"auto": 0.9, "review": 0.5},
}


@pytest.mark.timed
@pytest.mark.parametrize("name", ["contract", "customer", "invoice", "legal_entity", "person", "project", "resource"])
def test_a_shipped_model_survives_its_own_plain_data(name):
    model = load_model(name)

    again = load_model(json.loads(json.dumps(model.to_dict())))

    assert again == model
    assert model.name == name
    assert model.provenance


@pytest.mark.timed
def test_the_shipped_models_are_the_seven():
    assert shipped_names() == ("contract", "customer", "invoice", "legal_entity", "person", "project", "resource")


@pytest.mark.parametrize("ending", ["yaml", "json"])
def test_a_written_model_reads_back_equal(tmp_path, ending):
    path = tmp_path / f"model.{ending}"
    model = load_model(SMALL | {"frequencies": {"t": {"unlisted": 14, "bits": {"no": 3, "1": 2.5}}}})

    write_model(model, path)

    assert load_model(path) == model


def test_all_problems_are_told_at_once():
    bad = {
        "attributes": {
            "a": {"kind": "colour", "aliases": ["b"], "hint": "zip"},
            "b": {"kind": "text", "size": 3},
        },
        "derived": {"b.words": {"first_of": ["a.nothing"]}},
        "keys": {"k": {"parts": [{"feature": "c", "form": "round", "table": "t"}]}, "empty": {"parts": []}},
        "comparisons": {
            "x": {"comparator": "telepathy", "inputs": {"value": "c"}, "weights": [1]},
            "y": {"comparator": "same_value", "inputs": {"wrong": "b.words"}, "weights": [1, "two"],
                  "words": "t", "tf": {"table": "u", "mean": float("nan")}},
            "z": {"comparator": "same_value", "inputs": {"value": "b.words"}, "weights": [1],
                  "given": {"comparison": "y", "groups": [[1]], "labels": []}},
            "first": {"comparator": "same_value", "inputs": {"value": "b.words"}, "weights": [1, 2] * 2,
                      "given": {"comparison": "never", "groups": [[1], [2]], "labels": ["p", "q"]}},
        },
        "constraints": [{"comparison": "q", "levels": [9], "reason": ""}, {"comparison": "y", "levels": [7], "reason": "r"}],
        "prior": "low",
        "thresholds": {"auto": 0.2, "review": 0.5},
        "tie": 3,
        "frequencies": {"t2": {"unlisted": None, "bits": {"a": "b"}}, 5: {}},
        "speed": "fast",
    }  # fmt: skip

    with pytest.raises(BadConfig) as caught:
        load_model(bad)

    text = "\n".join(caught.value.problems)
    for part in (
        "does not know 'speed'", "no kind 'colour'", "no attribute 'zip'", "'b' already means 'a'",
        "does not know 'size'",
        "no feature 'a.nothing'", "already the name of a feature", "no form 'round'", "no frequency table 't'",
        "keys.empty.parts",
        "no comparator 'telepathy'", "needs 'value'", "'two'", "no frequency table 'u'", "tf.mean", "needs two groups",
        "must name a comparison above it",
        "no comparison 'q'", "numbers of levels", "reason", "prior", "0 < review <= auto < 1",
        "tie: must be a mapping", "unlisted", "bits.a", "key 5 must be text", "name: must be a text",
    ):  # fmt: skip
        assert part in text, part


TF = {"frequencies": {"t": {"unlisted": 14, "bits": {}}}}


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"tie": {"least_mean": 11, "most": 10}}, "least_mean at most most"),
        ({"tie": {"most": 0}}, "most must be above 0"),
        ({"derived": {"d": {"first_of": []}}}, "derived.d.first_of: names no feature"),
        ({"attributes": {"name": {"kind": "text", "hint": "b"}, "b": {"kind": "text"}}}, "the kind text takes no hint"),
        (
            {
                "attributes": {
                    "name": {"kind": "text"},
                    "p": {"kind": "phone", "hint": "q"},
                    "q": {"kind": "phone", "hint": "name"},
                }
            },
            "'q' has a hint itself",
        ),
        ({"m": [2, 0]}, "m and u are shares"),
        (TF | {"tf": {"table": "t", "most": -1}}, "tf.most: must not be below 0"),
        (
            TF | {"comparator": "shared_text", "weights": [1] * 7, "tf": {"table": "t"}},
            "no level at which two values are the same",
        ),
    ],
    ids=["tie never", "tie cut", "derived", "no hint", "hint of a hint", "shares", "tf most", "tf never"],
)
def test_parts_that_contradict_each_other_are_told(change, problem):
    of_model = {key: value for key, value in change.items() if key in {"tie", "derived", "attributes", "frequencies"}}
    of_comparison = {key: value for key, value in change.items() if key not in of_model}
    name = SMALL["comparisons"]["name"] | of_comparison

    with pytest.raises(BadConfig) as caught:
        load_model(SMALL | of_model | {"comparisons": {"name": name}})

    assert len(caught.value.problems) == 1
    assert problem in caught.value.problems[0]


@pytest.mark.parametrize("groups", [[[1], [1, 2]], [[1], [9]]], ids=["twice", "not there"])
def test_groups_must_be_levels_of_the_comparison_they_speak_of(groups):
    given = {"comparison": "name", "groups": groups, "labels": ["p", "q"]}
    other = {"comparator": "same_value", "inputs": {"value": "name.words"}, "weights": [1, 2] * 2, "given": given}

    with pytest.raises(BadConfig, match=r"groups: must be levels of name \(0 to 2\), each in one group"):
        load_model(SMALL | {"comparisons": SMALL["comparisons"] | {"other": other}})


def test_an_empty_model_says_what_is_needed():
    with pytest.raises(BadConfig) as caught:
        load_model({})

    assert len(caught.value.problems) >= 5


@pytest.mark.parametrize("content", [b"{", b"a: [", b"\xff\xfe\xff"], ids=["json", "yaml", "bytes"])
def test_an_unreadable_file_is_one_problem(tmp_path, content):
    path = tmp_path / ("m.json" if content == b"{" else "m.yaml")
    path.write_bytes(content)

    with pytest.raises(BadConfig, match="cannot be read"):
        load_model(path)


def test_a_missing_file_names_the_shipped_models():
    with pytest.raises(BadConfig, match="contract, customer, invoice, legal_entity, person, project, resource"):
        load_model("nowhere.yaml")


def test_a_missing_frequency_file_is_named(tmp_path):
    path = tmp_path / "m.json"
    path.write_text(json.dumps(SMALL | {"frequencies": "absent.csv"}))

    with pytest.raises(BadConfig, match=r"absent\.csv cannot be read"):
        load_model(path)


def test_thresholds_and_frequencies_are_replaced_not_changed():
    model = load_model(SMALL)

    other = model.with_thresholds(auto=0.8).with_frequencies({"t": {"unlisted": 9, "bits": {"a": 1}}, "u": Frequencies({}, 3.0)})

    assert (model.thresholds.auto, other.thresholds.auto, other.thresholds.review) == (0.9, 0.8, 0.5)
    assert other.frequencies["t"].of("a") == 1
    assert other.frequencies["u"].of("a") == 3
    assert model.frequencies == {}


def test_thresholds_out_of_order_are_refused():
    with pytest.raises(ValueError, match="review"):
        load_model(SMALL).with_thresholds(review=0.95)


@pytest.mark.parametrize("probability", [0.001, 0.5, 0.97])
def test_bits_and_probability_are_inverse(probability):
    assert math.isclose(probability_of(bits_of(probability)), probability)
