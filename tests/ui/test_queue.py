"""The review queue."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from mdm.models import MatchPair
from tests.factories import desk as work
from tests.factories import records
from tests.people import People
from tests.ui.conftest import Desk, text

pytestmark = pytest.mark.django_db


def rows(response) -> list[int]:
    return [row.id for row in response.context["page"].rows]


def test_the_queue_costs_the_same_however_long(known: People, desk: Desk, django_assert_max_num_queries):
    work.pairs(3)
    client = desk(known.ada)
    client.get("/review/")  # what a process remembers of releases is not asked again
    with django_assert_max_num_queries(40) as few:
        client.get("/review/")
    work.pairs(9, start=3)

    with django_assert_max_num_queries(len(few)) as many:
        response = client.get("/review/")

    assert len(rows(response)) == 12
    assert len(many) == len(few) <= 24


def test_the_riskiest_comes_first_then_the_strongest(known: People, desk: Desk):
    weak, strong = work.pair(0, weight=1.0), work.pair(1, weight=5.0)
    risky = work.pair(2, weight=0.5, risk=9.0)

    response = desk(known.ada).get("/review/")

    assert rows(response) == [risky.pk, strong.pk, weak.pk]


def test_pages_follow_each_other_without_gap_or_repetition(known: People, desk: Desk, monkeypatch):
    monkeypatch.setattr("mdm.readers.golden.review.pairs.queue.__kwdefaults__", {"after": "", "limit": 2})
    made = work.pairs(5)
    client, seen, url = desk(known.ada), [], "/review/?domain=customer"

    while url:
        response = client.get(url)
        seen += rows(response)
        following = response.context["page"].next
        url = f"/review/?domain=customer&after={following}" if following else ""

    assert seen == [pair.pk for pair in made]


@pytest.mark.parametrize(
    ("query", "expected"),
    [("band=AUTO", [1]), ("source=psa", [2]), ("domain=project", []), ("status=UNSURE", [3]), ("band=nonsense", [0, 1, 2])],
    ids=["band", "source", "domain", "status", "nonsense is no filter"],
)
def test_filters(known: People, desk: Desk, query: str, expected: list[int]):
    made = [
        work.pair(0, weight=4.0),
        work.pair(1, weight=3.0, band="AUTO"),
        work.pair(2, weight=2.0, systems=("psa", "erp")),
        work.pair(3, weight=1.0, status="UNSURE"),
    ]

    response = desk(known.ada).get(f"/review/?{query}")

    assert rows(response) == [made[place].pk for place in expected]


def test_a_place_that_is_none_is_refused_in_words(known: People, desk: Desk):
    response = desk(known.ada).get("/review/?after=here")

    assert response.status_code == 400
    assert "no place in the queue" in text(response)


@pytest.mark.parametrize(
    ("query", "words"),
    [("", "The queue is empty"), ("?status=UNSURE", "Nobody is unsure"), ("?band=AUTO", "No pair fits these filters")],
    ids=["nothing at all", "nobody unsure", "filtered away"],
)
def test_an_empty_list_says_why_and_what_to_do(known: People, desk: Desk, query: str, words: str):
    page = text(desk(known.ada).get(f"/review/{query}"))

    assert words in page
    assert 'class="button"' in page


def test_others_see_who_has_a_pair_open(known: People, desk: Desk):
    pair = work.pair()
    MatchPair.objects.filter(pk=pair.pk).update(leased_by=known.dee, leased_until=timezone.now() + timedelta(minutes=5))

    response = desk(known.ada).get("/review/")

    assert response.context["page"].rows[0].holder == "dee"
    assert response.context["page"].held.number == 1


def test_a_confined_steward_sees_only_pairs_of_their_domain_and_region(known: People, desk: Desk):
    inside = work.pair(0, left={"name": "Kea Surf", "country": "NZ"}, right={"name": "Tui Boards", "country": "NZ"})
    work.pair(1, left={"name": "Kea Surf Two", "country": "NZ"}, right={"name": "Wren Mills", "country": "GB"})
    known.cy.domains = ["customer"]
    known.cy.save()

    assert records.home("L-000").regions == ["APAC"]
    assert rows(desk(known.cy).get("/review/")) == [inside.pk]


def test_a_domain_that_is_not_theirs_shows_nothing(known: People, desk: Desk):
    work.pair()

    assert rows(desk(known.cy).get("/review/")) == []


def test_a_viewer_is_told_who_may(known: People, desk: Desk):
    response = desk(known.ben).get("/review/")

    assert response.status_code == 403
    assert "steward" in text(response)
    assert "/review/" not in text(desk(known.ben).get("/records/"))
