"""The control plane, and what a twin keeps through kill -9."""

from __future__ import annotations

import os
import signal

import httpx2
import pytest

from connectors.twins import credentials
from connectors.twins.control_client import ControlClient

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("name", ["salesforce", "netsuite"])
def test_nobody_comes_in_without_the_admin_key(twins, name):
    for headers in ({}, {"X-Twin-Admin-Key": "wrong"}):
        answer = httpx2.get(f"{twins.urls[name]}/_twin/stats", headers=headers)

        assert answer.status_code == 403


def test_the_journal_names_who_changed_what_from_what_to_what(system):
    (row_id,) = system.seed(1)
    last = max((entry["seq"] for entry in system.control.journal()), default=0)

    system.control.edit(system.object, row_id, {system.names["phone"]: "1"}, user="Kim")
    system.control.edit(system.object, row_id, {system.names["phone"]: "1"}, user="Kim")

    (entry,) = [entry for entry in system.control.journal(after=last) if entry["id"] == row_id]
    assert (entry["verb"], entry["client"], entry["object"]) == ("update", "person:Kim", system.object)
    assert entry["changes"] == {system.names["phone"]: [None, "1"]}


def test_seeding_twice_puts_nothing_in_and_changes_nothing(system):
    (row_id,) = system.seed(1)
    row = dict(system.connector.current(system.object, [row_id])[row_id].payload)
    key, changed = system.names["id"], "SystemModstamp" if system.connector.system == "salesforce" else "lastModifiedDate"

    again = system.control.seed(system.object, [{key: row_id, system.names["name"]: "Other", changed: "2026-01-01T00:00:00Z"}])

    assert again == 0
    assert system.connector.current(system.object, [row_id])[row_id].payload == row


def test_an_unknown_fault_is_refused_with_the_known_ones(system):
    with pytest.raises(ValueError, match="drop_after_apply"):
        system.control.fault("earthquake")


def test_a_persons_edit_is_checked_like_any_other(system):
    (row_id,) = system.seed(1)

    with pytest.raises(ValueError, match="400"):
        system.control.edit(system.object, row_id, {system.names["country"]: "XX"})


@pytest.mark.parametrize("name", ["salesforce", "netsuite"])
def test_a_killed_twin_comes_back_with_its_rows_its_journal_and_its_faults(tmp_path, start, name):
    start_twin, await_twin, free_port = start
    kept, port = credentials.ensure(tmp_path / "keys"), free_port()
    object_name, row = {
        "salesforce": ("Account", {"Id": "001Tw0000000001IAA", "Name": "One", "SystemModstamp": "2025-01-01T00:00:00.000+0000"}),
        "netsuite": ("customer", {"id": "1", "companyName": "One", "lastModifiedDate": "2025-01-01T00:00:00Z"}),
    }[name]
    server = start_twin(name, port, kept.twin_environment(tmp_path / "data"))
    with ControlClient(f"http://127.0.0.1:{port}", kept.admin_key) as control:
        await_twin(control)
        control.seed(object_name, [row])
        control.edit(object_name, next(iter(row.values())), {list(row)[1]: "Two"})
        control.fault("lock_row", object=object_name, id="1", times=3)

        os.killpg(server.pid, signal.SIGKILL)
        server.wait(timeout=20)
        server = start_twin(name, port, kept.twin_environment(tmp_path / "data"))
        try:
            await_twin(control)
            assert control.count(object_name) == 1
            assert [entry["changes"] for entry in control.journal()] == [{list(row)[1]: ["One", "Two"]}]
            assert [fault["times"] for fault in control.faults()] == [3]
        finally:
            server.terminate()
            server.wait(timeout=20)


def test_a_twin_without_its_settings_names_all_of_them():
    from connectors.twins.netsuite.application import build

    with pytest.raises(ValueError, match="TWIN_DATA, TWIN_ADMIN_KEY, TWIN_NETSUITE_ACCOUNT, TWIN_NETSUITE_CONSUMER_KEY"):
        build({})
