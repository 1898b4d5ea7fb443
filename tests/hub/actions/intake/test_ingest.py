"""The one door: what it costs, who may use it, how it commits, what it says of relations."""

from __future__ import annotations

from dataclasses import replace

import pytest
from django.db import OperationalError, connection
from django.test.utils import CaptureQueriesContext

from mdm import permissions
from mdm.actions import locks
from mdm.actions.golden import large
from mdm.actions.governance import releases as releasing
from mdm.actions.intake import loads, records, storing
from mdm.engine import releases, statistics
from mdm.errors import NotAllowed, NotFound
from mdm.models import AuditEntry, Golden, Job, Load, SourceObject, SourceRecord, SourceVersion
from tests.factories import firms, organisations, states, systems
from tests.factories.records import FIRM, OTHER, customer, drop, home, partition, record, send
from tests.factories.times import NOON, later

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("firm")]


def cost(*incoming, people):
    """Statements of one ingest, savepoints included; without those that come once in a thousand records."""
    with pytest.MonkeyPatch.context() as patch, CaptureQueriesContext(connection) as queries:
        patch.setattr(statistics, "MANY", 10**9)
        send(*incoming, actor=people.oli)
    return len(queries)


def test_a_single_new_record_costs_28_statements_and_an_unchanged_one_7(people):
    send(*firms.alike("Quorl", "crm"), *firms.alike("Vexpol", "erp"))

    assert cost(customer("new", OTHER), people=people) <= 28
    assert cost(customer("new", OTHER), people=people) <= 7


def test_a_single_duplicate_costs_38_statements_and_an_update_40(people):
    send(*firms.alike("Quorl", "crm"), *firms.alike("Vexpol", "erp"))
    twin = firms.alike("Quorl", "erp")[0]

    assert cost(twin, people=people) <= 38
    assert cost(customer(twin.native_id, {**twin.payload, "city": "York"}, system="erp"), people=people) <= 40


def test_a_batch_costs_about_the_same_however_long(people):
    few, many = organisations.mixed(1, 10, common=0.0), organisations.mixed(2, 60, common=0.0)

    first, second = cost(*few, people=people), cost(*many, people=people)

    assert second <= first * 1.5


def test_a_source_object_is_bound_to_the_domain_of_its_first_record():
    send(customer("1", object="partner"))

    outcome = send(customer("2", object="partner").__class__("crm", "partner", "2", OTHER, "project"))[0]

    assert SourceObject.objects.get(object="partner").domain == "customer"
    assert outcome.problems[0]["code"] == "wrong_domain"


def test_a_domain_need_not_be_named_twice():
    send(customer("1"))

    assert send(customer("2", OTHER).__class__("crm", "account", "2", OTHER))[0].status == "created"


def test_only_those_who_may_write_do_and_only_in_their_domains(people):
    with pytest.raises(NotAllowed):
        send(customer("1"), actor=people.ben)
    send(customer("1"))
    with pytest.raises(NotAllowed, match="customer is not among them"):
        send(customer("2", OTHER), actor=people.cy)
    assert SourceRecord.objects.count() == 1


def test_a_refused_batch_leaves_nothing_behind(people):
    with pytest.raises(NotAllowed):
        send(customer("1"), actor=people.cy)

    assert (SourceRecord.objects.count(), Load.objects.count(), Golden.objects.count()) == (0, 0, 0)


def test_a_rehearsal_says_what_would_become_of_each_record_and_writes_nothing():
    send(customer("1"), customer("2", OTHER))
    before = SourceVersion.objects.count(), Load.objects.count()

    outcomes = send(
        customer("1"), customer("2", {**OTHER, "city": "Kiel"}), customer("3"), customer("4", {"country": "GB"}), rehearsal=True
    )

    assert [outcome.status for outcome in outcomes] == ["unchanged", "updated", "created", "quarantined"]
    assert (SourceVersion.objects.count(), Load.objects.count()) == before


