"""A golden record in time, on the desk."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.factories import firms, records
from tests.factories.decided import say
from tests.factories.times import NOON
from tests.people import People
from tests.ui.conftest import Desk, text

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)
FIRM = {**records.FIRM, "tax_id": "GB 980 7806 84"}


@pytest.fixture
def url(known: People) -> str:
    """The record of a firm that said on the 15th Leeds, and on the 17th York."""
    records.send(records.customer("A-1", FIRM), at=NOON)
    records.send(records.customer("A-1", {**FIRM, "city": "York", "tax_id": "GB 123 4567 82"}), at=NOON + 2 * DAY)
    return f"/records/{records.home('A-1').enterprise_id}/"


def test_the_record_page_leads_back_in_time(url: str, known: People, desk: Desk):
    page = text(desk(known.ada).get(url))

    assert f'action="{url}then/"' in page
    assert f'action="{url}compare/"' in page


@pytest.mark.parametrize("name", ["as_of", "known_at"])
def test_a_past_date_shows_the_values_of_then_with_their_reasons(url: str, known: People, desk: Desk, name: str):
    response = desk(known.ada).get(f"{url}then/?{name}=2026-01-15")

    page = text(response)
    assert "Leeds" in page
    assert "York" not in page
    assert "The only record that has a value." in page
    assert ("Computed again from its records of then: the same." in page) is (name == "known_at")
    assert f'name="{name}" value="2026-01-15"' in page


def test_without_a_date_the_record_is_shown_as_it_is(url: str, known: People, desk: Desk):
    client = desk(known.ada)

    assert client.get(f"{url}then/")["Location"] == url
    assert client.get(f"{url}compare/?to=2026-01-15")["Location"] == url


@pytest.mark.parametrize(
    ("query", "status", "words"),
    [
        ("known_at=2020-01-01", 404, "it was born on 2026-01-15"),
        ("as_of=2020-01-01", 404, "what is known begins on 2026-01-15"),
        ("as_of=2999-01-01", 400, "lies in the future"),
        ("as_of=tomorrow", 400, "is no moment"),
    ],
)
def test_what_has_no_answer_has_a_sentence(url: str, known: People, desk: Desk, query: str, status: int, words: str):
    response = desk(known.ada).get(f"{url}then/?{query}")

    assert response.status_code == status
    assert words in text(response)


def test_two_dates_stand_side_by_side(url: str, known: People, desk: Desk):
    page = text(desk(known.ada).get(f"{url}compare/?from=2026-01-15&to=2026-01-18"))

    assert "Leeds" in page
    assert "York" in page
    assert "says something else now" in page
    assert "The same on both dates: " in page


def test_dates_with_nothing_between_them_say_so(url: str, known: People, desk: Desk):
    client = desk(known.ada)

    assert "No value differs." in text(client.get(f"{url}compare/?from=2026-01-18"))
    assert "knew nothing of" in text(client.get(f"{url}compare/?from=2020-01-01"))


@pytest.mark.parametrize("path", ["then/?known_at=2026-01-15", "then/?as_of=2026-01-15", "compare/?from=2026-01-15"])
def test_a_viewer_sees_masks_and_nothing_behind_them(url: str, known: People, desk: Desk, path: str):
    page = text(desk(known.ben).get(url + path))

    assert "••••" in page
    assert "980780684" not in page
    assert "123456782" not in page
    assert desk(known.cy).get(url + path).status_code == 404


def test_a_merged_id_shows_what_it_was_and_who_followed(known: People, desk: Desk):
    records.send(*firms.doubtful("Ulmqua"), at=NOON)
    ids = {records.home("Ulmqua-a").enterprise_id, records.home("Ulmqua-b", system="erp").enterprise_id}
    say("SAME", "Ulmqua-a", "Ulmqua-b", actor=known.zoe, at=NOON + DAY)
    survivor, client = records.home("Ulmqua-a").enterprise_id, desk(known.ada)
    (gone,) = ids - {survivor}

    before, after = (text(client.get(f"/records/{gone}/then/?known_at={day}")) for day in ("2026-01-15", "2026-01-17"))

    assert "Source records that counted" in before
    assert "This ID was merged then." in after
    assert f'href="/records/{survivor}/then/?known_at=2026-01-17"' in after
