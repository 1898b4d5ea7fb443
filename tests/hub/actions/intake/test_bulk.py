"""Bulk loads: the same as record by record, whatever is in already, whatever is killed, shared among processes or not."""

from __future__ import annotations

import os
import pickle
import signal
import time
from collections import Counter

import pytest
from django.db import transaction

from mdm import permissions
from mdm.actions.intake import bulk, hands
from mdm.engine.preparing import Incoming
from mdm.errors import NotAllowed, WorkerLost
from mdm.models import Golden, IdLife, Load, MatchKey, MatchPair, QuarantinedRecord, SourceRecord
from tests.factories import oracle, organisations, processes, states
from tests.factories.records import FIRM, OTHER, customer, home, in_batches, partition, send
from tests.factories.times import NOON

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("firm")]


def load(*incoming, domain="customer", actor=None, **more):
    """What became of each record, in the order of the file."""
    told = bulk.load(incoming=incoming, domain=domain, actor=actor or permissions.machine(), at=NOON, **more)
    return [outcome for _, outcome in sorted(told, key=lambda one: one[0])]


def picture():
    """Everything but numbers: golden records with members, values and reasons, questions, keys, versions, events."""
    name = dict(SourceRecord.objects.values_list("pk", "key"))
    goldens = {
        tuple(members): (status, values, relations, _nameless(provenance))
        for status, members, values, relations, provenance in states.goldens().values()
    }
    pairs = {
        (*sorted((name[left], name[right])), weight, probability, band, pattern, status, version)
        for left, right, weight, probability, band, pattern, status, version in MatchPair.objects.values_list(
            "left_id", "right_id", "weight", "probability", "band", "pattern", "status", "version"
        )
    }
    keys = {(name[record], key) for record, key in MatchKey.objects.values_list("record_id", "key")}
    records = {
        row["key"]: {field: value for field, value in row.items() if field not in {"id", "load_id", "source_id"}}
        for row in SourceRecord.objects.values()
    }
    return goldens, pairs, keys, records


def _nameless(provenance):
    return {name: {**entry, "record": None} for name, entry in provenance.items()}


