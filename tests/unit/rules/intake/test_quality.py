"""Quality rules: what each kind asks, the score, when time alone changes it, and that one record and many are graded alike."""

from __future__ import annotations

from datetime import timedelta
from random import Random

import pytest

from mdm.rules.golden.conditions import When
from mdm.rules.intake.quality import BEST, DIMENSIONS, KINDS, Facts, QualityRule, grade
from tests.factories.times import NOON

DAY = timedelta(days=1)
ACTIVE = When("status", ("active",))


def facts(*invalid, said_at=NOON, **values):
    return Facts(values, frozenset(invalid), said_at)


def rule(kind, *attributes, code="", weight=1, days=None, when=None):
    return QualityRule(code or kind, f"{kind} is wrong", kind, attributes, weight, days, when)


def failing(rules, *column, at=NOON):
    return [one.failing for one in grade(rules, column, at=at)]


@pytest.mark.parametrize(
    ("asked", "record", "holds"),
    [
        (rule("complete", "city", "country"), facts(city="Leeds", country="GB"), True),
        (rule("complete", "city", "country"), facts(city="Leeds", country=" "), False),
        (rule("complete", "budget"), facts(budget=0), True),
        (rule("complete", "customer"), facts(customer={"native_id": "7"}), True),
        (rule("any_of", "phone", "email"), facts(email="a@b.c"), True),
        (rule("any_of", "phone", "email"), facts(phone=""), False),
        (rule("valid", "lei", "duns"), facts("phone", lei="X"), True),
        (rule("valid", "lei", "duns"), facts("duns", lei="X", duns="1"), False),
        (rule("together", "budget", "currency"), facts(budget="5", currency="EUR"), True),
        (rule("together", "budget", "currency"), facts(currency="EUR"), False),
        (rule("in_order", "a", "b"), facts(a="2026-01-31", b="2026-01-31"), True),
        (rule("in_order", "a", "b"), facts(a="2026-02-01", b="2026-01-31"), False),
        (rule("in_order", "a", "b"), facts(a="9", b="10.5"), True),
        (rule("in_order", "a", "b"), facts(a=10, b="9"), False),
        (rule("fresh", days=30), facts(said_at=NOON - 30 * DAY + timedelta(seconds=1)), True),
        (rule("fresh", days=30), facts(said_at=NOON - 30 * DAY), False),
    ],
    ids=lambda value: value.kind if isinstance(value, QualityRule) else None,
)
def test_what_a_rule_asks(asked, record, holds):
    (graded,) = grade([asked], [record], at=NOON)

    assert (graded.failing == ()) is holds
    assert graded.score == (BEST if holds else 0)


@pytest.mark.parametrize(
    ("asked", "record"),
    [
        (rule("valid", "lei"), facts("lei")),
        (rule("together", "budget", "currency"), facts()),
        (rule("in_order", "a", "b"), facts(a="2026-02-01")),
        (rule("in_order", "a", "b"), facts("b", a="2026-02-01", b="soon")),
        (rule("complete", "city", when=ACTIVE), facts(status="closed")),
        (rule("fresh", days=1, when=ACTIVE), facts(said_at=NOON - 9 * DAY)),
    ],
)
def test_a_rule_that_asks_nothing_neither_fails_nor_counts(asked, record):
    (graded,) = grade([asked, rule("complete", "name")], [record], at=NOON)

    assert (graded.score, graded.failing) == (0, ("complete",))


def test_the_score_is_the_weight_that_holds_rounded_down():
    rules = [rule("complete", name, code=name, weight=weight) for name, weight in (("a", 1), ("b", 1), ("c", 1), ("d", 197))]

    assert [one.score for one in grade(rules, [facts(a=1, b=1, c=1, d=1), facts(a=1, b=1, d=1), facts(a=1)], at=NOON)] == [
        100, 99, 0,
    ]  # fmt: skip


def test_nothing_asked_is_without_fault():
    assert grade([], [facts()], at=NOON)[0].score == BEST
    assert grade([rule("together", "a", "b")], [facts()], at=NOON)[0].score == BEST


def test_it_says_when_time_alone_makes_the_next_rule_fail():
    rules = [rule("fresh", code="month", days=30), rule("fresh", code="year", days=365)]
    record = facts(said_at=NOON)

    assert grade(rules, [record], at=NOON)[0].due_at == NOON + 30 * DAY
    later = grade(rules, [record], at=NOON + 30 * DAY)[0]
    assert (later.failing, later.due_at) == (("month",), NOON + 365 * DAY)
    assert grade(rules, [record], at=NOON + 400 * DAY)[0].due_at is None


def test_one_record_and_many_in_any_order_are_graded_alike():
    random = Random(7)
    names = ("a", "b", "c", "status")
    rules = [
        rule(kind, *names[:2], code=f"{kind}-{number}", weight=random.randint(1, 9), days=40 if kind == "fresh" else None,
             when=ACTIVE if number else None)
        for kind in KINDS
        for number in range(2)
    ]  # fmt: skip
    column = [
        facts(
            *random.sample(names, random.randint(0, 2)),
            said_at=NOON - random.randint(0, 80) * DAY,
            **{name: random.choice(["", "5", "12", "active", None, ["x"]]) for name in random.sample(names, 3)},
        )
        for _ in range(300)
    ]

    together = grade(rules, column, at=NOON)

    assert together == [grade(rules, [record], at=NOON)[0] for record in column]
    assert grade(rules, column[::-1], at=NOON) == together[::-1]
    assert {len(one.failing) for one in together} > {0, 1, 2}


def test_every_kind_has_its_dimension_and_survives_the_way_through_data():
    assert KINDS.keys() == DIMENSIONS.keys()
    for kind in KINDS:
        said = rule(kind, "a", "b", weight=3, days=9, when=ACTIVE)
        assert QualityRule.from_dict(said.to_dict()) == said
        assert said.dimension in {"completeness", "validity", "consistency", "timeliness"}
