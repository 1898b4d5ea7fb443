"""Merging golden records at the desk: found, foreseen, done, and refused where the page grew old."""

from __future__ import annotations

import pytest

from mdm.models import ChangeSet, Golden, Override
from mdm.rules.governance.roles import Role
from tests import people as cast
from tests.factories import decided, money, records, systems
from tests.factories import desk as work
from tests.factories.times import NOON, later
from tests.people import People
from tests.ui.conftest import HTMX, Desk, text

pytestmark = pytest.mark.django_db


@pytest.fixture
def two(known: People) -> tuple[Golden, Golden]:
    """Two customers of two systems, one of them with a tax ID."""
    records.send(
        records.customer("A-1", {**records.FIRM, "tax_id": "GB 980 7806 84"}),
        records.customer("B-1", records.OTHER, system="erp"),
    )
    return records.home("A-1"), records.home("B-1", system="erp")


def url(golden: Golden, confirm: bool = False) -> str:
    return f"/records/{golden.enterprise_id}/merge/{'confirm' if confirm else ''}"


def seen(*goldens: Golden) -> list[str]:
    return [f"{golden.enterprise_id}:{golden.version}" for golden in goldens]


def test_others_are_found_by_name_and_only_of_the_same_domain(two, known: People, desk: Desk):
    records.send(money.project("p1", name="Brightwater rollout", customer=money.to_customer("A-1")))

    page = desk(known.ada).get(url(two[0]), {"q": "brightwater"}).context["page"]

    assert [hit.enterprise_id for hit in page.hits] == [two[1].enterprise_id]
    assert page.foresight is None


def test_a_question_that_waits_is_offered_at_once(known: People, desk: Desk):
    work.pair()
    mine, other = records.home("L-000"), records.home("R-000", system="erp")

    page = text(desk(known.ada).get(url(mine)))

    assert "Possible duplicate" in page
    assert f'name="with" value="{other.enterprise_id}"' in page


def test_nothing_found_says_so(two, known: People, desk: Desk):
    assert "Nothing else of this domain is found for “zzzz”" in text(desk(known.ada).get(url(two[0]), {"q": "zzzz"}))
    assert "search for the ones that are the same" in text(desk(known.ada).get(url(two[0])))


def test_the_page_says_what_follows_before_anything_is_done(two, known: People, desk: Desk):
    hangs = money.to_customer("B-1", system="erp")
    records.send(money.contract("c1", customer=hangs), money.invoice("i1", customer=hangs))

    response = desk(known.ada).get(url(two[0]), {"with": two[1].enterprise_id})

    page, foresight = text(response), response.context["page"].foresight
    assert foresight.ending == (two[1].enterprise_id,)
    assert {one.domain for one in foresight.radius.touched} == {"contract", "invoice"}
    for said in ("ends and keeps answering", "Behind these golden records: 1 contract, 1 invoice", "open invoices"):
        assert said in page
    assert not ChangeSet.objects.filter(kind="merge").exists()


def test_what_a_system_would_be_sent_is_listed_field_by_field(two, known: People, desk: Desk):
    systems.target("psa")
    records.send(records.customer("P-1", {"Name": "Ortolan Pumps AG", "Country": "CH"}, system="psa"))

    page = text(desk(known.ada).get(url(two[0]), {"with": records.home("P-1", system="psa").enterprise_id}))

    assert "<strong>Psa</strong> receives the enterprise ID" in page
    assert "Ortolan Pumps AG</bdi></del>" in page


def test_a_choice_of_a_value_changes_what_follows_and_is_pinned_by_the_merge(two, known: People, desk: Desk):
    client, (one, other) = desk(known.ada), two
    said = {"seen": seen(one, other), "keep": other.enterprise_id, "choice.city": "crm/account//A-1", "value.postcode": "LS9 9ZZ"}

    preview = client.post(url(one), said).context["page"]
    response = client.post(url(one, confirm=True), {**said, "reason": "one firm"})

    assert preview.foresight.survivor == other.enterprise_id
    assert {field.name: field.after for field in preview.fields if field.name in {"city", "postcode"}} == {
        "city": "Leeds",
        "postcode": "LS9 9ZZ",
    }
    assert (response.status_code, response["Location"]) == (303, f"/records/{one.enterprise_id}/")
    other.refresh_from_db()
    assert (other.values["city"], other.values["postcode"]) == ("Leeds", "LS9 9ZZ")
    assert set(Override.objects.values_list("attribute", flat=True)) == {"city", "postcode"}
    assert ChangeSet.objects.get(kind="merge").reason == "one firm"
    assert "Undo" in text(client.get(f"/records/{other.enterprise_id}/"))


def test_a_value_that_fails_its_checks_is_refused_and_the_page_keeps_what_was_typed(two, known: People, desk: Desk):
    said = {"seen": seen(*two), "value.country": "Atlantis", "reason": "one firm"}

    response = desk(known.ada).post(url(two[0], confirm=True), said)

    page = text(response)
    assert response.status_code == 400
    assert "Atlantis" in page
    assert 'value="one firm"' in page
    assert not ChangeSet.objects.filter(kind="merge").exists()


