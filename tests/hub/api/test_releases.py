"""Releases over REST: proposed, planned, approved by another, refused; hostile declarations are answered in sentences."""

from __future__ import annotations

import copy

import pytest
from django.utils import timezone

from mdm.actions.governance.releasing import proposals
from mdm.engine import releases
from mdm.models import ReleaseProposal
from mdm.rules.governance.roles import Role
from tests import people as cast
from tests.factories import firms
from tests.factories.records import send
from tests.factories.times import NOON

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("firm")]


@pytest.fixture
def said():
    """The customer domain as its file says it, with another level."""
    raw = releases.current("customer").spec.to_dict()
    raw["match"]["auto"] = 0.9999999
    return raw


def planned(people):
    while proposals.plan_next(actor=people.hub, at=timezone.now()):
        pass


def test_proposed_by_one_and_approved_by_another(api, people, said):
    send(*firms.alike("Quorl", "crm", "erp"))
    dee, eve = api(people.dee), api(people.eve)

    made = dee.post("releases", {"spec": said, "reason": "Fewer mistakes."})
    number = made.json()["id"]
    waiting = dee.get(f"releases/{number}").json()
    planned(people)
    shown = eve.get(f"releases/{number}").json()
    refused = eve.post(f"releases/{number}:approve", {})
    released = eve.post(f"releases/{number}:approve", {"force": True, "reason": "Agreed."})

    assert (made.status_code, waiting["status"], waiting["plan"]) == (201, "PLANNING", None)
    assert (shown["status"], shown["plan"]["goldens"]["changed"], shown["base"]) == ("PROPOSED", 2, 1)
    assert shown["above"]
    assert all(sentence in refused.json()["detail"] for sentence in shown["above"])
    assert (refused.status_code, released.status_code, released.json()["status"]) == (409, 200, "RUNNING")
    assert (released.json()["number"], released.json()["is_forced"], released.json()["decided_by"]) == (2, True, "eve")
    assert [row["id"] for row in eve.get("releases", domain="customer").json()["results"]] == [number]


def test_refused_with_a_reason_and_rolled_back_by_proposal(api, people, said):
    zoe, eve = api(people.zoe), api(people.eve)
    number = eve.post("releases", {"spec": said, "reason": "Why not."}).json()["id"]

    assert zoe.post(f"releases/{number}:refuse", {}).status_code == 400
    assert zoe.post(f"releases/{number}:refuse", {"reason": "No."}).json()["answer"] == "No."
    assert zoe.post(f"releases/{number}:approve", {}).status_code == 409
    back = zoe.post("releases:rollback", {"domain": "customer", "to": 7, "reason": "Back."})
    assert (back.status_code, back.json()["detail"]) == (404, "Domain 'customer' has no release 7; the last one is 1.")


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda raw: [], "spec is no object"),
        (lambda raw: {}, "has no 'name'"),
        (lambda raw: raw | {"speed": 1}, "is not a known setting"),
        (lambda raw: raw | {"prefix": "KUN"}, "prefix 'KUN' is not 'CUS'"),
        (lambda raw: raw | {"match": raw["match"] | {"model": "/etc/passwd"}}, "is no name of a shipped model"),
        (lambda raw: raw | {"match": raw["match"] | {"model": "nothing"}}, "no shipped model of that name"),
        (lambda raw: raw | {"match": raw["match"] | {"auto": 1}}, "thresholds must hold 0 < review <= auto < 1"),
        (lambda raw: raw | {"match": raw["match"] | {"auto": "high"}}, "must be a probability"),
        (lambda raw: raw | {"match": []}, "must be a table"),
        (lambda raw: raw | {"attributes": [1]}, "must be a table"),
    ],
)
def test_a_wrong_declaration_is_refused_in_a_sentence(api, people, said, change, words):
    answer = api(people.eve).post("releases", {"spec": change(copy.deepcopy(said)), "reason": "Because."})

    assert answer.status_code == 400
    assert words in answer.content.decode().replace("&lt;", "<")
    assert not ReleaseProposal.objects.exists()


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        ("releases", {"reason": "x"}, 400),
        ("releases", [1], 400),
        ("releases:rollback", {"domain": "customer", "to": True}, 400),
        ("releases:rollback", {"domain": "planet", "to": 1, "reason": "x"}, 404),
        ("releases/1:approve", {"force": "yes"}, 400),
        ("releases/99:approve", {}, 404),
        ("releases/99:plan", {}, 404),
        ("releases/99:refuse", {"reason": "x"}, 404),
    ],
)
def test_what_makes_no_sense_is_refused(api, people, path, body, status):
    assert api(people.zoe).post(path, body).status_code == status


def test_who_is_confined_sees_neither_other_domains_nor_examples(api, people, said):
    send(*firms.alike("Quorl", "crm", "erp"))
    row = proposals.propose(spec=releases.DomainSpec.from_dict(said), reason="Because.", actor=people.dee, at=NOON)
    planned(people)
    elsewhere = cast.person("fay", Role.OWNER, domains=["project"])
    confined = cast.person("gus", Role.OWNER, regions=["APAC"])

    assert api(elsewhere).get(f"releases/{row.pk}").status_code == 404
    assert api(elsewhere).get("releases").json()["results"] == []
    assert api(elsewhere).post(f"releases/{row.pk}:approve", {}).status_code == 403
    assert api(confined).get(f"releases/{row.pk}").json()["plan"]["examples"] == {}
    assert api(people.eve).get(f"releases/{row.pk}").json()["plan"]["examples"]["split"]
