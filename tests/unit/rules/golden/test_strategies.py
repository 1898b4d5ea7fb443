from __future__ import annotations

from datetime import UTC, datetime

import pytest

from mdm.rules.golden.strategies import OPTIONS, STRATEGIES, Candidate
from mdm.rules.values import token

ORDER = {"order": ["erp", "crm"], "attribute": "name"}


def candidate(key, *values, system="crm", day=1, **facts):
    changed_at = datetime(2026, 1, day, tzinfo=UTC)
    told = token(values[0]) if len(values) == 1 else token(values)
    return Candidate(ord(key[0]), key, system, changed_at, values, told, **facts)


def winners(kind, *candidates, options=None):
    best, _ = STRATEGIES[kind](candidates, options or {})
    return [one.key for one in best]


CASES = {
    "the best ranked system": ("source_priority", [candidate("a", 1), candidate("b", 2, system="erp")], ["b"]),
    "all records of it": ("source_priority", [candidate(key, 1, system="erp") for key in "ab"], ["a", "b"]),
    "a system without a rank never wins": ("source_priority", [candidate("a", 1, system="x")], []),
    "the owner": ("owner", [candidate("a", 1), candidate("b", 2, is_owner=True)], ["b"]),
    "no owner, no opinion": ("owner", [candidate("a", 1)], []),
    "only valid ones": ("first_valid", [candidate("a", 1, is_valid=False), candidate("b", 2)], ["b"]),
    "nothing valid, no opinion": ("first_valid", [candidate("a", 1, is_valid=False)], []),
    "the latest": ("most_recent", [candidate("a", 1, day=2), candidate("b", 2, day=3)], ["b"]),
    "equally late": ("most_recent", [candidate("a", 1), candidate("b", 2)], ["a", "b"]),
    "the oldest": ("oldest", [candidate("a", 1, day=2), candidate("b", 2, day=3)], ["a"]),
    "the most frequent": ("most_frequent", [candidate("a", "x"), candidate("b", "y"), candidate("c", "y")], ["b", "c"]),
    "equally frequent": ("most_frequent", [candidate("a", "x"), candidate("b", "y")], ["a", "b"]),
    "frequent lists": ("most_frequent", [candidate("a", ["x"]), candidate("b", ["y"]), candidate("c", ["y"])], ["b", "c"]),
    "the most complete": ("most_complete", [candidate("a", "x", None), candidate("b", "y", "z")], ["b"]),
    "the longest": ("longest", [candidate("a", "xx"), candidate("b", "xxx")], ["b"]),
    "the longest group": ("longest", [candidate("a", "xx", None), candidate("b", "x", "x2")], ["b"]),
    "the smallest number, as a number": ("min", [candidate("a", "9"), candidate("b", "10")], ["a"]),
    "the largest number, as a number": ("max", [candidate("a", "9"), candidate("b", "10.0"), candidate("c", 10)], ["b", "c"]),
    "the earliest date": ("min", [candidate("a", "2026-02-01"), candidate("b", "2025-11-30")], ["b"]),
    "the latest date": ("max", [candidate("a", "2026-02-01"), candidate("b", "2025-11-30")], ["a"]),
    "as text where one is no number": ("min", [candidate("a", "9"), candidate("b", "1x"), candidate("c", "NaN")], ["b"]),
    "the smallest of a group with gaps": ("min", [candidate("a", "2", None), candidate("b", "2", "1")], ["a"]),
    "the most trusted": ("trust", [candidate("a", 1, trust=9.0), candidate("b", 2, trust=8.0), candidate("c", 3)], ["a"]),
    "trust of nobody": ("trust", [candidate("a", 1), candidate("b", 2)], []),
    "the record that won another": ("from_winner_of", [candidate("a", 1), candidate("b", 2, is_anchor=True)], ["b"]),
    "the record that won another has none": ("from_winner_of", [candidate("a", 1), candidate("b", 2)], []),
    "all": ("union", [candidate("a", 1), candidate("b", 2)], ["a", "b"]),
}


@pytest.mark.parametrize(("kind", "candidates", "expected"), CASES.values(), ids=CASES.keys())
def test_a_strategy_keeps_the_best_by_its_measure(kind, candidates, expected):
    assert winners(kind, *candidates, options=ORDER) == expected


@pytest.mark.parametrize("kind", STRATEGIES)
def test_every_strategy_says_in_one_sentence_why(kind):
    candidates = [candidate("a", "x", system="erp", is_owner=True, trust=9.0, trusted="9", is_anchor=True), candidate("b", "y")]

    _, why = STRATEGIES[kind](candidates, ORDER)

    assert why.endswith(".")
    assert 10 < len(why) < 80


@pytest.mark.parametrize("kind", STRATEGIES)
def test_every_strategy_explains_itself(kind):
    assert STRATEGIES[kind].__doc__


def test_a_system_named_twice_keeps_its_better_rank():
    best, why = STRATEGIES["source_priority"]([candidate("a", 1)], {"order": ["crm", "erp", "crm"]})

    assert len(best) == 1
    assert why == "crm ranks 1 of 3 for this."


def test_options_are_known_strategies():
    assert set(OPTIONS) <= set(STRATEGIES)