def test_a_page_that_grew_old_merges_nothing_and_shows_the_new_state(two, known: People, desk: Desk):
    client, (one, other) = desk(known.ada), two
    said = {"seen": seen(one, other)}
    records.send(records.customer("B-1", {**records.OTHER, "city": "Bremen"}, system="erp"), at=later())

    response = client.post(url(one, confirm=True), said)

    page = text(response)
    other.refresh_from_db()
    assert response.status_code == 409
    assert f"{other.enterprise_id} changed while you were reading it." in page
    assert f'value="{other.enterprise_id}:{other.version}"' in page
    assert "Bremen" in page
    assert not ChangeSet.objects.filter(kind="merge").exists()
    assert "changed while you were reading; this is how it stands now" in text(client.post(url(one), said))
    assert client.post(url(one, confirm=True), {"seen": seen(one, other)}).status_code == 303


def test_one_that_ended_meanwhile_is_named(two, known: People, desk: Desk):
    records.drop("B-1", system="erp", at=later())

    page = text(desk(known.ada).get(url(two[0]), {"with": two[1].enterprise_id}))

    assert f"{two[1].enterprise_id} is retired." in page


def test_the_page_of_one_that_ended_itself_leads_to_its_record(two, known: People, desk: Desk):
    records.drop("B-1", system="erp", at=later())

    response = desk(known.ada).get(url(two[1]))

    assert (response.status_code, response["Location"]) == (302, f"/records/{two[1].enterprise_id}/")


def test_a_decision_that_says_otherwise_is_named_and_set_aside_only_when_asked(known: People, desk: Desk):
    work.pair()
    decided.say("DIFFERENT", "L-000", "R-000", actor=known.dee)
    one, other = records.home("L-000"), records.home("R-000", system="erp")
    client, said = desk(known.ada), {"seen": seen(one, other)}

    page = text(client.get(url(one), {"with": other.enterprise_id}))

    assert "1 decision says otherwise" in page
    assert 'name="set_aside"' in page
    assert client.post(url(one, confirm=True), said).status_code == 409
    assert client.post(url(one, confirm=True), {**said, "set_aside": "1"}).status_code == 303


@pytest.mark.usefixtures("restricted_tax_id")
def test_values_that_the_steward_may_not_see_are_neither_shown_nor_chosen(known: People, desk: Desk):
    records.send(
        records.customer("A-1", {**records.FIRM, "tax_id": "GB 980 7806 84"}),
        records.customer("B-1", {**records.OTHER, "tax_id": "DE 136 695 976"}, system="erp"),
    )
    one, other = records.home("A-1"), records.home("B-1", system="erp")

    response = desk(known.ada).get(url(one), {"with": other.enterprise_id})

    assert "980780684" not in text(response)
    assert "136695976" not in text(response)
    assert "tax_id" not in {field.name for field in response.context["page"].fields}
    refused = desk(known.ada).post(url(one, confirm=True), {"seen": seen(one, other), "choice.tax_id": "crm/account//A-1"})
    assert refused.status_code == 403
    assert "980780684" in text(desk(known.dee).get(url(one), {"with": other.enterprise_id}))


def test_what_lies_outside_ones_regions_is_neither_found_nor_taken_in(two, known: People, desk: Desk):
    records.send(records.customer("far", {"name": "Brightwater Pacific Pty Ltd", "country": "AU", "city": "Sydney"}))
    far = records.home("far")
    client = desk(cast.person("confined", Role.STEWARD, regions=["EMEA"]))

    page = client.get(url(two[0]), {"q": "brightwater", "with": far.enterprise_id})

    assert far.enterprise_id not in text(page)
    assert client.get(url(far)).status_code == 404


def test_a_choice_in_the_browser_gets_only_the_part_that_changes(two, known: People, desk: Desk):
    response = desk(known.ada).post(url(two[0]), {"seen": seen(*two)}, headers=HTMX)

    assert response.content.decode().strip().startswith('<form id="plan"')


@pytest.mark.parametrize("said", [{}, {"seen": ["x"]}, {"seen": ["CUS-4F7K2M9Q:1", "nonsense:2"]}, {"seen": ["a\x00:1"]}])
def test_nonsense_merges_nothing(two, known: People, desk: Desk, said):
    assert desk(known.ada).post(url(two[0], confirm=True), said).status_code in {400, 404}
    assert not ChangeSet.objects.filter(kind="merge").exists()


def test_an_id_that_is_none_is_left_out(two, known: People, desk: Desk):
    page = desk(known.ada).get(url(two[0]), {"with": ["CUS-0000", "\x00", two[0].enterprise_id]}).context["page"]

    assert [row.enterprise_id for row in page.rows] == [two[0].enterprise_id]


def test_the_page_costs_the_same_however_many_records_it_weighs(known: People, desk: Desk, django_assert_max_num_queries):
    records.send(records.customer("A-1"), records.customer("B-1", records.OTHER, system="erp"), at=NOON)
    client, said = desk(known.ada), {"with": records.home("B-1", system="erp").enterprise_id}
    with django_assert_max_num_queries(60) as few:
        client.get(url(records.home("A-1")), said)
    for number in range(5):
        records.send(records.customer(f"A-{number + 2}", system="files"), at=later(number + 1))

    with django_assert_max_num_queries(len(few)):
        page = client.get(url(records.home("A-1")), said).context["page"]

    assert page.rows[0].record_count == 6
