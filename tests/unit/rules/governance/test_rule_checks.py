"""Every mistake in rules, conditions and trust is found at its place, all in one go."""

from __future__ import annotations

import pytest

from mdm.rules.governance.domain_checks import findings
from mdm.rules.governance.domains import DomainSpec

ATTRIBUTES = [{"name": name, "title": name, "kind": "text"} for name in ("name", "city", "phone")]
WHEN = {"attribute": "city", "values": ["Leeds"]}


def follow(name):
    return {"kind": "from_winner_of", "attribute": name}


def rule(*strategies, attributes=("name",), **more):
    return {"attributes": list(attributes), "strategies": list(strategies), **more}


def said(raw, **parts):
    declaration = raw(attributes=ATTRIBUTES, **parts)
    return [(".".join(map(str, finding.place)), finding.message) for finding in findings(declaration)]


def test_everything_at_once_has_nothing_wrong_and_survives_the_way_through_data(raw):
    parts = {
        "attributes": [*ATTRIBUTES[:2], {**ATTRIBUTES[2], "keeps_empty": True}],
        "survivorship": [
            rule("trust", when=WHEN), rule("longest"), rule(follow("name"), "trust", attributes=("phone",)),
        ],
        "trust": {
            "downgrade": 0.5,
            "weights": {
                "name": {"crm": 90, "*": {"start": 50.5}},
                "*": {"erp": {"start": 9, "decay": "linear", "days": 3, "end": 1}},
            },
        },
    }  # fmt: skip
    declaration = raw(**parts)

    spec = DomainSpec.from_dict(declaration)

    assert findings(declaration) == []
    assert DomainSpec.from_dict(spec.to_dict()) == spec
    assert spec.kept_empty == {"phone"}


def test_a_declaration_that_uses_none_of_it_is_stored_as_before(raw):
    stored = DomainSpec.from_dict(raw(survivorship=[rule("longest")])).to_dict()

    assert "trust" not in stored
    assert "keeps_empty" not in stored["attributes"][0]
    assert stored["survivorship"] == [{"attributes": ["name"], "strategies": [{"kind": "longest"}]}]


@pytest.mark.parametrize(
    ("rules", "place", "message"),
    [
        ([rule("trust")], "survivorship.0.strategies.0", "asks for trust, but nobody has any for 'name'"),
        ([rule("from_winner_of")], "survivorship.0.strategies.0", "from_winner_of needs attribute"),
        ([rule(follow("nome"))], "survivorship.0.strategies.0", "names 'nome', which is no attribute"),
        ([rule(follow("name"))], "survivorship.0.strategies.0", "names 'name', which the rule itself decides"),
        ([rule(follow("city"), follow("phone"))], "survivorship.0.strategies", "goes with the winners of two attributes"),
        ([rule("longest", when="city")], "survivorship.0.when", "must be a table"),
        ([rule("longest", when={"attribute": "city"}), rule("min")], "survivorship.0.when", "has no 'values'"),
        ([rule("longest", when={**WHEN, "values": []}), rule("min")], "survivorship.0.when.values", "is empty"),
        ([rule("longest", when={**WHEN, "attribute": "town"}), rule("min")], "survivorship.0.when.attribute", "names 'town'"),
        ([rule("longest", when=WHEN)], "survivorship", "gives 'name' no rule for where no condition holds"),
        ([rule("longest"), rule("min", when=WHEN)], "survivorship.1.attributes", "gives 'name' a second rule"),
        (
            [rule("longest", when=WHEN), rule("min", attributes=("name", "phone"))],
            "survivorship.1.attributes", "gives 'name' a rule in another group",
        ),
        (
            [rule(follow("phone")), rule(follow("name"), attributes=("phone",))],
            "survivorship", "decides 'name' by way of itself",
        ),
    ],
)  # fmt: skip
def test_a_mistake_in_a_rule_is_found_at_its_place(raw, rules, place, message):
    found = said(raw, survivorship=rules)

    assert any(where == place and message in what for where, what in found), found


@pytest.mark.parametrize(
    ("trust", "place", "message"),
    [
        ({}, "trust", "has no 'weights'"),
        ({"weights": {}, "speed": 1}, "trust.speed", "is not a known setting"),
        ({"weights": {}, "downgrade": 2}, "trust.downgrade", "must be a number from 0 to 1"),
        ({"weights": {"nome": {"a": 1}}}, "trust.weights.nome", "names 'nome'"),
        ({"weights": {"name": 3}}, "trust.weights.name", "must be a table of systems"),
        ({"weights": {"name": {"a": 101}}}, "trust.weights.name.a", "must be a number from 0 to 100"),
        ({"weights": {"name": {"a": True}}}, "trust.weights.name.a", "must be a number from 0 to 100"),
        ({"weights": {"name": {"a": {"decay": "linear", "days": 1}}}}, "trust.weights.name.a", "has no 'start'"),
        ({"weights": {"name": {"a": {"start": 1, "decay": "fast", "days": 1}}}}, "trust.weights.name.a.decay", "must be one of"),
        ({"weights": {"name": {"a": {"start": 1, "decay": "linear"}}}}, "trust.weights.name.a", "does not say how fast"),
        ({"weights": {"name": {"a": {"start": 1, "end": 2}}}}, "trust.weights.name.a.end", "is above start"),
        ({"weights": {"name": {"a": {"start": 1, "decay": "linear", "days": 0}}}}, "trust.weights.name.a.days", "above 0"),
    ],
)
def test_a_mistake_in_trust_is_found_at_its_place(raw, trust, place, message):
    found = said(raw, trust=trust)

    assert [where for where, what in found if message in what] == [place], found


def test_trust_that_is_no_table_and_an_empty_that_is_a_list(raw):
    tags = {"name": "tags", "title": "Tags", "kind": "text", "is_multi": True, "keeps_empty": True}

    assert said(raw, trust=[]) == [("trust", "must be a table of names and values, not []")]
    assert [finding.message for finding in findings(raw(attributes=[*ATTRIBUTES, tags]))] == ["is for attributes of one value"]


@pytest.mark.parametrize("days", [29, 0, -1, 30.5, True, "30"])
def test_history_younger_than_a_month_is_never_given_up(raw, days):
    message = f"must be a whole number of days, at least 30, or null for ever, not {days!r}"

    assert said(raw, retention={"golden_days": days}) == [("retention.golden_days", message)]
    assert said(raw, retention={"golden_days": 30, "source_days": None}) == []
    assert DomainSpec.from_dict(raw(retention={"golden_days": 30})).to_dict()["retention"]["golden_days"] == 30
