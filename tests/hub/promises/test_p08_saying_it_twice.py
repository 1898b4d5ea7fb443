"""P8: saying it twice changes nothing; what is out of date is recorded and does not win."""

from __future__ import annotations

import itertools
import random
from threading import Barrier, Thread

import pytest
from django.db import connection

from mdm.models import AuditEntry, Event, GoldenVersion, IdempotencyKey, Job, MatchPair, SourceRecord, SourceVersion
from tests.factories import organisations, states, systems
from tests.factories.records import FIRM, customer, home, in_batches, record, send
from tests.factories.times import later

pytestmark = [pytest.mark.django_db]

COUNTED = (SourceVersion, GoldenVersion, Event, Job, MatchPair, AuditEntry)


def counts() -> dict[str, int]:
    return {model.__name__: model.objects.count() for model in COUNTED}


@pytest.mark.slow
def test_p8_the_whole_input_again_makes_no_version_no_event_no_job_no_audit_entry(firm):
    systems.target("sfa")
    records = [*organisations.mixed(9, 150), customer("t", {"Name": "Target Firm Ltd", "Country": "GB"}, system="sfa")]
    in_batches(records, 50)
    before, state = counts(), states.goldens()

    outcomes = send(*random.Random(1).sample(records, len(records)), at=later(60))

    assert {outcome.status for outcome in outcomes} == {"unchanged"}
    assert all(outcome.enterprise_id for outcome in outcomes)
    assert (counts(), states.goldens()) == (before, state)
    assert before["Job"] == 1


def test_p8_unchanged_is_told_by_content_not_by_spelling_of_the_payload(firm):
    send(customer("1"))

    assert send(customer("1", dict(reversed(FIRM.items()))))[0].status == "unchanged"
    assert send(customer("1", {**FIRM, "phone": ""}))[0].status == "unchanged"
    assert send(customer("1", {**FIRM, "phone": "+44 113 496 0001"}))[0].status == "updated"


def test_p8_the_same_record_twice_in_one_batch_counts_once(firm):
    outcomes = send(customer("1"), customer("1"))

    assert [outcome.status for outcome in outcomes] == ["created", "unchanged"]
    assert outcomes[0].enterprise_id == outcomes[1].enterprise_id


@pytest.mark.parametrize("by", ["sequence", "updated_at"])
def test_p8_updates_in_any_order_end_in_the_newest_and_keep_the_others_as_superseded(firm, by):
    cities = ["Leeds", "York", "Leeds", "Hull", "York"]  # a state may come back
    updates = [
        customer("1", {**FIRM, "city": city}, **({"sequence": n} if by == "sequence" else {"updated_at": later(n - 60)}))
        for n, city in enumerate(cities)
    ]
    for number, order in enumerate(random.Random(2).sample(list(itertools.permutations(updates)), 25)):
        for said in order:
            send(
                said.__class__(
                    said.system,
                    said.object,
                    f"r{number}",
                    said.payload,
                    said.domain,
                    updated_at=said.updated_at,
                    sequence=said.sequence,
                )
            )

        row = record(f"r{number}")
        assert row.attributes["city"] == "York", order
        assert home(f"r{number}").values["city"] == "York"
        kept = {version.attributes["city"] for version in SourceVersion.objects.filter(record=row)}
        assert kept == set(cities), order


def test_p8_an_out_of_date_update_is_recorded_once_and_says_so(firm):
    send(customer("1", sequence=5))
    versions = home("1").version

    said = [send(customer("1", {**FIRM, "city": "York"}, sequence=3))[0].status for _ in range(3)]

    assert said == ["stale", "stale", "stale"]
    assert SourceVersion.objects.filter(record=record("1"), is_superseded=True).count() == 1
    assert (record("1").attributes["city"], home("1").version) == ("Leeds", versions)


def test_p8_an_out_of_date_update_is_recorded_cleaned_and_as_far_as_it_can_be_read(firm):
    said = {**FIRM, "country": "Germany", "tax_id": "nonsense", "lei": "too short", "phone": "0113 496 0002"}
    send(customer("1", sequence=5))

    outcome = send(customer("1", said, sequence=3))[0]

    late = SourceVersion.objects.get(record=record("1"), is_superseded=True)
    assert (outcome.status, outcome.problems) == ("stale", ())
    assert (late.attributes["country"], late.attributes["tax_id"], "lei" in late.attributes) == ("DE", "nonsense", False)
    assert (late.payload, late.invalid, late.release) == (said, ["tax_id"], record("1").release)


