"""Trust: weights, how they fade, and what a failed check takes off."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mdm.rules.golden.survivorship import Member, survive
from mdm.rules.golden.trust import DECAYS, Trust, Weight

NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)
DAY = timedelta(days=1)


@pytest.mark.parametrize(
    ("weight", "age", "expected"),
    [
        (Weight(80), 0, 80), (Weight(80), 9_999, 80),
        (Weight(90, "linear", 100, 10), 0, 90), (Weight(90, "linear", 100, 10), 50, 50),
        (Weight(90, "linear", 100, 10), 100, 10), (Weight(90, "linear", 100, 10), 500, 10),
        (Weight(80, "half_life", 365), 0, 80), (Weight(80, "half_life", 365), 365, 40), (Weight(80, "half_life", 365), 730, 20),
        (Weight(80, "half_life", 365, 40), 365, 60),
        (Weight(80, "linear", 10), -5, 80), (Weight(80, "half_life", 10), -5, 80),
    ],
)  # fmt: skip
def test_a_weight_fades_as_declared(weight, age, expected):
    assert weight.at(age) == pytest.approx(expected)


@pytest.mark.parametrize(
    ("weight", "said"),
    [
        (Weight(80), "80"),
        (Weight(90, "linear", 365, 10), "90, falling to 10 in 365 days"),
        (Weight(80.5, "half_life", 365), "80.5, halved every 365 days"),
        (Weight(80, "half_life", 30, 20), "80, halved towards 20 every 30 days"),
    ],
    ids=["stays", "linear", "half-life", "half-life with a floor"],
)
def test_a_weight_is_said_without_a_number_that_moves(weight, said):
    assert weight.said() == said


def test_an_attribute_and_a_system_go_before_the_star():
    trust = Trust({"*": {"erp": Weight(10), "*": Weight(5)}, "phone": {"crm": Weight(90)}, "city": {"*": Weight(7)}})

    assert trust.of("phone", "crm") == Weight(90)
    assert trust.of("phone", "erp") is None
    assert trust.of("name", "erp") == Weight(10)
    assert trust.of("name", "web") == Weight(5)
    assert trust.of("city", "erp") == Weight(7)
    assert trust.least(("phone", "city"), "crm") == Weight(7)
    assert trust.least(("phone",), "erp") is None


@given(
    st.floats(0, 100), st.floats(0, 1), st.sampled_from(DECAYS), st.integers(1, 5_000),
    st.tuples(st.floats(0, 9_999), st.floats(0, 9_999)), st.floats(0, 1),
)  # fmt: skip
def test_trust_never_grows_with_age_and_never_by_a_failed_check(start, share, decay, days, ages, downgrade):
    weight, trust = Weight(start, decay, days, start * share), Trust(downgrade=downgrade)
    young, old = sorted(ages)

    scores = [trust.score(weight, NOON - age * DAY, at=NOON, is_valid=True) for age in (young, old)]

    assert start + 1e-6 >= scores[0] >= scores[1] >= start * share - 1e-6
    assert trust.score(weight, NOON - old * DAY, at=NOON, is_valid=False) <= scores[1]


# In survivorship.

FADING = {"weights": {"phone": {"erp": {"start": 60}, "crm": {"start": 90, "decay": "half_life", "days": 100}}}, "downgrade": 0.5}
RULE = [{"attributes": ["phone"], "strategies": ["trust", "most_recent"]}]


def member(number, system, phone, *, age=0, invalid=()):
    return Member(number, f"{system}/o//{number}", system, {"phone": phone}, NOON - age * DAY, frozenset(invalid))


def phone(spec, *members, at=NOON):
    result = survive(spec, members, release=1, at=at)
    return result.values.get("phone"), result.provenance.get("phone", {})


@pytest.fixture
def spec(declare):
    return declare("phone", trust=FADING, survivorship=RULE)


def test_the_most_trusted_wins_until_it_has_faded(spec):
    members = (member(1, "crm", "C"), member(2, "erp", "E"))

    assert phone(spec, *members)[0] == "C"
    assert phone(spec, *members, at=NOON + 58 * DAY)[0] == "C"
    assert phone(spec, *members, at=NOON + 59 * DAY)[0] == "E"


def test_the_reason_names_the_weight_and_stays_the_same_every_day(spec):
    members = (member(1, "crm", "C"), member(2, "erp", "E"))

    whys = [phone(spec, *members, at=NOON + days * DAY)[1] for days in range(58)]

    assert all(why == whys[0] for why in whys)
    assert whys[0]["why"] == "crm is trusted most for this: 90, halved every 100 days."
    assert whys[0]["rule"] == "trust"
    assert whys[0]["beat"] == [{"value": "E", "system": "erp", "key": "erp/o//2"}]


def test_a_failed_check_costs_trust(spec):
    assert phone(spec, member(1, "crm", "C", invalid=("phone",)), member(2, "erp", "E"))[0] == "E"


def test_a_system_without_a_weight_never_wins_by_trust_but_may_by_the_next_rule(spec):
    assert phone(spec, member(1, "web", "W"), member(2, "erp", "E", age=50))[0] == "E"
    value, why = phone(spec, member(1, "web", "W"), member(2, "www", "V", age=1))
    assert (value, why["rule"]) == ("W", "most_recent")


def test_only_what_fades_moves_with_time(declare, spec):
    assert spec.moves_with_time
    assert not declare("phone", trust={"weights": {"phone": {"erp": 3}}}, survivorship=RULE).moves_with_time
    assert not declare("phone", trust=FADING).moves_with_time
    assert not declare("phone").moves_with_time
