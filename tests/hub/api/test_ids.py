"""Enterprise IDs over REST: the whole life of one, and reservations."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from mdm.models import ChangeSet, Reservation
from mdm.rules.golden import enterprise_id
from mdm.rules.governance.roles import Role
from tests.factories import firms, ids
from tests.factories.decided import say, take_back
from tests.factories.records import customer, drop, home, send
from tests.factories.times import later
from tests.people import person

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("firm")]


def test_a_life_names_every_event_with_its_actor_its_reason_and_its_change_set(api, people):
    send(*firms.doubtful("Ulmqua"))
    kept, ended = home("Ulmqua-a").enterprise_id, home("Ulmqua-b", system="erp").enterprise_id
    decision = say("SAME", "Ulmqua-a", "Ulmqua-b", actor=people.ada, at=later(1))
    merged = api(people.ben).get(f"ids/{ended}").json()
    take_back(decision, actor=people.dee, at=later(2))

    told = api(people.ben).get(f"ids/{ended.lower()}").json()

    assert (merged["status"], merged["heirs"], merged["since"]) == ("MERGED", [kept], "2026-01-15T12:01:00Z")
    assert (told["enterprise_id"], told["domain"], told["status"], told["heirs"]) == (ended, "customer", "LIVE", [])
    acts = list(ChangeSet.objects.order_by("id").values_list("id", flat=True))
    assert [(one["cause"], one["actor"], one["reason"], one["change_set"], one["successors"]) for one in told["life"]] == [
        ("born", "The hub", "", None, []),
        ("merged", "ada", "as the test says", acts[0], [kept]),
        ("restored", "dee", "", acts[1], []),
    ]


def test_a_retired_id_answers_too(api, people):
    send(customer("1"))
    name = home("1").enterprise_id
    drop("1", at=later(1))

    told = api(people.ben).get(f"ids/{name}").json()

    assert (told["status"], told["heirs"], [one["cause"] for one in told["life"]]) == ("RETIRED", [], ["born", "emptied"])


@pytest.mark.parametrize(
    ("name", "status", "code"),
    [
        ("CUS-00000000", 400, "bad_check_character"),
        ("nonsense", 400, "bad_input"),
        (enterprise_id.make("CUS", 9_999_999), 404, "not_found"),
        ("legacy:4711", 404, "not_found"),
        (":", 404, "not_found"),
        ("a" * 401, 400, "bad_input"),
        ("legacy:4711%00", 400, "bad_input"),
    ],
)
def test_what_is_no_id_is_refused_in_one_sentence(api, people, name, status, code):
    answer = api(people.ben).get(f"ids/{name}")

    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert answer.json()["detail"].count(". ") == 0


def test_a_life_shows_nothing_of_other_domains_and_regions(api, people):
    send(customer("1"))
    name, held = home("1").enterprise_id, ids.reserve(actor=people.ada)[0]

    for stranger in (people.cy, person("far", Role.VIEWER, regions=["APAC"])):
        assert api(stranger).get(f"ids/{name}").status_code == 404
    assert api(people.cy).get(f"ids/{held}").status_code == 404
    near = api(person("near", Role.VIEWER, regions=["APAC"])).get(f"ids/{held}").json()
    assert near["life"][0]["reason"] == "••••"


def test_ids_are_reserved_looked_at_and_given_back(api, people):
    ada = api(people.ada)
    answer = ada.post("ids:reserve", {"domain": "customer", "purpose": "a fair", "count": 2, "minutes": 60}, key="k")
    again = ada.post("ids:reserve", {"domain": "customer", "purpose": "a fair", "count": 2, "minutes": 60}, key="k")
    names = [row["enterprise_id"] for row in answer.json()["reservations"]]

    held = ada.get(f"ids/{names[0]}").json()
    missing = ada.get(f"golden/customer/{names[0]}")
    released = ada.post("ids:release", {"enterprise_ids": names, "reason": "cancelled"}).json()["reservations"]

    assert again.json() == answer.json()
    assert Reservation.objects.count() == 2
    assert (held["status"], [one["cause"] for one in held["life"]], bool(held["reserved_until"])) == (
        "RESERVED",
        ["reserved"],
        True,
    )
    assert (missing.status_code, "is reserved until" in missing.json()["detail"]) == (404, True)
    assert [row["status"] for row in released] == ["RELEASED", "RELEASED"]
    gone = ada.get(f"golden/customer/{names[0]}")
    assert (gone.status_code, gone.json()["status"], gone.json()["cause"]) == (410, "RELEASED", "released")
    assert [one["reason"] for one in ada.get(f"ids/{names[0]}").json()["life"]] == ["a fair", "cancelled"]


@pytest.mark.parametrize(
    "body",
    [
        {},
        [],
        {"domain": "customer"},
        {"domain": 1, "purpose": "x"},
        {"domain": "customer", "purpose": "x", "count": 101},
        {"domain": "customer", "purpose": "x", "count": "many"},
        {"domain": "customer", "purpose": "x", "minutes": 0},
        {"domain": "customer", "purpose": "a\x00b"},
    ],
)
def test_a_wrong_wish_is_refused(api, people, body):
    assert api(people.ada).post("ids:reserve", body).status_code == 400


@pytest.mark.parametrize(
    "body",
    [{}, [], {"enterprise_ids": []}, {"enterprise_ids": "CUS"}, {"enterprise_ids": [1]}, {"enterprise_ids": ["a\x00"]}],
)
def test_a_wrong_release_is_refused(api, people, body):
    assert api(people.ada).post("ids:release", body).status_code == 400


@pytest.mark.parametrize("body", [{}, {"enterprise_ids": ["nonsense"]}, {"enterprise_ids": ["{name}"], "minutes": "long"}])
def test_a_wrong_renewal_is_refused(api, people, body):
    name = ids.reserve(actor=people.ada)[0]
    body = {**body, "enterprise_ids": [name]} if "minutes" in body else body

    assert api(people.ada).post("ids:renew", body).status_code == 400


def test_reserved_ids_are_held_for_longer(api, people):
    name = ids.reserve(actor=people.ada, at=timezone.now())[0]

    renewed = api(people.ada).post("ids:renew", {"enterprise_ids": [name], "minutes": 14 * 24 * 60}).json()["reservations"]

    assert renewed[0]["expires_at"] > (timezone.now() + timedelta(days=13)).isoformat()
    assert api(people.ada).get(f"ids/{name}").json()["reserved_until"] == renewed[0]["expires_at"]


def test_reserved_ids_are_listed_newest_first_by_status_and_holder_page_by_page(api, people):
    mine, others = ids.reserve(3, actor=people.ada), ids.reserve(1, actor=people.dee)
    api(people.dee).post("ids:release", {"enterprise_ids": mine[:1], "reason": "no fair"})
    ada = api(people.ada)

    first = ada.get("reservations", limit=2).json()
    second = ada.get("reservations", limit=2, cursor=first["next"]).json()
    given_back = ada.get("reservations", status="RELEASED").json()["results"]

    assert [row["enterprise_id"] for row in first["results"]] == [others[0], mine[2]]
    assert [row["enterprise_id"] for row in second["results"]] == [mine[1]]
    assert second["next"] is None
    assert [row["enterprise_id"] for row in ada.get("reservations", mine="true").json()["results"]] == [mine[2], mine[1]]
    assert [(row["enterprise_id"], row["owner"], row["reason"]) for row in given_back] == [(mine[0], "ada", "no fair")]


def test_the_list_shows_nothing_of_other_domains_and_no_purpose_to_who_is_confined(api, people):
    ids.reserve(actor=people.ada)
    near = person("near", Role.STEWARD, regions=["APAC"])
    own = ids.reserve(actor=near)[0]

    assert api(people.cy).get("reservations").json()["results"] == []
    listed = {row["enterprise_id"] == own: row["purpose"] for row in api(near).get("reservations").json()["results"]}
    assert listed == {True: "a fair", False: "••••"}


@pytest.mark.parametrize("query", [{"status": "open"}, {"mine": "1"}, {"cursor": "x"}, {"limit": "0"}, {"limit": "x"}])
def test_a_wrong_question_about_reservations_is_refused(api, people, query):
    assert api(people.ben).get("reservations", **query).status_code == 400


def test_a_life_names_the_branch_of_the_callers_own_record(api, people):
    a, b = firms.doubtful("Ulmqua")
    send(a, b)
    decision = say("SAME", "Ulmqua-a", "Ulmqua-b", actor=people.ada, at=later(1))
    kept = home("Ulmqua-a").enterprise_id
    take_back(decision, actor=people.dee, at=later(2))
    moved = home("Ulmqua-b", system="erp").enterprise_id
    ben = api(people.ben)

    def branch(key):
        return ben.get(f"ids/{kept}", key=key).json()["branch"]

    assert (branch("crm/account//Ulmqua-a"), branch("erp/account//Ulmqua-b")) == (kept, moved)
    assert (branch("crm/account//nobody"), "branch" in ben.get(f"ids/{kept}").json()) == (None, False)
    assert ben.get(f"ids/{kept}", key="crm/account").status_code == 400
    assert api(people.cy).get(f"ids/{kept}", key="erp/account//Ulmqua-b").status_code == 404
