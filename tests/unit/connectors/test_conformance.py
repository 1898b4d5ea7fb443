"""What every connector must do, whatever the system: one suite, run against each twin over HTTP."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from connectors.errors import ConnectorError, ErrorClass
from mdm.ports import Change

pytestmark = pytest.mark.slow


def change(system, row_id, *, key="key", seen=None, **fields):
    return Change(row_id, {system.names[name]: value for name, value in fields.items()}, key, seen_version=seen)


# Reading


def test_a_first_read_brings_every_row_once_and_in_the_order_of_change(system):
    ids = system.seed(500, object=system.other_object)

    pages = list(system.connector.changes(system.other_object, cursor=None))

    records = [record for page in pages for record in page.records]
    assert len(pages) >= 3
    assert [record.native_id for record in records if record.native_id in set(ids)] == ids
    assert [record.updated_at for record in records] == sorted(record.updated_at for record in records)


def test_a_later_read_brings_what_changed_and_not_what_did_not(system):
    old, touched, new = system.seed(3)
    system.control.edit(system.object, touched, {system.names["phone"]: "+44 20 7946 0000"})
    _, cursor = system.drain()
    system.control.edit(system.object, new, {system.names["phone"]: "+44 20 7946 0001"})

    records, _ = system.drain(cursor=cursor)

    phones = {record.native_id: record.payload.get(system.names["phone"]) for record in records}
    assert phones[new] == "+44 20 7946 0001"
    assert touched in phones, "a change in the last two minutes is read again"
    assert old not in phones


def test_a_row_that_changes_between_two_pages_hides_no_other_row(system):
    ids = set(system.seed(210, object=system.other_object))
    pages = system.connector.changes(system.other_object, cursor=None)
    first = next(pages)
    early = next(record.native_id for record in first.records if record.native_id)

    system.control.edit(system.other_object, early, {"Name" if "Id" in first.records[0].payload else "companyName": "Moved"})
    seen = {record.native_id for record in first.records} | {record.native_id for page in pages for record in page.records}

    assert ids <= seen


def test_a_cursor_stored_after_any_page_leaves_nothing_out(system):
    ids = set(system.seed(210, object=system.other_object))

    first = next(iter(system.connector.changes(system.other_object, cursor=None)))
    rest, _ = system.drain(object=system.other_object, cursor=first.cursor)

    assert ids <= {record.native_id for record in (*first.records, *rest)}


def test_a_cursor_that_nobody_can_read_means_everything_again(system):
    (row_id,) = system.seed(1)

    records, _ = system.drain(cursor="not a cursor")

    assert row_id in {record.native_id for record in records}


def test_a_deletion_is_seen_by_the_next_read(system):
    gone, kept = system.seed(2)
    _, cursor = system.drain()
    delete(system, gone)

    records, _ = system.drain(cursor=cursor)

    deleted = {record.native_id for record in records if record.is_deleted}
    assert gone in deleted
    assert kept not in deleted
    assert gone not in system.connector.current(system.object, [gone, kept])


def test_a_scan_brings_live_rows_only_each_once(system):
    gone, kept = system.seed(2)
    delete(system, gone)

    ids = [record.native_id for page in system.connector.scan(system.object) for record in page.records]

    assert kept in ids
    assert gone not in ids
    assert len(ids) == len(set(ids))


def test_current_leaves_out_what_is_not_there(system):
    (row_id,) = system.seed(1)

    found = system.connector.current(system.object, [row_id, "001Tw9999999999IAA", "999999999"])

    assert set(found) == {row_id}
    assert found[row_id].updated_at == datetime(2025, 3, 1, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    "text", ["Ångström & Søn ApS", "株式会社テスト", 'O\'Brien \\ "Sons"', "Ёлка 100%", "a_b%c"], ids=range(5)
)
def test_any_text_goes_out_and_comes_back_as_it_was(system, text):
    (row_id,) = system.seed(1)

    (written,) = system.connector.write(system.object, [change(system, row_id, name=text, city=text)])

    assert written.is_accepted, written
    payload = system.connector.current(system.object, [row_id])[row_id].payload
    assert (payload[system.names["name"]], payload[system.names["city"]]) == (text, text)


def test_an_empty_field_is_there_as_none_and_none_empties_a_field(system):
    (row_id,) = system.seed(1, **{system.names["phone"]: "+44 20 7946 0002"})

    system.connector.write(system.object, [change(system, row_id, phone=None)])

    payload = system.connector.current(system.object, [row_id])[row_id].payload
    assert payload[system.names["phone"]] is None
    assert payload[system.names["city"]] is None


# Writing


def test_a_write_changes_the_named_fields_only(system):
    (row_id,) = system.seed(1, **{system.names["city"]: "Leeds"})

    (written,) = system.connector.write(system.object, [change(system, row_id, stamp="CUS-1")])

    (entry,) = system.writes_of(row_id)
    assert written.is_accepted
    assert entry["changes"] == {system.names["stamp"]: [None, "CUS-1"]}
    assert system.connector.current(system.object, [row_id])[row_id].payload[system.names["city"]] == "Leeds"


def test_the_same_write_twice_has_one_effect(system):
    (row_id,) = system.seed(1)
    same = change(system, row_id, stamp="CUS-2")

    answers = [*system.connector.write(system.object, [same]), *system.connector.write(system.object, [same])]

    assert all(answer.is_accepted for answer in answers)
    assert len(system.writes_of(row_id)) == 1


def test_our_own_write_comes_back_with_the_next_read(system):
    (row_id,) = system.seed(1)
    _, cursor = system.drain()
    system.connector.write(system.object, [change(system, row_id, stamp="CUS-3")])

    records, _ = system.drain(cursor=cursor)

    echo = next(record for record in records if record.native_id == row_id)
    assert echo.payload[system.names["stamp"]] == "CUS-3"


def test_a_refused_row_is_answered_in_its_place_and_the_others_go_in(system):
    good, long, unknown, later = [*system.seed(2), "001Tw8888888888AAA", *system.seed(1)]
    if system.connector.system == "netsuite":
        unknown = "888888888"
    changes = [
        change(system, good, stamp="CUS-4"),
        change(system, long, phone="0" * 60),
        change(system, unknown, stamp="CUS-5"),
        change(system, later, country="XX"),
        change(system, later, stamp="CUS-6"),
    ]

    answers = system.connector.write(system.object, changes)

    assert [answer.native_id for answer in answers] == [c.native_id for c in changes]
    assert [answer.permanent for answer in answers] == [None, True, True, True, None]
    assert answers[1].code in {"STRING_TOO_LONG", "FIELD_VALUE_TOO_LONG"}
    assert answers[2].code in {"NOT_FOUND", "NONEXISTENT_ID"}
    assert answers[1].request["body"]
    assert len(system.writes_of(good)) == 1


def test_more_changes_than_a_batch_holds_are_all_answered_in_order(system):
    ids = system.seed(system.connector.batch_size + 30)

    answers = system.connector.write(system.object, [change(system, i, stamp=f"CUS-{i}") for i in ids])

    assert [answer.native_id for answer in answers] == ids
    assert all(answer.is_accepted for answer in answers)


def test_a_row_that_changed_after_it_was_read_is_not_overwritten(system):
    stale, fresh = system.seed(2)
    seen = {
        row_id: record.updated_at.isoformat()
        for row_id, record in system.connector.current(system.object, [stale, fresh]).items()
    }
    system.control.edit(system.object, stale, {system.names["phone"]: "+44 20 7946 0003"})

    answers = system.connector.write(
        system.object, [change(system, row_id, phone="+44 20 7946 0004", seen=seen[row_id]) for row_id in (stale, fresh)]
    )

    assert [(answer.permanent, answer.code) for answer in answers] == [(True, "conflict"), (None, "")]
    assert [entry["client"].startswith("person:") for entry in system.writes_of(stale)] == [True]


def test_a_locked_row_is_to_be_tried_again_and_holds_nobody_up(system):
    locked, free = system.seed(2)
    system.control.fault("lock_row", object=system.object, id=locked, times=1)
    changes = [change(system, locked, stamp="CUS-7"), change(system, free, stamp="CUS-8")]

    first = system.connector.write(system.object, changes)
    second = system.connector.write(system.object, changes)

    assert [answer.permanent for answer in first] == [False, None]
    assert [answer.permanent for answer in second] == [None, None]


def test_a_row_that_a_rule_refuses_stays_refused_until_the_rule_is_gone(system):
    (row_id,) = system.seed(1)
    fault = system.control.fault("reject_row", object=system.object, id=row_id, message="Frozen by finance.")

    answers = [system.connector.write(system.object, [change(system, row_id, stamp="CUS-9")])[0] for _ in range(2)]
    system.control.clear_faults(fault)
    (mended,) = system.connector.write(system.object, [change(system, row_id, stamp="CUS-9")])

    assert [answer.permanent for answer in answers] == [True, True]
    assert "Frozen by finance." in answers[0].message
    assert mended.is_accepted


# When the system is not well


@pytest.mark.parametrize("asked", [0.05, None], ids=["with Retry-After", "without"])
def test_a_throttled_call_waits_and_succeeds(system, asked):
    (row_id,) = system.seed(1)
    details = {} if asked is None else {"retry_after": asked}
    system.control.fault("throttle", times=1, **details)

    found = system.connector.current(system.object, [row_id])

    assert set(found) == {row_id}
    assert system.control.faults() == []


def test_a_longer_wait_than_ours_is_handed_to_the_caller(system):
    system.control.fault("throttle", retry_after=3_600)

    with pytest.raises(ConnectorError) as caught:
        system.connector.current(system.object, ["1"])

    assert (caught.value.permanent, caught.value.retry_after_seconds) == (False, 3_600)
    assert caught.value.error_class is ErrorClass.THROTTLE


def test_a_throttled_login_is_a_throttled_call(salesforce):
    """The first call of a process logs in first, and the system may ask even that to wait."""
    salesforce.connector._room._door._auth._token = ""
    salesforce.control.fault("throttle", retry_after=3_600)

    with pytest.raises(ConnectorError) as caught:
        salesforce.connector.current(salesforce.object, ["1"])

    salesforce.control.clear_faults()
    assert caught.value.code == "login_unavailable"
    assert (caught.value.error_class, caught.value.retry_after_seconds) == (ErrorClass.THROTTLE, 3_600)


def test_a_server_that_is_down_for_a_moment_costs_nothing(system):
    (row_id,) = system.seed(1)
    system.control.fault("unavailable", times=1)

    (written,) = system.connector.write(system.object, [change(system, row_id, stamp="CUS-10")])

    assert written.is_accepted


def test_a_login_that_ends_between_two_pages_is_renewed(system):
    ids = set(system.seed(210, object=system.other_object))
    pages = system.connector.changes(system.other_object, cursor=None)
    seen = {record.native_id for record in next(pages).records}
    if system.connector.system == "salesforce":
        system.control.fault("expire_tokens")
    else:
        system.control.fault("refuse_login", times=1)

    seen |= {record.native_id for page in pages for record in page.records}

    assert ids <= seen


def test_a_login_that_stays_refused_is_said_so(system):
    system.control.fault("refuse_login")

    with pytest.raises(ConnectorError) as caught:
        system.connector.current(system.object, ["1"])

    assert (caught.value.permanent, caught.value.error_class) == (True, ErrorClass.AUTH)


def test_an_answer_lost_after_the_write_does_not_double_it(system):
    ids = system.seed(3)
    system.control.fault("drop_after_apply", times=1)

    answers = system.connector.write(system.object, [change(system, row_id, stamp="CUS-11") for row_id in ids])

    assert all(answer.is_accepted for answer in answers)
    assert [len(system.writes_of(row_id)) for row_id in ids] == [1, 1, 1]


def test_an_object_the_manifest_does_not_have_is_refused(system):
    with pytest.raises(ConnectorError, match="no object"):
        system.connector.current("Opportunity", ["1"])


def delete(system, row_id):
    """Delete a row over the vendor's own interface."""
    door, paths = (
        system.connector._room._door,
        {"salesforce": "/services/data/v62.0/sobjects", "netsuite": "/services/rest/record/v1"},
    )
    from connectors.http import Call

    door.call(Call("DELETE", f"{paths[system.connector.system]}/{system.object}/{row_id}"))
