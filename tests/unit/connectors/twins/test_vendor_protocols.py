"""The twins refuse what the vendors refuse and answer as they answer; asked by plain HTTP, not by our connectors."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from email.utils import format_datetime
from pathlib import Path

import httpx2
import jwt
import pytest
from authlib.oauth1 import ClientAuth

import connectors.auth  # registers HMAC-SHA256 with authlib  # noqa: F401

pytestmark = pytest.mark.slow

DATA = "/services/data/v62.0"
GRANT = "urn:ietf:params:oauth:grant-type:jwt-bearer"


@pytest.fixture
def settings(twins):
    return twins.credentials.client_environment(twins.urls["salesforce"], twins.urls["netsuite"])


def assertion(settings, **changed):
    claims = {
        "iss": settings["SALESFORCE_CLIENT_ID"],
        "sub": settings["SALESFORCE_USERNAME"],
        "aud": "https://login.salesforce.com",
        "exp": int(time.time()) + 120,
    }
    return jwt.encode(claims | changed, Path(settings["SALESFORCE_KEY_FILE"]).read_text(), algorithm="RS256")


def log_in(client, token):
    return client.post("/services/oauth2/token", data={"grant_type": GRANT, "assertion": token})


@pytest.fixture
def sf(twins, settings):
    twins.controls["salesforce"].clear_faults()
    with httpx2.Client(base_url=twins.urls["salesforce"]) as client:
        client.headers["Authorization"] = f"Bearer {log_in(client, assertion(settings)).json()['access_token']}"
        yield client


class Signed(httpx2.Auth):
    """Signs by OAuth 1.0a; a fixed nonce replays."""

    def __init__(self, settings, *, nonce="", realm="", secret=""):
        self._nonce = nonce
        self._auth = ClientAuth(
            settings["NETSUITE_CONSUMER_KEY"],
            settings["NETSUITE_CONSUMER_SECRET"],
            token=settings["NETSUITE_TOKEN_ID"],
            token_secret=secret or settings["NETSUITE_TOKEN_SECRET"],
            signature_method="HMAC-SHA256",
            realm=realm or settings["NETSUITE_ACCOUNT"],
        )

    def auth_flow(self, request):
        if self._nonce:
            self._auth.get_oauth_params = lambda nonce, at: ClientAuth.get_oauth_params(self._auth, self._nonce, at)
        _, headers, _ = self._auth.prepare(request.method, str(request.url), {"Content-Type": "application/json"}, b"")
        request.headers["Authorization"] = headers["Authorization"]
        yield request


@pytest.fixture
def ns(twins, settings):
    twins.controls["netsuite"].clear_faults()
    with httpx2.Client(base_url=f"{twins.urls['netsuite']}/services/rest", auth=Signed(settings)) as client:
        yield client


# Salesforce


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"exp": int(time.time()) - 10}, "expired authorization code"),
        ({"exp": int(time.time()) + 9_000}, "assertion lives too long"),
        ({"aud": "https://example.org"}, "audience is invalid"),
        ({"iss": "another client"}, "client identifier invalid"),
        ({"sub": "nobody@example.org"}, "user hasn't approved this consumer"),
    ],
    ids=["expired", "too long", "audience", "client", "user"],
)
def test_salesforce_refuses_an_assertion(twins, settings, changed, said):
    answer = httpx2.post(
        f"{twins.urls['salesforce']}/services/oauth2/token",
        data={"grant_type": GRANT, "assertion": assertion(settings, **changed)},
    )

    assert (answer.status_code, answer.json()) == (400, {"error": "invalid_grant", "error_description": said})


def test_salesforce_refuses_a_session_that_it_did_not_open(sf):
    answer = sf.get(f"{DATA}/query", params={"q": "SELECT Id FROM Account"}, headers={"Authorization": "Bearer nonsense"})

    assert answer.status_code == 401
    assert answer.json() == [{"message": "Session expired or invalid", "errorCode": "INVALID_SESSION_ID"}]


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("SELECT Id FROM Acount", "INVALID_TYPE"),
        ("SELECT Id, Nam FROM Account", "INVALID_FIELD"),
        ("SELECT Owner__r.Name FROM Account", "INVALID_FIELD"),
        ("SELECT Id FROM Account WHERE SystemModstamp >= '2026-01-01'", "INVALID_FIELD"),
        ("SELECT Id FROM Account WHERE", "MALFORMED_QUERY"),
        ("SELECT Id FROM Account LIMIT x", "MALFORMED_QUERY"),
        ("DELETE FROM Account", "MALFORMED_QUERY"),
        ("", "MALFORMED_QUERY"),
    ],
)
def test_salesforce_refuses_a_bad_query(sf, query, code):
    answer = sf.get(f"{DATA}/query", params={"q": query})

    assert (answer.status_code, answer.json()[0]["errorCode"]) == (400, code)


@pytest.mark.parametrize(
    ("where", "found"),
    [
        ("BillingCity = 'leeds'", {"One", "Two"}),
        ("BillingCity != 'Leeds'", {"Three", "Four"}),
        ("BillingCity = null", {"Four"}),
        ("Name LIKE 'T%'", {"Two", "Three"}),
        ("Name IN ('One', 'Four') AND BillingCity = null", {"Four"}),
        ("(Name = 'One' OR Name = 'Three') AND NOT BillingCity = 'York'", {"One"}),
        ("SystemModstamp > 2025-03-01T12:01:00Z", {"Three", "Four"}),
        ("SystemModstamp <= 2025-03-01T13:01:00+01:00", {"One", "Two"}),
    ],
)
def test_salesforce_answers_a_query(sf, salesforce, where, found):
    mark = f"Q{time.monotonic_ns()}"
    named = [("One", "Leeds"), ("Two", "Leeds"), ("Three", "York"), ("Four", None)]
    salesforce.control.seed("Account", [_account(mark, number, *facts) for number, facts in enumerate(named)])

    answer = sf.get(f"{DATA}/query", params={"q": f"SELECT Name FROM Account WHERE Industry = '{mark}' AND ({where})"})

    assert {record["Name"] for record in answer.json()["records"]} == found


def _account(mark, number, name, city):
    stamp = f"2025-03-01T12:0{number}:00.000+0000"
    return {
        "Id": f"{mark}-{number}",
        "Name": name,
        "BillingCity": city,
        "Industry": mark,
        "SystemModstamp": stamp,
        "IsDeleted": False,
    }


def test_salesforce_answers_errors_of_one_field_with_its_name(sf, salesforce):
    (row_id,) = salesforce.seed(1)
    cases = [
        ({"Name": "x" * 256}, "STRING_TOO_LONG"),
        ({"Nope__c": 1}, "INVALID_FIELD"),
        ({"IsDeleted": True}, "INVALID_FIELD_FOR_INSERT_UPDATE"),
    ]
    cases += [
        ({"BillingCountryCode": "ZZ"}, "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST"),
        ({"Name": None}, "REQUIRED_FIELD_MISSING"),
    ]

    for fields, code in cases:
        answer = sf.patch(f"{DATA}/sobjects/Account/{row_id}", json=fields)
        assert (answer.status_code, answer.json()[0]["errorCode"], answer.json()[0]["fields"]) == (400, code, list(fields))


def test_salesforce_upserts_by_an_external_id_and_names_several(sf, salesforce):
    key = f"CUS-U{time.monotonic_ns()}"

    created = sf.patch(f"{DATA}/sobjects/Account/Enterprise_Id__c/{key}", json={"Name": "Upserted"})
    changed = sf.patch(f"{DATA}/sobjects/Account/Enterprise_Id__c/{key}", json={"Name": "Upserted twice"})
    salesforce.seed(1, Enterprise_Id__c=key)
    several = sf.patch(f"{DATA}/sobjects/Account/Enterprise_Id__c/{key}", json={"Name": "Which one?"})

    assert (created.status_code, created.json()["created"]) == (201, True)
    assert (changed.status_code, changed.json()["id"]) == (200, created.json()["id"])
    assert (several.status_code, len(several.json())) == (300, 2)


def test_salesforce_checks_a_condition_on_the_time_of_change(sf, salesforce):
    (row_id,) = salesforce.seed(1)

    early = format_datetime(datetime(2020, 1, 1, tzinfo=UTC), usegmt=True)
    refused = sf.patch(f"{DATA}/sobjects/Account/{row_id}", json={"Phone": "1"}, headers={"If-Unmodified-Since": early})
    nonsense = sf.patch(f"{DATA}/sobjects/Account/{row_id}", json={"Phone": "1"}, headers={"If-Unmodified-Since": "yesterday"})

    assert (refused.status_code, nonsense.status_code) == (412, 400)


def test_salesforce_does_all_or_nothing_when_asked(sf, salesforce):
    good, bad = salesforce.seed(2)
    records = [
        {"attributes": {"type": "Account"}, "id": good, "Phone": "1"},
        {"attributes": {"type": "Account"}, "id": bad, "Phone": "1" * 50},
    ]

    answer = sf.patch(f"{DATA}/composite/sobjects", json={"allOrNone": True, "records": records})

    assert [result["success"] for result in answer.json()] == [False, False]
    assert salesforce.writes_of(good) == []


def test_salesforce_takes_two_hundred_records_a_call_and_no_more(sf, salesforce):
    (row_id,) = salesforce.seed(1)
    record = {"attributes": {"type": "Account"}, "id": row_id, "Phone": "1"}

    answer = sf.patch(f"{DATA}/composite/sobjects", json={"records": [record] * 201})

    assert (answer.status_code, answer.json()[0]["errorCode"]) == (400, "LIMIT_EXCEEDED")


def test_salesforce_describes_its_objects_and_counts_its_calls(sf):
    answer = sf.get(f"{DATA}/sobjects/Account/describe")

    fields = {field["name"]: field for field in answer.json()["fields"]}
    assert (fields["Enterprise_Id__c"]["externalId"], fields["Name"]["nillable"], fields["Phone"]["length"]) == (True, False, 40)
    used, _, most = answer.headers["Sforce-Limit-Info"].removeprefix("api-usage=").partition("/")
    assert 0 < int(used) <= int(most)


# NetSuite


@pytest.mark.parametrize("wrong", [{"secret": "wrong"}, {"realm": "another"}], ids=["signature", "account"])
def test_netsuite_refuses_a_wrong_signature(twins, settings, wrong):
    answer = httpx2.get(f"{twins.urls['netsuite']}/services/rest/record/v1/customer/1", auth=Signed(settings, **wrong))

    assert (answer.status_code, answer.json()["o:errorDetails"][0]["o:errorCode"]) == (401, "INVALID_LOGIN")


def test_netsuite_takes_no_nonce_twice(twins, settings):
    url, auth = (
        f"{twins.urls['netsuite']}/services/rest/record/v1/customer?limit=1",
        Signed(settings, nonce=f"n{time.monotonic_ns()}"),
    )

    first, second = httpx2.get(url, auth=auth), httpx2.get(url, auth=auth)

    assert (first.status_code, second.status_code) == (200, 401)


def suiteql(ns, query, **params):
    return ns.post("/query/v1/suiteql", params=params, json={"q": query}, headers={"Prefer": "transient"})


def test_netsuite_tells_days_in_the_accounts_format_and_leaves_empty_columns_out(ns, netsuite):
    (row_id,) = netsuite.seed(1, isInactive=False)

    item = suiteql(ns, f"SELECT id, phone, isinactive, lastmodifieddate FROM customer WHERE id = {row_id}").json()["items"][0]

    assert item == {"links": [], "id": row_id, "isinactive": "F", "lastmodifieddate": "03/01/2025"}


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("SELECT nope FROM customer", "INVALID_CONTENT"),
        ("SELECT id FROM nothing", "NONEXISTENT_RECORD_TYPE"),
        ("SELECT id FROM customer WHERE lastmodifieddate >= '2026-01-01'", "INVALID_PARAMETER"),
        ("SELECT id FROM customer WHERE id = 'abc'", "INVALID_PARAMETER"),
        ("SELECT SUM(id) FROM customer", "INVALID_PARAMETER"),
    ],
)
def test_netsuite_refuses_a_bad_query(ns, netsuite, query, code):
    netsuite.seed(1)

    answer = suiteql(ns, query)

    assert answer.json()["o:errorDetails"][0]["o:errorCode"] == code


def test_netsuite_wants_its_headers_and_its_page_sizes(ns):
    query = {"q": "SELECT id FROM customer"}

    assert ns.post("/query/v1/suiteql", json=query).status_code == 400
    assert suiteql(ns, query["q"], limit="1001").status_code == 400
    assert suiteql(ns, query["q"], limit="10", offset="5").status_code == 400


def test_netsuite_pages_and_says_whether_there_is_more(ns, netsuite):
    ids = netsuite.seed(5)
    query = f"SELECT id FROM customer WHERE id IN ({', '.join(ids)}) ORDER BY id"

    first, last = suiteql(ns, query, limit="2", offset="0").json(), suiteql(ns, query, limit="2", offset="4").json()

    assert (first["count"], first["hasMore"], first["totalResults"]) == (2, True, 5)
    assert ([item["id"] for item in last["items"]], last["hasMore"]) == (ids[4:], False)


def test_netsuite_tidies_what_it_stores(ns, netsuite):
    (row_id,) = netsuite.seed(1)

    ns.patch(
        f"/record/v1/customer/{row_id}", json={"companyName": "  Spaced Ltd ", "custentity_zip": "ls1 4ap", "phone": " +44 (0)1 "}
    )

    row = ns.get(f"/record/v1/customer/{row_id}").json()
    assert (row["companyName"], row["custentity_zip"], row["phone"]) == ("Spaced Ltd", "LS1 4AP", "+44 (0)1")


def test_netsuite_upserts_by_external_id_and_buries_what_is_deleted(ns, netsuite):
    key = f"eid:X{time.monotonic_ns()}"

    created = ns.put(f"/record/v1/customer/{key}", json={"companyName": "By external id"})
    ns.put(f"/record/v1/customer/{key}", json={"companyName": "Twice"})
    row_id = created.headers["Location"].rsplit("/", 1)[1]
    deleted = ns.delete(f"/record/v1/customer/{key}")

    graves = suiteql(ns, f"SELECT recordid, name FROM deletedrecord WHERE recordid = {row_id}").json()["items"]
    assert (created.status_code, deleted.status_code) == (204, 204)
    assert graves == [{"links": [], "recordid": row_id, "name": "Twice"}]
    assert ns.get(f"/record/v1/customer/{row_id}").status_code == 404


def test_netsuite_refuses_a_web_address_without_its_scheme(ns, netsuite):
    (row_id,) = netsuite.seed(1)

    answer = ns.patch(f"/record/v1/customer/{row_id}", json={"url": "example.org"})

    assert (answer.status_code, answer.json()["o:errorDetails"][0]["o:errorPath"]) == (400, "url")


def test_netsuite_does_a_batch_once_however_often_it_is_sent(ns, netsuite):
    good, long = netsuite.seed(2)
    items = [{"id": good, "phone": "1"}, {"id": long, "phone": "1" * 50}, {"id": "999999999", "phone": "1"}]
    headers = {"Prefer": "respond-async", "X-NetSuite-idempotency-key": f"key-{time.monotonic_ns()}"}

    first = ns.patch("/record/v1/customer", json={"items": items}, headers=headers)
    second = ns.patch("/record/v1/customer", json={"items": items}, headers=headers)
    job = first.headers["Location"]
    while not ns.get(job).json()["completed"]:
        time.sleep(0.02)

    results = ns.get(f"{job}/task/1/result").json()["items"]
    assert (first.status_code, second.headers["Location"]) == (202, job)
    assert [result["status"] for result in results] == [204, 400, 404]
    assert len(netsuite.writes_of(good)) == 1


def test_netsuite_refuses_more_calls_at_once_than_the_account_has(twins, settings):
    from concurrent.futures import ThreadPoolExecutor

    twins.controls["netsuite"].fault("delay", seconds=0.4, times=5)
    url = f"{twins.urls['netsuite']}/services/rest/record/v1/customer?limit=1"
    with ThreadPoolExecutor(7) as pool:
        answers = list(pool.map(lambda _: httpx2.get(url, auth=Signed(settings)).status_code, range(7)))
    twins.controls["netsuite"].clear_faults()

    assert sorted(set(answers)) == [200, 429]
    assert answers.count(200) >= 5


def test_netsuite_tells_its_record_types(ns):
    facts = ns.get("/record/v1/metadata-catalog/customer").json()

    assert facts["required"] == ["companyName"]
    assert facts["properties"]["email"]["format"] == "email"
