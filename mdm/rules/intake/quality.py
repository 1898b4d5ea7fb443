"""How good a record is: the rules a domain declares, a score of 0 to 100, and what is wrong in plain words."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any

from mdm.rules.golden.conditions import When
from mdm.rules.values import is_empty

BEST = 100


@dataclass(frozen=True, slots=True)
class QualityRule:
    """One thing that a good record has.

    `title`: what is wrong where the rule fails, in plain words. `weight`: how much it counts beside the others, 1..100.
    `days`: how old the newest word may be. `when`: the rule asks nothing of a record where that does not hold.
    """

    code: str
    title: str
    kind: str
    attributes: tuple[str, ...] = ()
    weight: int = 1
    days: int | None = None
    when: When | None = None

    @classmethod
    def from_dict(cls, raw: Mapping[str, Any]) -> QualityRule:
        """Build from plain data that was checked before."""
        when = raw.get("when")
        return cls(
            code=raw["code"],
            title=raw["title"],
            kind=raw["kind"],
            attributes=tuple(raw.get("attributes", ())),
            weight=raw.get("weight", 1),
            days=raw.get("days"),
            when=When(when["attribute"], tuple(when["values"])) if when else None,
        )

    def to_dict(self) -> dict[str, Any]:
        """Plain JSON data, the same shape as the file."""
        plain: dict[str, Any] = {"code": self.code, "title": self.title, "kind": self.kind, "weight": self.weight}
        if self.attributes:
            plain["attributes"] = list(self.attributes)
        if self.days is not None:
            plain["days"] = self.days
        if self.when is not None:
            plain["when"] = {"attribute": self.when.attribute, "values": list(self.when.values)}
        return plain

    @property
    def dimension(self) -> str:
        """Completeness, validity, consistency or timeliness."""
        return DIMENSIONS[self.kind]


@dataclass(frozen=True, slots=True)
class Facts:
    """What a rule looks at: values by attribute and relation, which of them failed a check, and when the newest word was said."""

    values: Mapping[str, Any]
    invalid: frozenset[str]
    said_at: datetime


@dataclass(frozen=True, slots=True)
class Grade:
    """`score`: 0..100, the weight of the rules that hold among those that apply, rounded down, so that 100 is without fault.

    `failing`: codes, in the order of the rules. `due_at`: when time alone makes the next rule fail, None for never.
    """

    score: int
    failing: tuple[str, ...] = ()
    due_at: datetime | None = None


Column = Sequence[Facts]
Verdicts = list[bool | None]
"""One a record: whether the rule holds, None where it asks nothing."""


def grade(rules: Sequence[QualityRule], column: Column, *, at: datetime) -> list[Grade]:
    """One grade a record, in order. Rule by rule over all records, so that a million of them and one are graded by the same code.

    `at`: the moment that timeliness is measured against.
    """
    verdicts = [_applied(rule, column, at) for rule in rules]
    return [_grade(rules, [verdict[row] for verdict in verdicts], _due_at(rules, facts, at)) for row, facts in enumerate(column)]


def _applied(rule: QualityRule, column: Column, at: datetime) -> Verdicts:
    verdicts = KINDS[rule.kind](rule, column, at)
    if rule.when is None:
        return verdicts
    when = rule.when
    return [
        verdict if when.holds(facts.values.get(when.attribute)) else None for verdict, facts in zip(verdicts, column, strict=True)
    ]


def _grade(rules: Sequence[QualityRule], verdicts: Verdicts, due_at: datetime | None) -> Grade:
    asked = sum(rule.weight for rule, verdict in zip(rules, verdicts, strict=True) if verdict is not None)
    held = sum(rule.weight for rule, verdict in zip(rules, verdicts, strict=True) if verdict)
    failing = tuple(rule.code for rule, verdict in zip(rules, verdicts, strict=True) if verdict is False)
    return Grade(BEST * held // asked if asked else BEST, failing, due_at)


def _due_at(rules: Sequence[QualityRule], facts: Facts, at: datetime) -> datetime | None:
    ends = [facts.said_at + timedelta(days=rule.days) for rule in rules if rule.days is not None]
    return min((end for end in ends if end > at), default=None)


def _complete(rule: QualityRule, column: Column, at: datetime) -> Verdicts:
    """Every one of the attributes has a value."""
    return [all(_has(facts, name) for name in rule.attributes) for facts in column]


def _any_of(rule: QualityRule, column: Column, at: datetime) -> Verdicts:
    """At least one of the attributes has a value."""
    return [any(_has(facts, name) for name in rule.attributes) for facts in column]


def _valid(rule: QualityRule, column: Column, at: datetime) -> Verdicts:
    """No value of the attributes failed the checks of its kind, its validators or its reference list."""
    return [
        facts.invalid.isdisjoint(rule.attributes) if any(_has(facts, name) for name in rule.attributes) else None
        for facts in column
    ]


def _in_order(rule: QualityRule, column: Column, at: datetime) -> Verdicts:
    """The first of two dates, or numbers, is not above the second; nothing is asked where one is missing or failed a check."""
    first, second = rule.attributes
    return [
        _is_in_order(facts.values[first], facts.values[second])
        if _has(facts, first) and _has(facts, second) and facts.invalid.isdisjoint(rule.attributes)
        else None
        for facts in column
    ]


def _together(rule: QualityRule, column: Column, at: datetime) -> Verdicts:
    """Where one of the attributes has a value, all of them do."""
    counts = [sum(_has(facts, name) for name in rule.attributes) for facts in column]
    return [count == len(rule.attributes) if count else None for count in counts]


def _fresh(rule: QualityRule, column: Column, at: datetime) -> Verdicts:
    """Some source changed the record, or confirmed it as it is, within so many days."""
    oldest = at - timedelta(days=rule.days or 0)
    return [facts.said_at > oldest for facts in column]


KINDS: Mapping[str, Callable[[QualityRule, Column, datetime], Verdicts]] = {
    "complete": _complete,
    "any_of": _any_of,
    "valid": _valid,
    "in_order": _in_order,
    "together": _together,
    "fresh": _fresh,
}
DIMENSIONS: Mapping[str, str] = {
    "complete": "completeness",
    "any_of": "completeness",
    "valid": "validity",
    "in_order": "consistency",
    "together": "consistency",
    "fresh": "timeliness",
}


def _has(facts: Facts, name: str) -> bool:
    return not is_empty(facts.values.get(name))


def _is_in_order(first: Any, second: Any) -> bool:
    """Numbers by size, dates and moments as ISO text."""
    numbers = _number(first), _number(second)
    if numbers[0] is not None and numbers[1] is not None:
        return numbers[0] <= numbers[1]
    return str(first) <= str(second)


def _number(value: Any) -> Decimal | None:
    try:
        number = Decimal(str(value))
    except InvalidOperation:
        return None
    return number if number.is_finite() else None
