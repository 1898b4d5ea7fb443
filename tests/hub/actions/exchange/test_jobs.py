"""Jobs: claimed once, settled with their effect, freed when a worker dies, superseded by newer wishes."""

from __future__ import annotations

from datetime import timedelta
from functools import partial

import pytest
from django.db import transaction

from mdm import audit, outbox, permissions
from mdm.actions.exchange import jobs
from mdm.actions.exchange.jobs import Failure
from mdm.errors import NotAllowed, NotFound
from mdm.models import AuditEntry, Job
from tests import people as cast
from tests.factories.threads import together
from tests.factories.times import NOON, later

pytestmark = pytest.mark.django_db

LEASE_SECONDS = 120
LOST = NOON + timedelta(seconds=LEASE_SECONDS + 1)
SOON = Failure("503", "The target is down.", permanent=False)
NEVER = Failure("422", "The target refuses this value.", permanent=True)


def wish(*, wanted=1, key="sfa:1", **more):
    outbox.want([outbox.Wish(kind="sync", key=key, target="sfa", subject=1, wanted=wanted)], at=more.pop("at", NOON), **more)
    return Job.objects.get(key=key)


def claim(*, most=10, at=NOON):
    return jobs.claim(kind="sync", target="sfa", most=most, actor=permissions.machine(), at=at, seconds=LEASE_SECONDS)


def settle(job, failure=None, *, at=NOON):
    return jobs.settle(job=job, failure=failure, actor=permissions.machine(), at=at)


def sweep(at):
    return jobs.sweep(actor=permissions.machine(), at=at)


def again(job):
    job.refresh_from_db()
    return job


def test_a_job_is_claimed_once_and_settled():
    wish()
    (job,) = claim()

    assert claim() == []
    assert settle(job)
    assert (again(job).status, job.done, job.lease) == ("DONE", 1, None)


def test_a_job_is_not_due_before_its_time():
    wish(due_at=later(5))

    assert claim(at=later(4)) == []
    assert len(claim(at=later(5))) == 1


def test_a_newer_wish_takes_the_place_of_one_that_waits():
    wish(wanted=1)
    wish(wanted=3)

    assert Job.objects.count() == 1
    (job,) = claim()
    assert job.wanted == 3


def test_a_wish_that_comes_while_the_job_runs_queues_it_again():
    wish(wanted=1)
    (job,) = claim()
    wish(wanted=2)

    settle(job)

    assert (again(job).status, job.done, job.wanted) == ("QUEUED", 1, 2)
    assert [one.wanted for one in claim()] == [2]


def test_an_older_or_equal_wish_changes_nothing():
    job = wish(wanted=2)
    (claimed,) = claim()
    settle(claimed)

    wish(wanted=2)
    wish(wanted=1)

    assert (again(job).status, job.wanted) == ("DONE", 2)


def test_a_wish_wakes_a_dead_job():
    wish(wanted=1)
    (job,) = claim()
    settle(job, NEVER)

    wish(wanted=2)

    assert (again(job).status, job.attempts) == ("QUEUED", 0)


def test_a_passing_failure_is_tried_again_later_and_a_lasting_one_is_dead_at_once():
    wish(key="sfa:1")
    wish(key="sfa:2")
    one, two = claim()

    settle(one, SOON)
    settle(two, NEVER)

    assert (again(one).status, one.error_code, one.due_at >= NOON) == ("QUEUED", "503", True)
    assert (again(two).status, two.error) == ("DEAD", "The target refuses this value.")
    assert AuditEntry.objects.filter(verb="job.died", subject=f"job:{two.pk}").count() == 1


def test_retries_end_in_the_dead_letters():
    job, at = wish(), NOON
    for _ in range(jobs.MOST_ATTEMPTS):
        at += timedelta(hours=2)
        (claimed,) = claim(at=at)
        settle(claimed, SOON, at=at)

    assert (again(job).status, job.attempts) == ("DEAD", jobs.MOST_ATTEMPTS)


def test_what_the_target_asks_us_to_wait_is_waited():
    wish()
    (job,) = claim()

    settle(job, Failure("429", "Slow down.", permanent=False, retry_after_seconds=60))

    assert again(job).due_at >= NOON + timedelta(seconds=60)