def test_p8_a_state_that_was_said_again_later_makes_older_ones_stale(firm):
    send(customer("1", sequence=1, updated_at=later(-60)))
    send(customer("1", sequence=9, updated_at=later(-10)))
    before = counts()

    outcome = send(customer("1", {**FIRM, "city": "York"}, sequence=4, updated_at=later(-30)))[0]

    assert outcome.status == "stale"
    assert record("1").attributes["city"] == "Leeds"
    assert counts() | {"SourceVersion": 0, "AuditEntry": 0} == before | {"SourceVersion": 0, "AuditEntry": 0}


def test_p8_a_late_deletion_does_not_win_and_a_late_update_does_not_bring_back_what_is_gone(firm):
    send(customer("1", sequence=5))

    late = send(customer("1", {}, sequence=3, is_deleted=True))[0].status
    gone = send(customer("1", {}, sequence=7, is_deleted=True))[0].status
    back = send(customer("1", {**FIRM, "city": "York"}, sequence=6))[0].status

    assert (late, gone, back) == ("stale", "deleted", "stale")
    assert not record("1").is_live
    assert send(customer("1", sequence=8))[0].status == "updated"


def test_p8_deleting_twice_is_deleting_once(firm):
    send(customer("1"))

    said = [send(customer("1", {}, is_deleted=True))[0].status for _ in range(2)]

    assert said == ["deleted", "unchanged"]
    assert states.faults() == []


BATCH = {"records": [{"system": "crm", "object": "account", "domain": "customer", "native_id": "1", "payload": FIRM}]}


def test_p8_a_repeated_idempotency_key_gives_the_first_answer_again(firm, api, people):
    ada = api(people.ada)
    first = ada.post("records:batch", BATCH, key="one")
    before = counts()

    again = ada.post("records:batch", BATCH, key="one")

    assert (again.status_code, again.json()) == (200, first.json())
    assert again.json()["results"][0]["status"] == "created"
    assert again["Idempotency-Replayed"] == "true"
    assert "Idempotency-Replayed" not in first
    assert counts() == before


def test_p8_a_key_for_another_request_is_refused_and_keys_of_others_do_not_count(firm, api, people):
    ada, oli = api(people.ada), api(people.oli)
    ada.post("records:batch", BATCH, key="one")
    other = {"records": [{**BATCH["records"][0], "native_id": "2"}]}

    assert ada.post("records:batch", other, key="one").status_code == 422
    assert oli.post("records:batch", other, key="one").json()["results"][0]["status"] == "created"


def test_p8_a_failed_request_keeps_no_key(firm, api, people):
    ada = api(people.ada)

    assert ada.post("records:batch", {"wrong": 1}, key="one").status_code == 400
    assert not IdempotencyKey.objects.exists()
    assert ada.post("records:batch", BATCH, key="one").status_code == 200


def test_p8_an_answer_with_strange_text_can_be_kept(firm, api, people):
    strange = {"records": [{**BATCH["records"][0], "domain": "\x00odd", "object": "other"}]}

    answers = [api(people.ada).post("records:batch", strange, key="one") for _ in range(2)]

    assert [answer.status_code for answer in answers] == [200, 200]
    assert answers[1].json()["results"][0]["status"] == "quarantined"


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_p8_one_key_sent_by_many_at_once_has_one_effect(people, api):
    systems.declare()
    callers, answers, gate = [api(people.ada) for _ in range(8)], [], Barrier(8)

    def post(caller):
        gate.wait()
        answers.append(caller.post("records:batch", BATCH, key="one"))
        connection.close()

    threads = [Thread(target=post, args=(caller,)) for caller in callers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert {answer.status_code for answer in answers} <= {200, 409}
    done = [answer for answer in answers if answer.status_code == 200]
    assert sum("Idempotency-Replayed" not in answer for answer in done) == 1
    assert {answer.json()["results"][0]["status"] for answer in done} == {"created"}
    assert SourceRecord.objects.count() == 1
    assert SourceVersion.objects.count() == 1
