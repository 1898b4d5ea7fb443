"""Retention: what is no longer kept goes; the present and every later moment keep their answers, the feed stays right."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import timedelta

import pytest
from django.core.management import call_command

from mdm import permissions
from mdm.actions.exchange import schedules, sequence
from mdm.actions.governance import releases as releasing
from mdm.actions.governance import retention
from mdm.actions.governance.retention import Removed
from mdm.engine import releases
from mdm.engine.preparing import Incoming
from mdm.errors import NotAllowed, NotFound
from mdm.models import AuditEntry, ChangeSet, Decision, Event, Golden, GoldenVersion, HistoryFloor, Job, SourceVersion
from mdm.readers.exchange import events
from mdm.readers.golden import changes
from mdm.readers.golden.history import then
from mdm.readers.governance import invariants
from mdm.readers.governance.rebuilding import feed, goldens
from mdm.rules.governance.domains import Retention
from tests.factories import erased, firms, organisations, states
from tests.factories.histories import History
from tests.factories.pinned import pin
from tests.factories.records import FIRM, OTHER, customer, drop, home, record, send
from tests.factories.regrouped import merge, unmerge
from tests.factories.times import NOON, later

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("firm")]

DAY = timedelta(days=1)
NOW = NOON + 200 * DAY


def keep(golden_days=100, source_days=100, domain="customer"):
    spec = releases.current(domain).spec
    policy = Retention(golden_days, source_days)
    releasing.publish(spec=replace(spec, retention=policy), actor=permissions.machine(), at=NOON)


def purge(at=NOW, **more):
    sequence.drain()
    return retention.purge(actor=permissions.machine(), at=at, **more)


@pytest.fixture
def firm_that_moved(firm):
    """A city every 20 days, ten of them; one state that arrived late."""
    keep()
    for number in range(10):
        day = NOON + number * 20 * DAY
        send(customer("1", {**FIRM, "city": f"City {number}"}, updated_at=day), at=day)
    late = NOON + 5 * DAY
    send(customer("1", {**FIRM, "city": "Late"}, updated_at=late), at=NOON + 30 * DAY)
    return home("1")


def test_what_stood_at_the_cutoff_stays_and_what_came_before_goes(firm_that_moved):
    removed = purge()

    kept = GoldenVersion.objects.filter(golden=firm_that_moved).order_by("version")
    assert [version.values["city"] for version in kept] == [f"City {number}" for number in range(5, 10)]
    assert kept[0].recorded_at == NOON + 100 * DAY
    told = Event.objects.filter(golden=firm_that_moved).order_by("sequence")
    assert list(told.values_list("sequence", flat=True)) == [6, 7, 8, 9, 10]
    said = SourceVersion.objects.filter(record=record("1")).order_by("version")
    assert [version.attributes["city"] for version in said] == [f"City {number}" for number in range(5, 10)]
    assert removed == Removed(5, 5, 6)


def test_invariants_feed_and_rebuild_stay_right_and_writing_goes_on(people, firm_that_moved):
    purge()
    send(customer("1", {**FIRM, "city": "Hull"}), at=NOW)
    send(*firms.alike("Quorl", "crm", "erp"), at=NOW)
    sequence.drain()

    assert [broken.sentence for broken in invariants.broken()] == []
    assert (goldens.present().fault, goldens.kept().fault, feed.check().fault) == ("", "", "")
    told = events.after(0, limit=100, viewer=people.zoe).events
    assert [event["position"] for event in told] == [1, *range(7, 14)]  # first the release that began the retention
    assert told[-2]["data"]["values"]["city"] == "Hull"
    assert home("1").version == 11


def test_moments_that_are_kept_answer_as_before_and_the_others_say_from_when_on(people, firm_that_moved):
    name, days = firm_that_moved.enterprise_id, (100, 119, 120, 150, 199)
    asked = [{axis: NOON + day * DAY} for day in days for axis in ("known_at", "as_of")]
    before = [then.find(name, viewer=people.ada, now=NOW, **moment) for moment in asked]

    purge()

    after = [then.find(name, viewer=people.ada, now=NOW, **moment) for moment in asked]
    assert [(each.values, each.provenance, each.is_proven) for each in after] == [
        (each.values, each.provenance, each.is_proven) for each in before
    ]
    with pytest.raises(NotFound, match="is no longer kept; its history begins on 2026-04-25"):
        then.find(name, viewer=people.ada, now=NOW, known_at=NOON + 99 * DAY)
    with pytest.raises(NotFound, match="History is kept from 2026-04-25, 12:00 UTC on"):
        then.find(name, viewer=people.ada, now=NOW, as_of=NOON + 99 * DAY)
    with pytest.raises(NotFound, match="is no longer kept"):
        then.find(name, viewer=people.ada, now=NOW, as_of=NOON + 150 * DAY, known_at=NOON + 50 * DAY)


def test_a_golden_version_that_is_kept_keeps_the_source_versions_it_was_made_of(people, firm):
    keep(golden_days=None)
    for number in range(5):
        send(customer("1", {**FIRM, "city": f"City {number}"}), at=NOON + number * DAY)
    send(customer("1", {**FIRM, "city": "Late"}, updated_at=NOON - DAY), at=NOON + 9 * DAY)
    name = home("1").enterprise_id

    removed = purge()

    assert (removed.golden_versions, removed.source_versions) == (0, 0)
    assert then.find(name, viewer=people.ada, now=NOW, known_at=NOON + DAY).is_proven


def test_a_purge_without_a_sequencer_removes_no_event_that_nobody_heard(firm_that_moved):
    assert Event.objects.filter(position=None).exists()
    assert retention.purge(actor=permissions.machine(), at=NOW).events == 0


def test_a_random_history_is_whole_after_any_purge(people):
    keep(30, 30)
    History(random.Random(5), people.dee, organisations.organisations(random.Random(5), 10, common=0.4)).run(40)
    present = states.goldens()

    for day in (30, 30.01, 60):
        purge(NOON + day * DAY)
        assert states.faults() == []
        assert feed.check().fault == ""

    assert states.goldens() == present
    assert not GoldenVersion.objects.exclude(version=1).filter(golden__version=1).exists()
    assert GoldenVersion.objects.count() == Golden.objects.count() == Event.objects.exclude(golden=None).count()
    assert set(Event.objects.values_list("position", flat=True)) >= {Event.objects.order_by("-position")[0].position}


def test_a_retired_record_keeps_its_end_and_nothing_of_its_values(firm):
    keep()
    send(customer("1", {**FIRM, "phone": "+44 113 496 0001"}), at=NOON)
    golden = home("1")
    drop("1", at=NOON + DAY)

    purge()

    (version,) = GoldenVersion.objects.filter(golden=golden)
    assert (version.status, version.values) == ("RETIRED", {})
    assert not SourceVersion.objects.filter(record=record("1"), is_live=True).exists()


def test_a_rehearsal_says_what_would_go_and_removes_nothing(firm_that_moved, capsys):
    before = (GoldenVersion.objects.count(), Event.objects.count(), SourceVersion.objects.count())

    removed = purge(rehearsal=True)

    assert (removed.golden_versions, removed.events) == (5, 5)
    assert (GoldenVersion.objects.count(), Event.objects.count(), SourceVersion.objects.count()) == before
    assert not HistoryFloor.objects.exists()
    assert not AuditEntry.objects.filter(verb="history.purge").exists()
    call_command("retention", "--dry-run")
    assert "would be removed: " in capsys.readouterr().out


def test_a_domain_without_retention_keeps_everything(firm):
    send(customer("1"), at=NOON)
    send(customer("1", {**FIRM, "city": "York"}), at=NOON + DAY)

    assert purge(NOON + 9_999 * DAY) == Removed()
    assert GoldenVersion.objects.count() == 2


def test_the_nightly_job_goes_chunk_by_chunk_and_leaves_an_entry_each(firm_that_moved, monkeypatch):
    monkeypatch.setattr(retention, "CHUNK", 1)
    send(customer("2", OTHER), at=NOON)
    send(customer("2", {**OTHER, "city": "Bremen"}), at=later(1))
    sequence.drain()
    machine = permissions.machine()
    schedules.put_standing(actor=machine, at=NOON)
    schedules.tick(actor=machine, at=NOW)

    turns = 0
    while retention.purge_next(actor=machine, at=NOW):
        turns += 1

    assert turns >= 5
    assert Job.objects.get(kind="retention").status == "DONE"
    assert GoldenVersion.objects.filter(golden=home("2")).count() == 1
    assert AuditEntry.objects.filter(verb="history.purge").count() == 4
    floor = HistoryFloor.objects.get()
    assert floor.golden_from == floor.source_from == NOON + 100 * DAY
    assert [broken.sentence for broken in invariants.broken()] == []


@pytest.fixture
def merged_long_ago(people, firm):
    """What stood before a merge of two firms, and that merge, of whose survivor retention has taken all that it made."""
    keep()
    send(*firms.alike("Quorl", "crm", "erp"), *firms.alike("Vexpol", "crm", "psa"))
    before = states.live()
    change = merge(home("Quorl-crm"), home("Vexpol-crm"), actor=people.ada, at=later(1))
    for name in ("Quorl", "Vexpol"):
        moved = [replace(one, payload={**one.payload, "name": f"{name} Marine Group Ltd"}) for one in firms.alike(name, "crm")]
        send(*moved, at=NOON + DAY)
        send(*firms.alike(name, "crm"), at=NOON + 2 * DAY)
    purge(NOON + 1_500 * DAY)
    assert not GoldenVersion.objects.filter(change_set=change, golden=home("Quorl-crm")).exists()
    return before, change


def test_an_unmerge_years_after_the_merge_is_its_exact_inverse(people, merged_long_ago):
    before, change = merged_long_ago

    unmerge(change, actor=people.dee, at=NOON + 1_501 * DAY)

    assert {name: state[:4] for name, state in states.live().items()} == {name: state[:4] for name, state in before.items()}
    assert Decision.objects.filter(undone_at=None, verdict="DIFFERENT").count() == 4
    assert states.faults() == []


def test_a_change_whose_versions_are_gone_is_still_shown_with_what_it_touched(people, merged_long_ago):
    _, change = merged_long_ago
    name = home("Quorl-crm").enterprise_id

    assert [one.id for one in changes.page(viewer=people.dee, enterprise_id=name)] == [change.pk]
    assert name in changes.one(change.pk, viewer=people.dee).goldens
    assert name in changes.sentence(change)


def test_an_erasure_finds_the_reasons_of_changes_whose_versions_are_gone(people, firm):
    keep(domain="resource")
    worker = Incoming("hr", "worker", "w-1", {"full_name": "Xylandra Quorlvex", "city": "Leeds"}, "resource")
    send(worker)
    pin(home("w-1", system="hr"), "job_title", "Diver", actor=people.ada, at=later(1), reason="Xylandra said so")
    send(replace(worker, payload={**worker.payload, "city": "Hull"}), at=later(2))
    purge()
    assert ChangeSet.objects.get(kind="pin").reason == "Xylandra said so"

    erased.erase(home("w-1", system="hr").enterprise_id, at=NOW)

    assert ChangeSet.objects.get(kind="pin").reason == ""
    assert not AuditEntry.objects.filter(reason__contains="Xylandra").exclude(form=1).exists()


def test_only_who_may_remove_history_does(people):
    with pytest.raises(NotAllowed):
        retention.purge(actor=people.dee, at=NOW)
