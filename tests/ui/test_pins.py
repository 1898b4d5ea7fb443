"""Pinning values and parents at the desk, and ending a pin."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone

from mdm.models import Golden, Override
from tests.factories import groups, pinned, records, regrouped
from tests.factories.times import later
from tests.people import People
from tests.ui.conftest import Desk, text

pytestmark = pytest.mark.django_db


@pytest.fixture
def golden(known: People) -> Golden:
    """A customer with a phone."""
    records.send(records.customer("A-1", {**records.FIRM, "phone": "+44 113 496 0000"}))
    return records.home("A-1")


def form(golden: Golden, attribute: str, **said: str) -> dict[str, str]:
    return {"attribute": attribute, "version": str(golden.version), "reason": "they told me", **said}


def address(golden: Golden, act: str = "") -> str:
    return f"/records/{golden.enterprise_id}/pin/{act}"


def test_a_value_is_pinned_from_its_row_with_a_reason_and_a_last_day(golden: Golden, known: People, desk: Desk):
    client, last = desk(known.ada), timezone.localdate() + timedelta(days=30)
    assert f'href="{address(golden)}?field=city"' in text(client.get(f"/records/{golden.enterprise_id}/"))
    assert "Leeds" in text(client.get(address(golden), {"field": "city"}))

    response = client.post(address(golden, "set"), form(golden, "city", typed="York", until=last.isoformat()))

    row = Override.objects.get()
    assert (response.status_code, response["Location"]) == (303, f"/records/{golden.enterprise_id}/#pinned")
    assert (row.attribute, row.value, row.reason) == ("city", "York", "they told me")
    assert timezone.localtime(row.expires_at + timedelta.resolution).date() == last + timedelta(days=1)
    page = text(client.get(f"/records/{golden.enterprise_id}/"))
    assert "they told me" in page
    assert "Change or end" in page


def test_a_pin_is_ended_with_a_reason(golden: Golden, known: People, desk: Desk):
    row, client = pinned.pin(golden, "city", "York", actor=known.ada), desk(known.ada)
    assert f'action="/pins/{row.pk}/end"' in text(client.get(address(golden), {"field": "city"}))

    response = client.post(f"/pins/{row.pk}/end", {"reason": "it was wrong"})

    row.refresh_from_db()
    assert (response.status_code, response["Location"]) == (303, f"/records/{golden.enterprise_id}/")
    assert row.ended_by_change.reason == "it was wrong"
    assert records.home("A-1").values["city"] == "Leeds"
    assert client.post(f"/pins/{row.pk}/end").status_code == 409


def test_that_no_value_is_right_is_said_and_never_left_blank_by_mistake(golden: Golden, known: People, desk: Desk):
    client = desk(known.ada)

    blank = client.post(address(golden, "set"), form(golden, "city"))
    none = client.post(address(golden, "set"), form(golden, "city", is_empty="1"))

    assert (blank.status_code, "Give a value, or say that none is right." in text(blank)) == (422, True)
    assert none.status_code == 303
    assert "city" not in records.home("A-1").values


@pytest.mark.parametrize(
    ("said", "status", "words"),
    [
        ({"typed": "York", "reason": ""}, 422, "Say why"),
        ({"typed": "York", "until": "2020-01-01"}, 400, "must lie in the future"),
        ({"typed": "York", "until": "soon"}, 422, "is a date"),
        ({"typed": "York", "version": "99"}, 409, "changed while you were reading it"),
    ],
    ids=["no reason", "an end in the past", "no date", "another version"],
)
def test_what_is_wrong_is_said_and_what_was_typed_is_kept(golden: Golden, known: People, desk: Desk, said, status, words):
    response = desk(known.ada).post(address(golden, "set"), {**form(golden, "city"), **said})

    assert response.status_code == status
    assert words in text(response)
    assert 'value="York"' in text(response)
    assert not Override.objects.exists()


def test_a_page_that_grew_old_pins_nothing_and_shows_the_new_value(golden: Golden, known: People, desk: Desk):
    records.send(records.customer("A-1", {**records.FIRM, "city": "Hull"}), at=later())

    response = desk(known.ada).post(address(golden, "set"), form(golden, "city", typed="York"))

    assert response.status_code == 409
    assert "Hull" in text(response)
    assert f'name="version" value="{records.home("A-1").version}"' in text(response)


def test_a_parent_is_found_and_pinned_and_a_circle_is_refused(known: People, desk: Desk):
    groups.tell("A", "B", "C<A")
    one, other, below = (records.home(name) for name in "ABC")
    client = desk(known.ada)

    page = client.get(address(one), {"field": "parent", "q": groups.label("B")})
    circle = client.post(address(one, "set"), form(one, "parent", typed=below.enterprise_id))
    response = client.post(address(one, "set"), form(one, "parent", value=other.enterprise_id))

    assert f'name="value" value="{other.enterprise_id}"' in text(page)
    assert (circle.status_code, "each other&#x27;s ancestors" in text(circle)) == (400, True)
    assert response.status_code == 303
    assert groups.above(groups.tree("A", viewer=known.ada)) == [groups.label("B")]
    assert other.enterprise_id in text(client.get(address(one), {"field": "parent"}))


def test_that_it_has_no_parent_is_pinned_too(known: People, desk: Desk):
    groups.tell("A", "B<A")
    golden = records.home("B")

    assert desk(known.ada).post(address(golden, "set"), form(golden, "parent", is_empty="1")).status_code == 303
    assert groups.above(groups.tree("B", viewer=known.ada)) == []


@pytest.mark.parametrize("field", ["nonsense", "", "legal_entity", "a\x00"])
def test_a_field_that_is_none_is_not_found(golden: Golden, known: People, desk: Desk, field: str):
    assert desk(known.ada).get(address(golden), {"field": field}).status_code == 404


@pytest.mark.usefixtures("restricted_tax_id")
def test_what_the_steward_may_not_see_cannot_be_pinned_and_no_link_leads_there(known: People, desk: Desk):
    records.send(records.customer("A-1", {**records.FIRM, "tax_id": "GB 980 7806 84"}))
    golden, client = records.home("A-1"), desk(known.ada)
    pinned.pin(golden, "tax_id", "GB 123 4567 82", actor=known.dee)

    page = text(client.get(f"/records/{golden.enterprise_id}/"))

    assert "field=tax_id" not in page
    assert "123456782" not in page
    assert client.get(address(golden), {"field": "tax_id"}).status_code == 403
    assert client.post(address(golden, "set"), form(golden, "tax_id", typed="GB 980 7806 84")).status_code == 403


def test_a_pin_that_came_with_a_merge_names_where_it_was_made(golden: Golden, known: People, desk: Desk):
    records.send(records.customer("B-1", records.OTHER, system="erp"))
    other = records.home("B-1", system="erp")
    pinned.pin(other, "industry", "Shipping", actor=known.ada)
    regrouped.merge(golden, other, actor=known.ada, keep=golden.enterprise_id, at=datetime(2026, 2, 1, tzinfo=UTC))

    assert f"came with {other.enterprise_id}" in text(desk(known.ada).get(f"/records/{golden.enterprise_id}/"))
