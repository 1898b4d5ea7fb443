"""P9: what cannot be taken waits in quarantine with its reasons, the good records of the same batch go in, nothing is lost."""

from __future__ import annotations

import json

import pytest

from mdm.actions.intake import quarantine, resubmit
from mdm.engine.preparing import Incoming
from mdm.errors import Conflict, IllegalTransition, NotAllowed, StaleVersion
from mdm.models import AuditEntry, Load, QuarantinedRecord, SourceRecord
from mdm.rules.intake.quarantine_states import QuarantineStatus
from tests.factories.records import FIRM, OTHER, customer, record, send
from tests.factories.times import NOON, later

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("firm")]


def deep(levels):
    made = "bottom"
    for _ in range(levels):
        made = {"a": made}
    return made


LONG = "Kestrel Marine " * 29 + "Ltd"
GOOD = {"system": "crm", "object": "account", "domain": "customer", "native_id": "good", "payload": FIRM}
BAD = {
    "unknown system": ({"system": "nobody"}, "unknown_system", "system", "nobody"),
    "unknown domain": ({"object": "x", "domain": "planet"}, "unknown_domain", "domain", "planet"),
    "domain of another object": ({"domain": "project"}, "wrong_domain", "domain", "project"),
    "no key": ({"native_id": None}, "missing", "native_id", ""),
    "key of the wrong type": ({"native_id": {"a": 1}}, "wrong_type", "native_id", "{'a': 1}"),
    "key with NUL": ({"native_id": "a\x00b"}, "control_character", "native_id", "a␀b"),
    "key too long": ({"native_id": "x" * 300}, "too_long", "native_id", "x" * 100),
    "payload that is a list": ({"payload": [1, 2]}, "not_an_object", "", ""),
    "no payload": ({"payload": None}, "not_an_object", "", ""),
    "wrong type": ({"payload": {**FIRM, "name": {"first": "A"}}}, "unreadable", "name", "an object"),
    "oversize field": ({"payload": {**FIRM, "name": LONG}}, "too_long", "name", LONG[:200]),
    "text of 10 MB": ({"payload": {**FIRM, "city": "c" * 10_000_000}}, "too_long", "city", "c" * 100),
    "NUL byte": ({"payload": {**FIRM, "city": "Le\x00eds"}}, "nul_byte", "city", "Le␀eds"),
    "invalid UTF-8": ({"payload": {**FIRM, "city": "Le\udcffeds"}}, "invalid_utf8", "city", "Le\\udcffeds"),
    "no number JSON knows": ({"payload": {**FIRM, "city": float("nan")}}, "not_finite", "city", ""),
    "deep JSON": ({"payload": {**FIRM, "city": deep(200)}}, "too_deep", "city.a.a.a.a.a.a.a.a.a.a.a", ""),
    "wrong check digit": ({"payload": {**FIRM, "tax_id": "GB980780685"}}, "check_digit", "tax_id", "GB980780685"),
    "unknown column": ({"payload": {**FIRM, "shoe_size": "44"}}, "unknown_attribute", "shoe_size", "44"),
    "missing name": ({"payload": {"country": "GB"}}, "missing", "name", ""),
    "time of the wrong form": ({"updated_at": "yesterday"}, "wrong_type", "updated_at", "yesterday"),
    "time in the future": ({"updated_at": "2199-01-01T00:00:00Z"}, "future_date", "updated_at", "2199-01-01T00:00:00+00:00"),
    "sequence of the wrong type": ({"sequence": "seven"}, "wrong_type", "sequence", "seven"),
    "unknown member": ({"colour": "red"}, "unknown_member", "colour", "red"),
}


@pytest.mark.parametrize(("change", "code", "field", "value"), BAD.values(), ids=BAD)
def test_p9_a_bad_record_waits_with_field_value_and_remedy_and_the_good_ones_go_in(api, people, change, code, field, value):
    send(customer("first"))
    bad = {**GOOD, "native_id": "bad", **change}
    raw = json.dumps({"records": [bad, GOOD]}, ensure_ascii=False).encode("utf-8", "surrogateescape")

    answer = api(people.oli).post("records:batch", raw)

    assert answer.status_code == 200
    refused, taken = answer.json()["results"]
    assert taken["status"] == "created"
    assert refused["status"] == "quarantined"
    problem = next(problem for problem in refused["problems"] if problem["code"] == code)
    assert (problem["field"], problem["value"]) == (field, value)
    assert problem["message"].endswith(".")
    assert problem["remedy"]
    waiting = QuarantinedRecord.objects.get()
    assert (waiting.status, code in waiting.codes, waiting.problems[0]["message"]) == (
        "OPEN",
        True,
        refused["problems"][0]["message"],
    )
    assert AuditEntry.objects.filter(verb="record.quarantine", subject=f"quarantine:{waiting.pk}").count() == 1


