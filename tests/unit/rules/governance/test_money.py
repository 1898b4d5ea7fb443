from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path

import pytest

from mdm.errors import BadConfiguration
from mdm.rules.governance import domains, money
from mdm.rules.governance.domains import DomainSpec
from mdm.rules.governance.money import Reporting

SHIPPED = Path(domains.__file__).parents[2] / "domains"
EUROS = Reporting("EUR", {"USD": "0.9", "GBP": "1.2"})
BILL = {
    "name": "bill",
    "title": "Bill",
    "title_plural": "Bills",
    "prefix": "BIL",
    "label": "number",
    "attributes": [
        {"name": "number", "title": "Number", "kind": "code"},
        {"name": "amount", "title": "Amount", "kind": "decimal"},
        {"name": "currency", "title": "Currency", "kind": "currency"},
        {"name": "status", "title": "Status", "kind": "code", "values": ["open", "paid"]},
    ],
    "match": {"model": "invoice", "attributes": {"number": "number"}},
}
MONEY = {"title": "bills", "amount": "amount", "currency": "currency"}


def test_contracts_and_invoices_have_money_and_nothing_else_has():
    specs = {spec.name: spec.money for spec in domains.read(SHIPPED) if spec.money}

    assert set(specs) == {"contract", "invoice"}
    assert specs["invoice"].attributes == {"amount", "currency", "status"}


def test_money_survives_the_way_through_json():
    raw = {**BILL, "money": {**MONEY, "reporting": {"currency": "EUR", "rates": {"USD": 0.92, "JPY": "0.0061"}}}}

    spec = DomainSpec.from_dict(raw)

    assert DomainSpec.from_dict(json.loads(json.dumps(spec.to_dict()))) == spec
    assert spec.money.reporting.rates == {"USD": "0.92", "JPY": "0.0061"}
    assert spec.money.attributes == {"amount", "currency"}


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"amount": "number"}, "money.amount"),
        ({"currency": "status"}, "money.currency"),
        ({"amount": "sum"}, "money.amount"),
        ({"worth": 3}, "money.worth"),
        ({"open_when": {"attribute": "state", "values": ["open"]}}, "money.open_when.attribute"),
        ({"open_when": {"attribute": "status", "values": ["lost"]}}, "money.open_when.values"),
        ({"open_when": {"values": ["open"]}}, "money.open_when"),
        ({"open_when": 7}, "money.open_when"),
        ({"reporting": {"currency": "Euro", "rates": {}}}, "money.reporting.currency"),
        ({"reporting": {"currency": "EUR", "rates": {"USD": 0}}}, "money.reporting.rates.USD"),
        ({"reporting": {"currency": "EUR", "rates": {"USD": "0.00"}}}, "money.reporting.rates.USD"),
        ({"reporting": {"currency": "EUR", "rates": {"dollar": 1.1}}}, "money.reporting.rates.dollar"),
        ({"reporting": {"currency": "EUR", "rates": {"USD": "cheap"}}}, "money.reporting.rates.USD"),
    ],
)
def test_wrong_money_is_refused_where_it_stands(wrong, field):
    with pytest.raises(BadConfiguration) as refused:
        DomainSpec.from_dict({**BILL, "money": {**MONEY, **wrong}})

    assert field in {problem["field"] for problem in refused.value.problems}


@pytest.mark.parametrize(
    ("sums", "reporting", "wanted"),
    [
        ({"EUR": 10, "USD": 100}, EUROS, {"EUR": 100}),
        ({"EUR": 10, "CHF": 5}, EUROS, {"EUR": 10, "CHF": 5}),
        ({"EUR": 10, "USD": 100}, None, {"EUR": 10, "USD": 100}),
        ({}, EUROS, {}),
    ],
    ids=["all have a rate", "one has none", "no table", "no money"],
)
def test_currencies_are_added_up_only_where_rates_say_how(sums, reporting, wanted):
    assert money.converted({code: Decimal(amount) for code, amount in sums.items()}, reporting) == wanted


def test_the_expected_cost_is_the_probability_times_the_largest_amount():
    assert money.expected_cost(0.8, {"EUR": Decimal(1000), "USD": Decimal(-3000)}) == 2400.0
    assert money.expected_cost(0.8, {}) == 0.0


def test_sums_of_several_kinds_are_added_by_currency():
    parts = {"USD": Decimal(3), "EUR": Decimal(1)}, {"EUR": Decimal("0.50")}

    assert money.added(*parts) == {"EUR": Decimal("1.50"), "USD": Decimal(3)}
    assert list(money.added(*parts)) == ["EUR", "USD"]
