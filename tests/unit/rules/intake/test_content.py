from __future__ import annotations

import pytest

from mdm.rules.intake.content import content_hash


def test_the_hash_is_for_ever():
    # Written down from the first release: another hash would make every record "changed".
    assert content_hash({"name": "Zoë", "n": [1, 2.5, None, True]}, "customer") == "a7b707a25ed4a5e806ad780c85b7da60"


def test_the_order_of_keys_does_not_matter():
    assert content_hash({"a": 1, "b": {"c": 2, "d": 3}}) == content_hash({"b": {"d": 3, "c": 2}, "a": 1})


def test_composed_and_decomposed_accents_are_the_same():
    assert content_hash({"name": "Zo\u00eb"}) == content_hash({"name": "Zoe\u0308"})


@pytest.mark.parametrize("other", [{"a": "2"}, {"a": "1", "b": None}, {"a": 1}, {"a": ["1"]}, {}, {"A": "1"}, None], ids=repr)
def test_other_content_has_another_hash(other):
    assert content_hash({"a": "1"}) != content_hash(other)


def test_the_parts_count_each_by_itself():
    assert len({content_hash({}, *parts) for parts in ((), ("a",), ("a", "b"), ("ab",), ("b", "a"))}) == 5


def test_32_hex_characters_also_for_text_that_is_no_unicode():
    assert len(content_hash({"a": "\ud800"})) == 32