@pytest.mark.parametrize("count", [600, pytest.param(20_000, marks=pytest.mark.soak)])
def test_a_bulk_load_leaves_the_same_as_a_live_one(count, monkeypatch):
    made = organisations.mixed(11, count, common=0.4)
    monkeypatch.setattr(bulk, "PORTION", count // 5)

    with transaction.atomic():
        outcomes = load(*made)
        bulky = picture()
        assert Counter(outcome.status for outcome in outcomes) == {"created": count}
        assert partition() == oracle.partition(made)
        assert states.faults() == []
        assert IdLife.objects.filter(cause="born").count() == Golden.objects.count()
        transaction.set_rollback(True)

    assert not SourceRecord.objects.exists()
    in_batches(made, count, alone=True)
    for one, other in zip(bulky, picture(), strict=True):
        assert one == other


def test_it_is_counted_source_by_source(monkeypatch):
    monkeypatch.setattr(bulk, "PORTION", 2)

    outcomes = load(
        customer("1"), customer("2", OTHER), customer("3", {"country": "GB"}), customer("1", system="erp", object="customer")
    )

    assert [outcome.status for outcome in outcomes] == ["created", "created", "quarantined", "created"]
    counts = {load.source.system_id: (load.received, load.created, load.quarantined, load.status) for load in Load.objects.all()}
    assert counts == {"crm": (3, 2, 1, "DONE"), "erp": (1, 1, 0, "DONE")}
    assert QuarantinedRecord.objects.get().native_id == "3"
    assert home("1") == home("1", system="erp")


def test_what_hangs_together_with_stored_records_finds_them():
    send(customer("old"))

    outcomes = load(customer("new", system="erp", object="customer"), customer("other", OTHER))

    assert [outcome.status for outcome in outcomes] == ["created", "created"]
    assert home("new", system="erp") == home("old")
    assert home("other") != home("old")
    assert states.faults() == []


def test_changed_unchanged_repeated_and_deleted_records_take_the_ordinary_way(monkeypatch):
    monkeypatch.setattr(bulk, "PORTION", 3)
    send(customer("same"), customer("changed", OTHER), customer("gone"))

    outcomes = load(
        customer("same"),
        customer("changed", {**OTHER, "city": "Bremen"}),
        customer("gone", is_deleted=True),
        customer("twice", {**FIRM, "name": "Zyntho Pharmix Ltd", "domain": "zyntho.com"}),
        customer("twice", {**FIRM, "name": "Zyntho Pharmix Limited", "domain": "zyntho.com"}),
        customer("one more", {**FIRM, "name": "Zyntho Pharmix", "domain": "zyntho.com"}),
        customer("twice", {**FIRM, "name": "Zyntho Pharmix Group", "domain": "zyntho.com"}),
    )

    assert [outcome.status for outcome in outcomes] == [
        "unchanged", "updated", "deleted", "created", "quarantined", "created", "updated",
    ]  # fmt: skip
    assert QuarantinedRecord.objects.get(status="OPEN").codes == ["repeated_key"]
    assert SourceRecord.objects.get(native_id="changed").attributes["city"] == "Bremen"
    assert SourceRecord.objects.get(native_id="twice").attributes["name"] == "Zyntho Pharmix Group"
    assert states.faults() == []


def test_loading_again_changes_nothing():
    made = organisations.mixed(3, 80, common=0.3)
    load(*made)
    before = states.goldens()

    outcomes = load(*made)

    assert {outcome.status for outcome in outcomes} == {"unchanged"}
    assert states.goldens() == before


def test_a_circle_of_parents_across_portions_is_refused(monkeypatch):
    monkeypatch.setattr(bulk, "PORTION", 1)
    firm = {"name": "Quorl Alpha GmbH", "country": "DE"}

    outcomes = load(
        _entity("a", {**firm, "parent": "b"}),
        _entity("b", {**firm, "name": "Quorl Beta GmbH", "parent": "a"}),
        _entity("c", {**firm, "name": "Quorl Gamma GmbH", "parent": "a"}),
        domain="legal_entity",
    )

    # As record by record: the one that closes the circle is refused.
    assert [outcome.status for outcome in outcomes] == ["created", "quarantined", "created"]
    assert states.faults() == []


def _entity(native_id, payload):
    return Incoming("crm", "entity", native_id, payload, "legal_entity")


def test_who_is_confined_to_regions_loads_nothing_in_bulk(people):
    people.dee.regions = ["emea"]

    with pytest.raises(NotAllowed):
        load(customer("1"), actor=people.dee)

    assert not SourceRecord.objects.exists()


def test_an_empty_file_is_no_trouble():
    assert load() == []


@pytest.mark.django_db(transaction=True)
@pytest.mark.slow
def test_workers_give_the_same_and_leave_nothing_behind(monkeypatch):
    made = organisations.mixed(11, 600, common=0.4)
    monkeypatch.setattr(bulk, "PORTION", 100)

    outcomes = load(*made, workers=2)

    assert Counter(outcome.status for outcome in outcomes) == {"created": 600}
    assert partition() == oracle.partition(made)
    assert states.faults() == []


def test_a_killed_worker_is_said_in_one_sentence():
    def act(task):
        os.kill(os.getpid(), signal.SIGKILL)

    with pytest.raises(WorkerLost, match="run the load again"):
        list(hands.each(act, [1, 2, 3], workers=2))


@pytest.mark.django_db(transaction=True)
@pytest.mark.slow
@pytest.mark.parametrize("seconds", [0.6, 1.2, 2.0, 3.0, 4.5])
def test_a_load_that_was_killed_is_run_again_and_ends_the_same(seconds, tmp_path):
    made = organisations.mixed(5, 2_000, common=0.3)
    file = tmp_path / "customers.pickle"
    file.write_bytes(pickle.dumps(made))
    arguments = ("-m", "tests.factories.bulk_loader", str(file))

    killed = processes.start(*arguments)
    time.sleep(seconds)
    killed.kill()
    killed.wait()

    # Whatever it had committed is whole.
    assert states.faults() == []
    assert processes.start(*arguments).wait() == 0
    assert partition() == oracle.partition(made)
    assert states.faults() == []