def test_p9_an_element_that_is_no_record_waits_too(api, people):
    answer = api(people.oli).post("records:batch", {"records": ["nonsense", GOOD, 7]})

    assert [result["status"] for result in answer.json()["results"]] == ["quarantined", "created", "quarantined"]
    assert {row.payload["record"] for row in QuarantinedRecord.objects.all()} == {"nonsense", 7}


@pytest.mark.parametrize(
    "raw",
    [b"{", b"", b"[1]", b'{"records": 7}', b"[" * 100_000, b'{"records": ' + b"[" * 50_000],
    ids=["cut", "empty", "list", "number", "deep", "deeper"],
)
def test_p9_a_request_that_is_no_batch_is_refused_in_one_sentence(api, people, raw):
    answer = api(people.oli).post("records:batch", raw)

    assert answer.status_code == 400
    assert answer.json()["code"] == "bad_input"
    assert "Traceback" not in answer.content.decode()


def test_p9_more_than_500_records_are_refused_whole(api, people):
    answer = api(people.oli).post("records:batch", {"records": [GOOD] * 501})

    assert (answer.status_code, SourceRecord.objects.count()) == (413, 0)


def test_p9_a_key_that_stands_twice_in_a_batch_is_taken_once_and_kept_once():
    outcomes = send(customer("1"), customer("1", OTHER), customer("1", {**OTHER, "city": "Kiel"}))

    assert [outcome.status for outcome in outcomes] == ["created", "quarantined", "quarantined"]
    assert outcomes[1].problems[0]["code"] == "repeated_key"
    assert QuarantinedRecord.objects.filter(status="OPEN").count() == 2


def test_p9_records_without_a_key_do_not_take_each_others_place():
    send(customer("", {"name": "One"}), customer("", {"name": "Two"}))
    send(customer("", {"name": "Three"}), at=later(1))

    assert sorted(row.payload["name"] for row in QuarantinedRecord.objects.filter(status="OPEN")) == ["One", "Three", "Two"]


def test_p9_a_circular_parent_is_refused_and_named():
    entity = {"name": "Holding Quorl SE", "country": "DE"}
    send(_entity("a", entity), _entity("b", {**entity, "name": "Quorl Beta GmbH", "parent": "a"}))

    outcome = send(_entity("a", {**entity, "parent": "b"}))[0]

    assert outcome.status == "quarantined"
    assert [problem["code"] for problem in outcome.problems] == ["circular_parent"]
    assert outcome.problems[0]["field"] == "parent"


def test_p9_a_parent_of_the_same_number_in_another_scope_is_no_circle():
    entity = {"name": "Holding Quorl SE", "country": "DE"}
    child = {"name": "Quorl Beta GmbH", "country": "DE", "parent": {"native_id": "a", "scope": "uk"}}
    send(_entity("b", child, scope="de"), _entity("a", entity, scope="uk"))

    outcomes = send(_entity("a", {**entity, "parent": "b"}, scope="de"), _entity("a", {**entity, "parent": "b"}, scope="uk"))

    assert [outcome.status for outcome in outcomes] == ["created", "updated"]  # de's b is not uk's
    outcome = send(_entity("a", {**entity, "parent": {"native_id": "b", "scope": "de"}}, scope="uk"))[0]
    assert [problem["code"] for problem in outcome.problems] == ["circular_parent"]


def _entity(native_id, payload, **more):
    return Incoming("crm", "entity", native_id, payload, "legal_entity", **more)


def test_p9_the_same_refused_record_again_only_counts_up():
    for minute in range(3):
        send(customer("1", {"country": "GB"}), at=later(minute))

    row = QuarantinedRecord.objects.get()
    assert (row.times, row.first_at, row.last_at) == (3, NOON, later(2))


def test_p9_another_bad_content_of_the_key_replaces_the_older_which_is_kept():
    send(customer("1", {"country": "GB"}))
    send(customer("1", {"country": "DE"}), at=later(1))

    rows = list(QuarantinedRecord.objects.order_by("id").values_list("payload__country", "status"))
    assert rows == [("GB", "SUPERSEDED"), ("DE", "OPEN")]


