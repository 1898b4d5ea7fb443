"""Jobs shared by processes, some of which die: each effect happens once. (With threads: tests/hub/actions/exchange.)"""

from __future__ import annotations

import subprocess
import sys
from collections import Counter
from signal import SIGKILL

import pytest
from django.conf import settings
from django.db import connection
from django.utils import timezone

from mdm import outbox
from mdm.models import Job
from tests.factories import processes
from tests.hubs import soon

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]

JOBS, PROCESSES, KILLS = 1_000, 4, 8


@pytest.fixture
def effects(transactional_db):
    """Reads what the workers did, as (job, process)."""
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE job_effect (job bigint, process int)")

    def done():
        with connection.cursor() as cursor:
            cursor.execute("SELECT job, process FROM job_effect")
            return cursor.fetchall()

    yield done
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE job_effect")


@pytest.fixture
def start():
    """Starts a worker; all are gone before the tables are."""
    started = []

    def one():
        command = [sys.executable, "tests/services/job_worker.py", "2"]
        environment = {**processes.environment(), "PYTHONPATH": str(settings.BASE_DIR)}
        started.append(subprocess.Popen(command, cwd=settings.BASE_DIR, env=environment))
        return started[-1]

    yield one
    for worker in started:
        worker.kill()
        worker.wait()


def test_processes_that_are_killed_while_they_claim_settle_and_sweep_do_each_job_once(effects, start):
    outbox.want([outbox.Wish(kind="probe", key=f"probe:{number}", subject=number) for number in range(JOBS)], at=timezone.now())
    workers = [start() for _ in range(PROCESSES)]

    for number in range(1, KILLS + 1):
        assert soon(lambda number=number: len(effects()) >= number * JOBS // (KILLS + 2))
        victim = workers.pop(0)
        victim.kill()
        assert victim.wait() == -SIGKILL
        workers.append(start())

    assert [worker.wait(timeout=120) for worker in workers] == [0] * PROCESSES
    assert Counter(job for job, _ in effects()) == Counter(Job.objects.values_list("id", flat=True))
    assert len({process for _, process in effects()}) > PROCESSES
    assert Job.objects.filter(status="DONE", lease=None, attempts=0).count() == JOBS
