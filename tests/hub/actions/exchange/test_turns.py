"""Jobs that go page by page: a lease that lives as long as pages come, and ends with them."""

from __future__ import annotations

import uuid
from datetime import timedelta

import pytest
from django.utils import timezone

from connectors import turns
from connectors.errors import ConnectorError
from mdm import outbox
from mdm.models import Job

pytestmark = pytest.mark.django_db


@pytest.fixture
def job():
    outbox.want([outbox.Wish(kind="pull", key="sfa", target="sfa")], at=timezone.now())
    return Job.objects.get()


def test_nothing_waits():
    assert not turns.take("pull", "sfa", lambda target, progress: pytest.fail("there is no job"))


def test_every_page_renews_the_lease(job):
    left = []

    def two_pages(target, progress):
        for count in (10, 20):
            Job.objects.update(leased_until=timezone.now())  # the page took all of its time
            progress("sfa/account", count)
            left.append(Job.objects.get().leased_until - timezone.now())
        return 20

    assert turns.take("pull", "sfa", two_pages)

    assert min(left) > timedelta(seconds=turns.PAGE_SECONDS - 10)
    assert Job.objects.get().status == "DONE"


def test_whoever_lost_the_lease_stops_at_the_next_page_and_settles_nothing(job):
    seen = []

    def taken_over(target, progress):
        Job.objects.update(lease=uuid.uuid4())
        progress("sfa/account", 10)
        seen.append("a second page")
        return 20

    assert turns.take("pull", "sfa", taken_over)

    assert seen == []
    assert Job.objects.get().status == "RUNNING"  # the other worker's


def test_a_refusal_is_kept_with_the_job_and_tried_again(job):
    def refused(target, progress):
        raise ConnectorError("The system is down.", permanent=True, code="503")

    turns.take("pull", "sfa", refused)

    job.refresh_from_db()
    assert (job.status, job.error_code, job.error) == ("QUEUED", "503", "The system is down.")
