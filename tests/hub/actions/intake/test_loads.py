"""Loads: one whose process died says so at once, and the next run or a job closes it."""

from __future__ import annotations

import csv
from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import call_command

from mdm import outbox, permissions, ports
from mdm.actions.intake import loads
from mdm.errors import NotAllowed
from mdm.management.commands import load as load_command
from mdm.models import AuditEntry, Load, SourceObject, SourceRecord
from mdm.readers.intake import loads as readers
from mdm.rules.intake.load_states import STOPPED
from tests.factories import organisations, processes
from tests.factories.records import OTHER, customer, send
from tests.factories.times import NOON, later
from tests.hubs import soon

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("firm")]


def began_and_died(source, at=NOON):
    """A load as it stands after the connection of its process is gone."""
    return Load.objects.create(source=source, way="FILE", started_at=at, started_by=permissions.machine(), session=None)


def refuse(*_, **__):
    raise NotAllowed("no")


@pytest.fixture
def source():
    send(customer("0"))
    return SourceObject.objects.get()


def test_one_that_is_worked_on_runs_and_one_without_a_session_has_stopped(people, source):
    busy = loads.start(source=source, way="FILE", actor=people.hub, at=NOON)
    gone = began_and_died(source)

    states = {load.pk: load.state for load in readers.page(viewer=people.ada).rows}

    assert (states[busy.pk], states[gone.pk]) == ("RUNNING", "STOPPED")
    assert readers.one(gone.pk, viewer=people.ada).is_stopped
    assert [load.pk for load in loads.close_stopped(actor=people.hub, at=later(1))] == [gone.pk]
    assert loads.finish(load=busy, actor=people.hub, at=later(2)).status == "DONE"


def test_a_later_session_of_the_same_number_does_not_pass_for_the_one_that_died(people, source):
    load = loads.start(source=source, way="FILE", actor=people.hub, at=NOON)
    Load.objects.filter(pk=load.pk).update(session_at=NOON - timedelta(days=3_650))

    assert readers.one(load.pk, viewer=people.ada).state == "STOPPED"


def test_the_next_load_of_the_same_source_closes_it_and_another_source_does_not(people, source):
    gone = began_and_died(source)
    send(customer("1", OTHER, system="erp"))

    loads.start(source=SourceObject.objects.get(system="erp"), way="FILE", actor=people.hub, at=later(1))
    gone.refresh_from_db()
    assert gone.status == "RUNNING"
    loads.start(source=source, way="PULL", actor=people.hub, at=later(2))

    gone.refresh_from_db()
    assert (gone.status, gone.ended_at, gone.error) == ("FAILED", later(2), STOPPED)
    assert AuditEntry.objects.get(verb="load.stopped").subject == f"load:{gone.pk}"


def test_the_command_says_which_load_had_stopped_and_how_one_ends_that_is_refused(people, source, tmp_path, monkeypatch):
    gone, said = began_and_died(source), StringIO()
    file = tmp_path / "one.csv"
    file.write_text("native_id,name,country\n7,Brightwater Analytics,DE\n")
    command = ("load", str(file), "--system", "crm", "--object", "account", "--id", "native_id")

    call_command(*command, stdout=StringIO(), stderr=said)

    assert f"load {gone.pk} of crm/account stopped after 0 records" in said.getvalue()
    monkeypatch.setattr(load_command.records, "ingest", refuse)
    with pytest.raises(NotAllowed):
        call_command(*command, stdout=StringIO(), stderr=StringIO())
    last = Load.objects.latest("id")
    assert (last.status, last.error) == ("FAILED", "no")


def test_the_job_closes_it_and_says_when_there_was_nothing_to_do(people, source):
    gone = began_and_died(source)
    outbox.want([outbox.Wish(kind="loads", key="loads:")], at=NOON)

    assert loads.close_next(actor=people.hub, at=later(1))
    assert not loads.close_next(actor=people.hub, at=later(1))

    gone.refresh_from_db()
    assert gone.status == "FAILED"
    assert ports.handler("loads") is not None
    with pytest.raises(NotAllowed):
        loads.close_stopped(actor=people.ben, at=NOON)


def test_a_batch_that_breaks_half_way_has_failed(people, source, monkeypatch):
    monkeypatch.setattr("mdm.actions.intake.records._commit", refuse)
    with pytest.raises(NotAllowed):
        send(customer("1", OTHER))

    load = readers.page(viewer=people.ada).rows[0]
    assert (load.state, load.error) == ("FAILED", STOPPED)


@pytest.mark.django_db(transaction=True)
@pytest.mark.slow
def test_a_load_killed_with_9_is_stopped_at_once_and_runs_again(people, tmp_path):
    made = organisations.mixed(5, 4_000, common=0.3)
    file = tmp_path / "customers.csv"
    with file.open("w", newline="") as out:
        writer = csv.DictWriter(out, ["native_id", "name", "country", "city"], extrasaction="ignore")
        writer.writeheader()
        writer.writerows({"native_id": f"{number}", **one.payload} for number, one in enumerate(made))
    arguments = ("manage.py", "load", str(file), "--system", "crm", "--object", "account", "--domain", "customer")

    with processes.start(*arguments) as process:
        assert soon(lambda: Load.objects.filter(received__gt=0).exists(), 60)
        assert readers.page(viewer=people.ada).rows[0].state == "RUNNING"
        process.kill()

    assert soon(lambda: readers.page(viewer=people.ada).rows[0].state == "STOPPED", 10)
    file.write_text("".join(file.read_text().splitlines(keepends=True)[:600]))
    assert processes.start(*arguments).wait() == 0
    again, gone = Load.objects.order_by("-id")[:2]
    assert (gone.status, gone.error) == ("FAILED", STOPPED)
    assert (again.status, again.received) == ("DONE", 599)
    assert again.unchanged >= min(gone.received, 500)
    assert SourceRecord.objects.filter(source__system="crm").count() >= 599
