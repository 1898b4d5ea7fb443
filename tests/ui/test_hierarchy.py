"""Trees and relations that do not fit, on the desk."""

from __future__ import annotations

import pytest

from mdm import permissions
from mdm.actions.exchange import schedules
from mdm.actions.golden.kin import findings
from mdm.models import Finding
from tests.factories import decided, firms
from tests.factories.groups import entity, firm, label, tell
from tests.factories.records import home, send
from tests.factories.times import NOON, later
from tests.people import People
from tests.ui.conftest import Desk, text

pytestmark = pytest.mark.django_db

DAY = 24 * 60


def url(native_id: str, system: str = "crm") -> str:
    return f"/records/{home(native_id, system=system).enterprise_id}/"


def night() -> None:
    schedules.put_standing(actor=permissions.machine(), at=NOON)
    schedules.tick(actor=permissions.machine(), at=later(DAY))
    while findings.look_next(actor=permissions.machine(), at=later(DAY)):
        pass


def test_the_record_page_shows_the_way_up_and_leads_to_the_tree(known: People, desk: Desk):
    tell("A", "B<A", "C<B")

    page = text(desk(known.ben).get(url("C")))

    assert page.index(label("A")) < page.index(label("B"))
    assert f'href="{url("C")}hierarchy/?kind=legal"' in page
    assert "no parent known" in page  # of the billing hierarchy


def test_a_tree_stands_from_the_ultimate_parent_down_with_who_says_so(known: People, desk: Desk):
    tell("A", "B<A", "C<B", "D<C", "E<C")

    response = desk(known.ben).get(f"{url('C')}hierarchy/")

    rows = [(row.label, row.level, row.is_here) for row in response.context["rows"]]
    assert rows == [
        (label("A"), 1, False), (label("B"), 2, False), (label("C"), 3, True), (label("D"), 4, False), (label("E"), 4, False),
    ]  # fmt: skip
    page = text(response)
    assert page.count("Ultimate parent</span>") == 1
    assert "crm/account//C" in page
    assert 'class="level-4"' in page
    assert '<a href="?kind=billing"' in page


def test_a_tree_of_a_past_date_says_so_and_keeps_the_date_in_its_links(known: People, desk: Desk):
    tell("A", "B", "C<A")
    tell("C<B", at=later(2 * DAY))
    client = desk(known.ada)

    then = text(client.get(f"{url('C')}hierarchy/?as_of=2026-01-15"))

    assert "As it was true on 2026-01-15." in then
    assert label("A") in then
    assert label("B") not in then
    assert f'href="{url("A")}hierarchy/?as_of=2026-01-15&amp;kind=legal"' in then
    assert label("B") in text(client.get(f"{url('C')}hierarchy/"))


def test_days_of_a_relation_are_shown(known: People, desk: Desk):
    send(entity("A"), entity("B", "A", owned_since="2020-02-01", owned_until="2031-12-31"))

    page = text(desk(known.ada).get(f"{url('B', system='erp')}hierarchy/"))

    assert "from 2020-02-01 to 2031-12-31" in page


@pytest.mark.parametrize(
    ("query", "status", "words"),
    [
        ("kind=tax", 400, "is no hierarchy of customers; there are legal, billing"),
        ("as_of=2020-01-01", 404, "No source says that"),
        ("as_of=tomorrow", 400, "is no moment"),
        ("after=nonsense", 200, "no parent and no child"),
    ],
)
def test_what_has_no_tree_has_a_sentence(known: People, desk: Desk, query: str, status: int, words: str):
    tell("A")

    response = desk(known.ada).get(f"{url('A')}hierarchy/?{query}")

    assert response.status_code == status
    assert words in text(response)


def test_an_id_that_was_merged_leads_to_its_page(known: People, desk: Desk):
    send(*firms.doubtful("Vexpol"))
    ids = {home("Vexpol-a").enterprise_id, home("Vexpol-b", system="erp").enterprise_id}
    decided.say("SAME", "Vexpol-a", "Vexpol-b", actor=known.zoe)
    (gone,) = ids - {home("Vexpol-a").enterprise_id}

    assert desk(known.ada).get(f"/records/{gone}/hierarchy/")["Location"] == f"/records/{gone}/"


def test_a_circle_is_told_on_tree_and_record_and_in_the_list_until_it_is_accepted(known: People, desk: Desk):
    tell("A", "B<A")
    tell("A<B", "B", system="erp", at=later(1))
    night()
    client = desk(known.ada)

    assert "Parents lead in a circle." in text(client.get(f"{url('B')}hierarchy/"))
    assert "Circle of parents" in text(client.get(url("A")))
    assert '<span class="count">1</span>' in text(client.get("/"))
    page = text(client.get("/findings/"))
    assert "erp/account//A</bdi>, which does not count" in page
    number = Finding.objects.get().pk
    assert "Right so?" not in text(desk(known.ben).get("/findings/"))
    assert desk(known.ben).post(f"/findings/{number}/accept", {"reason": "Fine."}).status_code == 403

    assert client.post(f"/findings/{number}/accept", {"reason": " "}).status_code == 400
    assert client.post(f"/findings/{number}/accept", {"reason": "A joint venture."}).status_code == 303
    assert "Relations fit" in text(client.get("/findings/"))
    assert "Circle of parents" in text(client.get("/findings/?status=ACCEPTED"))


def test_the_list_costs_the_same_however_long(known: People, desk: Desk, django_assert_max_num_queries):
    tell("A", "B", "C<A", "D<A", "E<A")
    tell("A", "B", "C<B", system="erp", at=later(1))
    night()
    client = desk(known.ada)
    with django_assert_max_num_queries(30) as few:
        client.get("/findings/")
    tell("D<B", "E<B", system="erp", at=later(2))
    night()
    Finding.objects.update(status="OPEN", closed_at=None)
    findings_now = Finding.objects.count()

    with django_assert_max_num_queries(len(few)):
        assert len(client.get("/findings/").context["page"].rows) == findings_now >= 1


def test_who_is_confined_sees_no_finding_and_no_tree_elsewhere(known: People, desk: Desk):
    send(firm("A", country="US"), firm("B", "A", country="DE"))
    known.cy.domains, known.cy.regions = ["customer"], ["EMEA"]
    known.cy.save()

    page = text(desk(known.cy).get(f"{url('B')}hierarchy/"))

    assert label("A") not in page
    assert "outside your regions" in page
    assert desk(known.cy).get(f"{url('A')}hierarchy/").status_code == 404
