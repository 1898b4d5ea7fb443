"""Undo and unmerge at the desk, from the history of a golden record."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from mdm.models import ChangeSet, Golden
from tests.factories import decided, money, pinned, records, regrouped, states
from tests.factories import desk as work
from tests.people import People
from tests.ui.conftest import Desk, text

pytestmark = pytest.mark.django_db


@pytest.fixture
def three(known: People) -> tuple[Golden, ...]:
    """Three customers that nothing takes for each other."""
    records.send(*(records.customer(f"S-{number}", work.firm(number)) for number in range(3)))
    return tuple(records.home(f"S-{number}") for number in range(3))


def test_the_newest_act_is_undone_on_the_page_of_the_record_and_leads_back_there(three, known: People, desk: Desk):
    before = states.live()
    change = regrouped.merge(three[0], three[1], actor=known.ada, at=timezone.now())
    client, url = desk(known.ada), f"/records/{three[0].enterprise_id}/"
    assert f'action="/changes/{change.pk}/undo"' in text(client.get(url))

    response = client.post(f"/changes/{change.pk}/undo", {"back": three[0].enterprise_id})

    assert (response.status_code, response["Location"]) == (303, url)
    assert states.live() == before
    page = text(client.get(url))
    assert "Undone: everything stands as before." in page
    assert "/undo" not in page


def test_after_the_window_only_a_lead_steward_takes_it_back(three, known: People, desk: Desk):
    change = regrouped.merge(three[0], three[1], actor=known.ada, at=timezone.now() - timedelta(hours=1))
    url = f"/changes/{change.pk}/"

    ada, dee = text(desk(known.ada).get(url)), text(desk(known.dee).get(url))

    assert "Its undo window ended" in ada
    assert "takes a lead steward" in ada
    assert "/undo" not in text(desk(known.ada).get(f"/records/{three[0].enterprise_id}/"))
    assert "Show what taking it back would do" in dee
    assert desk(known.ada).post(f"{url}undo").status_code == 409
    assert desk(known.ada).post(f"{url}rehearse").status_code == 403


def test_an_unmerge_is_rehearsed_then_done(three, known: People, desk: Desk):
    before = states.live()
    change = regrouped.merge(three[0], three[1], actor=known.ada, at=timezone.now() - timedelta(hours=1))
    records.send(money.invoice("i1", customer=money.to_customer("S-1")))
    merged, client, url = states.live(), desk(known.dee), f"/changes/{change.pk}/"

    rehearsed = client.post(f"{url}rehearse")
    assert states.live() == merged
    assert f"{three[1].enterprise_id}</a> would stand again" in text(rehearsed)
    assert "Behind these golden records: 1 invoice" in text(rehearsed)
    response = client.post(f"{url}unmerge", {"reason": "two firms"})

    assert (response.status_code, response["Location"]) == (303, url)
    assert {name: state for name, state in states.live().items() if name in before} == before
    page = text(client.get(url))
    assert "Taken back by" in page
    assert "would do" not in page
    assert client.post(f"{url}unmerge").status_code == 409


def test_a_later_merge_is_named_and_the_chain_is_offered(three, known: People, desk: Desk):
    before, long_ago = states.live(), timezone.now() - timedelta(hours=1)
    first = regrouped.merge(three[0], three[1], actor=known.ada, at=long_ago)
    later = regrouped.merge(three[2], three[0], actor=known.ada, at=long_ago, keep=three[2].enterprise_id)
    client, url = desk(known.dee), f"/changes/{first.pk}/"

    refused, page = client.post(f"{url}unmerge"), text(client.get(url))
    rehearsed = client.post(f"{url}rehearse", {"chain": "1"})
    stale = client.post(f"{url}unmerge", {"chain": "1"})
    done = client.post(f"{url}unmerge", {"chain": "1", "seen": rehearsed.context["seen"]})

    assert refused.status_code == 409
    assert f"Change {later.pk} (merge of" in text(refused)
    assert "1 later act depends on it" in page
    assert "Show what taking all 2 back would do" in page
    assert rehearsed.context["seen"] == [later.pk]
    assert (stale.status_code, "not what you saw" in text(stale)) == (409, True)
    assert done.status_code == 303
    assert states.live() == before


def test_a_pin_and_a_decision_have_their_page_and_their_undo(known: People, desk: Desk):
    work.pair()
    pin = pinned.pin(records.home("L-000"), "city", "York", actor=known.ada)
    said = decided.say("DIFFERENT", "L-000", "R-000", actor=known.ada)
    client = desk(known.ada)

    page = text(client.get(f"/changes/{pin.change_set_id}/"))
    decision = text(client.get(f"/changes/{said.change_set_id}/"))
    undone = client.post(f"/changes/{pin.change_set_id}/undo")

    assert "Value pinned by" in page
    assert "Pinned: City." in page
    assert "No source record moved." in decision
    assert undone["Location"] == f"/changes/{pin.change_set_id}/"
    assert records.home("L-000").values["city"] != "York"


def test_history_leads_to_the_change(three, known: People, desk: Desk):
    change = regrouped.merge(three[0], three[1], actor=known.ada)

    assert f'href="/changes/{change.pk}/"' in text(desk(known.ben).get(f"/records/{three[0].enterprise_id}/"))
    assert "Take it back" not in text(desk(known.ben).get(f"/changes/{change.pk}/"))


def test_an_outsider_sees_no_change(three, known: People, desk: Desk):
    change = regrouped.merge(three[0], three[1], actor=known.ada)

    assert desk(known.cy).get(f"/changes/{change.pk}/").status_code == 404
    assert desk(known.ada).get("/changes/999999/").status_code == 404
    assert ChangeSet.objects.filter(kind="undo").count() == 0
