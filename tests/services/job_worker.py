"""A process that works on jobs as the hub's do, to be killed with -9: claim, then effect and state in one commit, sweep.

Run as a script with the lease in seconds. The effect of a job is a row in the table `job_effect` that the test made.
"""

from __future__ import annotations

import os
import random
import sys
import time

import django


def main(lease_seconds: int) -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "mdm.settings")
    django.setup()
    from django.db import connection, transaction
    from django.utils import timezone

    from mdm import permissions
    from mdm.actions.exchange import jobs
    from mdm.models import Job

    machine = permissions.machine()
    while Job.objects.filter(kind="probe").exclude(status="DONE").exists():
        claimed = jobs.claim(kind="probe", target="", most=7, actor=machine, at=timezone.now(), seconds=lease_seconds)
        for job in claimed:
            with transaction.atomic(), connection.cursor() as cursor:
                if jobs.settle(job=job, failure=None, actor=machine, at=timezone.now()):
                    cursor.execute("INSERT INTO job_effect VALUES (%s, %s)", [job.pk, os.getpid()])
                    time.sleep(random.random() * 0.02)
        if not claimed:
            jobs.sweep(actor=machine, at=timezone.now())
            time.sleep(0.05)


if __name__ == "__main__":
    main(int(sys.argv[1]))
