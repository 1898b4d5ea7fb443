from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mdm.rules.golden.choosing.reasons import MAX_BEAT
from mdm.rules.golden.strategies import STRATEGIES
from mdm.rules.golden.survivorship import Member, Override, survive
from mdm.rules.governance.domains import DomainSpec

NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)


def member(number, system="crm", *, day=1, invalid=(), **attributes):
    key = f"{system}/object//{number}"
    return Member(number, key, system, attributes, datetime(2026, 1, day, tzinfo=UTC), frozenset(invalid))


def rule(*strategies, attributes=("name",)):
    return {"attributes": list(attributes), "strategies": list(strategies)}


def survived(spec, *members, overrides=(), at=NOON):
    return survive(spec, members, release=3, overrides=overrides, at=at)


def test_a_value_says_which_record_rule_and_release_it_comes_from_and_what_it_beat(declare):
    spec = declare("name", survivorship=[rule({"kind": "source_priority", "order": ["erp", "crm"]}, "most_recent")])

    result = survived(spec, member(1, name="Acme", day=9), member(2, "erp", name="ACME GmbH"), member(3, name="Acme"))

    assert result.values == {"name": "ACME GmbH"}
    assert result.provenance == {
        "name": {
            "record": 2,
            "key": "erp/object//2",
            "system": "erp",
            "rule": "source_priority",
            "why": "erp ranks 1 of 2 for this.",
            "release": 3,
            "at": "2026-01-01T00:00:00+00:00",
            "beat": [{"value": "Acme", "system": "crm", "key": "crm/object//1"}],
        }
    }


def test_the_next_strategy_takes_over_when_one_has_no_opinion(declare):
    spec = declare("name", survivorship=[rule("owner", {"kind": "source_priority", "order": ["x"]}, "longest")])

    result = survived(spec, member(1, name="A"), member(2, name="AAA"))

    assert result.values == {"name": "AAA"}
    assert result.provenance["name"]["rule"] == "longest"


def test_the_next_strategy_decides_among_equals(declare):
    spec = declare("name", survivorship=[rule("most_frequent", "most_recent")])

    result = survived(spec, member(1, name="A", day=2), member(2, name="B", day=3), member(3, name="C", day=1))

    assert (result.values["name"], result.provenance["name"]["rule"]) == ("B", "most_recent")


def test_the_key_decides_when_no_rule_does(declare):
    spec = declare("name", survivorship=[rule("longest")])

    result = survived(spec, member(2, name="B"), member(1, name="A"))

    assert result.values == {"name": "A"}
    assert result.provenance["name"]["rule"] == "key"


@pytest.mark.parametrize(
    ("members", "why"),
    [
        ([member(1, name="A")], "The only record that has a value."),
        ([member(1, name="A"), member(2, name=" ")], "The only record that has a value."),
        ([member(1, name="A"), member(2, name="A")], "All 2 records agree."),
    ],
)
def test_where_nothing_is_to_be_decided_it_says_so(declare, members, why):
    entry = survived(declare("name"), *members).provenance["name"]

    assert (entry["rule"], entry["why"], entry["beat"]) == ("agreed", why, [])


@pytest.mark.parametrize("empty", [None, "", "  ", []], ids=repr)
def test_empty_is_not_a_value(declare, empty):
    result = survived(declare("name"), member(1, name="Old", day=1), member(2, name=empty, day=9))

    assert result.values == {"name": "Old"}


def test_an_attribute_that_nobody_fills_is_left_out(declare):
    result = survived(declare("name", "city"), member(1, name="A", city=""))

    assert (set(result.values), set(result.provenance)) == ({"name"}, {"name"})


def test_false_and_zero_are_values(declare):
    assert survived(declare("name", "count"), member(1, name=False, count=0)).values == {"name": False, "count": 0}


def test_a_group_survives_as_a_whole_with_its_gaps(declare):
    spec = declare("street", "city", "zip", survivorship=[rule("most_complete", attributes=("street", "city", "zip"))])

    result = survived(
        spec, member(1, street="Main St 1", city="Bonn"), member(2, zip="53111", city="Köln"), member(3, city="Ulm")
    )

    assert result.values == {"street": "Main St 1", "city": "Bonn"}
    assert result.provenance["city"]["beat"] == [
        {"value": "Köln", "system": "crm", "key": "crm/object//2"},
        {"value": "Ulm", "system": "crm", "key": "crm/object//3"},
    ]
    assert "zip" not in result.provenance


def test_an_invalid_value_gives_way_and_stays_when_it_is_all_there_is(declare):
    spec = declare("name", survivorship=[rule("first_valid", "most_recent")])
    bad = member(1, name="B@d", day=9, invalid=["name"])

    assert survived(spec, bad, member(2, name="Good")).values == {"name": "Good"}
    assert survived(spec, bad, member(2, name="Good")).provenance["name"]["rule"] == "first_valid"
    assert survived(spec, bad).values == {"name": "B@d"}


OWNED = {"name": {"erp": "owner", "web": "reader"}}


POLICIES = [("ranked", "From CRM"), ("ignored", "From ERP"), ("request", "From ERP")]