def test_a_job_whose_worker_died_is_free_again_and_the_dead_hand_settles_nothing():
    wish()
    (job,) = claim()

    assert sweep(NOON) == 0
    sweep(LOST)

    assert again(job).status == "QUEUED"
    (other,) = claim(at=LOST)
    job.lease = None
    assert not settle(job, at=LOST)
    assert settle(other, at=LOST)


def test_a_worker_that_lost_its_lease_settles_nothing():
    wish()
    (slow,) = claim()
    sweep(LOST)
    (fast,) = claim(at=LOST)

    assert not settle(slow, at=LOST)
    assert again(fast).status == "RUNNING"


def test_a_job_that_kills_its_worker_each_time_is_dead_in_the_end():
    job, at = wish(), NOON
    for _ in range(jobs.MOST_ATTEMPTS):
        assert len(claim(at=at)) == 1
        at += timedelta(seconds=LEASE_SECONDS + 1)
        sweep(at)

    assert (again(job).status, job.error_code) == ("DEAD", "lost")
    assert claim(at=at) == []


def test_the_sweeper_rings_once_for_each_kind_and_target_that_waits():
    wish(key="sfa:1")
    wish(key="sfa:2")
    outbox.want([outbox.Wish(kind="pull", key="pull:crm", target="crm")], at=NOON)

    assert sweep(later(1)) == 2


def test_replay_queues_dead_jobs_again_and_only_those(people):
    wish(key="sfa:1")
    wish(key="sfa:2")
    dead, _ = claim()
    settle(dead, NEVER)

    count = jobs.replay(job_ids=[dead.pk, Job.objects.get(key="sfa:2").pk], actor=people.oli, at=NOON, reason="mended")

    assert count == 1
    assert (again(dead).status, dead.attempts) == ("QUEUED", 0)
    assert AuditEntry.objects.get(verb="job.replay").reason == "mended"


def test_replay_is_refused_to_those_who_may_not_and_for_what_is_not_there(people):
    with pytest.raises(NotAllowed):
        jobs.replay(job_ids=[1], actor=people.ada, at=NOON)
    with pytest.raises(NotFound, match="no job 99"):
        jobs.replay(job_ids=[99], actor=people.oli, at=NOON)


def test_a_wish_dies_with_its_transaction():
    with transaction.atomic():
        wish()
        transaction.set_rollback(True)

    assert not Job.objects.exists()


@pytest.mark.slow
@pytest.mark.usefixtures("on_services_too")
@pytest.mark.django_db(transaction=True)
def test_many_workers_share_the_jobs_and_none_is_done_twice():
    outbox.want([outbox.Wish(kind="sync", key=f"sfa:{n}", target="sfa", subject=n) for n in range(300)], at=NOON)
    cast.make()
    done: list[int] = []

    def work():
        while claimed := claim(most=7):
            for job in claimed:
                with transaction.atomic():
                    if settle(job):
                        done.append(job.pk)

    raised = together([partial(work)] * 6)

    assert raised == []
    assert len(done) == len(set(done)) == 300
    assert set(Job.objects.values_list("status", flat=True)) == {"DONE"}


def test_doing_the_next_job_writes_and_closes_in_one_commit():
    wish()

    did = [
        jobs.do_next(kind="sync", target="sfa", act=_effect, actor=permissions.machine(), at=NOON, seconds=60) for _ in range(2)
    ]

    assert did == [True, False]
    assert (Job.objects.get().status, AuditEntry.objects.filter(verb="probe").count()) == ("DONE", 1)


def test_what_was_done_on_a_lost_lease_does_not_count():
    wish()

    def slow(job):
        _effect(job)
        sweep(LOST)  # somebody thinks we died

    assert jobs.do_next(kind="sync", target="sfa", act=slow, actor=permissions.machine(), at=NOON, seconds=LEASE_SECONDS)

    assert not AuditEntry.objects.filter(verb="probe").exists()
    assert Job.objects.get().status == "RUNNING"  # the sweep was ours too, and is undone with the rest


def _effect(job):
    audit.record(at=NOON, actor=permissions.machine(), verb="probe", subject=f"job:{job.pk}")
