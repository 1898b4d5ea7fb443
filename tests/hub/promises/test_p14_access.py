"""P14: no one in where they do not belong: by verb, by domain, by region, by value; in pages of the API, events and logs."""

from __future__ import annotations

import logging
from dataclasses import replace

import pytest
from django.urls import URLPattern

from connectors import deliver, extract
from mdm.actions.exchange import sequence
from mdm.actions.golden import overrides
from mdm.actions.governance import access, change_requests
from mdm.actions.governance.releasing import proposals
from mdm.api import urls as api_urls
from mdm.api.v1 import urls
from mdm.engine import releases
from mdm.errors import NotAllowed
from mdm.models import ApiToken, Finding, Golden, Job, MatchPair, QuarantinedRecord
from mdm.ports import Written
from mdm.rules.governance import roles
from mdm.rules.governance.roles import MASK, Role
from tests import people as cast
from tests.factories import firms, ids, systems
from tests.factories.decided import say
from tests.factories.records import FIRM, customer, home, send
from tests.factories.times import NOON, later
from tests.fakes import FakeSystem

pytestmark = [pytest.mark.django_db]

RECORD = {
    "system": "crm",
    "object": "account",
    "domain": "customer",
    "native_id": "new",
    "payload": {"name": "Newcomer Vexquol Ltd"},
}

PARTS = "provenance,records,relations,history,ultimate_parents"
KEY = {"system": "crm", "object": "account", "native_id": "Quorl-crm"}
QUESTION = {"domain": "customer", "attributes": {"name": "Quorl Marine Ltd", "country": "GB", "city": "Leeds"}}
PIN = {"attribute": "city", "value": "York", "version": 1, "reason": "they told me"}
SEEN = {"version": 1, "reason": "as the test says"}
WISH = {"attribute": "city", "value": "Hull", "reason": "they moved"}
MERGE = {"enterprise_ids": ["{enterprise_id}", "{other_id}"], "versions": {}}
SPLIT = {"version": 1, "parts": [["erp/account//Quorl-erp"]]}
MOVE = {"into": "{other_id}", "versions": {}, "records": ["erp/account//Quorl-erp"]}

