"""Change requests over REST: asked, listed, answered, talked about; what is wrong is said in one sentence."""

from __future__ import annotations

import pytest

from mdm.models import ChangeRequest
from tests.factories import owned
from tests.factories.owned import CRM, LEDGER, NEW, OLD, says
from tests.factories.records import customer, home, send

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("firm")]

WISH = {"attribute": "city", "value": "York", "reason": "they moved"}


@pytest.fixture
def path():
    """Where to ask for changes of the one customer."""
    send(customer("1"))
    return f"golden/customer/{home('1').enterprise_id}/change-requests"


def test_asked_by_a_viewer_approved_by_a_steward(path, api, people):
    asked = api(people.ben).post(path, WISH)
    row = asked.json()

    assert (asked.status_code, row["status"], row["kind"], row["asked_by"]) == (201, "OPEN", "PERSON", "ben")
    assert (row["old_value"], row["value"]) == ("Leeds", "York")
    answer = api(people.ada).post(f"change-requests/{row['id']}:approve", {"version": row["version"], "reason": "called"}).json()

    assert (answer["status"], answer["closed_by"], answer["answer"]) == ("APPLIED", "ada", "called")
    assert home("1").values["city"] == "York"
    assert api(people.ada).get("change-requests").json() == {"results": [], "next": None}
    assert [one["id"] for one in api(people.ada).get("change-requests", status="applied").json()["results"]] == [row["id"]]


def test_what_a_system_asks_is_listed_with_its_system(api, people):
    owned.declare()
    says(LEDGER, OLD)
    says(CRM, NEW)

    (row,) = api(people.ada).get("change-requests", kind="system", domain="customer").json()["results"]

    assert (row["system"], row["asked_by"], row["old_value"], row["value"]) == (CRM, "Crm", OLD, NEW)
    path = f"golden/customer/{row['enterprise_id']}/change-requests"
    assert [one["id"] for one in api(people.ada).get(path).json()["results"]] == [row["id"]]


def test_comments_stand_with_the_request(path, api, people):
    number = api(people.ben).post(path, WISH).json()["id"]

    said = api(people.ada).post(f"change-requests/{number}/comments", {"text": "who says so?"})

    assert (said.status_code, said.json()["author"]) == (201, "ada")
    whole = api(people.ben).get(f"change-requests/{number}").json()
    assert [one["text"] for one in whole["comments"]] == ["who says so?"]
    assert whole["why_second"] == ""


def test_the_same_request_sent_again_with_its_key_asks_once(path, api, people):
    caller = api(people.ben)
    first, again = caller.post(path, WISH, key="wish-1"), caller.post(path, WISH, key="wish-1")

    assert (first.status_code, again.status_code, first.json()) == (201, 201, again.json())
    assert ChangeRequest.objects.count() == 1
    assert caller.post(path, WISH).status_code == 409


@pytest.mark.parametrize(
    ("body", "status", "words"),
    [
        ([], 400, "The request needs"),
        ({"attribute": 3, "value": "x", "reason": "y"}, 400, "The request needs"),
        ({"attribute": "city", "reason": "y"}, 400, "The request needs"),
        ({"attribute": "city", "value": "York"}, 400, "needs a reason"),
        ({"attribute": "city", "value": "York", "reason": 7}, 400, "reason must be text"),
        ({"attribute": "city", "value": "York", "reason": "x" * 1_001}, 400, "at most 1,000"),
        ({"attribute": "city", "value": "York", "reason": "a\x00b"}, 400, "reason must be text"),
        ({"attribute": "colour", "value": "red", "reason": "y"}, 404, "no attribute 'colour'"),
        ({"attribute": "country", "value": "Nowhereland", "reason": "y"}, 400, "Nowhereland"),
        ({"attribute": "city", "value": {"deep": [1]}, "reason": "y"}, 400, "city cannot be an object"),
        ({"attribute": "city", "value": [["deep"]], "reason": "y"}, 400, "city cannot be a list of lists"),
        ({"attribute": "city", "value": "Yo\x00rk", "reason": "y"}, 400, "NUL byte"),
        ({"attribute": "city", "value": "x" * 3_000, "reason": "y"}, 400, "characters"),
        ({"attribute": "city", "value": "x" * 30_000, "reason": "y"}, 400, "30,000 characters"),
    ],
)
def test_a_wish_that_makes_no_sense_is_refused(path, api, people, body, status, words):
    answer = api(people.ben).post(path, body)

    assert answer.status_code == status, answer.content
    assert words in answer.json()["detail"]
    assert not ChangeRequest.objects.exists()


@pytest.mark.parametrize(
    ("body", "status"), [({}, 400), ({"version": "1"}, 400), ({"version": True}, 400), ({"version": 9}, 409), ([1], 400)]
)
@pytest.mark.parametrize("verb", ["approve", "refuse", "withdraw"])
def test_an_answer_names_the_version_that_was_seen(path, api, people, verb, body, status):
    number = api(people.ben).post(path, WISH).json()["id"]
    said = {**body, "reason": "no"} if isinstance(body, dict) else body

    assert api(people.ada).post(f"change-requests/{number}:{verb}", said).status_code == status


@pytest.mark.parametrize("query", [{"status": "lost"}, {"kind": "odd"}, {"after": "x"}, {"limit": "0"}, {"after": "77"}])
def test_a_list_that_makes_no_sense_is_refused(api, people, query):
    assert api(people.ada).get("change-requests", **query).status_code == 400


def test_what_does_not_exist_is_not_found(api, people):
    assert api(people.ada).get("change-requests/77").status_code == 404
    assert api(people.ada).post("change-requests/77:approve", {"version": 1}).status_code == 404
    assert api(people.ada).post("change-requests/77/comments", {"text": "hm"}).status_code == 404
