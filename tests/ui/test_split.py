"""Splitting records off a golden record, and moving them to another one, at the desk."""

from __future__ import annotations

import pytest

from mdm.models import ChangeSet, Golden
from tests.factories import firms, records
from tests.factories.times import later
from tests.people import People
from tests.ui.conftest import Desk, text

pytestmark = pytest.mark.django_db

LEAVES = "erp/account//Quorl-erp"


@pytest.fixture
def quorl(known: People) -> Golden:
    """A golden record of two systems."""
    records.send(*firms.alike("Quorl", "crm", "erp", tax_id="GB980780684"))
    return records.home("Quorl-crm")


def url(golden: Golden, confirm: bool = False) -> str:
    return f"/records/{golden.enterprise_id}/split/{'confirm' if confirm else ''}"


def seen(*goldens: Golden) -> list[str]:
    return [f"{golden.enterprise_id}:{golden.version}" for golden in goldens]


def test_each_record_says_where_it_differs(quorl: Golden, known: People, desk: Desk):
    records.send(*firms.alike("Quorl", "erp", tax_id="GB980780684", city="York"), at=later())

    page = desk(known.dee).get(url(quorl)).context["page"]

    differs = {part.key: dict(part.differs) for part in page.parts}
    assert {key: said.get("City") for key, said in differs.items()} in (
        {"crm/account//Quorl-crm": None, LEAVES: "York"},
        {"crm/account//Quorl-crm": "Leeds", LEAVES: None},
    )
    assert "City" in dict(page.says)
    assert page.foresight is None


def test_a_split_is_foreseen_then_done(quorl: Golden, known: People, desk: Desk):
    client = desk(known.dee)

    page = client.get(url(quorl), {"record": LEAVES})
    foreseen = [(one.enterprise_id, one.records) for one in page.context["page"].foresight.results]
    response = client.post(url(quorl, confirm=True), {"seen": seen(quorl), "record": LEAVES, "reason": "two firms"})

    assert ("new", (LEAVES,)) in foreseen
    assert "A new golden record" in text(page)
    assert (response.status_code, response["Location"]) == (303, f"/records/{quorl.enterprise_id}/")
    born = records.home("Quorl-erp", system="erp")
    assert born.pk != quorl.pk
    assert f"1 source record split off into {born.enterprise_id}." in text(client.get(response["Location"]))


def test_a_move_is_foreseen_then_done(quorl: Golden, known: People, desk: Desk):
    records.send(records.customer("B-1", records.OTHER))
    target, client = records.home("B-1"), desk(known.dee)
    assert [hit.enterprise_id for hit in client.get(url(quorl), {"q": "brightwater"}).context["page"].hits] == [
        target.enterprise_id
    ]

    page = client.get(url(quorl), {"record": LEAVES, "into": target.enterprise_id})
    response = client.post(url(quorl, confirm=True), {"seen": seen(quorl, target), "record": LEAVES})

    assert "Move 1 record" in text(page)
    assert page.context["page"].foresight.note == ""
    assert response.status_code == 303
    assert records.home("Quorl-erp", system="erp").pk == target.pk
    assert ChangeSet.objects.filter(kind="move").exists()


def test_a_page_that_grew_old_moves_nothing_and_shows_the_new_state(quorl: Golden, known: People, desk: Desk):
    records.send(*firms.alike("Quorl", "erp", tax_id="GB980780684", phone="+44 113 496 0009"), at=later())

    response = desk(known.dee).post(url(quorl, confirm=True), {"seen": seen(quorl), "record": LEAVES})

    quorl.refresh_from_db()
    assert response.status_code == 409
    assert "changed while you were reading it" in text(response)
    assert seen(quorl)[0] in text(response)
    assert records.home("Quorl-erp", system="erp").pk == quorl.pk


def test_all_of_them_cannot_leave(quorl: Golden, known: People, desk: Desk):
    page = text(desk(known.dee).get(url(quorl), {"record": ["crm/account//Quorl-crm", LEAVES]}))

    assert "At least one record stays" in page


def test_a_target_that_is_none_says_so(quorl: Golden, known: People, desk: Desk):
    page = text(desk(known.dee).get(url(quorl), {"record": LEAVES, "into": "CUS-0000"}))

    assert "CUS-0000 is no other golden record of this domain that you may see" in page
    assert "Split off 1" not in page


def test_one_record_alone_cannot_be_split(known: People, desk: Desk):
    records.send(records.customer("A-1"))

    assert "Only one source record" in text(desk(known.dee).get(url(records.home("A-1"))))


@pytest.mark.parametrize("said", [{}, {"record": LEAVES}, {"seen": "x:y", "record": LEAVES}])
def test_nonsense_splits_nothing(quorl: Golden, known: People, desk: Desk, said):
    assert desk(known.dee).post(url(quorl, confirm=True), said).status_code == 400
    assert not ChangeSet.objects.filter(kind="split").exists()


def test_without_a_record_chosen_nothing_is_split(quorl: Golden, known: People, desk: Desk):
    assert desk(known.dee).post(url(quorl, confirm=True), {"seen": seen(quorl)}).status_code == 400