# Every route and method: the verb it takes, its path, and a request that would be served.
ROUTES = {
    ("api-records-batch", "post"): ("record.write", "records:batch", {"records": [RECORD]}),
    ("api-record", "get"): ("record.view", "records/crm/account/Quorl-crm", None),
    ("api-record", "delete"): ("record.delete", "records/crm/account/Quorl-crm", None),
    ("api-crosswalk-lookup", "post"): ("golden.view", "crosswalk:lookup", {"keys": [KEY]}),
    ("api-crosswalk", "get"): ("golden.view", "crosswalk/crm/account/Quorl-crm", None),
    ("api-goldens", "get"): ("golden.view", "golden/customer", None),
    ("api-golden", "get"): ("golden.view", f"golden/customer/{{enterprise_id}}?include={PARTS}", None),
    ("api-golden-compare", "get"): ("golden.view", "golden/customer/{enterprise_id}:compare?from=2026-01-15T12:00:00Z", None),
    ("api-golden-hierarchy", "get"): ("golden.view", "golden/customer/{enterprise_id}/hierarchy?kind=legal&depth=2", None),
    ("api-findings", "get"): ("golden.view", "findings?kind=circle", None),
    ("api-finding-accept", "post"): ("finding.accept", "findings/{finding}:accept", {"reason": "It is so."}),
    ("api-ids-reserve", "post"): ("id.reserve", "ids:reserve", {"domain": "customer", "purpose": "a fair"}),
    ("api-ids-renew", "post"): ("id.reserve", "ids:renew", {"enterprise_ids": ["{reserved}"]}),
    ("api-ids-release", "post"): ("id.reserve", "ids:release", {"enterprise_ids": ["{reserved}"]}),
    ("api-reservations", "get"): ("golden.view", "reservations", None),
    ("api-id", "get"): ("golden.view", "ids/{enterprise_id}", None),
    ("api-overrides", "get"): ("golden.view", "golden/customer/{enterprise_id}/overrides", None),
    ("api-overrides", "post"): ("golden.override", "golden/customer/{enterprise_id}/overrides", PIN),
    ("api-override-release", "post"): ("golden.override", "overrides/{override}:release", {}),
    ("api-merges", "post"): ("golden.merge", "merges", MERGE),
    ("api-merges-preview", "post"): ("golden.merge", "merges:preview", MERGE),
    ("api-golden-split", "post"): ("golden.split", "golden/customer/{enterprise_id}:split", {**SPLIT, "dry_run": True}),
    ("api-golden-move", "post"): ("golden.split", "golden/customer/{enterprise_id}:move", MOVE),
    ("api-changes", "get"): ("golden.view", "changes", None),
    ("api-change", "get"): ("golden.view", "changes/{change}", None),
    ("api-change-undo", "post"): ("golden.undo", "changes/{change}:undo", {}),
    ("api-change-unmerge", "post"): ("golden.unmerge", "changes/{change}:unmerge", {"dry_run": True}),
    ("api-requests-of-golden", "get"): ("request.view", "golden/customer/{enterprise_id}/change-requests", None),
    ("api-requests-of-golden", "post"): ("request.ask", "golden/customer/{enterprise_id}/change-requests", WISH),
    ("api-requests", "get"): ("request.view", "change-requests", None),
    ("api-request", "get"): ("request.view", "change-requests/{request}", None),
    ("api-request-approve", "post"): ("request.decide", "change-requests/{request}:approve", {"version": 1}),
    ("api-request-refuse", "post"): ("request.decide", "change-requests/{request}:refuse", {"version": 1, "reason": "no"}),
    ("api-request-withdraw", "post"): ("request.ask", "change-requests/{request}:withdraw", {"version": 99}),
    ("api-request-comments", "post"): ("request.ask", "change-requests/{request}/comments", {"text": "who says so?"}),
    ("api-match", "post"): ("match.query", "match", QUESTION),
    ("api-events", "get"): ("events.read", "events", None),
    ("api-pairs", "get"): ("pair.view", "pairs?status=open", None),
    ("api-pair-decide", "post"): ("pair.decide", "pairs/{pair}:decide", {"verdict": "UNSURE", "version": "{pair_version}"}),
    ("api-pair-undo", "post"): ("pair.undo", "pairs/{decided}:undo", {}),
    ("api-quarantine", "get"): ("quarantine.view", "quarantine", None),
    ("api-quarantined", "get"): ("quarantine.view", "quarantine/{quarantined}", None),
    ("api-quarantined", "patch"): ("quarantine.edit", "quarantine/{quarantined}", {"payload": FIRM, "version": 1}),
    ("api-quarantined-resubmit", "post"): ("quarantine.edit", "quarantine/{quarantined}:resubmit", {"version": 1}),
    ("api-quarantined-discard", "post"): ("quarantine.edit", "quarantine/{quarantined}:discard", {"version": 1}),
    ("api-resubmissions", "post"): ("quarantine.edit", "quarantine:resubmit", {"code": "missing", "reason": "mended"}),
    ("api-resubmission", "get"): ("quarantine.view", "quarantine/resubmissions/1", None),
    ("api-quality", "get"): ("golden.view", "quality", None),
    ("api-quality-domain", "get"): ("golden.view", "quality/customer", None),
    ("api-erasures", "get"): ("erasure.view", "erasures", None),
    ("api-erasures", "post"): ("erasure.request", "erasures", {"enterprise_id": "{enterprise_id}", "dry_run": True}),
    ("api-erasure", "get"): ("erasure.view", "erasures/1", None),
    ("api-erasure-confirm", "post"): ("erasure.confirm", "erasures/1:confirm", {}),
    ("api-erasure-cancel", "post"): ("erasure.request", "erasures/1:cancel", {}),
    ("api-erasure-lift", "post"): ("erasure.confirm", "erasures/1:lift", {"reason": "back again"}),
    ("api-sync", "get"): ("sync.view", "sync", None),
    ("api-dead-letters", "get"): ("sync.replay", "sync/dead-letters", None),
    ("api-dead-letters-replay", "post"): ("sync.replay", "sync/dead-letters:replay", {"jobs": ["{job}"]}),
    ("api-releases", "get"): ("release.plan", "releases", None),
    ("api-releases", "post"): ("release.plan", "releases", {"spec": {"name": "customer"}, "reason": "Because."}),
    ("api-releases-rollback", "post"): ("release.plan", "releases:rollback", {"domain": "customer", "to": 99, "reason": "Go."}),
    ("api-release", "get"): ("release.plan", "releases/{proposal}", None),
    ("api-release-plan", "post"): ("release.plan", "releases/{proposal}:plan", {}),
    ("api-release-approve", "post"): ("release.publish", "releases/{proposal}:approve", {}),
    ("api-release-refuse", "post"): ("release.plan", "releases/{proposal}:refuse", {"reason": "No."}),
}  # fmt: skip
ALSO = {
    "api-quarantined-resubmit": "record.write",
    "api-resubmissions": "record.write",
    "api-pair-undo": "pair.undo_others",
    "api-change-undo": "golden.unmerge",
    "api-ids-renew": "id.release_others",
    "api-ids-release": "id.release_others",
    "api-release-refuse": "release.publish",
}
"""A second verb that the act behind a route takes."""
PUBLIC = {"api-docs", "api-openapi"}


