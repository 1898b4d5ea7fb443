"""Claims: what a record says of a relation counts on its days, and not where it names a member of its own golden record."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from mdm.rules.golden.kin import claims
from mdm.rules.golden.survivorship import Member

AT = datetime(2026, 1, 15, 23, 30, tzinfo=UTC)
AIM = {"system": "crm", "object": "account", "scope": "", "native_id": "9"}
UP = {"name": "up", "title": "Up", "domain": "thing", "is_hierarchy": True, "since": "begin", "until": "end"}
SIDE = {"name": "side", "title": "Side", "domain": "thing"}
DATES = [{"name": "begin", "kind": "date"}, {"name": "end", "kind": "date"}]


@pytest.fixture
def spec(declare):
    return declare("name", *DATES, relations=[UP, SIDE])


def member(key, **said):
    return Member(1, key, key.partition("/")[0], said, AT)


@pytest.mark.parametrize(
    ("attributes", "days"),
    [
        ({}, {}),
        ({"begin": "2020-01-01"}, {"since": "2020-01-01"}),
        ({"begin": "2020-01-01", "end": "2021-12-31"}, {"since": "2020-01-01", "until": "2021-12-31"}),
        ({"begin": "soon", "end": None}, {}),
    ],
)
def test_a_relation_takes_the_days_of_its_own_record(spec, attributes, days):
    assert claims.dated(spec, {"up": AIM, "side": AIM}, attributes) == {"up": {**AIM, **days}, "side": AIM}
    assert claims.dated(spec, {}, attributes) == {}


@pytest.mark.parametrize(
    ("days", "holds"),
    [
        ({}, True),
        ({"since": "2026-01-15"}, True),
        ({"since": "2026-01-16"}, False),
        ({"until": "2026-01-15"}, True),
        ({"until": "2026-01-14"}, False),
        ({"since": "2026-01-16", "until": "2026-01-14"}, False),
    ],
)
def test_the_first_and_the_last_day_count(spec, days, holds):
    kept = claims.counting(spec, [member("crm/a//1", up={**AIM, **days}, name="N")], at=AT)

    assert ("up" in kept[0].attributes) is holds
    assert kept[0].attributes["name"] == "N"


def test_a_parent_that_is_a_member_is_no_parent_but_another_relation_may_name_one(spec):
    own = {**AIM, "native_id": "2"}
    rows = [member("crm/account//1", up=own, side=own), member("crm/account//2", up=AIM), member("crm/account/uk/2", up=own)]

    kept = claims.counting(spec, rows, at=AT)

    assert [sorted(row.attributes) for row in kept] == [["side"], ["up"], []]
    assert [sorted(row.attributes) for row in claims.counting(spec, rows[::2], at=AT)] == [["side", "up"], ["up"]]


def test_records_that_name_nobody_are_left_as_they_are(spec):
    rows = [member("crm/a//1", name="N"), member("crm/a//2", side=AIM)]

    assert claims.counting(spec, rows, at=AT) == rows


def test_a_claim_by_enterprise_id_names_no_record():
    assert claims.name_of({"enterprise_id": "CUS-1"}) == ""
    assert claims.name_of(AIM) == "crm/account//9"
