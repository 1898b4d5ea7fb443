"""Schedules: any number of beats, each tick once."""

from __future__ import annotations

from functools import partial

import pytest

from mdm import outbox, permissions, ports
from mdm.actions.exchange import schedules
from mdm.actions.governance import idempotency
from mdm.errors import NotAllowed
from mdm.models import AuditEntry, IdempotencyKey, Job, Schedule, ScheduleTick
from mdm.rules.exchange.standing import DAY, STANDING
from stewardship.presenters import words
from tests.factories.threads import together
from tests.factories.times import NOON, later

pytestmark = pytest.mark.django_db


def put(every_seconds=60, name="nightly"):
    return schedules.put(
        name=name, kind="reconcile", target="crm", every_seconds=every_seconds, actor=permissions.machine(), at=NOON
    )


def tick(at):
    return schedules.tick(actor=permissions.machine(), at=at)


def test_a_schedule_comes_due_at_each_tick_and_not_before():
    put()

    assert [tick(later(minutes)) for minutes in (0, 0.9, 1, 1.5, 2, 2)] == [0, 0, 1, 0, 1, 0]


def test_ticks_that_nobody_took_are_not_made_up_for():
    put()

    assert tick(later(10)) == 1
    assert ScheduleTick.objects.count() == 1


def test_a_tick_wishes_the_job_again_when_it_is_done():
    put()
    tick(later(1))
    Job.objects.update(status="DONE", done=Job.objects.get().wanted)

    tick(later(2))

    assert Job.objects.get().status == "QUEUED"


def test_a_schedule_that_is_switched_off_rests():
    put()
    Schedule.objects.update(is_enabled=False)

    assert tick(later(5)) == 0


def test_putting_it_again_changes_how_often_and_keeps_its_beginning():
    put(60)
    changed = schedules.put(
        name="nightly", kind="reconcile", target="crm", every_seconds=30, actor=permissions.machine(), at=later(9)
    )

    assert (Schedule.objects.count(), changed.every_seconds, changed.starts_at) == (1, 30, NOON)


def test_only_who_works_on_sync_may_put_one(people):
    with pytest.raises(NotAllowed):
        schedules.put(name="mine", kind="pull", target="crm", every_seconds=1, actor=people.ada, at=NOON)


@pytest.mark.slow
@pytest.mark.usefixtures("on_services_too")
@pytest.mark.django_db(transaction=True)
def test_eight_beats_at_once_take_each_tick_once():
    permissions.machine()
    for number in range(5):
        put(name=f"s{number}")
    taken = []

    raised = together([partial(lambda: taken.append(tick(later(3)))) for _ in range(8)])

    assert raised == []
    assert sum(taken) == 5
    assert ScheduleTick.objects.count() == 5


def test_the_hubs_own_work_is_put_on_its_schedule_once_and_comes_due_at_night_or_more_often(people):
    counts = {schedules.put_standing(actor=permissions.machine(), at=moment) for moment in (NOON, later(60))}
    nightly = {kind for kind, work in STANDING.items() if work.every_seconds == DAY.total_seconds()}

    assert counts == {len(STANDING)} == {Schedule.objects.count()}
    assert AuditEntry.objects.filter(verb="schedule.put").count() == len(STANDING)
    assert "purge" in nightly
    assert tick(later(60 * 13.9)) == len(STANDING.keys() - nightly)
    assert set(Job.objects.values_list("kind", flat=True)) == STANDING.keys() - nightly
    assert tick(later(60 * 14.1)) == len(STANDING)
    assert set(Job.objects.values_list("kind", "target", "status")) == {(kind, "", "QUEUED") for kind in STANDING}


def test_the_hubs_own_work_is_done_by_somebody_in_a_queue_of_its_own_and_has_a_word():
    assert {kind for kind in STANDING if ports.handler(kind) is None} == set()
    assert STANDING.keys() <= outbox.QUEUES.keys()
    assert outbox.QUEUES.keys() <= words.JOBS.keys()


def test_the_nightly_purge_forgets_answers_that_were_kept_long_enough(people):
    idempotency.claim(key="old", request_hash="h", actor=people.ada, at=later(-60 * 24 * 8))
    idempotency.claim(key="new", request_hash="h", actor=people.ada, at=later(-60))
    schedules.put_standing(actor=permissions.machine(), at=later(-60 * 24 * 8))
    tick(NOON)

    did = [idempotency.purge_next(actor=permissions.machine(), at=NOON) for _ in range(2)]

    assert did == [True, False]
    assert list(IdempotencyKey.objects.values_list("key", flat=True)) == ["new"]
    assert Job.objects.get(kind="purge").status == "DONE"
