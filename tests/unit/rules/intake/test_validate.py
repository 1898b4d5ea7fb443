from __future__ import annotations

from datetime import date

import pytest

from mdm.errors import Problem
from mdm.rules.governance.domain_shapes import PLAIN_VALIDATORS
from mdm.rules.intake.validate import VALIDATORS, validate

TODAY = date(2026, 6, 1)


def judged(spec, problems=(), **attributes):
    return validate(spec, attributes, problems, today=TODAY)


def codes(problems):
    return [(problem["field"], problem["code"]) for problem in problems]


def problem(field, code="unreadable"):
    return Problem(code=code, field=field, message="m")


def test_a_sound_record_keeps_its_filled_attributes(declare):
    verdict = judged(declare("name", "city"), name="Acme", city=" ", hat="x")

    assert (verdict.attributes, verdict.invalid, verdict.quarantine, verdict.warnings) == ({"name": "Acme"}, frozenset(), (), ())


@pytest.mark.parametrize("empty", [None, "", " ", []], ids=repr)
def test_a_required_attribute_must_be_filled(declare, empty):
    spec = declare({"name": "name", "is_required": True, "on_problem": "warn"})

    verdict = judged(spec, name=empty)

    assert codes(verdict.quarantine) == [("name", "missing")]
    assert verdict.quarantine[0]["message"] == "Name is missing; every thing needs one."


def test_a_required_relation_must_be_given(declare):
    spec = declare("name", relations=[{"name": "parent", "title": "Parent", "domain": "thing", "is_required": True}])

    assert codes(judged(spec, name="A").quarantine) == [("parent", "missing")]
    assert judged(spec, name="A", parent={"native_id": "1"}).quarantine == ()
    assert codes(judged(spec, [problem("parent")], name="A").quarantine) == [("parent", "unreadable")]


RULES = {
    "as long as allowed": ({"max_length": 3}, "abc", None),
    "too long": ({"max_length": 3}, "abcd", "too_long"),
    "in the list": ({"values": ["a", "b"]}, "b", None),
    "not in the list": ({"values": ["a", "b"]}, "c", "not_in_list"),
    "today": ({"validators": ["not_future"]}, "2026-06-01", None),
    "a moment today": ({"validators": ["not_future"]}, "2026-06-01T23:00:00Z", None),
    "tomorrow": ({"validators": ["not_future"]}, "2026-06-02", "future_date"),
    "no date": ({"validators": ["not_future"]}, "soon", "not_a_date"),
    "the same day": ({"validators": ["after:start"]}, "2026-01-15", None),
    "the day before": ({"validators": ["after:start"]}, "2026-01-14", "wrong_order"),
    "after, but no date": ({"validators": ["after:start"]}, "later", "not_a_date"),
    "above 0": ({"validators": ["positive"]}, "0.01", None),
    "not above 0": ({"validators": ["positive"]}, "0", "out_of_range"),
    "0 is not below 0": ({"validators": ["not_negative"]}, "0", None),
    "below 0": ({"validators": ["not_negative"]}, "-1", "out_of_range"),
    "no number": ({"validators": ["positive"]}, "much", "not_a_number"),
    "infinity": ({"validators": ["positive"]}, "Infinity", "not_a_number"),
    "check digits are checked elsewhere": ({"validators": ["check_digit"]}, "anything", None),
}


@pytest.mark.parametrize(("settings", "value", "code"), RULES.values(), ids=RULES.keys())
def test_the_rules_of_an_attribute(declare, settings, value, code):
    spec = declare({"name": "it", **settings}, "start")

    verdict = judged(spec, it=value, start="2026-01-15")

    assert codes(verdict.quarantine) == ([("it", code)] if code else [])


@pytest.mark.parametrize("start", [None, "unknown"], ids=repr)
def test_after_says_nothing_where_the_other_date_is_not_known(declare, start):
    spec = declare({"name": "it", "validators": ["after:start"]}, "start")

    assert judged(spec, it="2020-01-01", start=start).quarantine == ()


def test_a_message_names_field_value_and_remedy(declare):
    spec = declare({"name": "end_on", "title": "End", "validators": ["after:start_on"]}, "start_on")

    (found,) = judged(spec, end_on="2026-01-01", start_on="2026-02-01").quarantine

    assert found == {
        "code": "wrong_order",
        "field": "end_on",
        "value": "2026-01-01",
        "message": "End “2026-01-01” is before start_on (2026-02-01).",
        "remedy": "Correct one of the two dates.",
    }


def test_a_long_value_is_shortened_in_the_message(declare):
    (found,) = judged(declare({"name": "name", "max_length": 10}), name="x" * 5_000).quarantine

    assert len(found["message"]) < 160
    assert "has 5000 characters, 10 are allowed" in found["message"]


def test_what_only_warns_comes_in_and_is_marked_invalid(declare):
    spec = declare("name", {"name": "phone", "max_length": 3, "on_problem": "warn"})

    verdict = judged(spec, name="A", phone="12345")

    assert verdict.attributes == {"name": "A", "phone": "12345"}
    assert (verdict.invalid, verdict.quarantine, codes(verdict.warnings)) == ({"phone"}, (), [("phone", "too_long")])


def test_problems_of_mapping_and_cleaning_count_as_the_attribute_says_and_are_not_doubled(declare):
    spec = declare({"name": "name", "is_required": True}, {"name": "phone", "on_problem": "warn", "max_length": 1})

    verdict = judged(spec, [problem("name"), problem("phone"), problem("parent")], phone="12")

    assert codes(verdict.quarantine) == [("name", "unreadable"), ("parent", "unreadable")]
    assert codes(verdict.warnings) == [("phone", "unreadable")]
    assert verdict.invalid == {"phone"}


@pytest.mark.parametrize(
    ("validators", "where"), [(["check_digit"], "quarantine"), ([], "warnings")], ids=["declared", "not declared"]
)
def test_a_wrong_check_digit_counts_where_the_attribute_declares_it(declare, validators, where):
    spec = declare({"name": "lei", "validators": validators})

    verdict = judged(spec, [problem("lei", "check_digit")], lei="X")

    assert codes(getattr(verdict, where)) == [("lei", "check_digit")]


def test_one_value_and_a_list_are_not_the_same(declare):
    spec = declare("name", {"name": "tags", "is_multi": True, "max_length": 2})

    assert codes(judged(spec, name=["A"], tags="a").quarantine) == [("name", "wrong_type"), ("tags", "wrong_type")]
    assert codes(judged(spec, name="A", tags=["a", "bcd"]).quarantine) == [("tags", "too_long")]
    assert judged(spec, name="A", tags=["a", "bc"]).quarantine == ()


def test_every_validator_that_may_be_declared_exists():
    assert set(VALIDATORS) == {*PLAIN_VALIDATORS, "after"}
