"""The fake system keeps the contract that every connector must keep; else the tests that use it prove nothing."""

from __future__ import annotations

import pytest

from connectors.errors import ConnectorError
from mdm.ports import Change, Connector, Written
from tests.fakes import FakeSystem


@pytest.fixture
def fake() -> FakeSystem:
    made = FakeSystem("sfa")
    for number in range(8):
        made.put("account", f"a{number}", Name=f"Firm {number}")
    return made


def read(fake, cursor=None):
    pages = list(fake.changes("account", cursor=cursor))
    return [record for page in pages for record in page.records], pages[-1].cursor if pages else cursor


def test_a_first_read_brings_every_row_once(fake):
    records, _ = read(fake)

    assert sorted(record.native_id for record in records) == sorted(fake.rows["account"])


def test_a_later_read_brings_what_changed_deletions_included(fake):
    _, cursor = read(fake)
    fake.put("account", "a3", Name="Renamed")
    fake.remove("account", "a5")

    records, _ = read(fake, cursor)

    assert {record.native_id: record.is_deleted for record in records} == {"a3": False, "a5": True}


def test_a_cursor_stored_after_any_page_leaves_nothing_out(fake):
    first = next(iter(fake.changes("account", cursor=None)))

    rest, _ = read(fake, first.cursor)

    assert {record.native_id for record in (*first.records, *rest)} == set(fake.rows["account"])


def test_a_scan_shows_live_rows_only(fake):
    fake.remove("account", "a5")

    shown = [record.native_id for page in fake.scan("account") for record in page.records]

    assert shown == sorted({f"a{n}" for n in range(8)} - {"a5"})


def test_rows_that_are_gone_are_left_out_of_current(fake):
    assert set(fake.current("account", ["a1", "nobody"])) == {"a1"}


def test_a_write_sets_what_it_names_and_nothing_else_one_answer_each_in_order(fake):
    fake.refuse["a2"] = Written("a2", permanent=True, code="bad")

    answers = fake.write("account", [Change("a1", {"City": "Leeds"}, "k1"), Change("a2", {"City": "York"}, "k2")])

    assert [(answer.native_id, answer.is_accepted) for answer in answers] == [("a1", True), ("a2", False)]
    assert fake.row("a1") == {"Name": "Firm 1", "City": "Leeds"}
    assert fake.row("a2") == {"Name": "Firm 2"}


def test_a_system_that_is_down_raises(fake):
    fake.down = 1

    with pytest.raises(ConnectorError):
        fake.current("account", ["a1"])


def test_it_is_a_connector(fake):
    connector: Connector = fake

    assert connector.system == "sfa"
