"""Refused records at the desk: read, mended, sent in again, discarded."""

from __future__ import annotations

import json

import pytest

from mdm.models import QuarantinedRecord, SourceRecord
from tests.factories import records
from tests.people import People
from tests.ui.conftest import Desk, text

pytestmark = pytest.mark.django_db

BAD = {"country": "GB", "city": "Leeds"}


@pytest.fixture
def refused(known: People) -> QuarantinedRecord:
    records.send(records.customer("A-1", BAD))
    return QuarantinedRecord.objects.get()


def mend(client, row: QuarantinedRecord, payload: str, version: int | None = None):
    return client.post(f"/quarantine/{row.pk}/mend", {"payload": payload, "version": version or row.version})


def test_problems_are_told_in_words(refused: QuarantinedRecord, known: People, desk: Desk):
    client = desk(known.ada)

    page = text(client.get(f"/quarantine/{refused.pk}/"))

    assert refused.problems[0]["message"].replace("'", "&#x27;") in page or refused.problems[0]["message"] in page
    assert "A-1" in text(client.get("/quarantine/"))


def test_mended_and_sent_in_it_becomes_a_golden_record(refused: QuarantinedRecord, known: People, desk: Desk):
    response = mend(desk(known.ada), refused, json.dumps({**BAD, "name": "Kestrel Marine Ltd"}))

    refused.refresh_from_db()
    assert (response.status_code, response["Location"]) == (303, f"/records/{records.home('A-1').enterprise_id}/")
    assert refused.status == "RESUBMITTED"


def test_still_bad_it_stays_with_its_edit(refused: QuarantinedRecord, known: People, desk: Desk):
    client = desk(known.ada)

    response = mend(client, refused, json.dumps({**BAD, "city": "York"}))

    waiting = QuarantinedRecord.objects.get(status="OPEN")
    assert waiting.payload["city"] == "York"
    assert response["Location"] == f"/quarantine/{waiting.pk}/"
    assert "still refused" in text(client.get(response["Location"]))
    assert not SourceRecord.objects.exists()


@pytest.mark.parametrize(
    ("payload", "words"),
    [("{", "This is no JSON"), ("[]", "A record is a JSON object"), ("", "required"), ("[" * 100_000, "nested too deeply")],
    ids=["broken", "a list", "empty", "deep"],
)
def test_what_is_no_record_is_refused_in_words_and_kept_in_the_form(
    refused: QuarantinedRecord, known: People, desk: Desk, payload: str, words: str
):
    response = mend(desk(known.ada), refused, payload)

    assert response.status_code == 422
    assert words in text(response)


def test_an_old_page_changes_nothing(refused: QuarantinedRecord, known: People, desk: Desk):
    client = desk(known.ada)
    mend(client, refused, json.dumps({**BAD, "city": "York"}))

    response = mend(desk(known.dee), refused, json.dumps({**BAD, "name": "Other"}), version=1)

    assert response.status_code == 409
    assert QuarantinedRecord.objects.get(status="OPEN").payload == {**BAD, "city": "York"}


def test_discarding_takes_a_reason(refused: QuarantinedRecord, known: People, desk: Desk):
    client = desk(known.ada)
    url = f"/quarantine/{refused.pk}/discard"

    assert client.post(url, {"version": refused.version}).status_code == 422
    assert client.post(url, {"version": refused.version, "reason": "Test data"}).status_code == 303
    refused.refresh_from_db()
    assert refused.status == "DISCARDED"
    assert "Discarded" in text(client.get(f"/quarantine/{refused.pk}/"))


def test_a_masked_record_can_be_read_and_not_saved(known: People, desk: Desk, restricted_tax_id):
    records.send(records.customer("A-1", {"country": "GB", "tax_id": "GB 980 7806 84"}))
    row = QuarantinedRecord.objects.get()

    page = text(desk(known.ada).get(f"/quarantine/{row.pk}/"))

    assert "980 7806 84" not in page
    assert "you cannot edit it" in page
    assert "980 7806 84" in text(desk(known.dee).get(f"/quarantine/{row.pk}/"))


def test_filters_and_the_empty_list(refused: QuarantinedRecord, known: People, desk: Desk):
    client = desk(known.ada)
    code = refused.codes[0]

    assert "A-1" in text(client.get("/quarantine/", {"system": "crm", "code": code}))
    assert "No record fits these filters" in text(client.get("/quarantine/", {"system": "erp"}))
    refused.delete()
    assert "Quarantine is empty" in text(client.get("/quarantine/"))


def test_who_may_not(refused: QuarantinedRecord, known: People, desk: Desk):
    assert desk(known.ben).get("/quarantine/").status_code == 403
    assert desk(known.cy).get(f"/quarantine/{refused.pk}/").status_code == 404
    assert mend(desk(known.pia), refused, "{}").status_code == 403


def test_the_list_costs_the_same_however_long(known: People, desk: Desk, django_assert_max_num_queries):
    records.send(records.customer("A-0", BAD))
    client = desk(known.ada)
    with django_assert_max_num_queries(15) as few:
        client.get("/quarantine/")
    records.send(*(records.customer(f"A-{n}", BAD) for n in range(1, 8)))

    with django_assert_max_num_queries(len(few)):
        assert len(client.get("/quarantine/").context["page"].rows) == 8