def test_p9_a_good_record_from_the_source_closes_what_waited_under_its_key():
    send(customer("1", {"country": "GB"}))
    send(customer("1"), at=later(1))

    assert list(QuarantinedRecord.objects.values_list("status", flat=True)) == ["SUPERSEDED"]
    assert AuditEntry.objects.filter(verb="quarantine.close").count() == 1


def waiting_one():
    send(customer("1", {"country": "GB", "city": "Leeds"}))
    return QuarantinedRecord.objects.get()


def mend(row, payload, actor, **more):
    return quarantine.edit(quarantined_id=row.pk, payload=payload, seen_version=row.version, actor=actor, at=NOON, **more)


def again(row, actor):
    return resubmit.resubmit(quarantined_id=row.pk, seen_version=row.version, actor=actor, at=later(1))


def test_p9_a_mended_record_goes_in(people):
    row = mend(waiting_one(), FIRM, people.ada)

    outcome = again(row, people.ada)

    row.refresh_from_db()
    assert (outcome.status, row.status, row.closed_by) == ("created", "RESUBMITTED", people.ada)
    assert record("1").attributes["city"] == "Leeds"


def test_p9_a_record_that_is_still_bad_waits_on_with_its_new_problems(people):
    row = mend(waiting_one(), {**FIRM, "tax_id": "GB980780685"}, people.ada)

    outcome = again(row, people.ada)

    row.refresh_from_db()
    assert (outcome.status, row.status, row.codes) == ("quarantined", "OPEN", ["check_digit"])
    assert QuarantinedRecord.objects.count() == 1


def test_p9_a_missing_key_can_be_mended_too(api, people):
    send(customer("", FIRM))
    row = QuarantinedRecord.objects.get()
    ada = api(people.ada)

    mended = ada.send("patch", f"quarantine/{row.pk}", {"payload": FIRM, "version": row.version, "native_id": "found"})
    outcome = ada.post(f"quarantine/{row.pk}:resubmit", {"version": mended.json()["version"]})

    assert (mended.status_code, outcome.json()["status"]) == (200, "created")
    assert record("found").is_live


def test_p9_a_discarded_record_is_kept_with_its_reason(people):
    row = waiting_one()

    quarantine.close(
        quarantined_id=row.pk,
        status=QuarantineStatus.DISCARDED,
        seen_version=row.version,
        actor=people.ada,
        at=NOON,
        reason="a test row",
    )

    assert QuarantinedRecord.objects.get().payload == {"country": "GB", "city": "Leeds"}
    assert AuditEntry.objects.get(verb="quarantine.close").reason == "a test row"


def test_p9_nobody_edits_what_is_closed_has_changed_or_is_not_theirs(people):
    row = waiting_one()
    mend(row, {"country": "FR"}, people.ada)

    with pytest.raises(StaleVersion):
        mend(row, FIRM, people.ada)
    with pytest.raises(NotAllowed):
        mend(QuarantinedRecord.objects.get(), FIRM, people.ben)
    row = mend(QuarantinedRecord.objects.get(), FIRM, people.ada)
    again(row, people.ada)
    with pytest.raises(IllegalTransition):
        mend(QuarantinedRecord.objects.get(), FIRM, people.ada)


def test_p9_an_edit_that_would_equal_another_waiting_record_is_refused(people):
    send(customer("1"), customer("1", OTHER), customer("1", {**OTHER, "city": "Kiel"}))
    one, other = QuarantinedRecord.objects.order_by("id")

    with pytest.raises(Conflict, match="waits in quarantine already"):
        mend(one, other.payload, people.ada)


def test_p9_every_record_of_a_load_is_counted_once():
    send(customer("1"), customer("2", OTHER), customer("3", sequence=5))
    outcomes = send(
        customer("1"),
        customer("2", {**OTHER, "city": "Kiel"}),
        customer("3", {**FIRM, "city": "York"}, sequence=3),
        customer("4", {"country": "GB"}),
        customer("5", {}, is_deleted=True),
        customer("6"),
        at=later(1),
    )

    load = Load.objects.latest("id")
    assert [outcome.status for outcome in outcomes] == ["unchanged", "updated", "stale", "quarantined", "unchanged", "created"]
    assert (load.received, load.created, load.updated, load.unchanged, load.stale, load.quarantined) == (6, 1, 1, 2, 1, 1)
    assert load.status == "DONE"
