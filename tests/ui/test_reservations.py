"""Reserved enterprise IDs at the desk: listed, reserved, held for longer, given back."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from mdm.models import Reservation
from tests.factories import records
from tests.factories.ids import reserve
from tests.people import People
from tests.ui.conftest import Desk, text

pytestmark = pytest.mark.django_db

WISH = {"domain": "customer", "purpose": "the Leeds fair", "count": "3", "days": "14"}


def names(response) -> list[str]:
    return [row.enterprise_id for row in response.context["page"].rows]


def test_a_steward_reserves_ids_and_finds_them_in_the_list(known: People, desk: Desk):
    client = desk(known.ada)

    response = client.post("/reservations/reserve", WISH)

    held = list(Reservation.objects.order_by("-id").values_list("enterprise_id", flat=True))
    page = client.get(response["Location"])
    assert (response.status_code, response["Location"]) == (303, "/reservations/?mine=1")
    assert names(page) == held
    assert f"Reserved {held[2]}, {held[1]}, {held[0]}." in text(page)
    row = Reservation.objects.first()
    assert (row.owner, row.purpose, row.expires_at - row.reserved_at) == (known.ada, "the Leeds fair", timedelta(days=14))


@pytest.mark.parametrize(
    ("wish", "words"),
    [
        ({"purpose": ""}, "Purpose: This field is required."),
        ({"count": "101"}, "Count: Ensure this value is less than or equal to 100."),
        ({"days": "soon"}, "Days: Enter a whole number."),
        ({"days": "367"}, "Days: Ensure this value is less than or equal to 366."),
        ({"purpose": "a\x00b"}, "Purpose: Null characters are not allowed."),
    ],
)
def test_a_wish_that_cannot_be_met_is_said_beside_what_was_typed(known: People, desk: Desk, wish: dict, words: str):
    response = desk(known.ada).post("/reservations/reserve", {**WISH, **wish})

    assert response.status_code == 422
    assert words in text(response)
    assert wish.get("purpose", WISH["purpose"]).replace("\x00", "") in text(response).replace("\x00", "")
    assert not Reservation.objects.exists()


def test_a_domain_that_is_not_there_is_refused(known: People, desk: Desk):
    assert desk(known.ada).post("/reservations/reserve", {**WISH, "domain": "nonsense"}).status_code == 404
    assert desk(known.cy).post("/reservations/reserve", WISH).status_code == 403


def test_chosen_ones_are_held_for_longer_or_given_back_with_a_reason(known: People, desk: Desk):
    kept, ended = reserve(2, actor=known.ada, at=timezone.now())
    client = desk(known.ada)

    held = client.post("/reservations/renew", {"id": [kept], "days": "30"})
    gone = client.post("/reservations/release", {"id": [ended], "days": "7", "reason": "the fair was called off"})

    assert (held.status_code, gone.status_code) == (303, 303)
    assert Reservation.objects.get(enterprise_id=kept).expires_at > timezone.now() + timedelta(days=29)
    page = client.get("/reservations/")
    assert f"{kept} held for 30 days from now." in text(page)
    assert f"{ended} given back; never used again." in text(page)
    assert names(page) == [kept]
    past = client.get("/reservations/?status=RELEASED")
    assert names(past) == [ended]
    assert "the fair was called off" in text(past)


@pytest.mark.parametrize(
    ("act", "said", "words"),
    [
        ("release", {}, "Choose at least one reserved ID."),
        ("renew", {"days": "7"}, "Choose at least one reserved ID."),
        ("renew", {"id": ["CUS-4F7K2M9Q"], "days": "many"}, "Days: Enter a whole number."),
    ],
)
def test_what_cannot_be_done_is_said_above_the_list(known: People, desk: Desk, act: str, said: dict, words: str):
    client = desk(known.ada)

    response = client.post(f"/reservations/{act}", said)

    assert words in text(client.get(response["Location"]))


def test_only_the_holder_and_who_answers_for_others_may_choose(known: People, desk: Desk):
    name = reserve(actor=known.ada, at=timezone.now())[0]

    for viewer, may in ((known.ada, True), (known.dee, True), (known.oli, False), (known.ben, False)):
        page = text(desk(viewer).get("/reservations/"))
        assert name in page
        assert (f'name="id" value="{name}"' in page) == may
    assert desk(known.oli).post("/reservations/release", {"id": [name]}).status_code == 403
    assert name not in text(desk(known.cy).get("/reservations/"))


def test_viewers_read_the_list_and_reserve_nothing(known: People, desk: Desk):
    page = text(desk(known.ben).get("/reservations/"))

    assert "No ID is held" in page
    assert "Reserve IDs" not in page
    assert desk(known.ben).post("/reservations/reserve", WISH).status_code == 403


def test_a_claimed_one_leads_to_its_golden_record(known: People, desk: Desk):
    name = reserve()[0]
    records.send(records.customer("1", enterprise_id=name))

    page = text(desk(known.ben).get("/reservations/?status=CLAIMED"))

    assert f'href="/records/{name}/"' in page
    assert "crm/account//1" in page


@pytest.mark.parametrize("query", ["status=nonsense", "before=x", "before=²", "before=99999999999999999999", "mine=1&status="])
def test_any_query_is_answered(known: People, desk: Desk, query: str):
    assert desk(known.ada).get(f"/reservations/?{query}").status_code == 200


def test_a_long_list_has_pages(known: People, desk: Desk):
    made = reserve(60)
    client = desk(known.ada)

    first = client.get("/reservations/")
    second = client.get(f"/reservations/?before={first.context['page'].next}")

    assert names(first) + names(second) == made[::-1]
    assert "Next page" in text(first)
    assert "First page" in text(second)


def test_the_list_costs_the_same_however_long(known: People, desk: Desk, django_assert_max_num_queries):
    reserve(40, actor=known.ada)
    client = desk(known.ada)
    client.get("/reservations/")

    with django_assert_max_num_queries(16):
        client.get("/reservations/")
