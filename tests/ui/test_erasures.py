"""Erasures at the desk: counted, asked for by one person, confirmed by another, certified."""

from __future__ import annotations

import pytest
from django.utils import timezone

from mdm.actions.governance import erasures
from mdm.models import Erasure, Golden
from tests.factories import records
from tests.people import People
from tests.ui.conftest import HTMX, Desk, text

pytestmark = pytest.mark.django_db


@pytest.fixture
def person(known: People) -> str:
    records.send(records.customer("P-1", {"name": "Xylandra Quorlvex", "country": "GB", "city": "Leeds"}))
    return records.home("P-1").enterprise_id


def ask(desk: Desk, known: People, person: str) -> Erasure:
    desk(known.pru).post("/erasures/", {"enterprise_id": person, "reason": "the person asked"})
    return Erasure.objects.get()


def test_one_person_asks_and_sees_what_would_go(person: str, known: People, desk: Desk):
    client = desk(known.pru)

    assert f"/erasures/?id={person}" in text(client.get(f"/records/{person}/"))
    page = text(client.get(f"/erasures/?id={person}"))
    assert 'Source records</th><td class="number">1' in page
    assert client.post("/erasures/", {"enterprise_id": person, "reason": ""}).status_code == 422
    response = client.post("/erasures/", {"enterprise_id": person, "reason": "the person asked"})

    row = Erasure.objects.get()
    assert (response.status_code, response["Location"]) == (303, f"/erasures/{row.pk}/")
    page = text(client.get(response["Location"]))
    assert "Somebody else has to confirm it" in page
    assert "Confirm: remove it for ever" not in page
    assert client.post(f"/erasures/{row.pk}/confirm").status_code == 403


def test_another_confirms_and_the_certificate_says_what_went(person: str, known: People, desk: Desk):
    row = ask(desk, known, person)
    client = desk(known.zoe)

    assert "Confirm: remove it for ever" in text(client.get(f"/erasures/{row.pk}/"))
    assert client.post(f"/erasures/{row.pk}/confirm").status_code == 303
    assert "every 2s" in text(client.get(f"/erasures/{row.pk}/"))
    while erasures.erase_next(actor=known.hub, at=timezone.now()):
        pass

    page = text(client.get(f"/erasures/{row.pk}/"))
    assert "Certificate of erasure" in page
    assert "1 source key is kept out" in page
    assert "Xylandra" not in page
    assert "every 2s" not in text(client.get(f"/erasures/{row.pk}/", headers=HTMX))
    ended = text(desk(known.ada).get(f"/records/{person}/"))
    assert row.certificate in ended
    assert "Xylandra" not in ended
    assert client.post(f"/erasures/{row.pk}/lift", {"reason": "back again"}).status_code == 303
    assert "kept out" not in text(client.get(f"/erasures/{row.pk}/"))


def test_given_up_it_removes_nothing(person: str, known: People, desk: Desk):
    row = ask(desk, known, person)

    assert desk(known.pru).post(f"/erasures/{row.pk}/cancel").status_code == 303

    assert Golden.objects.get(enterprise_id=person).label == "Xylandra Quorlvex"
    assert "Given up" in text(desk(known.pia).get("/erasures/"))


def test_who_has_no_business_with_it_sees_none_of_it(person: str, known: People, desk: Desk):
    row = ask(desk, known, person)

    for client in (desk(known.ada), desk(known.ben)):
        assert client.get("/erasures/").status_code == 403
        assert client.get(f"/erasures/{row.pk}/").status_code == 403
        assert "Erase this" not in text(client.get(f"/records/{person}/"))
    auditor = desk(known.pia)
    assert "Ask for the erasure" not in text(auditor.get(f"/erasures/?id={person}"))
    assert auditor.post(f"/erasures/{row.pk}/confirm").status_code == 403


@pytest.mark.parametrize("sought", ["nonsense", "CUS-00000000", "%00"])
def test_a_wrong_id_is_told(known: People, desk: Desk, sought: str):
    assert desk(known.pru).get(f"/erasures/?id={sought}").status_code in {400, 404}
