"""Rules that lean on others: conditions, values that go with a winner, and empties that count."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from mdm.rules.golden.survivorship import Member, Override, survive

NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)
ERP_FIRST = {"kind": "source_priority", "order": ["erp", "crm"]}
CRM_FIRST = {"kind": "source_priority", "order": ["crm", "erp"]}


def member(number, system="crm", *, day=1, **attributes):
    return Member(number, f"{system}/o//{number}", system, attributes, datetime(2026, 1, day, tzinfo=UTC))


def survived(spec, *members, overrides=()):
    return survive(spec, members, release=3, overrides=overrides, at=NOON)


@pytest.fixture
def by_country(declare):
    """In Britain the ERP says the tax ID, elsewhere the CRM. The rule stands before the one that it leans on."""
    when = {"attribute": "country", "values": ["GB", "IE"]}
    rules = [
        {"attributes": ["tax"], "strategies": [ERP_FIRST], "when": when},
        {"attributes": ["tax"], "strategies": [CRM_FIRST]},
        {"attributes": ["country"], "strategies": ["most_recent"]},
    ]
    return declare("tax", "country", survivorship=rules)


@pytest.mark.parametrize(("country", "tax", "when"), [("GB", "E", "country"), ("DE", "C", None), (None, "C", None)])
def test_the_first_rule_whose_condition_holds_decides(by_country, country, tax, when):
    result = survived(by_country, member(1, tax="C", country=country), member(2, "erp", tax="E"))

    assert result.values["tax"] == tax
    assert result.provenance["tax"].get("when") == when


def test_a_condition_looks_at_the_golden_value_and_people_win(by_country):
    members = [member(1, tax="C", country="GB", day=1), member(2, "erp", tax="E", country="DE", day=2)]
    pinned = Override("country", "GB", "ada", "seen the register", NOON)

    assert survived(by_country, *members).values["tax"] == "C"
    assert survived(by_country, *members, overrides=[pinned]).values["tax"] == "E"


def test_one_of_several_values_is_enough(declare):
    spec = declare(
        "tax", {"name": "tags", "is_multi": True},
        survivorship=[
            {"attributes": ["tax"], "strategies": [ERP_FIRST], "when": {"attribute": "tags", "values": ["vip"]}},
            {"attributes": ["tax"], "strategies": [CRM_FIRST]},
        ],
    )  # fmt: skip

    assert survived(spec, member(1, tax="C", tags=["new"]), member(2, "erp", tax="E", tags=["vip"])).values["tax"] == "E"


def test_a_value_goes_with_the_winner_of_another_attribute(declare):
    follow = {"kind": "from_winner_of", "attribute": "name"}
    spec = declare("phone", "name", survivorship=[
        {"attributes": ["phone"], "strategies": [follow, "most_recent"]},
        {"attributes": ["name"], "strategies": [ERP_FIRST]},
    ])  # fmt: skip
    erp, crm = member(2, "erp", name="E", phone="2"), member(1, name="C", phone="1", day=9)

    both = survived(spec, crm, erp)
    without = survived(spec, crm, member(2, "erp", name="E"))

    assert both.values == {"name": "E", "phone": "2"}
    assert (both.provenance["phone"]["rule"], both.provenance["phone"]["why"]) == (
        "from_winner_of", "Goes with name, from the same record.",
    )  # fmt: skip
    assert both.provenance["phone"]["beat"] == [{"value": "1", "system": "crm", "key": "crm/o//1"}]
    assert without.values == {"name": "E", "phone": "1"}


def test_rules_of_one_group_stay_in_their_order_whatever_they_lean_on(by_country):
    order = [(rule.attributes, rule.when is not None) for rule in by_country.rules]

    assert order == [(("country",), False), (("tax",), True), (("tax",), False)]


@pytest.fixture
def with_empties(declare):
    return declare({"name": "closed_on", "keeps_empty": True}, "name", survivorship=[
        {"attributes": ["closed_on"], "strategies": [ERP_FIRST]}
    ])  # fmt: skip


@pytest.mark.parametrize("empty", [None, "", " "])
def test_a_record_that_says_there_is_none_counts_where_that_is_declared(with_empties, empty):
    result = survived(with_empties, member(1, closed_on="2026-01-01", name="A"), member(2, "erp", closed_on=empty, name=empty))

    assert result.values == {"name": "A"}
    why = result.provenance["closed_on"]
    assert (why["system"], why["rule"]) == ("erp", "source_priority")
    assert why["beat"] == [{"value": "2026-01-01", "system": "crm", "key": "crm/o//1"}]


def test_a_record_that_says_nothing_does_not_count(with_empties):
    result = survived(with_empties, member(1, closed_on="2026-01-01"), member(2, "erp"))

    assert result.values == {"closed_on": "2026-01-01"}


def test_an_empty_that_counts_is_not_the_smallest_and_fills_nothing(declare):
    rules = [{"attributes": ["n"], "strategies": ["min"]}, {"attributes": ["a", "b"], "strategies": ["most_complete"]}]
    kept = [{"name": name, "keeps_empty": True} for name in ("n", "a", "b")]
    spec = declare(*kept, survivorship=rules)

    result = survived(spec, member(1, n="9", a="x", b="y"), member(2, n="10", a="z", b=""), member(3, n="", a="", b=""))

    assert result.values == {"n": "9", "a": "x", "b": "y"}
