"""Reconciliation against the fake system: found = planted, healed by policy, resumable, counted once."""

from __future__ import annotations

import pytest

from connectors import deliver, extract
from connectors import reconcile as comparing
from connectors.errors import ConnectorError
from mdm import permissions
from mdm.actions.exchange import reconcile
from mdm.errors import Conflict, NotAllowed
from mdm.models import AuditEntry, Drift, Job, ReconcileRun, ReconcileSeen, SourceObject, SourceRecord
from mdm.readers.intake import counts
from tests.factories import systems
from tests.factories.records import customer, home, send
from tests.factories.times import NOON, later
from tests.fakes import FakeSystem

pytestmark = pytest.mark.django_db


@pytest.fixture
def sfa(firm):
    """A target with nine rows, in step with the hub."""
    systems.target("sfa")
    fake = FakeSystem("sfa").report()
    for number in range(9):
        fake.put("account", str(number), Name=f"Firm{number}quol{number} Ltd", Country="GB", Website=f"quol{number}.co.uk")
    extract.pull("sfa")
    for number in range(9):
        said = {"name": f"Firm{number}quol{number} Ltd", "country": "GB", "city": "Leeds", "domain": f"quol{number}.co.uk"}
        send(customer(f"e{number}", said, system="erp"))
    push()
    return fake


def push():
    while deliver.work("sfa"):
        pass


def compare():
    return comparing.compare("sfa")


def ledger(*statuses):
    rows = Drift.objects.filter(status__in=statuses or ["OPEN", "HEALING", "HEALED"]).order_by("kind", "native_id")
    return [(row.kind, row.native_id, row.attribute, row.status) for row in rows]


def test_a_system_in_step_has_no_drift(sfa):
    assert compare() == 0
    assert ledger() == []


def test_a_record_that_named_another_id_stays_open_until_intake_sees_it_settled(sfa):
    other = home("1", system="sfa").enterprise_id
    sfa.put("account", "copy", Name="Vexpolmar Ltd", Country="GB", HubId=other)
    extract.pull("sfa")
    seen = ledger("OPEN")
    push()
    compare()
    left = ledger("OPEN")
    extract.pull("sfa")

    assert seen == left == [("NAMES_ANOTHER_ID", "copy", "", "OPEN")]
    assert ledger() == [("NAMES_ANOTHER_ID", "copy", "", "HEALED")]
    assert Drift.objects.get().actual == other


def test_what_was_planted_is_found_exactly_once_and_healed(sfa):
    sfa.put("account", "1", City="York")
    sfa.put("account", "2", HubId="")
    sfa.put("account", "3", HubId="CUS-WRONG")

    assert compare() == 3
    assert ledger() == [
        ("DRIFTED", "1", "city", "HEALING"),
        ("ID_NOT_STAMPED", "2", "", "HEALING"),
        ("WRONG_ID", "3", "", "HEALING"),
    ]
    push()

    assert {row[3] for row in ledger()} == {"HEALED"}
    assert (sfa.row("1")["City"], sfa.row("2")["HubId"]) == ("Leeds", home("2", system="sfa").enterprise_id)
    assert compare() == 0
    assert len(ledger()) == 3


def test_a_drift_says_what_was_expected_and_what_was_found(sfa):
    sfa.put("account", "1", City="York")

    compare()

    drift = Drift.objects.get()
    assert (drift.expected, drift.actual, drift.seen) == ("Leeds", "York", 1)


def test_a_row_the_hub_never_saw_comes_in(sfa):
    sfa.rows["account"]["new"] = {"Name": "Newcomer Vexquol Ltd", "Country": "GB"}
    sfa.stamps["account", "new"] = NOON

    compare()

    assert ledger() == [("MISSING_IN_HUB", "new", "", "HEALED")]
    assert SourceRecord.objects.get(native_id="new").is_live
    assert home("new", system="sfa").values["name"] == "Newcomer Vexquol Ltd"


def test_a_row_that_vanished_without_a_word_is_missing_in_the_target(sfa):
    del sfa.rows["account"]["4"]

    compare()
    compare()

    assert ledger() == [("MISSING_IN_TARGET", "4", "", "OPEN")]
    assert Drift.objects.get().seen == 2


