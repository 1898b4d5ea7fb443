"""What only one system does: tombstones, undelete, locators, server-side guards, time zones, names."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from connectors import manifest, registry
from connectors.discover import discover
from connectors.errors import ConnectorError, ErrorClass
from connectors.http import Call
from connectors.manifest import Limits
from connectors.systems import netsuite as netsuite_room
from connectors.systems import salesforce as salesforce_room
from mdm.ports import Change

pytestmark = pytest.mark.slow


def test_salesforce_tells_a_row_that_came_back_from_the_recycle_bin(salesforce):
    (row_id,) = salesforce.seed(1)
    salesforce.connector._room._door.call(Call("DELETE", f"/services/data/v62.0/sobjects/Account/{row_id}"))
    records, cursor = salesforce.drain()
    salesforce.control.restore("Account", row_id)

    later, _ = salesforce.drain(cursor=cursor)

    assert [r.is_deleted for r in records if r.native_id == row_id] == [True]
    assert [r.is_deleted for r in later if r.native_id == row_id and r.payload] == [False]


def test_salesforce_asks_again_when_the_pages_of_a_query_are_gone(salesforce):
    ids = set(salesforce.seed(210, object="Project__c"))
    pages = salesforce.connector.changes("Project__c", cursor=None)
    seen = {record.native_id for record in next(pages).records}
    salesforce.control.fault("expire_locators")

    seen |= {record.native_id for page in pages for record in page.records}

    assert ids <= seen


def test_salesforce_itself_guards_a_single_change(salesforce):
    (row_id,) = salesforce.seed(1)
    spec = manifest.shipped()["salesforce"].objects["Account"]
    # Straight to the room: in between, the connector has compared, and somebody was quicker all the same.
    stale = Change(row_id, {"Phone": "1"}, "key", seen_version="2025-01-01T00:00:00+00:00")
    fresh = Change(row_id, {"Phone": "2"}, "key", seen_version=datetime.now(UTC).isoformat())

    (refused,) = salesforce.connector._room.write(spec, [stale])
    (taken,) = salesforce.connector._room.write(spec, [fresh])

    assert (refused.permanent, refused.code) == (True, "PRECONDITION_FAILED")
    assert taken.is_accepted


def test_salesforce_stops_at_the_daily_limit_without_hammering(salesforce):
    salesforce.control.fault("daily_limit", times=1)

    with pytest.raises(ConnectorError) as caught:
        salesforce.connector.current("Account", ["001Tw0000000001AAA"])

    assert caught.value.error_class is ErrorClass.QUOTA_EXHAUSTED
    assert (caught.value.permanent, caught.value.retry_after_seconds) == (False, 900)


def test_salesforce_project_rows_carry_the_name_of_their_account(salesforce):
    (account,) = salesforce.seed(1)
    (project,) = salesforce.seed(1, object="Project__c", Account__c=account)

    found = salesforce.connector.current("Project__c", [project])[project]

    name = salesforce.connector.current("Account", [account])[account].payload["Name"]
    assert found.payload["Account__r"] == {"Name": name}
    assert found.payload["Account__c"] == account


def test_netsuite_rows_have_the_names_and_shapes_of_the_record_service(netsuite):
    (subsidiary,) = netsuite.seed(1, object="subsidiary", name="Sub One", country="DE")
    (customer,) = netsuite.seed(1, subsidiary=subsidiary, currency="3", isInactive=True)
    (job,) = netsuite.seed(1, object="job", customer=customer, startDate="2026-02-01")

    found_customer = netsuite.connector.current("customer", [customer])[customer].payload
    found_job = netsuite.connector.current("job", [job])[job].payload

    assert found_customer["subsidiary"] == {"id": subsidiary}
    assert (found_customer["currency"], found_customer["isInactive"]) == ({"id": "3"}, "T")
    assert found_job["customer"] == {"id": customer, "refName": found_customer["companyName"]}
    assert (found_job["startDate"], found_job["projectedEndDate"]) == ("2026-02-01", None)


def test_netsuite_as_a_whole_refuses_when_no_record_got_through(netsuite):
    (row_id,) = netsuite.seed(1)
    netsuite.control.fault("throttle", retry_after=3_600, path="/record/")

    with pytest.raises(ConnectorError) as caught:
        netsuite.connector.write("customer", [Change(row_id, {"phone": "1"}, "key")])

    assert caught.value.retry_after_seconds == 3_600


def test_netsuite_keeps_the_answers_of_the_records_that_got_through(netsuite):
    row_ids = netsuite.seed(2)
    netsuite.control.fault("throttle", retry_after=3_600, path=f"/record/v1/customer/{row_ids[1]}")

    answers = netsuite.connector.write("customer", [Change(row_id, {"phone": "1"}, "key") for row_id in row_ids])

    assert [answer.permanent for answer in answers] == [None, False]


class _Door:
    """A door that remembers what was asked and answers with nothing."""

    limits = Limits()

    def __init__(self):
        self.asked = []

    def call(self, call):
        self.asked.append(call)
        return self

    def json(self):
        return {"items": [], "hasMore": False, "records": [], "done": True}


def test_netsuite_asks_in_the_time_zone_of_the_account_and_looks_back_over_a_clock_change():
    door = _Door()
    room = netsuite_room.NetSuite(door, {"time_zone": "America/Los_Angeles"})
    spec = manifest.shipped()["netsuite"].objects["customer"]

    list(room.changed(spec, datetime(2026, 11, 22, 12, 0, tzinfo=UTC)))

    assert "lastmodifieddate >= TO_TIMESTAMP('2026-11-22 03:00:00', 'YYYY-MM-DD HH24:MI:SS')" in door.asked[0].json["q"]


def test_netsuite_asks_for_no_id_that_is_no_number():
    door = _Door()
    room = netsuite_room.NetSuite(door, {"time_zone": "UTC"})

    list(room.by_ids(manifest.shipped()["netsuite"].objects["customer"], ["1) OR (1=1", "x"]))

    assert door.asked == []


def test_salesforce_never_asks_for_deletions_beyond_its_window():
    door = _Door()
    door.json = lambda: {"deletedRecords": []}
    room = salesforce_room.Salesforce(door, {"api_version": "62.0"})

    list(room.graves(manifest.shipped()["salesforce"].objects["Account"], datetime.now(UTC) - timedelta(days=90)))

    start = datetime.fromisoformat(door.asked[0].params["start"])
    assert timedelta(days=14) < datetime.now(UTC) - start < timedelta(days=15)


@pytest.mark.parametrize(("text", "said"), [("O'Brien", r"'O\'Brien'"), ("a\\", r"'a\\'")], ids=["quote", "backslash"])
def test_salesforce_texts_cannot_leave_their_quotes(text, said):
    assert salesforce_room.quoted(text) == said


def test_the_twins_have_every_field_of_the_shipped_manifests(system):
    assert system.connector.discover() == ()


def test_a_field_or_an_object_that_the_system_lacks_is_named_before_anything_runs(system):
    shipped = manifest.shipped()[system.connector.system]
    spec = shipped.objects[system.object]
    read_only = "SystemModstamp" if system.connector.system == "salesforce" else "lastModifiedDate"
    wrong = replace(spec, fields=(*spec.fields, ["industry", "Nope__c"], ["city", read_only]))
    objects = {system.object: wrong, "Nothing": replace(spec, name="Nothing")}

    problems = discover(replace(shipped, objects=objects), system.connector._room)

    assert [(problem["code"], problem["field"]) for problem in problems] == [
        ("missing_field", f"{system.object}.Nope__c"),
        ("read_only_field", f"{system.object}.{read_only}"),
        ("missing_object", "Nothing"),
    ]


def test_a_wrong_key_is_refused_at_the_login_for_good(twins, tmp_path):
    from connectors.twins import credentials

    other = credentials.ensure(tmp_path).client_environment(twins.urls["salesforce"], twins.urls["netsuite"])
    salesforce, netsuite = (registry.build(name, other) for name in ("salesforce", "netsuite"))
    try:
        for connector, object_name in ((salesforce, "Account"), (netsuite, "customer")):
            with pytest.raises(ConnectorError) as caught:
                connector.current(object_name, ["1"])
            assert caught.value.permanent
    finally:
        salesforce.close()
        netsuite.close()
