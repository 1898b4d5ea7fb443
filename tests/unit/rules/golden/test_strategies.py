from __future__ import annotations

from datetime import UTC, datetime

import pytest

from mdm.rules.golden.choosing.saying import Said, mark
from mdm.rules.golden.strategies import OPTIONS, STRATEGIES
from mdm.rules.golden.survivorship import Member
from mdm.rules.golden.trust import Weight

ORDER = {"order": ["erp", "crm"], "attribute": "name"}


def record(key, *values, system="crm", day=1, **facts):
    """A record with what it says; `facts`: is_owner, is_valid, trust, is_anchor."""
    return Member(ord(key), key, system, {}, datetime(2026, 1, day, tzinfo=UTC)), values, facts


def said(*records):
    members, rows, facts = zip(*records, strict=True)
    where = {name: {place for place, fact in enumerate(facts) if fact.get(name)} for name in ("is_owner", "is_anchor")}
    return Said(
        tuple(f"attribute {position}" for position in range(len(rows[0]))),
        members,
        values=dict(enumerate(rows)),
        marks={place: mark(row) for place, row in enumerate(rows)},
        invalid={place for place, fact in enumerate(facts) if not fact.get("is_valid", True)},
        owners=where["is_owner"],
        anchors=where["is_anchor"],
        scores={place: fact["trust"] for place, fact in enumerate(facts) if "trust" in fact},
        weights={member.system: Weight(fact["trust"]) for member, fact in zip(members, facts, strict=True) if "trust" in fact},
    )


def picked(kind, *records, options=ORDER):
    """The keys that a strategy keeps, and why."""
    told = said(*records)
    best, why = STRATEGIES[kind](range(len(records)), told, options)
    return [told.members[place].key for place in best], why


CASES = {
    "the best ranked system": ("source_priority", [record("a", 1), record("b", 2, system="erp")], ["b"]),
    "all records of it": ("source_priority", [record(key, 1, system="erp") for key in "ab"], ["a", "b"]),
    "a system without a rank never wins": ("source_priority", [record("a", 1, system="x")], []),
    "the owner": ("owner", [record("a", 1), record("b", 2, is_owner=True)], ["b"]),
    "no owner, no opinion": ("owner", [record("a", 1)], []),
    "only valid ones": ("first_valid", [record("a", 1, is_valid=False), record("b", 2)], ["b"]),
    "nothing valid, no opinion": ("first_valid", [record("a", 1, is_valid=False)], []),
    "the latest": ("most_recent", [record("a", 1, day=2), record("b", 2, day=3)], ["b"]),
    "equally late": ("most_recent", [record("a", 1), record("b", 2)], ["a", "b"]),
    "the oldest": ("oldest", [record("a", 1, day=2), record("b", 2, day=3)], ["a"]),
    "the most frequent": ("most_frequent", [record("a", "x"), record("b", "y"), record("c", "y")], ["b", "c"]),
    "equally frequent": ("most_frequent", [record("a", "x"), record("b", "y")], ["a", "b"]),
    "frequent lists": ("most_frequent", [record("a", ["x"]), record("b", ["y"]), record("c", ["y"])], ["b", "c"]),
    "the most complete": ("most_complete", [record("a", "x", None), record("b", "y", "z")], ["b"]),
    "the longest": ("longest", [record("a", "xx"), record("b", "xxx")], ["b"]),
    "the longest group": ("longest", [record("a", "xx", None), record("b", "x", "x2")], ["b"]),
    "the smallest number, as a number": ("min", [record("a", "9"), record("b", "10")], ["a"]),
    "the largest number, as a number": ("max", [record("a", "9"), record("b", "10.0"), record("c", 10)], ["b", "c"]),
    "the earliest date": ("min", [record("a", "2026-02-01"), record("b", "2025-11-30")], ["b"]),
    "the latest date": ("max", [record("a", "2026-02-01"), record("b", "2025-11-30")], ["a"]),
    "as text where one is no number": ("min", [record("a", "9"), record("b", "1x"), record("c", "NaN")], ["b"]),
    "the smallest of a group with gaps": ("min", [record("a", "2", None), record("b", "2", "1")], ["a"]),
    "the most trusted": ("trust", [record("a", 1, trust=9.0), record("b", 2, trust=8.0), record("c", 3)], ["a"]),
    "trust of nobody": ("trust", [record("a", 1), record("b", 2)], []),
    "the record that won another": ("from_winner_of", [record("a", 1), record("b", 2, is_anchor=True)], ["b"]),
    "the record that won another has none": ("from_winner_of", [record("a", 1), record("b", 2)], []),
    "all": ("union", [record("a", 1), record("b", 2)], ["a", "b"]),
}


@pytest.mark.parametrize(("kind", "records", "expected"), CASES.values(), ids=CASES.keys())
def test_a_strategy_keeps_the_best_by_its_measure(kind, records, expected):
    assert picked(kind, *records)[0] == expected


@pytest.mark.parametrize("kind", STRATEGIES)
def test_every_strategy_says_in_one_sentence_why(kind):
    best, why = picked(kind, record("a", "x", system="erp", is_owner=True, trust=9.0, is_anchor=True), record("b", "y"))

    assert best
    assert why().endswith(".")
    assert 10 < len(why()) < 80


@pytest.mark.parametrize("kind", STRATEGIES)
def test_every_strategy_explains_itself(kind):
    assert STRATEGIES[kind].__doc__


def test_a_system_named_twice_keeps_its_better_rank():
    best, why = picked("source_priority", record("a", 1), options={"order": ["crm", "erp", "crm"]})

    assert best == ["a"]
    assert why() == "crm ranks 1 of 3 for this."


def test_options_are_known_strategies():
    assert set(OPTIONS) <= set(STRATEGIES)