@pytest.fixture
def things(firm, people):
    """One of everything that a route can name."""
    send(
        *firms.alike("Quorl", "crm", "erp", phone="+44 113 496 0001", tax_id="GB980780684"),
        *firms.doubtful("Ulmqua"),
        *firms.doubtful("Vexpol"),
    )
    say("UNSURE", "Vexpol-a", "Vexpol-b", actor=people.zoe)
    send(customer("bad", {"country": "GB"}))
    systems.target("sfa")
    fake = FakeSystem("sfa").report()
    fake.put("account", "1", Name="Deadletter Quolvex Ltd", Country="GB")
    fake.refuse["1"] = Written("1", permanent=True, code="no")
    extract.pull("sfa")
    while deliver.work("sfa"):
        pass
    sequence.drain()
    golden = home("Quorl-crm")
    pinned = overrides.pin(
        enterprise_id=golden.enterprise_id, attribute="email", value="boss@secretquol.co.uk", seen_version=golden.version,
        actor=people.zoe, at=NOON, reason="as the test says",
    )  # fmt: skip
    asked = change_requests.ask(
        enterprise_id=golden.enterprise_id, attribute="city", value="York", reason="they moved", actor=people.eve, at=NOON
    )
    return {
        "enterprise_id": golden.enterprise_id,
        "override": pinned.pk,
        "request": asked.pk,
        "change": pinned.change_set_id,
        "other_id": home("Ulmqua-a").enterprise_id,
        "pair": MatchPair.objects.get(left__native_id="Ulmqua-a").pk,
        "pair_version": MatchPair.objects.get(left__native_id="Ulmqua-a").version,
        "decided": MatchPair.objects.get(left__native_id="Vexpol-a").pk,
        "quarantined": QuarantinedRecord.objects.get().pk,
        "finding": Finding.objects.create(
            domain="customer", golden=home("Quorl-crm"), kind="CIRCLE", relation="parent", first_seen_at=NOON, last_seen_at=NOON
        ).pk,
        "job": Job.objects.get(status="DEAD").pk,
        "proposal": proposed(people).pk,
        "reserved": ids.reserve(actor=people.zoe)[0],
    }


def proposed(people):
    """A release that waits for a second person."""
    spec = releases.current("customer").spec
    row = proposals.propose(spec=replace(spec, match=replace(spec.match, auto=0.99)), reason="Why.", actor=people.hub, at=NOON)
    return proposals.plan(proposal_id=row.pk, actor=people.hub, at=NOON)


