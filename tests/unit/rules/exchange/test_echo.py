from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mdm.rules.exchange.echo import Outcome, classify, is_respelled, own_values, pushable

OWN = {"name": "Acme", "city": "Bonn"}


@pytest.mark.parametrize(
    ("incoming", "held", "sent", "expected"),
    [
        ({"name": "Acme"}, None, None, {"name": "Acme"}),
        ({"name": "ACME GmbH"}, {"name": "ACME GmbH"}, {"name": "ACME GmbH"}, {"name": "Acme"}),
        ({"name": "ACME GMBH"}, {"name": "ACME GMBH"}, {"name": "ACME GmbH"}, {"name": "Acme"}),
        ({"name": "ACME GmbH"}, None, {"name": "ACME GmbH"}, {"name": "Acme"}),
        ({"name": "Typed"}, {"name": "ACME GmbH"}, {"name": "ACME GmbH"}, {"name": "Typed"}),
        ({"city": "Typed"}, {"name": "ACME GmbH", "city": "Typed"}, {"name": "ACME GmbH"}, {"city": "Typed"}),
        ({"phone": "+49"}, {"phone": "+49"}, {"phone": "+49"}, {}),
        ({"phone": None}, {"phone": ""}, {"phone": "+49"}, {}),
    ],
    ids=[
        "never pushed", "what we sent", "what the target made of it", "before it was read back", "typed there since",
        "not pushed, though held", "the record never said any", "empty is empty",
    ],
)  # fmt: skip
def test_p10_the_hub_does_not_hear_its_own_echo(incoming, held, sent, expected):
    assert own_values(incoming, held, sent, OWN) == expected


TEXTS = st.dictionaries(st.sampled_from("abc"), st.sampled_from(["x", "y", "z", "", None]))


@pytest.mark.timed
@given(TEXTS, TEXTS, TEXTS)
def test_p10_a_full_echo_leaves_the_records_own_values(own, sent, held):
    pushed = {name: held.get(name, value) for name, value in sent.items()}
    shown = {**own, **pushed}

    assert own_values(shown, pushed, sent, own) == own


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ("Old", "Acme GmbH, Bonn", "accepted"),
        ("Old", "ACME GMBH BONN", "normalised"),
        ("Old", "Acme GmbH,", "overwritten"),
        ("Old", "Acme GmbH, Bo", "normalised"),
        ("Old", "Somebody else", "overwritten"),
        ("Old", "", "overwritten"),
        ("Old", "Old", "rejected"),
        ("Acme GmbH, Bonn", "Acme GmbH, Bonn", "accepted"),
    ],
)
def test_what_a_target_made_of_a_push(before, after, expected):
    result = classify({"name": "Acme GmbH, Bonn"}, {"name": before}, {"name": after})

    assert (result.overall, result.attributes) == (expected, {"name": expected})


def test_a_new_row_has_held_nothing_before():
    assert classify({"name": "A"}, None, {"name": "B"}).overall is Outcome.OVERWRITTEN


def test_what_the_read_does_not_show_is_stale():
    assert classify({"name": "A"}, {"name": "B"}, None).overall is Outcome.STALE
    assert classify({"name": "A", "city": "C"}, {}, {"name": "A"}).attributes == {"name": "accepted", "city": "stale"}


def test_the_worst_attribute_says_how_the_push_went():
    sent = {"a": "x", "b": "long name", "c": "y", "d": "z"}
    before = {"d": "old"}

    result = classify(sent, before, {"a": "x", "b": "LONG NAME", "c": "other", "d": "old"})

    assert list(result.attributes.values()) == ["accepted", "normalised", "overwritten", "rejected"]
    assert result.overall is Outcome.REJECTED


def test_an_empty_push_is_accepted_where_the_row_is_there():
    assert classify({}, {}, {}).overall is Outcome.ACCEPTED
    assert classify({}, {}, None).overall is Outcome.STALE


@pytest.mark.parametrize(
    ("sent", "held", "answer"),
    [
        ("1250.50", 1250.5, True),
        ("1250.50", "1250.51", False),
        ("NaN", "nan", True),
        ("7", "seven", False),
        ("Straße", "STRASSE", True),
        ("Zoë", "Zoe\u0308", True),
        ("Acme & Co.", "Acme&Co", True),
        ("Acme", "", False),
        ("Acme", None, False),
        (["a", "b"], ["B", "a"], True),
        (["a"], "A", True),
        (["a", "b"], ["a"], False),
    ],
)
def test_is_respelled(sent, held, answer):
    assert is_respelled(sent, held) is answer


def test_pushable_leaves_out_what_the_system_owns_and_what_is_empty(declare):
    spec = declare("name", "city", "phone", ownership={"name": {"erp": "owner", "crm": "reader"}})
    golden = {"name": "Acme", "city": "", "phone": "+49", "hat": "x"}

    assert pushable(spec, golden, "erp") == {"phone": "+49"}
    assert pushable(spec, golden, "crm") == {"name": "Acme", "phone": "+49"}
