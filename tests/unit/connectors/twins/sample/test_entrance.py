"""How the sample gets out of memory: files that open, messages that fit, twins that are seeded once and then planted."""

from __future__ import annotations

import csv
import json

import pyarrow.parquet as pq
import pytest
from openpyxl import load_workbook

from connectors import registry
from connectors.twins import credentials
from connectors.twins.control_client import ControlClient
from connectors.twins.sample import generate, plant_drifts, plant_push_faults, rest_batches, seed_twins, write_files, write_tables
from mdm.ports import Change

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def firm():
    return generate(scale=0.1)


@pytest.fixture
def fresh_twins(tmp_path, start):
    """Two twins with nothing in them."""
    start_twin, await_twin, free_port = start
    kept = credentials.ensure(tmp_path / "keys")
    ports = {name: free_port() for name in ("salesforce", "netsuite")}
    servers = [start_twin(name, port, kept.twin_environment(tmp_path / "data")) for name, port in ports.items()]
    urls = [f"http://127.0.0.1:{port}" for port in ports.values()]
    controls = [ControlClient(url, kept.admin_key) for url in urls]
    for control in controls:
        await_twin(control)
    yield urls, kept, controls
    for control in controls:
        control.close()
    for server in servers:
        server.terminate()
    for server in servers:
        server.wait(timeout=20)


def test_each_file_holds_the_rows_of_its_object(firm, tmp_path):
    readers = {
        "csv": _table,
        "ndjson": lambda path: [json.loads(line) for line in path.read_text(encoding="utf-8").split("\n") if line],
        "parquet": lambda path: pq.read_table(path).to_pylist(),
        "xlsx": _sheet,
    }

    paths = write_files(firm, tmp_path)

    assert len(paths) == 10
    for path in paths:
        system, object_name, form = path.name.split(".")
        written, expected = readers[form](path), [row.payload for row in firm.rows[system, object_name]]
        assert [_told(row) for row in written] == [_told(row) for row in expected]


def _table(path):
    with path.open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


def _sheet(path):
    book = load_workbook(path, read_only=True)
    lines = list(book.active.iter_rows(values_only=True))
    book.close()
    return [dict(zip(lines[0], line, strict=True)) for line in lines[1:]]


def _told(row):
    return {name: str(value) for name, value in row.items() if value not in (None, "")}


def test_messages_fit_the_hubs_batches_and_bring_clients_first(firm):
    batches = list(rest_batches(firm, size=100))

    objects = [record["object"] for batch in batches for record in batch["records"]]
    assert all(len(batch["records"]) <= 100 for batch in batches)
    assert objects == sorted(objects)
    assert len(objects) == sum(len(rows) for (system, _), rows in firm.rows.items() if system == "delivery")
    json.dumps(batches)


def test_tables_hold_every_good_record_once_with_its_cluster(firm, tmp_path):
    paths = write_tables(firm, tmp_path)

    rows = [row for path in paths for row in _table(path)]
    assert len({row["id"] for row in rows}) == len(rows) == len(firm.truth)
    assert {row["cluster"] for row in rows} == {thing for _, thing in firm.truth.values()}


def test_twins_are_seeded_once(firm, fresh_twins):
    urls, kept, controls = fresh_twins

    first, second = seed_twins(firm, *urls, kept.admin_key), seed_twins(firm, *urls, kept.admin_key)

    expected = {
        name: sum(len(rows) for (system, _), rows in firm.rows.items() if system == name) for name in ("salesforce", "netsuite")
    }
    assert first == expected
    assert second == {"salesforce": 0, "netsuite": 0}
    assert list(controls[0].journal()) == list(controls[1].journal()) == []


def test_what_is_planted_is_exactly_what_is_told(firm, fresh_twins):
    urls, kept, (salesforce, netsuite) = fresh_twins
    seed_twins(firm, *urls, kept.admin_key)

    with pytest.raises(ValueError, match="Only 0 of 12 drifts"):
        plant_drifts(firm, salesforce, netsuite)  # nothing was pushed yet
    faults = plant_push_faults(firm, salesforce, netsuite, permanent=3, transient=5)
    pushed = {system: _push(firm, system, kept.client_environment(*urls)) for system in ("salesforce", "netsuite")}
    before = {
        name: control.stats()["writes"]["effective"] for name, control in (("salesforce", salesforce), ("netsuite", netsuite))
    }
    drifts = plant_drifts(firm, salesforce, netsuite, avoid=[fault.key for fault in faults], count=12)

    edits = {("salesforce", e["object"], "", e["id"]): e["changes"] for e in salesforce.journal(after=before["salesforce"])}
    edits |= {("netsuite", e["object"], "", e["id"]): e["changes"] for e in netsuite.journal(after=before["netsuite"])}
    refused = {row_id for answers in pushed.values() for row_id, answer in answers.items() if answer.permanent}
    locked = {row_id for answers in pushed.values() for row_id, answer in answers.items() if answer.permanent is False}
    assert refused == {fault.key[3] for fault in faults if fault.times is None}
    assert locked == {fault.key[3] for fault in faults if fault.times == 2}
    assert edits == {drift.key: {drift.field: [drift.old, drift.new]} for drift in drifts}
    assert [drift.kind for drift in drifts].count("blanked_id") == 4
    assert not {drift.key for drift in drifts} & {fault.key for fault in faults}


def _push(firm, system, environment):
    """A stamp and a city into every customer of a twin, over its own interface: row id -> answer."""
    object_name, stamp, city = {
        "salesforce": ("Account", "Enterprise_Id__c", "BillingCity"),
        "netsuite": ("customer", "custentity_enterprise_id", "custentity_city"),
    }[system]
    connector = registry.build(system, environment)
    keys = [key[3] for key in firm.truth if key[:2] == (system, object_name)]
    changes = [Change(row_id, {stamp: f"CUS-{row_id}", city: "Pushed"}, row_id) for row_id in keys]
    answers = dict(zip(keys, connector.write(object_name, changes), strict=True))
    connector.close()
    return answers