def filled(body, things):
    """The request with the numbers of this database."""
    if isinstance(body, dict):
        return {name: filled(value, things) for name, value in body.items()}
    if isinstance(body, list):
        return [filled(value, things) for value in body]
    return things[body[1:-1]] if isinstance(body, str) and body.startswith("{") else body


def call(caller, method, path, body, things):
    path = path.format(**things)
    if method == "get":
        path, _, query = path.partition("?")
        return caller.get(path, **dict(pair.split("=") for pair in query.split("&") if pair))
    return caller.send(method, path, filled(body, things))


def test_p14_every_route_and_method_is_in_the_matrix():
    patterns = [*urls.urlpatterns, *(one for one in api_urls.urlpatterns if isinstance(one, URLPattern))]
    known = {(one.name, method) for one in patterns for method in _methods(one)}

    assert {name for name, _ in known} - PUBLIC == {name for name, _ in ROUTES}
    assert {pair for pair in known if pair[0] not in PUBLIC} == set(ROUTES)


def _methods(pattern):
    """The methods that a view answers."""
    view = getattr(pattern.callback, "cls", None)
    return [name for name in ("get", "post", "put", "patch", "delete") if (view is None and name == "get") or hasattr(view, name)]


@pytest.mark.parametrize("role", Role)
def test_p14_a_route_is_open_to_the_roles_that_have_its_verb_and_to_no_other(api, people, things, role):
    caller, wrong = api(people.with_role(role)), []
    for (name, method), (verb, path, body) in ROUTES.items():
        may = roles.may(role, verb) and roles.may(role, ALSO.get(name, verb))
        status = call(caller, method, path, body, things).status_code
        if (status == 403) is may or status == 401 or status >= 500:
            wrong.append((name, method, status, may))

    assert wrong == []


@pytest.mark.parametrize("token", ["", "Token nonsense", "Token ", "Bearer abc", "Basic YTpi"])
def test_p14_nobody_gets_in_without_a_token(api, things, token):
    caller = api(None)
    caller.headers = {"Authorization": token} if token else {}

    statuses = {call(caller, method, path, body, things).status_code for (_, method), (_, path, body) in ROUTES.items()}

    assert statuses == {401}


def test_p14_the_refusal_says_who_may_and_how_to_say_who_one_is(api, people, things):
    refused = api(people.ben).send("delete", "records/crm/account/Quorl-crm", None)
    nobody = api(None).get("golden/customer")

    assert (
        refused.json()["detail"] == "Your role (viewer) may not do this (record.delete); it takes one of: lead, operator, admin."
    )
    assert nobody["WWW-Authenticate"] == "Token"
    assert nobody["Content-Type"] == "application/problem+json"


def test_p14_a_token_that_was_revoked_or_whose_owner_left_is_worth_nothing(api, people):
    ben, ada = api(people.ben), api(people.ada)
    ApiToken.objects.filter(user=people.ben).update(revoked_at=NOON)
    type(people.ada).objects.filter(pk=people.ada.pk).update(is_active=False)

    assert (ben.get("golden/customer").status_code, ada.get("golden/customer").status_code) == (401, 401)


def test_p14_only_the_hash_of_a_token_is_kept(people):
    token = access.issue_token(user=people.ben, actor=people.zoe, at=NOON)

    row = ApiToken.objects.get()
    assert token not in {row.digest, row.hint}
    assert row.digest == access.digest(token)


# Confinement: nothing of another domain or another region in any answer.

READS = [key for key in ROUTES if key[1] == "get" or key[0] in {"api-crosswalk-lookup", "api-match"}]


