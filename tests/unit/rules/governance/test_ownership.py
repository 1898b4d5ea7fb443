"""Whose word counts, and when two people have to agree."""

from __future__ import annotations

import itertools
from decimal import Decimal

import pytest

from mdm.rules.governance import ownership
from mdm.rules.governance.ownership import Requests, Say, SecondPerson, say

ROLES = ("owner", "contributor", "reader")


@pytest.mark.parametrize(("role", "policy", "speaks"), list(itertools.product(ROLES, ownership.POLICIES, (True, False))))
def test_every_word_is_heard_or_not_by_role_and_policy(role, policy, speaks):
    expected = {"reader": Say.IGNORED, "owner": Say.COUNTS}.get(role)
    if role == "contributor":
        expected = {"ranked": Say.BELOW, "ignored": Say.IGNORED, "request": Say.WAITS}[policy] if speaks else Say.COUNTS

    assert say(role, policy, owner_speaks=speaks) is expected


def test_attributes_that_survive_as_a_whole_follow_the_strictest_of_their_policies():
    assert ownership.strictest(["ignored", "request", "ranked"]) == "request"
    assert ownership.strictest(["ranked", "ignored"]) == "ignored"


LIMITS = SecondPerson(money=1_000.0, sensitivities=("restricted",), criticality=1)


@pytest.mark.parametrize(
    ("limits", "money", "sensitivity", "criticality", "words"),
    [
        (LIMITS, "999.99", "public", 2, ""),
        (LIMITS, "1000", "public", 2, "Money of 1,000 or more"),
        (LIMITS, "0", "restricted", 2, "The value is restricted"),
        (LIMITS, "0", "public", 1, "criticality 1"),
        (SecondPerson(), "1000000", "restricted", 1, ""),
        (SecondPerson(money=0), "0", "public", 3, "Money of 0 or more"),
    ],
    ids=["below", "money", "sensitivity", "criticality", "no limits", "always"],
)
def test_a_second_person_is_asked_from_a_limit_on(limits, money, sensitivity, criticality, words):
    why = limits.why(money=Decimal(money), sensitivity=sensitivity, criticality=criticality)

    assert words in why
    assert bool(why) is bool(words)


@pytest.mark.parametrize(
    "plain",
    [
        {"expire_days": 30},
        {"expire_days": 7, "second_person": {"money": 5.5, "sensitivities": ["restricted", "personal"], "criticality": 2}},
        {"expire_days": 7, "second_person": {"criticality": 1}},
    ],
)
def test_what_is_declared_comes_back_as_it_was(plain):
    assert Requests.from_dict(plain).to_dict() == plain


def test_what_is_not_declared_has_its_default():
    assert Requests.from_dict({}) == Requests(expire_days=30, second_person=SecondPerson())
