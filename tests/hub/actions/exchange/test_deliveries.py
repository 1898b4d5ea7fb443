"""Pushes through the fake system: what is sent, what dies on the way, what is tried again, what gives up."""

from __future__ import annotations

import subprocess
import sys
import time

import pytest

from connectors import deliver, extract
from mdm import permissions
from mdm.actions.exchange import jobs, sync
from mdm.models import AuditEntry, Delivery, Job
from mdm.ports import Written
from tests.factories import processes, states, systems
from tests.factories.decided import say
from tests.factories.firms import doubtful
from tests.factories.records import customer, home, send
from tests.factories.times import NOON, later
from tests.fakes import FakeSystem, Killed

pytestmark = pytest.mark.django_db


@pytest.fixture
def sfa(firm):
    """A target with five rows that the hub knows, nothing delivered yet."""
    systems.target("sfa")
    fake = FakeSystem("sfa").report()
    for number in range(5):
        fake.put("account", str(number), Name=f"Firm{number}quol{number} Ltd", Country="GB", Website=f"quol{number}.co.uk")
    extract.pull("sfa")
    return fake


def push():
    while deliver.work("sfa"):
        pass


def wake():
    """A minute passes for jobs that wait for another attempt."""
    Job.objects.filter(status="QUEUED").update(due_at=NOON)


def stamps(fake):
    return {native_id: row.get("HubId") for native_id, row in fake.rows["account"].items()}


def wanted():
    return {str(number): home(str(number), system="sfa").enterprise_id for number in range(5)}


def test_every_row_gets_its_enterprise_id_once(sfa):
    push()
    push()

    assert stamps(sfa) == wanted()
    assert len(sfa.journal) == 5
    assert set(Job.objects.values_list("status", flat=True)) == {"DONE"}
    assert set(Delivery.objects.values_list("outcome", flat=True)) == {"accepted"}


def test_only_fields_that_differ_are_sent(sfa):
    push()
    send(
        customer("x", {"name": "Firm1quol1 Ltd", "country": "GB", "city": "Leeds", "domain": "quol1.co.uk"}, system="erp"),
        at=later(1),
    )
    push()

    assert dict(sfa.journal[-1].fields) == {"City": "Leeds"}
    assert sfa.journal[-1].native_id == "1"


def test_each_push_carries_a_key_that_a_repetition_repeats(sfa):
    push()

    keys = [change.idempotency_key for change in sfa.journal]

    assert len(set(keys)) == 5


@pytest.mark.parametrize("where", ["before write", "after write"])
def test_a_process_that_dies_loses_nothing_and_doubles_nothing(sfa, where):
    sfa.die = where
    with pytest.raises(Killed):
        deliver.work("sfa")
    written = len(sfa.journal)
    jobs.sweep(actor=permissions.machine(), at=NOON.replace(year=2100))
    wake()

    push()

    assert stamps(sfa) == wanted()
    assert len(sfa.journal) == 5
    assert written == (5 if where == "after write" else 0)
    assert set(Job.objects.values_list("status", flat=True)) == {"DONE"}
    assert Delivery.objects.count() == 5


def test_a_target_that_is_down_is_tried_again(sfa):
    sfa.down = 1
    deliver.work("sfa")
    assert set(Job.objects.values_list("status", "error_code")) == {("QUEUED", "503")}
    assert sfa.journal == []

    wake()
    push()

    assert stamps(sfa) == wanted()


def test_a_read_back_that_fails_is_made_up_for_without_a_second_write(sfa):
    real = sfa.write

    def write(object, changes):
        answers = real(object, changes)
        sfa.down = 1
        return answers

    sfa.write = write
    deliver.work("sfa")
    sfa.write = real
    wake()
    push()

    assert len(sfa.journal) == 5
    assert set(Job.objects.values_list("status", flat=True)) == {"DONE"}


def test_one_bad_row_does_not_hold_back_the_others(sfa):
    sfa.refuse["2"] = Written("2", permanent=True, code="INVALID", message="Name is too long.")

    push()

    dead = Job.objects.get(status="DEAD")
    assert dead.subject == home("2", system="sfa").pk
    assert (dead.error_code, dead.error) == ("INVALID", "Name is too long.")
    assert dead.exchange["request"]["HubId"] == home("2", system="sfa").enterprise_id
    assert Job.objects.filter(status="DONE").count() == 4
    assert AuditEntry.objects.filter(verb="job.died").count() == 1


def test_a_task_that_fails_while_its_record_moves_is_cancelled_and_the_new_home_has_one(sfa):
    """One fault, one letter: the record is merged away between the write and its answer."""
    real, old = sfa.write, home("2", system="sfa")

    def write(object, changes):
        send(customer("2", dict(sfa.row("1")), system="sfa"), at=later(1))
        return real(object, changes)

    sfa.write = write
    sfa.refuse["2"] = Written("2", permanent=True, code="INVALID", message="Name is too long.")
    deliver.work("sfa")
    sfa.write = real
    push()

    new = home("2", system="sfa")
    assert new != old
    assert Job.objects.get(subject=old.pk).status == "CANCELLED"
    assert Job.objects.get(status="DEAD").subject == new.pk