@pytest.fixture
def canaries(firm, people):
    """Customers in Leeds (EMEA) and in Sydney (APAC), alike enough to ask; the words of Sydney must not reach Europe."""
    systems.declare("down")
    far = {"country": "AU", "city": "Sydney", "domain": "platypusquol.com.au", "phone": "+61 2 5550 0199"}
    send(
        customer("far-1", {"name": "Platypus Quolvex Pty Ltd", **far}, system="down"),
        customer("far-2", {"name": "Platypus Holdings", **far, "domain": ""}, system="crm"),
        customer("near", {"name": "Quorl Marine Ltd", "country": "GB", "city": "Leeds"}),
        customer("bad", {"country": "AU", "city": "Platypus Bay"}, system="down"),
    )
    sequence.drain()
    far = home("far-1", system="down")
    pinned = overrides.pin(
        enterprise_id=far.enterprise_id, attribute="city", value="Sydney", seen_version=far.version,
        actor=people.zoe, at=NOON, reason="a platypus said so",
    )  # fmt: skip
    asked = change_requests.ask(
        enterprise_id=far.enterprise_id, attribute="city", value="Platypus Bay", reason="platypus", actor=people.zoe, at=NOON
    )
    far_pair = MatchPair.objects.filter(left__native_id__startswith="far").first()
    return {
        "enterprise_id": far.enterprise_id,
        "override": pinned.pk,
        "request": asked.pk,
        "change": pinned.change_set_id,
        "other_id": home("far-2").enterprise_id,
        "pair": far_pair.pk if far_pair else 0,
        "pair_version": 1,
        "decided": far_pair.pk if far_pair else 0,
        "quarantined": QuarantinedRecord.objects.get().pk,
        "job": 1,
        "proposal": proposed(people).pk,
    }


def answers_of(caller, things, routes):
    found = {}
    for name, method in routes:
        _, path, body = ROUTES[name, method]
        found[name] = call(caller, method, path, body, things).content.decode()
    asked = {"domain": "customer", "attributes": {"name": "Platypus Quolvex Pty Ltd", "country": "AU", "city": "Sydney"}}
    found["match on it"] = caller.post("match", asked).content.decode()
    found["its key"] = caller.get("crosswalk/down/account/far-1").content.decode()
    keys = [{"system": "down", "object": "account", "native_id": "far-1"}]
    found["its key among many"] = caller.post("crosswalk:lookup", {"keys": keys}).content.decode()
    found["search"] = caller.get("golden/customer", q="platypus").content.decode()
    path, then = f"golden/customer/{things['enterprise_id']}", "2026-01-15T12:00:00Z"
    found["what was true"] = caller.get(path, as_of=then, include="provenance,records,relations").content.decode()
    found["what was known"] = caller.get(path, known_at=then, include="provenance,records,relations").content.decode()
    found["its record"] = caller.get("records/down/account/far-1").content.decode()
    return found


@pytest.mark.parametrize(
    "confines", [{"regions": ["EMEA"]}, {"domains": ["project"]}, {"domains": ["project"], "regions": ["APAC"]}], ids=str
)
def test_p14_nothing_of_another_region_or_domain_is_in_any_answer(api, people, canaries, confines):
    person = cast.person("confined", Role.ADMIN, **confines)

    found = answers_of(api(person), canaries, READS)

    leaks = {name: text for name, text in found.items() if any(word in text.lower() for word in ("platypus", "sydney", "5550"))}
    assert {name for name, text in leaks.items() if "urn:concord:problem" not in text} == set()
    asked_by_id = {
        "api-golden",
        "api-golden-compare",
        "api-golden-hierarchy",
        "api-id",
        "what was true",
        "what was known",
        "api-overrides",
        "api-requests-of-golden",
    }
    assert canaries["enterprise_id"] not in "".join(text for name, text in found.items() if name not in asked_by_id)


def test_p14_who_is_not_confined_sees_it_all(api, people, canaries):
    found = answers_of(api(people.zoe), canaries, READS)

    for name in ("api-goldens", "api-golden", "api-events", "match on it", "its key", "search"):
        assert canaries["enterprise_id"] in found[name], name