@pytest.mark.parametrize(("policy", "expected"), POLICIES)
def test_an_owner_leads_and_gives_way_only_where_others_are_ranked_and_its_value_failed_a_check(declare, policy, expected):
    spec = declare("name", ownership=OWNED, unowned_change=policy, survivorship=[rule("first_valid", "most_recent")])
    theirs, good, bad = (
        member(2, "crm", name="From CRM", day=9),
        member(1, "erp", name="From ERP"),
        member(1, "erp", name="From ERP", invalid=["name"]),
    )

    assert survived(spec, good, theirs).values == {"name": "From ERP"}
    assert survived(spec, bad, theirs).values == {"name": expected}
    assert survived(spec, theirs).values == {"name": "From CRM"}


@pytest.mark.parametrize("chain", [["most_recent"], ["longest", "most_recent"], ["first_valid", "most_frequent"], ["owner"]])
def test_an_owner_leads_whatever_the_rule_measures(declare, chain):
    spec = declare("name", ownership=OWNED, survivorship=[rule(*chain)])

    result = survived(spec, member(1, "erp", name="ERP"), *(member(one, "crm", name="From CRM", day=9) for one in (2, 3)))

    assert (result.values["name"], result.provenance["name"]["rule"]) == ("ERP", "owner")


def test_a_policy_of_one_attribute_goes_before_that_of_the_domain(declare):
    asks = {"name": "name", "unowned_change": "request"}
    owned = {"name": {"erp": "owner"}, "free": {"erp": "owner"}}
    spec = declare(
        asks, {"name": "free"}, ownership=owned, survivorship=[rule("first_valid"), rule("first_valid", attributes=["free"])]
    )
    bad = member(1, "erp", name="bad", free="bad", invalid=["name", "free"])

    assert survived(spec, bad, member(2, "crm", name="Good", free="Good")).values == {"name": "bad", "free": "Good"}
    assert spec.asking == ("name",)


def test_the_owner_strategy_takes_the_owners_value(declare):
    spec = declare("name", ownership=OWNED)

    result = survived(spec, member(1, "erp", name="From ERP"), member(2, "crm", name="From CRM", day=9))

    assert (result.values["name"], result.provenance["name"]["rule"]) == ("From ERP", "owner")


def test_what_a_reader_says_never_counts(declare):
    assert survived(declare("name", ownership=OWNED), member(1, "web", name="Typed on the web")).values == {}


def test_union_keeps_all_values_and_says_whose_they_are(declare):
    spec = declare({"name": "tags", "is_multi": True})

    result = survived(spec, member(1, tags=["a", "b"]), member(2, "erp", tags=["c", "b"], day=5), member(3, tags="d"))

    assert result.values == {"tags": ["b", "c", "a", "d"]}
    entry = result.provenance["tags"]
    assert (entry["rule"], entry["record"], entry["beat"]) == ("union", 2, [])
    assert [told["key"] for told in entry["from"]] == ["crm/object//1", "crm/object//3", "erp/object//2"]


def test_union_after_another_strategy_unites_what_that_left(declare):
    spec = declare({"name": "tags", "is_multi": True}, survivorship=[rule("first_valid", "union", attributes=("tags",))])

    result = survived(spec, member(1, tags=["a"]), member(2, tags=["b"], invalid=["tags"]))

    assert result.values == {"tags": ["a"]}


def test_a_relation_survives_like_an_attribute(declare):
    spec = declare("name", relations=[{"name": "parent", "title": "Parent", "domain": "thing"}])
    parent = {"system": "crm", "object": "o", "scope": "", "native_id": "7"}

    assert survived(spec, member(1, name="A", parent=parent)).values["parent"] == parent


def test_at_most_eight_beaten_values_are_kept_each_once(declare):
    spec = declare("name", survivorship=[rule("longest")])

    result = survived(spec, *(member(number, name=f"{number % 12:02}") for number in range(24)), member(99, name="longest"))

    beat = [told["value"] for told in result.provenance["name"]["beat"]]
    assert len(beat) == len(set(beat)) == MAX_BEAT


def pin(value="Pinned", attribute="name", *, at=NOON, expires_at=None, actor="ada"):
    return Override(attribute, value, actor, "the register says so", at, expires_at)


def test_an_override_beats_every_rule_and_says_who_and_why(declare):
    expiry = NOON + timedelta(days=1)

    result = survived(declare("name"), member(1, name="A"), overrides=[pin(expires_at=expiry)])

    assert result.values == {"name": "Pinned"}
    assert result.provenance["name"] == {
        "record": None,
        "key": "",
        "system": "",
        "override": "ada",
        "rule": "override",
        "why": "Pinned by ada: the register says so",
        "release": 3,
        "at": "2026-06-01T12:00:00+00:00",
        "expires_at": "2026-06-02T12:00:00+00:00",
        "beat": [{"value": "A", "system": "crm", "key": "crm/object//1"}],
    }


