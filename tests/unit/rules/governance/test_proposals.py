"""What waits for approval is a function of what the records say now."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mdm.rules.golden.survivorship import Member
from mdm.rules.governance import proposals
from mdm.rules.governance.domains import DomainSpec

AT = datetime(2026, 1, 1, tzinfo=UTC)
SPEC = DomainSpec.from_dict(
    {
        "name": "thing", "title": "Thing", "title_plural": "Things", "prefix": "THI", "label": "name",
        "match": {"model": "m", "attributes": {}},
        "attributes": [
            {"name": "name", "title": "Name", "kind": "text"},
            {"name": "phone", "title": "Phone", "kind": "text", "unowned_change": "request"},
            {"name": "tags", "title": "Tags", "kind": "text", "unowned_change": "request", "is_multi": True},
        ],
        "ownership": {"name": {"erp": "owner"}, "phone": {"erp": "owner", "web": "reader"}, "tags": {"erp": "owner"}},
    }
)  # fmt: skip


def member(number, system, *, invalid=(), **said):
    return Member(number, f"{system}/o//{number}", system, said, AT, frozenset(invalid))


OWNER = member(1, "erp", phone="1", name="One")


def found(*members, golden=None):
    told = proposals.waiting(SPEC, members, golden or {"phone": "1", "name": "One"})
    return [(one.attribute, one.value, one.system, one.records) for one in told]


@pytest.mark.parametrize(
    ("others", "expected"),
    [
        ([member(2, "crm", phone="2")], [("phone", "2", "crm", (2,))]),
        ([member(3, "psa", phone="2"), member(2, "crm", phone="2")], [("phone", "2", "crm", (2, 3))]),
        ([member(3, "psa", phone="3"), member(2, "crm", phone="2")], [("phone", "2", "crm", (2,)), ("phone", "3", "psa", (3,))]),
        ([member(2, "crm", phone="1")], []),
        ([member(2, "crm", name="Two")], []),
        ([member(2, "web", phone="2")], []),
        ([member(2, "crm", phone="2", invalid=["phone"])], []),
        ([member(2, "crm", phone=" ")], []),
        ([member(2, "erp", phone="2")], []),
        ([], []),
    ],
    ids=[
        "another value", "two agree", "two differ", "the owner's", "not asked for", "a reader", "failed a check", "empty",
        "the owner too", "alone",
    ],
)  # fmt: skip
def test_another_systems_value_waits_where_the_owner_has_one(others, expected):
    assert found(OWNER, *others) == expected


def test_while_the_owner_is_silent_nobody_has_to_ask():
    assert found(member(1, "erp", name="One"), member(2, "crm", phone="2"), member(3, "psa", phone="3")) == []


def test_what_is_golden_already_does_not_wait():
    assert found(OWNER, member(2, "crm", phone="2"), golden={"phone": "2"}) == []


def test_of_a_list_only_what_it_adds_waits():
    owner = member(1, "erp", tags=["a", "b"])

    assert found(owner, member(2, "crm", tags=["b"]), golden={"tags": ["a", "b"]}) == []
    assert found(owner, member(2, "crm", tags=["b", "c"]), golden={"tags": ["a", "b"]}) == [("tags", ["b", "c"], "crm", (2,))]


@given(st.permutations([OWNER, *(member(number, "crm", phone=str(number % 3)) for number in range(2, 7))]))
def test_p3_the_order_of_the_records_does_not_matter(members):
    assert found(*members) == [("phone", "0", "crm", (3, 6)), ("phone", "2", "crm", (2, 5))]