@pytest.mark.parametrize("confines", [{"regions": ["EMEA"]}, {"domains": ["project"]}], ids=str)
def test_p14_who_is_confined_changes_nothing_elsewhere(api, people, canaries, confines):
    person = cast.person("confined", Role.ADMIN, **confines)
    caller, before = api(person), list(Golden.objects.order_by("id").values("version", "status"))

    statuses = [
        caller.send("delete", "records/down/account/far-1", None).status_code,
        caller.post(
            "records:batch", {"records": [{**RECORD, "payload": {"name": "Roo Quolvex Ltd", "country": "AU"}}]}
        ).status_code,
        caller.post(f"pairs/{canaries['pair']}:decide", {"verdict": "SAME", "version": 1}).status_code,
        caller.post(f"golden/customer/{canaries['enterprise_id']}/overrides", {**PIN, "version": 2}).status_code,
        caller.post(f"overrides/{canaries['override']}:release", {}).status_code,
        *(
            caller.post(f"change-requests/{canaries['request']}:{verb}", SEEN).status_code
            for verb in ("approve", "refuse", "withdraw")
        ),
        caller.post(f"change-requests/{canaries['request']}/comments", {"text": "mine"}).status_code,
        caller.post(f"golden/customer/{canaries['enterprise_id']}/change-requests", WISH).status_code,
        caller.post(f"changes/{canaries['change']}:undo", {}).status_code,
        caller.post(f"changes/{canaries['change']}:unmerge", {}).status_code,
        caller.post(f"golden/customer/{canaries['enterprise_id']}:split", SPLIT).status_code,
        caller.post("merges", filled({**MERGE, "versions": {canaries["enterprise_id"]: 2}}, canaries)).status_code,
    ]

    assert set(statuses) <= {403, 404}
    assert list(Golden.objects.order_by("id").values("version", "status")) == before


def test_p14_a_regional_writer_works_within_its_region(people, canaries):
    person = cast.person("confined", Role.ADMIN, regions=["EMEA"])

    assert send(customer("mine", {"name": "Local Vexkel Ltd", "country": "GB"}), actor=person)[0].status == "created"
    with pytest.raises(NotAllowed, match="belongs to APAC"):
        send(customer("mine", {"name": "Local Vexkel Ltd", "country": "AU"}), actor=person)


def test_p14_a_regional_steward_decides_pairs_whose_two_records_are_near(api, people, firm):
    send(*firms.doubtful("Ulmqua"))
    person = cast.person("confined", Role.STEWARD, regions=["EMEA"])

    assert say("SAME", "Ulmqua-a", "Ulmqua-b", actor=person).verdict == "SAME"


# Values: what a role may not see is masked wherever it could show.

SECRETS = ("980780684", "4960001", "113 496", "secretquol", "496 0002", "4960003", "496 0003")


@pytest.fixture
def secrets(firm, people):
    one = {"tax_id": "GB980780684", "phone": "+44 113 496 0001", "email": "ceo@secretquol.co.uk"}
    send(*firms.alike("Quorl", "crm", **one))
    send(*firms.alike("Quorl", "erp", tax_id="GB980780684", phone="+44 113 496 0002"), at=later(1))
    send(*firms.doubtful("Ulmqua"))
    golden = home("Quorl-crm")
    pinned = overrides.pin(
        enterprise_id=golden.enterprise_id, attribute="email", value="boss@secretquol.co.uk", seen_version=golden.version,
        actor=people.zoe, at=later(2), reason="as the test says",
    )  # fmt: skip
    asked = change_requests.ask(
        enterprise_id=golden.enterprise_id,
        attribute="phone",
        value="+44 113 496 0003",
        reason="new",
        actor=people.zoe,
        at=later(3),
    )
    sequence.drain()
    return {"enterprise_id": golden.enterprise_id, "change": pinned.change_set_id, "request": asked.pk}


