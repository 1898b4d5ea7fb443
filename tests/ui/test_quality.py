"""Quality at the desk: figures, the records behind them, and many refused records sent in again."""

from __future__ import annotations

import pytest
from django.utils import timezone

from mdm.actions.governance import quality
from mdm.actions.intake import resubmissions
from mdm.models import QuarantinedRecord, Resubmission
from tests import people as cast
from tests.factories import firms, records
from tests.factories.times import NOON
from tests.people import People
from tests.ui.conftest import HTMX, Desk, text

pytestmark = pytest.mark.django_db


@pytest.fixture
def figures(known: People) -> People:
    records.send(*firms.alike("Quorl", "crm"), *firms.alike("Vexpol", "erp", phone="+44 113 496 0001"))
    quality.grade_all(actor=known.hub, at=NOON)
    return known


def test_every_figure_leads_to_the_records_that_make_it(figures: People, desk: Desk):
    client = desk(figures.ada)

    overview = text(client.get("/quality/"))
    assert "2 of 2 golden records" in overview
    domain = text(client.get("/quality/customer/"))
    assert "Neither phone nor e-mail" in domain
    assert "/quality/customer/records/?failing=reachable" in domain
    assert 'href="?system=crm"' in domain
    faulty = text(client.get("/quality/customer/records/?failing=reachable"))
    assert "Quorl Marine Ltd" in faulty
    assert "Vexpol" not in faulty
    assert "Neither phone nor e-mail" in text(client.get(f"/records/{records.home('Quorl-crm').enterprise_id}/"))


def test_one_systems_part_is_its_own_records(figures: People, desk: Desk):
    page = text(desk(figures.ada).get("/quality/customer/?system=erp"))

    assert "Customers in Erp" in page
    assert "1 of 1 record with a fault" in page


def test_before_the_first_night_it_says_so(known: People, desk: Desk):
    assert "No figures yet" in text(desk(known.ada).get("/quality/"))
    assert "No figures yet" in text(desk(known.ada).get("/quality/customer/"))


def test_somebody_confined_to_regions_gets_the_records_and_not_the_figures(figures: People, desk: Desk):
    client = desk(cast.person("confined", cast.Role.STEWARD, regions=["EMEA"]))

    assert "/quality/customer/records/" in text(client.get("/quality/"))
    assert client.get("/quality/customer/").status_code == 403
    assert "Quorl" in text(client.get("/quality/customer/records/"))


@pytest.mark.parametrize("query", ["failing=nonsense", "below=abc", "after=1.x", "after=99999999999999999999", "failing=%00"])
def test_nonsense_in_the_address_is_no_broken_page(figures: People, desk: Desk, query: str):
    assert desk(figures.ada).get(f"/quality/customer/records/?{query}").status_code in {200, 400}


def test_the_lists_cost_a_fixed_number_of_queries(figures: People, desk: Desk, django_assert_max_num_queries):
    for number in range(8):
        records.send(records.customer(f"more-{number}", {"name": f"Firm {number} Quolvex", "country": "GB"}))
    client = desk(figures.ada)
    client.get("/quality/customer/records/")

    with django_assert_max_num_queries(12):
        client.get("/quality/customer/records/")


@pytest.fixture
def refused(known: People) -> People:
    records.send(records.customer("A-1", {"country": "GB"}), records.customer("A-2", {"country": "DE"}))
    return known


def test_many_are_counted_sent_in_and_watched(refused: People, desk: Desk):
    client = desk(refused.ada)
    assert "/quarantine/resubmit/?code=missing" in text(client.get("/quarantine/?code=missing"))
    assert "<strong>2 records</strong> wait" in text(client.get("/quarantine/resubmit/?code=missing"))

    assert client.post("/quarantine/resubmit/", {"code": "missing", "reason": ""}).status_code == 422
    response = client.post("/quarantine/resubmit/", {"code": "missing", "reason": "names were added"})
    run = Resubmission.objects.get()
    assert (response.status_code, response["Location"]) == (303, f"/quarantine/resubmissions/{run.pk}/")
    page = text(client.get(response["Location"]))
    assert "0 of 2" in page
    assert "every 2s" in page
    while resubmissions.work_next(actor=refused.hub, at=timezone.now()):
        pass

    part = client.get(response["Location"], headers=HTMX)
    assert "every 2s" not in text(part)
    assert "<h1" not in text(part)
    assert QuarantinedRecord.objects.filter(times=2).count() == 2


def test_without_limits_and_without_the_right_nothing_starts(refused: People, desk: Desk):
    assert "Choose a cause" in text(desk(refused.ada).get("/quarantine/resubmit/"))
    assert desk(refused.ada).post("/quarantine/resubmit/", {"reason": "x"}).status_code == 400
    assert desk(refused.ben).get("/quarantine/resubmit/?code=missing").status_code == 403
    assert "Send all of these" not in text(desk(refused.pia).get("/quarantine/?code=missing"))
    assert not Resubmission.objects.exists()
