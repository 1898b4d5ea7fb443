"""The REST contract of version 1: shapes, errors, pages, costs; the OpenAPI document is valid and complete."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from openapi_spec_validator import validate

from mdm.actions.exchange import sequence
from mdm.api import documentation
from mdm.api.v1 import urls
from tests.factories import firms, organisations
from tests.factories.records import FIRM, OTHER, customer, home, send
from tests.factories.times import NOON, later

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("firm")]


def test_the_openapi_document_is_valid_and_names_every_route():
    document = documentation.document()

    validate(document)
    assert len(document["paths"]) == len(urls.urlpatterns)


def test_the_documentation_needs_no_token(client):
    assert client.get("/api/v1/openapi.json").json()["info"]["title"] == "Concord"
    assert b"records:batch" in client.get("/api/docs/").content


def test_one_call_gives_the_enterprise_id_of_a_key(api, people):
    send(customer("a/b c"), at=NOON)

    answer = api(people.ben).get("crosswalk/crm/account/a/b c")

    assert answer.json() == {
        "enterprise_id": home("a/b c").enterprise_id, "domain": "customer", "status": "LIVE", "since": "2026-01-15T12:00:00Z",
    }  # fmt: skip


def test_a_key_is_looked_up_with_its_scope(api, people):
    send(customer("1", scope="uk"))
    ben = api(people.ben)

    assert ben.get("crosswalk/crm/account/1", scope="uk").status_code == 200
    assert ben.get("crosswalk/crm/account/1").status_code == 404


def test_a_thousand_keys_cost_one_query_and_come_back_in_order(api, people):
    send(customer("1"), customer("2", OTHER))
    ben = api(people.ben)
    keys = [{"system": "crm", "object": "account", "native_id": name} for name in ("2", "ghost", "1")] * 333

    with CaptureQueriesContext(connection) as queries:
        entries = ben.post("crosswalk:lookup", {"keys": keys}).json()["entries"]

    ids = [entry and entry["enterprise_id"] for entry in entries]
    assert ids == [home("2").enterprise_id, None, home("1").enterprise_id] * 333
    assert len(queries) <= 3  # the token, its use, the keys
    assert ben.post("crosswalk:lookup", {"keys": keys + keys}).status_code == 413


@pytest.mark.parametrize(
    "keys", [None, "x", [1], [{"system": "crm"}], [{"system": "crm", "object": "a", "native_id": "\x00"}]], ids=str
)
def test_keys_that_are_none_are_refused_with_their_place(api, people, keys):
    answer = api(people.ben).post("crosswalk:lookup", {"keys": keys})

    assert (answer.status_code, answer.json()["code"]) == (400, "bad_input")


def test_pages_follow_each_other_and_cost_the_same(api, people):
    send(*organisations.mixed(2, 60, common=0.0))
    ben, seen, cursor = api(people.ben), [], ""
    ben.get("golden/customer", limit=1)
    while cursor is not None:
        with CaptureQueriesContext(connection) as queries:
            page = ben.get("golden/customer", limit=10, cursor=cursor).json()
        assert len(queries) <= 4
        seen += [row["enterprise_id"] for row in page["results"]]
        cursor = page["next"]

    assert len(seen) == len(set(seen)) > 20
    assert ben.get("golden/customer", cursor="forged").status_code == 400


@pytest.mark.parametrize(
    ("path", "most"), [("pairs?status=open", 3), ("quarantine", 8), ("events", 6), ("sync", 3), ("sync/dead-letters", 5)]
)
def test_lists_cost_the_same_however_long(api, people, path, most):
    zoe = api(people.zoe)
    send(*organisations.mixed(4, 20, common=0.6), *(customer(f"bad{n}", {"country": "GB", "city": str(n)}) for n in range(3)))
    sequence.drain()
    name, _, query = path.partition("?")
    more = dict(pair.split("=") for pair in query.split("&") if pair)
    zoe.get(name, **more)
    with CaptureQueriesContext(connection) as few:
        zoe.get(name, **more)
    send(
        *organisations.mixed(5, 60, common=0.6),
        *(customer(f"worse{n}", {"country": "GB", "city": str(n)}) for n in range(30)),
        at=later(1),
    )
    sequence.drain()

    with CaptureQueriesContext(connection) as many:
        assert zoe.get(name, **more).status_code == 200

    assert len(many) == len(few) <= most


def test_a_match_query_finds_what_is_there_explains_it_and_stores_nothing(api, people):
    send(*firms.alike("Quorl", "crm", "erp"), *firms.alike("Vexpol", "crm"))
    asked = {"domain": "customer", "attributes": {"name": "QUORL MARINE LIMITED", "country": "GB", "domain": "quorl.co.uk"}}
    before = home("Quorl-crm").version

    answer = api(people.ben).post("match", asked).json()["candidates"]

    assert [(one["enterprise_id"], one["band"]) for one in answer] == [(home("Quorl-crm").enterprise_id, "AUTO")]
    assert answer[0]["label"] == "Quorl Marine Ltd"
    assert 0.9 < answer[0]["probability"] <= 1
    assert answer[0]["explanation"]["steps"]
    assert home("Quorl-crm").version == before


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ({}, "bad_input"),
        ({"domain": "customer"}, "bad_input"),
        ({"domain": "planet", "attributes": {}}, "not_found"),
        ({"domain": "customer", "attributes": {"shoe_size": "44"}}, "bad_input"),
        ({"domain": "customer", "attributes": {"tax_id": "GB980780685", "country": "GB"}}, "bad_input"),
        ({"domain": "customer", "attributes": {"name": "x"}, "limit": 0}, "bad_input"),
        ({"domain": "customer", "attributes": {"name": "\x00"}}, "bad_input"),
    ],
)
def test_a_match_query_that_is_none_is_refused_with_its_reason(api, people, said, code):
    answer = api(people.ben).post("match", said)

    assert answer.json()["code"] == code
    assert answer.json()["detail"].endswith(".")


def test_every_part_of_a_golden_record_can_be_asked_for(api, people):
    send(*firms.alike("Quorl", "crm", "erp"))
    ben, name = api(people.ben), home("Quorl-crm").enterprise_id

    answer = ben.get(f"golden/customer/{name}", include="provenance,records,relations,history").json()

    assert {"provenance", "records", "relations", "history"} <= set(answer)
    assert [row["native_id"] for row in answer["records"]] == ["Quorl-crm", "Quorl-erp"]
    assert [row["version"] for row in answer["history"]] == list(range(answer["version"], 0, -1))
    assert ben.get(f"golden/customer/{name}", include="nonsense").status_code == 400


def test_a_wrong_method_or_route_is_no_error_of_ours(api, people):
    zoe = api(people.zoe)

    assert zoe.send("put", "events", {}).status_code == 405
    assert zoe.send("put", "events", {})["Content-Type"] == "application/problem+json"
    assert zoe.get("nothing/here/at/all").status_code == 404


def test_a_record_that_was_deleted_is_no_longer_in_the_crosswalk(api, people):
    send(customer("1", FIRM))
    oli = api(people.oli)

    assert oli.send("delete", "records/crm/account/1", None).json()["status"] == "deleted"
    assert oli.get("crosswalk/crm/account/1").status_code == 404
    assert oli.send("delete", "records/crm/account/ghost", None).status_code == 404


def test_pairs_are_decided_and_undone_by_system_too(api, people):
    send(*firms.doubtful("Ulmqua"))
    ada = api(people.ada)
    asked = ada.get("pairs", status="open").json()["results"][0]

    decided = ada.post(f"pairs/{asked['id']}:decide", {"verdict": "SAME", "version": asked["version"], "reason": "one phone"})
    stale = ada.post(f"pairs/{asked['id']}:decide", {"verdict": "SAME", "version": asked["version"]})
    undone = ada.post(f"pairs/{asked['id']}:undo", {})

    assert (decided.json()["status"], stale.status_code, stale.json()["code"]) == ("SAME", 409, "stale_version")
    assert undone.json()["status"] == "OPEN"
