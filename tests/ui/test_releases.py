"""Releases at the desk: read, approved by another, refused, taken back."""

from __future__ import annotations

from dataclasses import replace

import pytest
from django.utils import timezone

from mdm.actions.governance.releasing import proposals, rematch
from mdm.engine import releases
from mdm.models import ReleaseProposal
from tests.factories import firms, records
from tests.factories.times import NOON
from tests.people import People
from tests.ui.conftest import HTMX, Desk, text

pytestmark = pytest.mark.django_db


@pytest.fixture
def proposal(known: People) -> ReleaseProposal:
    records.send(*firms.alike("Quorl", "crm", "erp"))
    spec = releases.current("customer").spec
    wanted = replace(spec, match=replace(spec.match, auto=0.9999999))
    row = proposals.propose(spec=wanted, reason="Fewer mistakes.", actor=known.dee, at=NOON)
    return proposals.plan(proposal_id=row.pk, actor=known.dee, at=NOON)


def test_the_plan_is_told_in_words_with_examples_that_lead_on(proposal: ReleaseProposal, known: People, desk: Desk):
    page = text(desk(known.eve).get(f"/releases/{proposal.pk}/"))

    assert "Fewer mistakes." in page
    assert "Golden records that get a new version" in page
    assert "200.0% of 1" in page
    assert f"/records/{records.home('Quorl-crm').enterprise_id}/" in page
    assert "Release it although it lies above the limits" in page
    assert "Fewer mistakes." in text(desk(known.eve).get("/releases/"))


def test_whoever_proposed_it_is_told_that_somebody_else_approves(proposal: ReleaseProposal, known: People, desk: Desk):
    page = text(desk(known.dee).get(f"/releases/{proposal.pk}/"))

    assert "You proposed this; somebody else has to approve it." in page
    assert "Approve this release" not in page
    assert "Take it back" in page


def test_approved_with_force_it_counts_and_is_carried_out(proposal: ReleaseProposal, known: People, desk: Desk):
    client, url = desk(known.eve), f"/releases/{proposal.pk}/"

    bare = client.post(f"{url}approve", {"force": "on", "reason": ""})
    done = client.post(f"{url}approve", {"force": "on", "reason": "Agreed."})
    waiting = text(client.get(url))
    while rematch.rematch_next(actor=known.hub, at=timezone.now()):
        pass

    assert (bare.status_code, done.status_code, done["Location"]) == (422, 303, url)
    assert 'hx-trigger="every 2s"' in waiting
    assert "Go back to release 1" in text(client.get(url))
    assert client.get(url, headers=HTMX)["HX-Refresh"] == "true"
    assert releases.current("customer").number == 2


def test_above_the_limits_without_force_it_stays_proposed(proposal: ReleaseProposal, known: People, desk: Desk):
    answer = desk(known.eve).post(f"/releases/{proposal.pk}/approve", {"reason": "Agreed."})

    assert answer.status_code == 409
    assert releases.current("customer").number == 1


def test_refused_with_a_reason_and_only_so(proposal: ReleaseProposal, known: People, desk: Desk):
    client, url = desk(known.eve), f"/releases/{proposal.pk}/"

    assert client.post(f"{url}refuse", {"reason": " "}).status_code == 422
    assert client.post(f"{url}refuse", {"reason": "Too soon."}).status_code == 303

    page = text(client.get(url))
    assert "Too soon." in page
    assert "Approve this release" not in page


def test_planned_again_it_waits_for_its_plan(proposal: ReleaseProposal, known: People, desk: Desk):
    client, url = desk(known.eve), f"/releases/{proposal.pk}/"

    assert client.post(f"{url}plan").status_code == 303
    assert "Working out what it would do" in text(client.get(url))


def test_going_back_is_a_proposal_of_its_own(proposal: ReleaseProposal, known: People, desk: Desk):
    proposals.approve(proposal_id=proposal.pk, actor=known.eve, at=NOON, force=True, reason="Agreed.")

    answer = desk(known.eve).post(f"/releases/{proposal.pk}/return", {"reason": "It was too much."})

    back = ReleaseProposal.objects.order_by("-id").first()
    assert (answer.status_code, answer["Location"], back.returns_to) == (303, f"/releases/{back.pk}/", 1)


def test_nothing_proposed_says_how_to_begin(known: People, desk: Desk):
    assert "manage.py domains plan" in text(desk(known.dee).get("/releases/"))


def test_stewards_and_viewers_do_not_come_in(proposal: ReleaseProposal, known: People, desk: Desk):
    for person in (known.ada, known.ben):
        assert desk(person).get(f"/releases/{proposal.pk}/").status_code == 403
        assert "/releases/" not in text(desk(person).get("/"))
