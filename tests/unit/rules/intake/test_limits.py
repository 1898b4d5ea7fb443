from __future__ import annotations

import json
import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mdm.rules.intake.limits import MAX_DEPTH, MAX_KEYS, MAX_PROBLEMS, MAX_TEXT, check_key, check_payload, storable


def nested(depth):
    value = {}
    for _ in range(depth - 1):
        value = {"a": value}
    return value


def codes(problems):
    return [(problem["code"], problem["field"]) for problem in problems]


@pytest.mark.parametrize(
    "payload",
    [
        {},
        {"a": [1, 2.5, None, True, {"b": "ü"}]},
        {"a": "x" * MAX_TEXT},
        nested(MAX_DEPTH),
        dict.fromkeys(map(str, range(MAX_KEYS))),
        {"tab": "a\tb\n"},
    ],
    ids=["empty", "all types", "longest text", "deepest", "most keys", "tabs"],
)
def test_a_sound_payload_has_no_problem(payload):
    assert check_payload(payload) == []


@pytest.mark.parametrize(
    ("payload", "expected"),
    [
        ([1], [("not_an_object", "")]),
        (None, [("not_an_object", "")]),
        ({"a": "x\x00"}, [("nul_byte", "a")]),
        ({"a": {"b": ["ok", "\ud800"]}}, [("invalid_utf8", "a.b.1")]),
        ({"a": "x" * (MAX_TEXT + 1)}, [("too_long", "a")]),
        ({"a": math.nan, "b": -math.inf}, [("not_finite", "b"), ("not_finite", "a")]),
        ({"a": 1 << 2000}, [("too_long", "a")]),
        ({"a": b"bytes"}, [("wrong_type", "a")]),
        ({3: "a"}, [("wrong_type", "")]),
        ({"a\x00": 1}, [("bad_name", "")]),
        ({"k" * 256: 1}, [("bad_name", "")]),
        ({"\udfff": "\x00"}, [("bad_name", ""), ("nul_byte", "\\udfff")]),
        (nested(MAX_DEPTH + 1), [("too_deep", ".".join("a" * MAX_DEPTH))]),
        (dict.fromkeys(map(str, range(MAX_KEYS + 1))), [("too_many_keys", "")]),
        ({"a": ["x" * 20_000] * 60}, [("too_large", "")]),
    ],
    ids=lambda value: str(value)[:40],
)
def test_what_is_refused(payload, expected):
    assert codes(check_payload(payload)) == expected


@pytest.mark.timed
def test_a_ten_megabyte_text_and_a_bottomless_object_are_refused_quickly():
    problems = check_payload({"a": "ü" * 5_000_000})
    assert codes(problems) == [("too_long", "a"), ("too_large", "")]
    assert len(problems[0]["value"]) <= 100

    assert ("too_deep") in [problem["code"] for problem in check_payload(nested(100_000))]


def test_at_most_twenty_problems_are_told():
    assert len(check_payload({str(number): "\x00" for number in range(100)})) == MAX_PROBLEMS


def test_problems_of_one_place_say_field_value_and_remedy():
    (problem,) = check_payload({"name": "Ac\x00me"})

    assert problem == {
        "code": "nul_byte",
        "field": "name",
        "value": "Ac␀me",
        "message": "name holds a NUL byte.",
        "remedy": "Remove the byte.",
    }


def test_a_sound_key_has_no_problem():
    assert check_key("salesforce", "Account", "", "001\u00a0x") == []


@pytest.mark.parametrize(
    ("key", "expected"),
    [
        (("", " ", "", ""), [("missing", "system"), ("missing", "object"), ("missing", "native_id")]),
        (("s", "o", "x" * 256, "1"), [("too_long", "scope")]),
        (("s", "o", "", "1\x00"), [("control_character", "native_id")]),
        (("s", "o\n", "", "\ud800"), [("control_character", "object"), ("control_character", "native_id")]),
        ((None, 3, True, ["1"]), [("wrong_type", name) for name in ("system", "object", "scope", "native_id")]),
    ],
    ids=["empty", "long", "nul", "newline and surrogate", "types"],
)
def test_a_bad_key_is_refused_part_by_part(key, expected):
    assert codes(check_key(*key)) == expected


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters()) | st.binary(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text() | st.integers(), inner, max_size=4),
    max_leaves=10,
)


@pytest.mark.timed
@settings(max_examples=60)
@given(ANYTHING)
def test_whatever_comes_can_be_stored_and_its_problems_too(value):
    for kept in (storable(value), check_payload({"a": value})):
        text = json.dumps(kept, allow_nan=False)
        assert "\\u0000" not in text
        text.encode()
        json.dumps(kept, ensure_ascii=False).encode()


@pytest.mark.parametrize(
    ("value", "kept"),
    [
        ("a\x00\ud800", "a␀\\ud800"),
        ({"a": (1, 2.5, True, None)}, {"a": [1, 2.5, True, None]}),
        (math.inf, "inf"),
        (1 << 2000, hex(1 << 2000)),
        (b"x", "b'x'"),
        ({1: "x"}, {"1": "x"}),
    ],
    ids=["text", "types", "infinity", "a huge number", "bytes", "a name that is no text"],
)
def test_storable_keeps_what_it_can(value, kept):
    assert storable(value) == kept


def test_storable_flattens_what_is_nested_beyond_reason():
    value = storable(nested(70))
    for _ in range(64):
        value = value["a"]
    assert value == "{'a': {'a': {'a': {'a': {'a': {}}}}}}"

    assert "[nested too deeply to be shown]" in json.dumps(storable(nested(100_000)))
