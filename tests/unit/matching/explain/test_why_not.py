"""Why not: for two records that were never compared, what each key family lacks, holds back, or finds different."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import matching

MODEL = matching.load_model("customer")
STD = matching.standardise(
    MODEL,
    {
        "name": ["Zyntho Pharmix GmbH", "Germany GmbH", "Germany AG", "Tanaka", "ABC", None],
        "country": ["DE", "DE", "DE", "JP", None, None],
        "domain": ["zyntho.de", None, None, "tanaka.jp", None, None],
        "postcode": ["10115", "10115", "20095", None, None, None],
        "tax_id": ["DE136695976", None, None, None, None, None],
    },
)


def misses(left, right):
    return {miss.family: miss for miss in matching.explain(MODEL, STD, left, right).why_not}


def test_a_pair_that_was_compared_has_no_why_not():
    assert misses(0, 0) == {}


def test_a_key_that_cannot_be_made_names_what_is_missing_and_whose():
    found = misses(0, 1)

    assert (found["tax_id"].reason, found["tax_id"].left, found["tax_id"].right) == ("lacking", ("136695976",), ())
    assert found["tax_id"].sentence == "tax id: the second record has no tax id."
    assert misses(1, 4)["word_postcode"].sentence == "word postcode: the second record has no postcode."
    assert misses(3, 4)["address"].sentence == "address: neither record has address or postcode."
    assert misses(1, 2)["lei"].sentence == "lei: neither record has lei."


def test_what_both_have_and_is_too_common_is_said_with_its_bits():
    name = misses(1, 2)["name"]

    assert (name.reason, name.left, name.needed) == ("too_common", ("germany",), 17.0)
    assert name.bits < 17
    assert name.sentence.startswith('name: both have "germany", which tells ')
    assert name.sentence.endswith("bits; too common, 17 are needed.")


def test_a_record_whose_value_is_too_common_is_named_where_the_other_has_a_rare_one():
    assert misses(0, 1)["name"].sentence.startswith('name: the second record has "germany", which tells')


def test_values_that_differ_are_shown_side_by_side():
    found = misses(0, 3)

    assert found["site"].reason == "different"
    assert found["site"].sentence == 'site: "zyntho.de" on the one side, "tanaka.jp" on the other.'


def test_a_value_too_short_for_its_form_is_not_called_missing():
    assert 'the name "abc", which is too short for it or has too few words' in misses(4, 5)["rare_words"].sentence


def test_every_family_has_its_say_in_text_and_data():
    found = matching.explain(MODEL, STD, 0, 3)

    assert [miss.family for miss in found.why_not] == [family.name for family in MODEL.keys]
    assert all(f"- {miss.sentence}" in found.text() for miss in found.why_not)
    assert json.loads(json.dumps(found.to_dict()))["why_not"][0]["reason"] == "lacking"


WORDS = st.sampled_from(["germany", "zyntho", "group", "pharmix", "bank", "ab", None])


@pytest.mark.timed
@settings(max_examples=60, deadline=None)
@given(
    names=st.tuples(WORDS, WORDS), towns=st.tuples(*[st.sampled_from(["Berlin", "Zug", None])] * 2), more=st.tuples(WORDS, WORDS)
)
def test_no_family_that_is_said_to_miss_shares_a_key(names, towns, more):
    full = [" ".join(filter(None, pair)) or None for pair in zip(names, more, strict=True)]
    std = matching.standardise(MODEL, {"name": full, "city": list(towns), "country": ["DE", "DE"]})

    found = matching.explain(MODEL, std, 0, 1)

    assert bool(found.shared_keys) != bool(found.why_not)
    for miss in found.why_not:
        if miss.reason == "different":
            assert not set(miss.left) & set(miss.right)