def test_p14_personal_values_are_masked_for_a_viewer_in_every_answer(api, people, secrets):
    ben = api(people.ben)
    routes = [key for key in READS if roles.may(Role.VIEWER, ROUTES[key][0])]
    asked = {
        "domain": "customer",
        "attributes": {"name": "Quorl Marine Ltd", "country": "GB", "city": "Leeds", "postcode": "LS1 4AB"},
    }

    found = {
        name: call(ben, method, ROUTES[name, method][1], ROUTES[name, method][2], secrets).content.decode()
        for name, method in routes
    }
    found["match with more"] = ben.post("match", asked).content.decode()

    assert {name: text for name, text in found.items() if any(secret in text for secret in SECRETS)} == {}
    assert MASK in found["api-golden"]
    assert MASK in found["api-events"]
    assert MASK in found["api-request"]


def test_p14_a_steward_sees_them(api, people, secrets):
    text = api(people.ada).get(f"golden/customer/{secrets['enterprise_id']}", include="provenance,history").content.decode()

    assert "GB980780684" in text
    assert "+441134960001" in text


@pytest.mark.parametrize("words", ["gb980780684", "980780684", "ceo@secretquol"])
def test_p14_a_viewer_cannot_find_out_a_masked_value_by_searching_for_it(api, people, secrets, words):
    assert api(people.ben).get("golden/customer", q=words).json()["results"] == []
    assert api(people.ben).get("golden/customer", q="quorl").json()["results"] != []


def test_p14_a_steward_finds_it(api, people, secrets):
    assert len(api(people.ada).get("golden/customer", q="gb980780684").json()["results"]) == 1


def test_p14_an_explanation_hides_the_stored_value_and_shows_the_callers_own(api, people, secrets):
    asked = {"domain": "customer", "attributes": {"name": "Quorl Marine Ltd", "country": "GB", "phone": "+44 113 496 0001"}}

    steps = api(people.ben).post("match", asked).json()["candidates"][0]["explanation"]["steps"]

    phone = next(step for step in steps if step["comparison"] == "phone")
    assert phone["right"] == MASK
    assert phone["left"] != MASK


def test_p14_dead_letters_keep_values_from_those_who_may_not_see_them(things, people, api):
    assert api(people.oli).get("sync/dead-letters").json()["dead_letters"][0]["exchange"] is not None
    confined = cast.person("confined", Role.OPERATOR, domains=["project"])
    assert api(confined).get("sync/dead-letters").json()["dead_letters"] == []
    assert api(confined).post("sync/dead-letters:replay", {"jobs": [things["job"]]}).status_code == 404


def test_p14_logs_hold_no_values_of_records(firm, people, api, caplog):
    with caplog.at_level(logging.DEBUG):
        logging.getLogger("django.db.backends").setLevel(logging.INFO)  # SQL is logged for developers only, when DEBUG is on
        send(*firms.alike("Quorl", "crm", tax_id="GB980780684", phone="+44 113 496 0001"))
        send(customer("bad", {"country": "GB", "tax_id": "GB980780684"}))
        api(people.ada).post(
            "match", {"domain": "customer", "attributes": {"phone": "+44 113 496 0001", "tax_id": "GB98078068X"}}
        )
        api(people.ada).get("golden/customer", q="secretquol")

    assert [
        line for line in caplog.text.splitlines() if any(secret in line for secret in ("980780684", "496 0001", "98078068X"))
    ] == []


@pytest.mark.parametrize(
    "path",
    [
        *("crosswalk/crm/account/a%00b", "crosswalk/c%00m/account/a", "golden/cust%00omer", "golden/customer/CUS%00"),
        *("events?type=a%00", "quarantine?system=%00", "sync/dead-letters?target=%00", "golden/customer?cursor=%00"),
        *("pairs?domain=%00", "crosswalk/crm/account/a?scope=%00"),
    ],
)  # fmt: skip
def test_p14_strange_characters_are_refused_and_never_an_error_of_ours(api, people, firm, path):
    answer = api(people.zoe).client.get(f"/api/v1/{path}", headers=api(people.zoe).headers)

    assert answer.status_code in {200, 400, 404}
    assert "Traceback" not in answer.content.decode()