def test_a_commit_that_the_database_undoes_is_done_again_as_if_nothing_had_been(monkeypatch):
    """A deadlock at the end of the second sub-batch's transaction: the records say afterwards what is true."""
    send(customer("1"))
    real, failures = storing.note, [1]

    def fail_once(items, **more):
        real(items, **more)
        if failures:
            failures.pop()
            raise _deadlock()

    monkeypatch.setattr(storing, "note", fail_once)
    monkeypatch.setattr("mdm.actions.retrying.connection", _NotInside())

    outcomes = send(customer("1", {**FIRM, "city": "York"}), customer("2", OTHER))

    assert [outcome.status for outcome in outcomes] == ["updated", "created"]
    assert record("1").attributes["city"] == "York"
    assert SourceVersion.objects.filter(record=record("1")).count() == 2
    assert states.faults() == []


def _deadlock():
    cause = Exception()
    cause.sqlstate = "40P01"
    error = OperationalError("deadlock detected")
    error.__cause__ = cause
    return error


class _NotInside:
    in_atomic_block = False


def test_a_retry_ends_at_last(monkeypatch):
    monkeypatch.setattr("mdm.actions.retrying.connection", _NotInside())
    monkeypatch.setattr("mdm.actions.retrying.time.sleep", lambda seconds: None)
    monkeypatch.setattr(storing, "note", lambda items, **more: (_ for _ in ()).throw(_deadlock()))

    with pytest.raises(OperationalError):
        send(customer("1"))

    assert SourceRecord.objects.count() == 0


def test_a_relation_names_the_key_of_its_record_and_finds_its_golden_record(api, people):
    entity = customer("LE-1").__class__("crm", "entity", "LE-1", {"name": "Quorl Holding Ltd", "country": "GB"}, "legal_entity")
    send(entity, customer("1", {**FIRM, "legal_entity": "LE-1"}))

    shown = api(people.ben).get(f"golden/customer/{home('1').enterprise_id}", include="relations").json()["relations"]

    assert shown == [
        {
            "relation": "legal_entity",
            "enterprise_id": home("LE-1").enterprise_id,
            "said": {"system": "crm", "object": "entity", "scope": "", "native_id": "LE-1"},
            "said_by": "crm/account//1",
            "since": None,
            "until": None,
        }
    ]


def test_a_deleted_record_keeps_its_row_its_versions_and_its_history():
    send(customer("1"))
    drop("1", at=later(1))

    row = record("1")
    assert (row.is_live, row.version, row.attributes["city"]) == (False, 2, "Leeds")
    assert list(SourceVersion.objects.filter(record=row).order_by("id").values_list("is_live", flat=True)) == [True, False]


def test_deleting_what_nobody_knows_is_an_error_and_no_quarantine():
    with pytest.raises(NotFound, match="crm/account/ghost"):
        drop("ghost")


def test_deletion_takes_a_role_of_its_own(people):
    send(customer("1"))

    with pytest.raises(NotAllowed, match=r"record\.delete"):
        records.delete(system="crm", object="account", native_id="1", scope="", actor=people.ada, at=NOON)


def test_records_with_a_scope_are_records_of_their_own():
    outcomes = send(customer("1", scope="uk"), customer("1", OTHER, scope="de"))

    assert outcomes[0].enterprise_id != outcomes[1].enterprise_id


def test_a_source_that_keeps_one_record_a_thing_never_has_two_in_one_golden_record():
    systems.target("clean", is_unique=True)
    said = {"Name": "Quorl Marine Ltd", "Country": "GB", "City": "Leeds", "Website": "quorl.co.uk"}

    send(*(customer(str(n), said, system="clean") for n in range(2)))

    assert sorted(map(len, partition())) == [1, 1]


def test_a_load_that_is_given_counts_and_stays_open(people):
    send(customer("0"))
    load = loads.start(source=SourceObject.objects.get(), way="FILE", actor=people.oli, at=NOON)

    send(customer("1", OTHER), load=load)
    load.refresh_from_db()

    assert (load.status, load.received, load.created) == ("RUNNING", 1, 1)
    assert loads.finish(load=load, actor=people.oli, at=later(1)).status == "DONE"


