"""Many golden records decided together come out as each alone, and as the rules say when they are read one record at a time."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mdm.rules.golden.strategies import STRATEGIES
from mdm.rules.golden.survivorship import PORTION, Case, Member, Override, survive, survive_each
from mdm.rules.governance.domains import DomainSpec
from mdm.rules.values import is_empty, token

NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)
NAMES = ("name", "street", "city", "size", "tags", "up")


# The rules of survivorship as a person reads them: one golden record, one rule, one strategy after the other.


@dataclass
class Voice:
    """What one record says of the attributes of one rule."""

    member: Member
    values: list[Any]
    said: str
    is_owner: bool
    is_valid: bool
    trust: float | None
    is_anchor: bool


def by_the_book(spec, members, overrides, at):
    """Of each attribute its value, and the rule, the record and the beaten values, without the words."""
    pinned = {
        one.attribute: one
        for one in sorted(overrides, key=lambda one: (one.is_own, one.at, one.actor, token(one.value)))
        if one.is_active(at) and one.attribute in NAMES
    }
    values, winners, reasons = {}, {}, {}
    for rule in spec.rules:
        if rule.attributes[0] in winners:
            continue
        if rule.when:
            name = rule.when.attribute
            looked_at = pinned[name].value if name in pinned else values.get(name)
            looked_at = looked_at if isinstance(looked_at, list) else [looked_at]
            if not {token(value) for value in looked_at} & {token(value) for value in rule.when.values}:
                continue
        follow = [strategy.options["attribute"] for strategy in rule.strategies if strategy.kind == "from_winner_of"]
        voices = heard(spec, rule, members, at, winners.get(follow[0]) if follow else None)
        winner, decided_by, won = decide(rule, voices) if voices else (None, "", [None] * len(rule.attributes))
        for position, name in enumerate(rule.attributes):
            winners[name], values[name] = winner and winner.member, won[position]
            if won[position] is not None:
                told = [(voice.member, voice.values[position]) for voice in voices]
                beat = [] if decided_by == "union" else beaten(told, won[position])
                reasons[name] = (decided_by, winner.member.key, beat, rule.when and rule.when.attribute)
    for name, one in pinned.items():
        told = [(member, member.attributes.get(name)) for member in sorted(members, key=lambda member: member.key)]
        values[name], reasons[name] = one.value, ("override", "", beaten(told, one.value), None)
    return {name: value for name, value in values.items() if not is_empty(value)}, reasons


def heard(spec, rule, members, at, anchor):
    voices = []
    for member in sorted(members, key=lambda member: member.key):
        roles = [spec.ownership_of(name, member.system) for name in rule.attributes]
        values = []
        for name, role in zip(rule.attributes, roles, strict=True):
            value = member.attributes.get(name)
            nothing = "" if name in spec.kept_empty and name in member.attributes else None
            values.append(None if role == "reader" else nothing if is_empty(value) else value)
        if values == [None] * len(values):
            continue
        is_valid = not member.invalid & {*rule.attributes}
        weights = [weight for name in rule.attributes if (weight := spec.trust.of(name, member.system))]
        weight = min(weights, key=lambda weight: weight.start, default=None)
        trust = weight and spec.trust.score(weight, member.changed_at, at=at, is_valid=is_valid)
        said = token(values[0]) if len(values) == 1 else token(values)
        voices.append(Voice(member, values, said, "owner" in roles, is_valid, trust, member is anchor))
    owners = [voice for voice in voices if voice.is_owner]
    policies = {spec.policy_of(name) for name in rule.attributes if spec.owner_of(name)}
    return voices if not owners or policies == {"ranked"} else owners


MEASURES = {
    "source_priority": lambda voice, left, order: -order.index(voice.member.system) if voice.member.system in order else None,
    "owner": lambda voice, left, order: voice.is_owner or None,
    "first_valid": lambda voice, left, order: voice.is_valid or None,
    "trust": lambda voice, left, order: voice.trust,
    "from_winner_of": lambda voice, left, order: voice.is_anchor or None,
    "most_recent": lambda voice, left, order: voice.member.changed_at - NOON,
    "oldest": lambda voice, left, order: NOON - voice.member.changed_at,
    "most_frequent": lambda voice, left, order: Counter(other.said for other in left)[voice.said],
    "most_complete": lambda voice, left, order: sum(not is_empty(value) for value in voice.values),
    "longest": lambda voice, left, order: sum(len(token(value)) for value in voice.values if value is not None),
}
"""How much a record is worth by each strategy, None where the strategy has nothing to say of it."""


def decide(rule, voices):
    left, decided_by = voices, "agreed"
    for strategy in rule.strategies:
        if strategy.kind == "union":
            return united(left)
        if strategy.kind in MEASURES:
            worth = [(MEASURES[strategy.kind](voice, left, strategy.options.get("order")), voice) for voice in left]
            most = max((measure for measure, _ in worth if measure is not None), default=None)
            best = [voice for measure, voice in worth if measure is not None and measure == most]
        else:
            best = extreme(left, {"min": min, "max": max}[strategy.kind])
        if is_divided(left) and best and not is_divided(best):
            decided_by = strategy.kind
        left = best or left
    return left[0], "key" if is_divided(left) else decided_by, left[0].values


def is_divided(voices):
    return len({voice.said for voice in voices}) > 1


def extreme(voices, choose):
    voices = [voice for voice in voices if not all(is_empty(value) for value in voice.values)] or voices
    try:
        rows = [[Decimal(str(value)) for value in voice.values] for voice in voices]
    except InvalidOperation:
        rows = [["" if value is None else token(value) for value in voice.values] for voice in voices]
    best = choose(rows)
    return [voice for voice, row in zip(voices, rows, strict=True) if row == best]


def united(voices):
    latest = max(voices, key=lambda voice: voice.member.changed_at)
    lists = {voice.member.key: value if isinstance(value := voice.values[0], list) else [value] for voice in voices}
    counts = Counter(token(value) for said in lists.values() for value in said)
    own = {token(value) for value in lists[latest.member.key]}
    texts = {token(value): value for said in lists.values() for value in said}
    order = sorted(texts, key=lambda text: (text not in own, -counts[text], text))
    return latest, "union", [[texts[text] for text in order]]


def beaten(told, kept):
    found = {}
    for member, value in told:
        if not is_empty(value) and token(value) != token(kept):
            found.setdefault(token(value), (value, member.key))
    return [*found.values()][:8]


# Random worlds.

SYSTEMS = ("crm", "erp", "web")
ORDERS = st.lists(st.sampled_from(SYSTEMS), min_size=1, max_size=3).map(lambda order: {"kind": "source_priority", "order": order})
PLAIN = st.sampled_from([kind for kind in STRATEGIES if kind not in {"union", "source_priority", "from_winner_of"}])
CHAINS = st.lists(PLAIN | ORDERS, min_size=1, max_size=4)
WEIGHTS = st.integers(0, 3) | st.builds(
    lambda start, decay: {"start": start, "decay": decay, "days": 30, "end": 1},
    st.integers(1, 4),
    st.sampled_from(["linear", "half_life"]),
)
TEXTS = st.sampled_from([None, "", " ", "a", "bb", "10", "9", "x" * 12, 10, 9.0, 0, False, True, [], ["a"], {"a": [1]}])
LISTS = st.lists(st.sampled_from(["a", "b", "c", 1]), max_size=2) | st.sampled_from([None, "a"])
AIMS = st.sampled_from([None, {"system": "crm", "native_id": "1"}, {"native_id": "1", "system": "crm"}, {"system": "erp"}])
SAID = {"name": TEXTS, "street": TEXTS, "city": TEXTS, "size": TEXTS, "tags": LISTS, "up": AIMS}
CONDITIONS = st.sampled_from([{"attribute": "name", "values": ["a", 10]}, {"attribute": "tags", "values": ["b"]}])


@st.composite
def declared(draw):
    """A domain with random rules over every strategy, owners, readers, policies, trust and empties that count."""
    follow = [{"kind": "from_winner_of", "attribute": draw(st.sampled_from(["name", "size"]))}]
    address, place = draw(CHAINS), draw(st.integers(0, 1))
    following = [*address[:place], *follow, *address[place:]]
    owned = draw(st.lists(st.sampled_from(NAMES[:5]), unique=True, max_size=3))
    return DomainSpec.from_dict(
        {
            "name": "thing",
            "title": "Thing",
            "title_plural": "Things",
            "prefix": "THI",
            "label": "name",
            "attributes": [
                {"name": name, "title": name, "kind": "text", "keeps_empty": draw(st.booleans())} for name in NAMES[:4]
            ]
            + [{"name": "tags", "title": "Tags", "kind": "text", "is_multi": True}],
            "relations": [{"name": "up", "title": "Up", "domain": "thing", "is_hierarchy": True}],
            "match": {"model": "m", "attributes": {}},
            "ownership": {
                name: {"erp": draw(st.sampled_from(["owner", "reader"])), "web": draw(st.sampled_from(["reader", "contributor"]))}
                for name in owned
            },
            "unowned_change": draw(st.sampled_from(["ranked", "ignored", "request"])),
            "trust": {
                "downgrade": draw(st.sampled_from([0, 0.5, 1])),
                "weights": {"*": {"*": draw(WEIGHTS)}, "name": {"crm": draw(WEIGHTS), "erp": draw(WEIGHTS)}},
            },
            "survivorship": [
                {"attributes": ["street", "city"], "strategies": following, "when": draw(CONDITIONS)},
                {"attributes": ["street", "city"], "strategies": draw(CHAINS)},
                {"attributes": ["name"], "strategies": draw(CHAINS)},
                {"attributes": ["tags"], "strategies": [*draw(CHAINS)[:2], *draw(st.sampled_from([[], ["union"]]))]},
                *draw(st.lists(st.builds(lambda chain: {"attributes": ["size"], "strategies": chain}, CHAINS), max_size=1)),
                *draw(st.lists(st.builds(lambda chain: {"attributes": ["up"], "strategies": chain}, CHAINS), max_size=1)),
            ],
        }
    )


MEMBERS = st.builds(
    Member,
    st.just(0),
    st.just(""),
    st.sampled_from(SYSTEMS),
    st.fixed_dictionaries({}, optional=SAID),
    st.integers(0, 2).map(lambda days: NOON - timedelta(days=days)),
    st.frozensets(st.sampled_from(NAMES), max_size=2),
)
PINS = st.builds(
    Override,
    st.sampled_from(["name", "size", "tags", "up", "unknown"]),
    st.sampled_from([None, "", "a", "pinned", ["b"]]),
    st.sampled_from(["ada", "ben"]),
    st.just("seen"),
    st.sampled_from([NOON - timedelta(days=1), NOON]),
    st.sampled_from([None, NOON, NOON + timedelta(days=2)]),
    st.booleans(),
)
CASES = st.lists(
    st.builds(
        Case,
        st.lists(MEMBERS, max_size=5),
        st.sampled_from([NOON - timedelta(days=1), NOON, NOON + timedelta(days=40)]),
        st.lists(PINS, max_size=2),
    ),
    max_size=5,
)


def told_apart(cases):
    """The same cases, each record with a key of its own, not in the order of the records, and each pin with its own moment."""
    count = 0
    for case in cases:
        members = []
        for member in case.members:
            count += 1
            key = f"{member.system}/o//{count * 7 % 10}{count}"
            members.append(Member(count, key, member.system, member.attributes, member.changed_at, member.invalid))
        pins = [replace(pin, at=pin.at - timedelta(seconds=place)) for place, pin in enumerate(case.overrides)]
        yield Case(members, case.at, pins)


def texts(survived):
    return [json.dumps([one.values, one.provenance]) for one in survived]


@pytest.mark.timed
@settings(max_examples=250)
@given(declared(), CASES, st.randoms(use_true_random=False))
def test_many_come_out_as_each_alone_and_as_the_rules_say_in_whatever_order(spec, cases, random):
    cases = [*told_apart(cases)]
    shuffled = [
        Case(random.sample(case.members, len(case.members)), case.at, random.sample(case.overrides, len(case.overrides)))
        for case in reversed(cases)
    ]

    together = survive_each(spec, cases, release=3)

    alone = [survive(spec, case.members, release=3, overrides=case.overrides, at=case.at) for case in cases]
    assert texts(together) == texts(alone)
    assert texts(together) == texts(reversed(survive_each(spec, shuffled, release=3)))
    for case, made in zip(cases, together, strict=True):
        values, reasons = by_the_book(spec, case.members, case.overrides, case.at)
        assert json.dumps(made.values, sort_keys=True) == json.dumps(values, sort_keys=True)
        assert {
            name: (why["rule"], why["key"], [(told["value"], told["key"]) for told in why["beat"]], why.get("when"))
            for name, why in made.provenance.items()
        } == reasons


def test_more_than_are_decided_at_once_keep_their_order(declare):
    cases = [Case([Member(number, "k", "crm", {"name": str(number)}, NOON)], NOON) for number in range(2 * PORTION + 1)]

    survived = survive_each(declare("name"), cases, release=3)

    assert [one.values["name"] for one in survived] == [str(number) for number in range(2 * PORTION + 1)]


def test_nothing_asked_is_nothing_answered(declare):
    assert survive_each(declare("name"), [], release=3) == []
