"""The nightly refresh: what time alone changed, in chunks, resumable, and nothing else."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from mdm import permissions
from mdm.actions.exchange import jobs, schedules, sequence
from mdm.actions.golden import refreshing
from mdm.actions.governance import releases as releasing
from mdm.engine import releases
from mdm.models import AuditEntry, Event, Golden, GoldenVersion, Job
from mdm.rules.golden.trust import Trust, Weight
from tests.factories import firms, states
from tests.factories.pinned import pin
from tests.factories.records import home, send
from tests.factories.times import NOON, later

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("firm")]

DAY = timedelta(days=1)
NAMES = ("Quorl", "Vexpol", "Brindle")


@pytest.fixture
def fading(firm):
    """Phones are trusted by the CRM at 90, halved every 100 days, and by the ERP at 60 for ever; three firms know two each."""
    spec = releases.current("customer").spec
    trust = Trust({"phone": {"crm": Weight(90, "half_life", 100), "erp": Weight(60)}, "domain": {}})
    releasing.publish(spec=replace(spec, trust=trust), actor=permissions.machine(), at=NOON)
    for number, name in enumerate(NAMES):
        send(
            *firms.alike(name, "crm", phone=f"+44 113 496 000{number}"),
            *firms.alike(name, "erp", phone=f"+44 113 496 001{number}"),
        )


def phones():
    return [home(f"{name}-crm").values["phone"][-2:] for name in NAMES]


def night(days):
    """The job of that night, chunk by chunk; how many there were."""
    at, machine = NOON + days * DAY, permissions.machine()
    schedules.put_standing(actor=machine, at=NOON)
    schedules.tick(actor=machine, at=at)
    count = 0
    while refreshing.refresh_next(actor=machine, at=at):
        count += 1
    return count


def test_what_has_faded_gives_way_with_a_version_an_event_and_an_entry(fading):
    assert phones() == ["00", "01", "02"]
    assert night(58) >= 1
    assert phones() == ["00", "01", "02"]
    assert not AuditEntry.objects.filter(verb="golden.refresh").exists()

    night(60)

    assert phones() == ["10", "11", "12"]
    golden = home("Quorl-crm")
    assert golden.provenance["phone"]["why"] == "erp is trusted most for this: 60."
    assert GoldenVersion.objects.get(golden=golden, version=golden.version).recorded_at == NOON + 60 * DAY
    assert Event.objects.get(golden=golden, sequence=golden.version).data == {"changed": ["phone"]}
    assert AuditEntry.objects.get(verb="golden.refresh").new["changed"] == 3
    sequence.drain()
    assert states.faults() == []


def test_what_is_pinned_does_not_fade(fading, people):
    pin(home(f"{NAMES[0]}-crm"), "phone", "+44 113 496 0099", actor=people.zoe)

    assert night(59) >= 1

    assert phones() == ["99", "11", "12"]
    assert states.faults() == []


def test_a_quiet_night_makes_no_version(fading):
    before = list(Golden.objects.order_by("id").values())

    night(10)
    night(20)

    assert list(Golden.objects.order_by("id").values()) == before


def test_it_goes_chunk_by_chunk_and_goes_on_where_a_worker_died(fading, monkeypatch):
    monkeypatch.setattr(refreshing, "CHUNK", 1)
    machine, at = permissions.machine(), NOON + 60 * DAY
    schedules.put_standing(actor=machine, at=NOON)
    schedules.tick(actor=machine, at=at)

    assert refreshing.refresh_next(actor=machine, at=at)
    assert phones() == ["10", "01", "02"]
    jobs.claim(kind="refresh", target="", most=1, actor=machine, at=at, seconds=60)  # a worker that dies with its chunk
    assert not refreshing.refresh_next(actor=machine, at=at)
    jobs.sweep(actor=machine, at=at + timedelta(minutes=2))
    while refreshing.refresh_next(actor=machine, at=at + timedelta(minutes=2)):
        pass

    assert phones() == ["10", "11", "12"]
    assert Job.objects.get(kind="refresh").status == "DONE"
    assert AuditEntry.objects.filter(verb="golden.refresh").count() == 3


def test_what_comes_out_the_same_goes_on_naming_the_release_that_made_it(fading):
    spec = releases.current("customer").spec
    releasing.publish(spec=replace(spec, title="Client"), actor=permissions.machine(), at=later(1))
    number = home("Quorl-crm").release

    night(58)
    before = {golden.release for golden in Golden.objects.all()}
    night(60)

    assert before == {number}
    assert {golden.release for golden in Golden.objects.all()} == {number + 1}
    assert phones() == ["10", "11", "12"]
    sequence.drain()
    assert states.faults() == []


def test_the_clock_is_not_ahead_of_a_release_that_is_still_carried_out(fading):
    number, spec = home("Quorl-crm").release, releases.current("customer").spec
    releasing.publish(spec=replace(spec, search=("name",)), actor=permissions.machine(), at=later(1))

    night(60)

    assert {golden.release for golden in Golden.objects.all()} == {number}
    assert phones() == ["10", "11", "12"]


def test_one_source_record_alone_is_left_alone(fading):
    send(*firms.alike("Solitary", "crm"))

    night(60)

    assert home("Solitary-crm").version == 1