def test_a_system_that_lost_everything_has_every_record_in_the_ledger(sfa):
    like = SourceRecord.objects.get(native_id="4", source__system="sfa")
    fields = [field for field in like._meta.concrete_fields if field.name not in {"id", "native_id", "key"}]
    SourceRecord.objects.bulk_create(
        SourceRecord(
            native_id=f"m{number}", key=f"m{number}", **{field.attname: getattr(like, field.attname) for field in fields}
        )
        for number in range(10_500)
    )
    del sfa.rows["account"]["4"]
    found = [compare(), compare()]

    lost = Drift.objects.filter(kind="MISSING_IN_TARGET", status="OPEN")
    assert (lost.count(), set(lost.values_list("seen", flat=True))) == (10_501, {2})
    assert set(lost.values_list("expected", "actual", "closed_at")) == {(None, None, None)}
    assert ReconcileRun.objects.latest("id").found == 10_501 + found[1]
    assert counts.by_system() == {"erp": 9, "sfa": 10_509}


def test_a_difference_that_is_gone_by_itself_is_closed(sfa):
    SourceRecord.objects.filter(native_id="5").update(changed_at=later(-60))
    kept = sfa.rows["account"].pop("5")
    compare()
    sfa.rows["account"]["5"] = kept

    compare()

    assert ledger() == [("MISSING_IN_TARGET", "5", "", "HEALED")]


def test_a_drift_that_comes_back_is_a_new_one(sfa):
    for _ in range(2):
        sfa.put("account", "1", City="York")
        compare()
        push()

    assert ledger() == [("DRIFTED", "1", "city", "HEALED")] * 2


def test_what_a_target_normalises_is_no_drift(sfa):
    sfa.spell = lambda path, value: value.upper() if path == "City" else value
    sfa.put("account", "6", City="")
    compare()
    push()
    assert sfa.row("6")["City"] == "LEEDS"

    assert compare() == 0


def test_a_record_in_quarantine_is_no_drift(sfa):
    sfa.put("account", "bad", Country="GB")
    extract.pull("sfa")

    assert compare() == 0


def test_a_run_that_was_stopped_goes_on_and_counts_no_drift_twice(sfa):
    sfa.put("account", "1", City="York")
    machine, source = permissions.machine(), SourceObject.objects.get(system="sfa")
    run = reconcile.start(source=source, actor=machine, at=NOON)
    page = next(iter(sfa.scan("account")))
    reconcile.page(run=run, rows=page.records, cursor=page.cursor, actor=machine, at=NOON)

    compare()

    assert ReconcileRun.objects.count() == 1
    assert ReconcileRun.objects.get().status == "DONE"
    assert len(ledger()) == 1
    assert not ReconcileSeen.objects.exists()


def test_a_system_that_goes_down_leaves_the_run_open(sfa):
    sfa.down = 1

    with pytest.raises(ConnectorError):
        compare()

    assert ReconcileRun.objects.get().status == "RUNNING"
    assert compare() == 0


def test_a_run_that_is_over_takes_no_further_page(sfa):
    machine, source = permissions.machine(), SourceObject.objects.get(system="sfa")
    run = reconcile.start(source=source, actor=machine, at=NOON)
    reconcile.finish(run=run, actor=machine, at=NOON, error="stopped by hand")

    with pytest.raises(Conflict, match="is over"):
        reconcile.page(run=run, rows=(), cursor="", actor=machine, at=NOON)


def test_a_failed_run_closes_no_drift(sfa):
    sfa.put("account", "1", City="York")
    compare()
    machine, source = permissions.machine(), SourceObject.objects.get(system="sfa")

    reconcile.finish(run=reconcile.start(source=source, actor=machine, at=later(9)), actor=machine, at=later(9), error="lost")

    assert ledger() == [("DRIFTED", "1", "city", "HEALING")]


def test_a_finished_run_is_audited_with_its_counts(sfa):
    sfa.put("account", "1", City="York")
    compare()

    entry = AuditEntry.objects.get(verb="reconcile.finish")

    assert entry.new == {"status": "DONE", "compared": 9, "found": 1, "healing": 1}


def test_only_those_who_may_compare_do(sfa, people):
    with pytest.raises(NotAllowed):
        reconcile.start(source=SourceObject.objects.get(system="sfa"), actor=people.ada, at=NOON)


def test_a_heal_is_a_push_like_any_other(sfa):
    sfa.put("account", "1", City="York")
    writes = len(sfa.journal)

    compare()
    assert Job.objects.filter(status="QUEUED").count() == 1
    push()

    assert len(sfa.journal) == writes + 1
    assert dict(sfa.journal[-1].fields) == {"City": "Leeds"}