def test_clocks_that_run_backwards_break_nothing():
    send(*firms.alike("Quorl", "crm", "erp"), at=later(60))
    send(customer("Quorl-erp", OTHER, system="erp"), at=later(30))
    drop("Quorl-erp", system="erp", at=later(10))
    send(*firms.alike("Quorl", "erp"), at=NOON)

    assert states.faults() == []
    assert len(partition()) == 1


def test_a_component_too_large_for_a_live_writer_is_clustered_by_a_job(monkeypatch, people):
    monkeypatch.setattr(records, "resolve", _with_limit(3))
    for number in range(5):
        send(customer(f"q{number}", firms.alike("Quorl", "crm")[0].payload))
    assert len(partition()) > 1
    assert Job.objects.filter(kind="cluster", status="QUEUED").exists()
    assert states.unlike_their_rebuild() == []
    drop("q0")
    assert states.unlike_their_rebuild() == []

    while large.recluster_next(actor=permissions.machine(), at=later(1)):
        pass

    assert [len(group) for group in partition()] == [4]
    assert states.faults() == []


def _with_limit(most):
    real = records.resolve

    def limited(**said):
        return real(**{**said, "most": most})

    return limited


def test_a_sub_batch_never_holds_more_locks_than_one_transaction_may(monkeypatch):
    monkeypatch.setattr(locks, "most_keys", lambda: 200)
    many = organisations.mixed(3, 120)
    held = []
    real = locks.lock_keys

    def note(keys):
        listed = list(keys)
        held.append(len(set(listed)))
        real(listed)

    locks.lock_keys = note
    try:
        send(*many)
    finally:
        locks.lock_keys = real

    assert max(held) <= 200
    assert len(held) > 2


def test_one_transaction_fills_a_small_part_of_the_lock_table_of_this_server():
    with connection.cursor() as cursor:
        cursor.execute("SHOW max_locks_per_transaction")
        each = int(cursor.fetchone()[0])
        cursor.execute("SHOW max_connections")
        most = int(cursor.fetchone()[0])

    assert 0 < locks.most_keys() <= min(each * most / 32, 1_500)


def test_every_sub_batch_leaves_one_audit_entry_a_source():
    send(customer("1"), customer("2", OTHER), customer("3", FIRM, system="erp"))

    entries = AuditEntry.objects.filter(verb="record.write").order_by("subject")

    assert [(entry.subject, entry.new) for entry in entries] == [
        ("source:crm/account", {"created": ["crm/account//1", "crm/account//2"]}),
        ("source:erp/account", {"created": ["erp/account//3"]}),
    ]


def test_a_record_that_says_there_is_none_counts_where_the_domain_keeps_empties(firm):
    spec = releases.current("customer").spec
    attributes = tuple(replace(item, keeps_empty=item.name == "phone") for item in spec.attributes)
    rules = tuple(rule for rule in spec.survivorship if rule.attributes != ("phone",))
    releasing.publish(spec=replace(spec, attributes=attributes, survivorship=rules), actor=permissions.machine(), at=NOON)
    twin = firms.alike("Quorl", "crm", phone="+44 113 496 0001")[0].payload
    send(customer("Quorl-crm", twin), at=NOON)
    assert home("Quorl-crm").values["phone"] == "+441134960001"

    outcome = send(customer("Quorl-erp", {**twin, "phone": None, "email": None}, system="erp"), at=later(1))

    golden = home("Quorl-crm")
    assert (outcome[0].status, golden.member_count) == ("created", 2)
    assert record("Quorl-erp", system="erp").attributes["phone"] is None
    assert "email" not in record("Quorl-erp", system="erp").attributes
    assert "phone" not in golden.values
    assert golden.provenance["phone"]["key"] == "erp/account//Quorl-erp"
    assert send(customer("Quorl-erp", {**twin, "phone": ""}, system="erp"), at=later(2))[0].status == "unchanged"
    left_out = {name: value for name, value in twin.items() if name != "phone"}
    assert send(customer("Quorl-erp", left_out, system="erp"), at=later(3))[0].status == "updated"
    assert home("Quorl-crm").values["phone"] == "+441134960001"