def test_a_dead_letter_that_is_replayed_goes_through(sfa, people):
    sfa.refuse["2"] = Written("2", permanent=True, code="INVALID")
    push()
    del sfa.refuse["2"]

    jobs.replay(job_ids=[Job.objects.get(status="DEAD").pk], actor=people.oli, at=NOON)
    push()

    assert stamps(sfa) == wanted()
    assert not Job.objects.filter(status="DEAD").exists()


def test_a_passing_refusal_of_one_row_is_tried_again_and_the_others_are_not(sfa):
    sfa.refuse["2"] = Written("2", permanent=False, code="LOCKED")
    push()
    assert Job.objects.filter(status="QUEUED").count() == 1

    wake()
    push()

    assert stamps(sfa) == wanted()
    assert len(sfa.journal) == 5


def test_a_row_that_is_gone_at_the_target_ends_the_job_without_a_write(sfa):
    sfa.remove("account", "3")

    push()

    assert len(sfa.journal) == 4
    assert set(Job.objects.values_list("status", flat=True)) == {"DONE"}


def test_what_the_target_owns_is_never_pushed_to_it(firm):
    systems.target("salesforce")
    fake = FakeSystem("salesforce").report()
    fake.put("account", "1", Name="Firm9quol9 Ltd", Country="GB", Website="quol9.co.uk")
    extract.pull("salesforce")
    said = {"name": "Firm9quol9 Ltd", "country": "GB", "domain": "quol9.co.uk", "phone": "+44 113 496 0001", "city": "Leeds"}
    send(customer("x", said, system="erp"))

    while deliver.work("salesforce"):
        pass

    assert fake.row("1")["City"] == "Leeds"
    assert "Phone" not in fake.row("1")


def test_a_value_that_the_target_will_not_hold_is_noted_as_rejected(sfa):
    sfa.spell = lambda path, value: "York" if path == "City" else value
    push()
    sfa.put("account", "1", City="York")
    send(
        customer("x", {"name": "Firm1quol1 Ltd", "country": "GB", "city": "Leeds", "domain": "quol1.co.uk"}, system="erp"),
        at=later(1),
    )
    push()

    assert Delivery.objects.get(record__native_id="1").outcome == "rejected"


def test_machine_changes_go_out_at_once_and_decisions_wait_for_an_undo(sfa, people):
    push()
    one, other = doubtful("Ulmqua")
    sfa.put("account", "u", Name=one.payload["name"], Country="GB", Phone=one.payload["phone"])
    extract.pull("sfa")
    send(other)
    push()
    writes = len(sfa.journal)

    say("SAME", "u", "Ulmqua-b", actor=people.ada, at=later(60 * 24 * 365 * 50))

    assert not deliver.work("sfa")
    assert len(sfa.journal) == writes
    waiting = Job.objects.get(status="QUEUED")
    assert waiting.due_at == later(60 * 24 * 365 * 50 + 0.5)


def test_a_push_that_lost_its_lease_notes_nothing(sfa):
    wake()
    claimed = jobs.claim(kind="sync", target="sfa", most=1, actor=permissions.machine(), at=later(1))
    jobs.sweep(actor=permissions.machine(), at=NOON.replace(year=2100))

    noted = sync.record(job=claimed[0], held=(), failure=None, actor=permissions.machine(), at=later(2))

    assert not noted
    assert not AuditEntry.objects.filter(verb="sync.push").exists()


WORKER = "tests/factories/killable_worker.py"


@pytest.mark.slow
@pytest.mark.usefixtures("on_services_too")
@pytest.mark.django_db(transaction=True)
def test_workers_killed_in_the_middle_of_300_pushes_lose_nothing_and_double_nothing(tmp_path):
    """The target keeps its rows in a file, as another process would; a worker is killed with -9 five times."""
    systems.target("journal")
    send(*(customer(str(n), {"Name": f"Firm{n}quol{n} Ltd", "Country": "GB"}, system="journal") for n in range(300)))
    store = tmp_path / "rows"
    store.mkdir()
    for number in range(300):
        (store / f"{number}.json").write_text(f'{{"Name": "Firm{number}quol{number} Ltd", "Country": "GB"}}')
    kills = 0
    while kills < 5:
        before = len(list(store.glob("*.written")))
        worker = subprocess.Popen([sys.executable, WORKER, str(store)], env={**processes.environment(), "PYTHONPATH": "."})
        while len(list(store.glob("*.written"))) < before + 25 and worker.poll() is None:
            time.sleep(0.01)
        worker.kill()
        kills += worker.wait() == -9
        jobs.sweep(actor=permissions.machine(), at=NOON.replace(year=2100))
        wake()
    subprocess.run([sys.executable, WORKER, str(store)], env={**processes.environment(), "PYTHONPATH": "."}, check=True)

    lines = [path.read_text().splitlines() for path in sorted(store.glob("*.written"))]
    assert len(lines) == 300
    assert [line for line in lines if len(line) != 1] == []
    assert set(Job.objects.values_list("status", flat=True)) == {"DONE"}
    assert Delivery.objects.count() == 300
    assert states.faults() == []
