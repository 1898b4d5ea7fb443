"""Sync, dead letters, stuck jobs, drift and loads at the desk."""

from __future__ import annotations

import pytest

from mdm.actions.intake import loads
from mdm.models import Drift, Job, Load
from tests.factories import desk as work
from tests.factories import records, systems
from tests.factories.times import NOON, later
from tests.people import People
from tests.ui.conftest import Desk, text

pytestmark = pytest.mark.django_db


@pytest.fixture
def dead(known: People) -> Job:
    records.send(records.customer("A-1"))
    return work.dead_letter(records.home("A-1"))


def test_a_target_is_one_line_with_its_counts(known: People, desk: Desk):
    systems.target("psa")
    records.send(records.customer("P-1", {"Name": "Kestrel Marine", "Country": "GB"}, system="psa"))
    client = desk(known.oli)
    (target,) = client.get("/sync/").context["targets"]
    assert (target.code, target.waiting, target.dead, target.last_success_at) == ("psa", 1, 0, None)

    Job.objects.update(status="DONE", changed_at=NOON)

    (target,) = client.get("/sync/").context["targets"]
    assert (target.waiting, target.last_success_at) == (0, NOON)
    assert "In step" in text(client.get("/sync/"))


def test_without_targets_the_page_says_so(known: People, desk: Desk):
    assert "No system is pushed to" in text(desk(known.oli).get("/sync/"))


def test_a_dead_letter_says_why_and_is_sent_again(dead: Job, known: People, desk: Desk):
    client = desk(known.oli)
    page = text(client.get("/sync/dead/"))
    assert "INVALID_FIELD" in page
    assert "Kestrel Marine" in page
    assert "400" in page

    response = client.post("/sync/dead/replay", {"job": dead.pk, "reason": "Field was added"})

    dead.refresh_from_db()
    assert (response.status_code, dead.status, dead.attempts) == (303, "QUEUED", 0)


@pytest.mark.parametrize("chosen", ["", "x", "999999"], ids=["none", "no number", "not there"])
def test_replaying_nothing_changes_nothing(dead: Job, known: People, desk: Desk, chosen: str):
    response = desk(known.oli).post("/sync/dead/replay", {"job": chosen} if chosen else {})

    dead.refresh_from_db()
    assert (dead.status, response.status_code) == ("DEAD", 404 if chosen == "999999" else 303)


def test_a_steward_reads_and_is_told_who_may_replay(dead: Job, known: People, desk: Desk):
    client = desk(known.ada)

    assert "takes an integration operator" in text(client.get("/sync/dead/"))
    assert client.post("/sync/dead/replay", {"job": dead.pk}).status_code == 403


def test_the_exchange_is_hidden_from_who_may_not_see_its_values(dead: Job, known: People, desk: Desk, restricted_tax_id):
    assert "Request and answer" not in text(desk(known.ada).get("/sync/dead/"))
    assert "Request and answer" in text(desk(known.dee).get("/sync/dead/"))


def test_an_outsider_sees_no_letters(dead: Job, known: People, desk: Desk):
    assert desk(known.cy).get("/sync/dead/").context["page"].rows == ()


def test_stuck_jobs_are_those_nobody_works_on(dead: Job, known: People, desk: Desk):
    client = desk(known.oli)
    assert "Nothing is stuck" in text(client.get("/sync/stuck/"))

    Job.objects.filter(pk=dead.pk).update(status="QUEUED", due_at=NOON)

    assert [letter.id for letter in client.get("/sync/stuck/").context["page"].rows] == [dead.pk]


def test_drift_shows_both_sides(known: People, desk: Desk):
    records.send(records.customer("A-1"))
    row = work.drift("A-1")

    page = text(desk(known.ada).get("/drift/"))

    assert "Value differs" in page
    assert "Leeds" in page
    assert "York" in page
    Drift.objects.filter(pk=row.pk).update(status="HEALED")
    assert "Nothing open here" in text(desk(known.ada).get("/drift/"))
    assert "York" in text(desk(known.ada).get("/drift/?status=HEALED"))


def test_drift_masks_what_must_be_masked(known: People, desk: Desk, restricted_tax_id):
    records.send(records.customer("A-1"))
    work.drift("A-1", attribute="tax_id", expected="GB980780684", actual="GB123456782")

    page = text(desk(known.ada).get("/drift/"))

    assert "GB980780684" not in page
    assert "GB123456782" not in page
    assert "••••" in page


def test_drift_keeps_to_regions(known: People, desk: Desk):
    records.send(records.customer("A-1"))
    work.drift("A-1")
    known.cy.domains = []
    known.cy.save()

    assert desk(known.cy).get("/drift/").context["page"].rows == ()


def test_loads_are_listed_and_counted(known: People, desk: Desk):
    records.send(records.customer("A-1"), records.customer("A-2", {}))
    load = Load.objects.get()
    client = desk(known.ada)

    assert [row.pk for row in client.get("/loads/").context["page"].rows] == [load.pk]
    page = text(client.get(f"/loads/{load.pk}/"))
    assert '<th scope="row">Created</th><td class="number">1</td>' in page
    assert client.get("/loads/?status=FAILED").context["page"].rows == ()
    assert client.get("/loads/999999/").status_code == 404
    assert desk(known.cy).get(f"/loads/{load.pk}/").status_code == 404


def test_a_running_load_asks_again_and_a_done_one_does_not(known: People, desk: Desk):
    records.send(records.customer("A-1"))
    done, client = Load.objects.get(), desk(known.ada)
    assert "every 2s" not in text(client.get(f"/loads/{done.pk}/"))

    load = loads.start(source=done.source, way="FILE", actor=known.hub, at=NOON, expected=10)
    Load.objects.filter(pk=load.pk).update(received=4)

    fragment = text(client.get(f"/loads/{load.pk}/", headers={"HX-Request": "true"}))
    assert "every 2s" in fragment
    assert "4 of 10" in fragment
    assert "<html" not in fragment


def test_a_load_whose_process_died_says_so_and_what_to_do(known: People, desk: Desk):
    records.send(records.customer("A-1"))
    load = Load.objects.get()
    Load.objects.update(status="RUNNING", ended_at=None, session=None)
    client = desk(known.ada)

    page = text(client.get(f"/loads/{load.pk}/"))

    assert "Stopped" in page
    assert "Run it again" in page
    assert "every 2s" not in page
    assert "Stopped" in text(client.get("/loads/"))


def test_lists_cost_the_same_however_long(dead: Job, known: People, desk: Desk, django_assert_max_num_queries):
    client = desk(known.oli)
    work.drift("A-1")
    counts = {}
    for url in ("/sync/dead/", "/drift/", "/loads/", "/"):
        with django_assert_max_num_queries(30) as few:
            client.get(url)
        counts[url] = len(few)
    for number in range(5):
        records.send(records.customer(f"B-{number}", work.firm(number)), at=later(number))
        work.dead_letter(records.home(f"B-{number}"))
        work.drift(f"B-{number}")

    for url, count in counts.items():
        with django_assert_max_num_queries(count):
            client.get(url)
