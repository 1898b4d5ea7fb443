"""Nothing is lost and nothing doubled at a target, whoever dies: the worker, the answer on its way, the broker's messages."""

from __future__ import annotations

import re
from collections import Counter
from signal import SIGKILL

import pytest

from connectors import reconcile
from mdm.models import Delivery, Job
from mdm.readers.exchange import sync
from tests.factories import states
from tests.hubs import soon
from tests.story.conftest import TARGET, WRITES

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("on_services_too")]


def check_all_is_pushed_once(target, wishes):
    """Each row was written once, holds what it should, and the hub knows; a full comparison finds nothing."""
    assert target.writes_by_row() == Counter(list(wishes))
    assert target.stamps() == wishes
    assert set(Job.objects.filter(target=TARGET).values_list("status", flat=True)) == {"DONE"}
    noted = {
        (delivery.record.source.object, delivery.record.native_id): delivery.enterprise_id
        for delivery in Delivery.objects.select_related("record__source", "golden")
        if delivery.golden_version == delivery.golden.version
    }
    assert noted == wishes
    assert reconcile.compare(TARGET) == 0
    assert states.faults() == []


def test_a_worker_killed_five_times_in_the_middle_of_300_pushes_loses_nothing_and_doubles_nothing(target, wishes, celery):
    assert len(wishes) > 280
    target.control.fault("delay", seconds=0.03, path=WRITES)  # so that a kill falls into the middle of a batch
    celery.start("beat", "--loglevel=WARNING")

    for _ in range(5):
        worker, before = celery.worker(), target.writes()
        assert soon(lambda before=before: target.writes() >= before + 25)
        assert celery.kill(worker) == -SIGKILL
        assert sync.waiting() > 0
    celery.worker()

    assert soon(lambda: not sync.waiting(), 120)
    check_all_is_pushed_once(target, wishes)
    assert target.idle_writes() == 0


def test_a_worker_killed_between_the_write_and_its_record_doubles_nothing(target, wishes, celery):
    dropped = target.control.fault("drop_after_apply", path=WRITES)  # the target writes; its answers never arrive
    celery.start("beat", "--loglevel=WARNING")
    worker = celery.worker()
    assert soon(lambda: target.writes() >= 4)
    assert celery.kill(worker) == -SIGKILL
    assert not Delivery.objects.exclude(enterprise_id="").exists()

    target.control.clear_faults(dropped)
    celery.worker()

    assert soon(lambda: not sync.waiting(), 120)
    check_all_is_pushed_once(target, wishes)


def test_messages_purged_from_the_broker_in_the_middle_lose_nothing(target, wishes, celery):
    target.control.fault("delay", seconds=0.03, path=WRITES)
    beat, worker = celery.start("beat", "--loglevel=WARNING"), celery.worker()
    assert soon(lambda: target.writes() >= 25)
    celery.kill(worker)
    celery.kill(beat)

    purged = int(re.search(r"Purged (\d+) message", celery.run("purge", "-f"))[1])
    assert purged > 0
    assert sync.waiting() > 0
    celery.start("beat", "--loglevel=WARNING")
    celery.worker()

    assert soon(lambda: not sync.waiting(), 120)
    check_all_is_pushed_once(target, wishes)
    assert target.idle_writes() == 0
