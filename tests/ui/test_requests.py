"""Change requests at the desk: seen with old and new, answered, talked about, asked for."""

from __future__ import annotations

import pytest

from mdm.actions.governance import change_requests
from mdm.models import ChangeRequest, RequestComment
from tests.factories import owned, records
from tests.factories.owned import CRM, LEDGER, NEW, OLD, says
from tests.factories.times import NOON, later
from tests.people import People
from tests.ui.conftest import Desk, text

pytestmark = pytest.mark.django_db


@pytest.fixture
def asked(known: People) -> ChangeRequest:
    """The CRM says another phone than the ledger, which owns it."""
    owned.declare()
    says(LEDGER, OLD)
    says(CRM, NEW)
    return owned.the_request()


def answer(client, row: ChangeRequest, verb: str, **said: str):
    return client.post(f"/requests/{row.pk}/{verb}", {"version": row.version, **said})


def test_an_empty_queue_says_where_requests_come_from(known: People, desk: Desk):
    page = text(desk(known.ada).get("/requests/"))

    assert "No change request waits" in page
    assert "No change request fits these filters" in text(desk(known.ada).get("/requests/?kind=CONTEST"))


def test_the_queue_shows_record_old_and_new_value_and_who_asks(asked: ChangeRequest, known: People, desk: Desk):
    page = text(desk(known.ada).get("/requests/"))

    for words in ("Kestrel Marine Ltd", "Phone", OLD, NEW, "Crm", "Start deciding"):
        assert words in page
    assert "Kestrel" not in text(desk(known.ada).get("/requests/?status=REFUSED"))


def test_the_queue_costs_the_same_however_long(asked: ChangeRequest, known: People, desk: Desk, django_assert_max_num_queries):
    client = desk(known.ada)
    with django_assert_max_num_queries(30) as few:
        client.get("/requests/")
    for number in range(5):
        records.send(records.customer(f"more-{number}", {"name": f"Number{number} Vexquol Ltd", "country": "GB"}))
        golden = records.home(f"more-{number}")
        change_requests.ask(
            enterprise_id=golden.enterprise_id, attribute="city", value="York", reason="moved", actor=known.dee, at=NOON
        )

    with django_assert_max_num_queries(len(few)):
        page = text(client.get("/requests/"))

    assert page.count("York") == 5


def test_approved_by_key_it_is_golden_and_the_next_one_is_shown(asked: ChangeRequest, known: People, desk: Desk):
    client = desk(known.ada)
    page = text(client.get(f"/requests/{asked.pk}/"))
    assert 'data-key="a"' in page
    assert 'data-key="r"' in page

    response = answer(client, asked, "approve", reason="called")

    assert (response.status_code, response["Location"]) == (303, "/requests/")
    assert records.home(f"K-{LEDGER}", system=LEDGER).values["phone"] == NEW
    assert "the value is golden now" in text(client.get("/requests/"))


def test_a_refusal_without_a_reason_is_asked_for_one(asked: ChangeRequest, known: People, desk: Desk):
    response = answer(desk(known.ada), asked, "refuse")

    assert response.status_code == 422
    assert "A refusal needs a reason" in text(response)
    assert owned.the_request().status == "OPEN"


def test_a_refused_one_tells_who_and_why(asked: ChangeRequest, known: People, desk: Desk):
    client = desk(known.ada)
    answer(client, asked, "refuse", reason="the ledger is right")

    page = text(client.get(f"/requests/{asked.pk}/"))

    assert "“the ledger is right”" in page
    assert "Next that waits" in page


def test_a_page_that_grew_old_answers_nothing(asked: ChangeRequest, known: People, desk: Desk):
    says(LEDGER, owned.OTHER_NEW, at=later(1))

    response = answer(desk(known.ada), asked, "approve")

    assert response.status_code == 409
    assert owned.the_request().status == "OPEN"