@pytest.mark.parametrize(
    ("override", "expected"),
    [
        (pin(expires_at=None), "Pinned"),
        (pin(expires_at=NOON + timedelta(seconds=1)), "Pinned"),
        (pin(expires_at=NOON), "A"),
        (pin(at=NOON + timedelta(seconds=1)), "A"),
    ],
    ids=["for ever", "until later", "expired now", "not yet"],
)
def test_an_override_counts_from_its_time_until_its_expiry(declare, override, expected):
    assert survived(declare("name"), member(1, name="A"), overrides=[override]).values == {"name": expected}


def test_the_latest_override_of_an_attribute_counts(declare):
    early, late = pin("early", at=NOON - timedelta(days=1)), pin("late")

    assert survived(declare("name"), overrides=[late, early]).values == {"name": "late"}


def test_an_override_can_pin_that_there_is_no_value(declare):
    result = survived(declare("name"), member(1, name="A"), overrides=[pin(None)])

    assert result.values == {}
    assert result.provenance["name"]["override"] == "ada"
    assert result.provenance["name"]["beat"] == [{"value": "A", "system": "crm", "key": "crm/object//1"}]


def test_the_same_moment_in_another_zone_gives_the_same_bytes(declare):
    cairo = timezone(timedelta(hours=2))
    there = Member(1, "k", "crm", {"name": "A"}, datetime(2026, 1, 1, 2, tzinfo=cairo))
    here = Member(1, "k", "crm", {"name": "A"}, datetime(2026, 1, 1, tzinfo=UTC))

    assert survived(declare("name"), there) == survived(declare("name"), here)


CHAINS = [kind for kind in STRATEGIES if kind not in {"union", "source_priority", "from_winner_of"}]
FOLLOW = {"kind": "from_winner_of", "attribute": "name"}
TRUST = {
    "downgrade": 0.3,
    "weights": {"name": {"crm": 90, "erp": {"start": 95, "decay": "half_life", "days": 90}}, "*": {"web": 10, "*": 20}},
}
RANKED = {"kind": "source_priority", "order": ["erp", "crm"]}
SYSTEMS = st.sampled_from(["crm", "erp", "web"])
VALUES = st.sampled_from([None, "", "a", "bb", "10", "9", "x" * 12])


@st.composite
def histories(draw):
    """A spec with random chains and policies, and members with random values, times and faults."""
    chains = st.lists(st.sampled_from([*CHAINS, RANKED]), min_size=1, max_size=4)
    kept = draw(st.sampled_from(["name", "city", "none"]))
    when = {"attribute": "name", "values": ["a", "bb"]}
    spec = DomainSpec.from_dict(
        {
            "name": "thing",
            "title": "Thing",
            "title_plural": "Things",
            "prefix": "THI",
            "label": "name",
            "attributes": [
                {"name": name, "title": name, "kind": "text", "keeps_empty": name == kept}
                for name in ("name", "street", "city", "free")
            ]
            + [{"name": "tags", "title": "Tags", "kind": "text", "is_multi": True}],
            "match": {"model": "m", "attributes": {}},
            "ownership": draw(st.sampled_from([{}, {"name": {"erp": "owner"}, "free": {"web": "reader"}}])),
            "trust": TRUST,
            "unowned_change": draw(st.sampled_from(["ranked", "ignored", "request"])),
            "survivorship": [
                {"attributes": ["name"], "strategies": draw(chains)},
                {"attributes": ["street", "city"], "strategies": [*draw(chains), FOLLOW], "when": when},
                {"attributes": ["street", "city"], "strategies": draw(chains)},
            ],
        }
    )
    names = ("name", "street", "city", "free")
    members = [
        member(
            number,
            draw(SYSTEMS),
            day=draw(st.integers(1, 3)),
            invalid=draw(st.lists(st.sampled_from(names), max_size=2)),
            tags=draw(st.lists(st.sampled_from("abc"), max_size=2)),
            **{name: draw(VALUES) for name in names},
        )
        for number in range(draw(st.integers(1, 6)))
    ]
    overrides = [pin(f"pinned {number}", draw(st.sampled_from(names))) for number in range(draw(st.integers(0, 2)))]
    return spec, members, overrides, draw(st.permutations(members)), draw(st.permutations(overrides))


@pytest.mark.timed
@settings(max_examples=80)
@given(histories())
def test_p6_the_order_of_members_and_overrides_does_not_matter_and_every_value_says_why(history):
    spec, members, overrides, other_members, other_overrides = history

    result = survive(spec, members, release=1, overrides=overrides, at=NOON)
    other = survive(spec, other_members, release=1, overrides=other_overrides, at=NOON)

    assert json.dumps([result.values, result.provenance]) == json.dumps([other.values, other.provenance])
    assert set(result.provenance) - set(result.values) <= spec.kept_empty
    assert set(result.provenance) >= set(result.values)
    by_key = {one.key: one for one in members}
    for name, entry in result.provenance.items():
        if entry["rule"] not in {"override", "union"}:
            assert (by_key[entry["key"]].attributes[name] or None) == result.values.get(name)
            assert result.values.get(name) not in [told["value"] for told in entry["beat"]]
        for told in entry["beat"]:
            assert by_key[told["key"]].attributes[name] == told["value"]
