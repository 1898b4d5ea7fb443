from __future__ import annotations

import pytest

from mdm.rules.values import is_empty, token


@pytest.mark.parametrize("value", [None, "", "  \t", [], {}], ids=repr)
def test_nothing_said_is_empty(value):
    assert is_empty(value)


@pytest.mark.parametrize("value", [False, 0, 0.0, "0", [None], {"a": None}], ids=repr)
def test_false_and_zero_are_values(value):
    assert not is_empty(value)


def test_a_token_does_not_depend_on_the_order_of_keys():
    assert token({"a": 1, "b": [2]}) == token({"b": [2], "a": 1})


def test_different_values_have_different_tokens():
    assert len({token(value) for value in ("a", ["a"], {"a": 1}, 1, 1.5, True, None)}) == 7