def test_somebody_asks_on_the_page_of_a_record_and_takes_it_back(known: People, desk: Desk):
    records.send(records.customer("1"))
    name, client = records.home("1").enterprise_id, desk(known.ben)
    assert "Ask for another value" in text(client.get(f"/records/{name}/"))

    response = client.post(f"/records/{name}/ask", {"attribute": "city", "value": "York", "reason": "they moved"})

    row = owned.the_request()
    assert (response.status_code, response["Location"]) == (303, f"/requests/{row.pk}/")
    assert "1 change request" in text(client.get(f"/records/{name}/"))
    page = text(client.get(f"/requests/{row.pk}/"))
    assert "Take my request back" in page
    assert "Approve" not in page
    answer(client, row, "withdraw")
    assert owned.the_request().status == "WITHDRAWN"


def test_nobody_approves_what_they_asked_for(known: People, desk: Desk):
    records.send(records.customer("1"))
    name, client = records.home("1").enterprise_id, desk(known.ada)
    client.post(f"/records/{name}/ask", {"attribute": "city", "value": "York", "reason": "they moved"})

    page = text(client.get(f"/requests/{owned.the_request().pk}/"))

    assert "You asked for this yourself" in page
    assert answer(client, owned.the_request(), "approve").status_code == 403


def test_a_nonsense_wish_is_refused_in_one_sentence(known: People, desk: Desk):
    records.send(records.customer("1"))
    name, client = records.home("1").enterprise_id, desk(known.ada)

    assert client.post(f"/records/{name}/ask", {"attribute": "city"}).status_code == 400
    assert client.post(f"/records/{name}/ask", {"attribute": "colour", "value": "red", "reason": "x"}).status_code == 404
    assert not ChangeRequest.objects.exists()


def test_comments_are_shown_in_their_order_and_escaped(asked: ChangeRequest, known: People, desk: Desk):
    client = desk(known.ben)
    client.post(f"/requests/{asked.pk}/comment", {"text": "Is it <b>new</b>?"})
    desk(known.ada).post(f"/requests/{asked.pk}/comment", {"text": "I shall ask."})

    page = text(client.get(f"/requests/{asked.pk}/"))

    assert page.index("Is it &lt;b&gt;new&lt;/b&gt;?") < page.index("I shall ask.")
    assert client.post(f"/requests/{asked.pk}/comment", {"text": " "}).status_code == 422
    assert RequestComment.objects.count() == 2


def test_values_a_role_may_not_see_are_masked_and_not_to_be_decided_on(asked: ChangeRequest, known: People, desk: Desk):
    page = text(desk(known.ben).get(f"/requests/{asked.pk}/")) + text(desk(known.ben).get("/requests/"))

    assert NEW not in page
    assert OLD not in page
    assert "masked for your role" in page


def test_outside_ones_confines_there_is_no_request(asked: ChangeRequest, known: People, desk: Desk):
    client = desk(known.cy)

    assert client.get(f"/requests/{asked.pk}/").status_code == 404
    assert "Kestrel" not in text(client.get("/requests/"))
    assert client.post(f"/requests/{asked.pk}/comment", {"text": "hello"}).status_code == 404


def test_a_frozen_value_offers_both_values_and_the_rules(known: People, desk: Desk):
    owned.ownerless()
    owned.fight(4)
    client = desk(known.ada)
    row = owned.the_request()

    page = text(client.get(f"/requests/{row.pk}/"))

    for words in ("overwrote each other 3 times in turn", "Take the new value", "Keep the frozen value", "End the freeze"):
        assert words in page
    assert "Overwritten in turn" in text(client.get("/requests/"))
    answer(client, row, "withdraw", reason="mended")
    assert "The value is free again" in text(client.get("/requests/"))


def test_home_counts_what_waits(asked: ChangeRequest, known: People, desk: Desk):
    assert 'Change requests</a> <span class="count">1</span>' in text(desk(known.ada).get("/"))
