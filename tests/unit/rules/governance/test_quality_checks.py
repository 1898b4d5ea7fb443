"""Every mistake in quality rules is found at its place, all in one go."""

from __future__ import annotations

import pytest

from mdm.rules.governance.domain_checks import findings
from mdm.rules.governance.domains import DomainSpec

ATTRIBUTES = [{"name": name, "title": name, "kind": "text"} for name in ("name", "city", "phone")]
GOOD = {"code": "one", "title": "No city", "kind": "complete", "attributes": ["city"]}


def said(raw, *rules):
    return [
        (".".join(map(str, finding.place)), finding.message) for finding in findings(raw(attributes=ATTRIBUTES, quality=[*rules]))
    ]


def test_good_rules_have_nothing_wrong_and_survive_the_way_through_data(raw):
    rules = [
        GOOD,
        {**GOOD, "code": "two", "weight": 100, "when": {"attribute": "name", "values": ["x"]}},
        {"code": "three", "title": "Old", "kind": "fresh", "days": 30},
        {"code": "four", "title": "Wrong order", "kind": "in_order", "attributes": ["city", "phone"]},
    ]

    assert said(raw, *rules) == []
    spec = DomainSpec.from_dict(raw(attributes=ATTRIBUTES, quality=rules))
    assert DomainSpec.from_dict(spec.to_dict()) == spec
    assert [rule.code for rule in spec.quality] == ["one", "two", "three", "four"]


def test_a_declaration_without_rules_is_stored_as_before(raw):
    assert "quality" not in DomainSpec.from_dict(raw()).to_dict()


@pytest.mark.parametrize(
    ("rule", "place", "message"),
    [
        ("city", "quality.0", "must be a table of names and values"),
        ({"code": "one", "kind": "complete", "attributes": ["city"]}, "quality.0", "has no 'title'"),
        ({**GOOD, "code": "No City"}, "quality.0.code", "must be a name of small letters"),
        ({**GOOD, "kind": "pretty"}, "quality.0.kind", "must be one of complete"),
        ({**GOOD, "attributes": ["town"]}, "quality.0.attributes", "names 'town', which is no attribute here"),
        ({**GOOD, "attributes": []}, "quality.0.attributes", "names 0 attributes; complete takes at least 1"),
        ({**GOOD, "kind": "any_of"}, "quality.0.attributes", "names 1 attributes; any_of takes at least 2"),
        (
            {**GOOD, "kind": "in_order", "attributes": ["city", "phone", "name"]},
            "quality.0.attributes",
            "names 3 attributes; in_order takes 2",
        ),
        ({**GOOD, "kind": "fresh", "days": 3}, "quality.0.attributes", "names 1 attributes; fresh takes none"),
        ({"code": "one", "title": "Old", "kind": "fresh"}, "quality.0", "does not say how old the newest word may be"),
        ({**GOOD, "days": 3}, "quality.0.days", "means nothing to complete"),
        ({**GOOD, "weight": 0}, "quality.0.weight", "must be a whole number above 0"),
        ({**GOOD, "weight": 101}, "quality.0.weight", "must be a number from 1 to 100"),
        ({**GOOD, "weight": True}, "quality.0.weight", "must be a whole number above 0"),
        ({**GOOD, "when": {"attribute": "town", "values": ["x"]}}, "quality.0.when.attribute", "names 'town', which is no"),
        ({**GOOD, "when": {"attribute": "city", "values": []}}, "quality.0.when.values", "is empty"),
        ({**GOOD, "when": {"attribute": "city"}}, "quality.0.when", "has no 'values'"),
    ],
)
def test_each_mistake_is_named_at_its_place(raw, rule, place, message):
    found = said(raw, rule)

    assert any(where == place and words.startswith(message) for where, words in found), found


def test_a_code_stands_once(raw):
    assert ("quality.1.code", "is used a second time: 'one'") in said(raw, GOOD, GOOD)


def test_rules_have_an_end(raw):
    rules = [{**GOOD, "code": f"c{number}"} for number in range(51)]

    assert said(raw, *rules) == [("quality", "has more than 50 rules")]
