from __future__ import annotations

from mdm.rules.exchange.drift import MEANINGS, DriftKind, differences


def test_differences_are_told_in_the_order_of_what_is_expected():
    expected = {"phone": "+49", "name": "Acme", "city": "Bonn"}

    assert differences(expected, {"name": "ACME", "city": "Bonn", "hat": "x"}) == [
        ("phone", "+49", None),
        ("name", "Acme", "ACME"),
    ]


def test_every_way_of_being_empty_is_the_same():
    assert differences({"a": None, "b": "", "c": []}, {"a": " ", "c": None}) == []


def test_the_order_of_keys_and_nothing_else_is_ignored():
    assert differences({"a": {"x": 1, "y": 2}}, {"a": {"y": 2, "x": 1}}) == []
    assert differences({"a": ["x", "y"]}, {"a": ["y", "x"]}) == [("a", ["x", "y"], ["y", "x"])]


def test_a_value_that_should_not_be_there_is_a_difference():
    assert differences({"a": None}, {"a": "x"}) == [("a", None, "x")]


def test_every_kind_says_in_one_sentence_what_it_means():
    assert set(MEANINGS) == set(DriftKind)
    assert all(meaning.endswith(".") for meaning in MEANINGS.values())
