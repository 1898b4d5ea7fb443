"""Merge, split, move, undo and unmerge as a system asks for them; a preview says what then happens."""

from __future__ import annotations

import pytest
from django.utils import timezone

from connectors import deliver, extract
from mdm.models import ChangeSet, Golden, Job, System
from tests.factories import firms, states, systems
from tests.factories.money import contract, invoice, project, to_customer
from tests.factories.records import customer, home, send
from tests.fakes import FakeSystem

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("firm")]


@pytest.fixture
def both():
    send(*firms.alike("Quorl", "crm", "erp", tax_id="GB980780684"), *firms.alike("Vexpol", "crm", "psa", email="a@vexpol.co.uk"))
    return home("Quorl-crm"), home("Vexpol-crm")


def asked(*goldens, **more):
    rows = [Golden.objects.get(pk=golden.pk) for golden in goldens]
    names = [row.enterprise_id for row in rows]
    return {"enterprise_ids": names, "versions": {row.enterprise_id: row.version for row in rows}, "reason": "one firm", **more}


def values(name):
    return Golden.objects.get(enterprise_id=name).values


def test_a_preview_says_what_the_merge_then_does_field_by_field(api, people, both):
    ada, (one, two) = api(people.ada), both
    body = asked(
        one, two, survivor=two.enterprise_id, choices={"city": {"value": "york"}, "address": {"record": "crm/account//Quorl-crm"}}
    )
    before = values(two.enterprise_id)

    foreseen = ada.post("merges:preview", body).json()
    assert states.live()[one.enterprise_id][0] == "LIVE"
    done = ada.post("merges", body)

    assert done.status_code == 201
    assert foreseen["survivor"] == two.enterprise_id
    assert foreseen["ending"] == [one.enterprise_id]
    (result,) = foreseen["results"]
    assert set(result["records"]) == set(states.live()[two.enterprise_id][1])
    titles = {"City": "city", "Street": "address", "Tax ID": "tax_id", "Web domain": "domain", "Name": "name"}
    told = {titles[change["title"]]: (change["before"], change["after"]) for change in result["changes"]}
    after = values(two.enterprise_id)
    assert told == {
        name: (before.get(name), after.get(name)) for name in {*before, *after} if before.get(name) != after.get(name)
    }
    assert {life["enterprise_id"]: life["after"] for life in done.json()["lives"]} == {one.enterprise_id: "MERGED"}
    assert ada.get(f"golden/customer/{one.enterprise_id}").status_code == 307


def test_a_preview_says_exactly_what_a_system_is_then_sent(api, people):
    systems.target("sfa")
    System.objects.filter(pk="sfa").update(undo_seconds=0)
    fake = FakeSystem("sfa").report()
    fake.put("account", "1", Name="Quolvex Marine Ltd", Country="GB", City="Leeds")
    extract.pull("sfa")
    send(customer("b", {"name": "Brightwater Analytics GmbH", "country": "DE", "postcode": "20095", "city": "Hamburg"}))
    while deliver.work("sfa"):
        pass
    fake.journal.clear()
    body = asked(home("1", system="sfa"), home("b"), survivor=home("b").enterprise_id)

    (result,) = api(people.ada).post("merges:preview", body).json()["results"]
    api(people.ada).post("merges", body)
    Job.objects.filter(status="QUEUED").update(due_at=timezone.now())
    while deliver.work("sfa"):
        pass

    (push,) = result["pushes"]
    sent = {name: value for change in fake.journal for name, value in change.fields.items()}
    titles = {"Name": "Name", "Country": "Country", "City": "City", "Postcode": "Zip"}
    assert sent == {titles[one["title"]]: one["after"] for one in push["changes"]} | {"HubId": push["new_id"]}


def test_a_preview_says_what_hangs_on_what_would_change(api, people, both):
    (ours, theirs), aim = both, to_customer("Quorl-crm")
    send(project("p1", customer=aim), contract("c1", customer=aim), invoice("i1", customer=to_customer("Vexpol-crm")))
    send(invoice("i2", customer=aim, currency="GBP", amount="0.25"))

    radius = api(people.ada).post("merges:preview", asked(ours, theirs)).json()["radius"]

    assert {one["domain"]: one["count"] for one in radius["touched"]} == {"contract": 1, "invoice": 2, "project": 1}
    money = {one["domain"]: one["sums"] for one in radius["money"]}
    assert {domain: set(sums) for domain, sums in money.items()} == {"contract": {"EUR"}, "invoice": {"EUR", "GBP"}}
    assert money["invoice"]["GBP"] == "0.25"
    assert {"Crm", "Erp", "Psa"} <= set(radius["systems"])


def test_a_split_and_a_move_have_a_dry_run(api, people, both):
    dee, (one, two) = api(people.dee), both
    split = {"version": one.version, "parts": [["erp/account//Quorl-erp"]], "dry_run": True}

    foreseen = dee.post(f"golden/customer/{one.enterprise_id}:split", split).json()
    assert [(result["enterprise_id"], result["records"]) for result in foreseen["results"]] == [
        (one.enterprise_id, ["crm/account//Quorl-crm"]),
        ("new", ["erp/account//Quorl-erp"]),
    ]
    assert not ChangeSet.objects.exists()
    assert dee.post(f"golden/customer/{one.enterprise_id}:split", {**split, "dry_run": False}).status_code == 201
    born = home("Quorl-erp", system="erp")
    move = {"into": two.enterprise_id, "records": ["psa/account//Vexpol-psa"], "versions": {}}
    move |= {"into": born.enterprise_id, "versions": {two.enterprise_id: two.version, born.enterprise_id: born.version}}
    assert dee.post(f"golden/customer/{two.enterprise_id}:move", {**move, "dry_run": True}).json()["note"] == ""
    assert dee.post(f"golden/customer/{two.enterprise_id}:move", move).status_code == 201
    assert home("Vexpol-psa", system="psa").pk == born.pk


def test_changes_are_listed_shown_undone_and_unmerged(api, people, both):
    ada, dee, before = api(people.ada), api(people.dee), states.live()
    change = ada.post("merges", asked(*both)).json()["id"]

    listed = ada.get("changes", enterprise_id=both[1].enterprise_id).json()["results"]
    assert [(one["id"], one["kind"], one["is_undoable"]) for one in listed] == [(change, "merge", True)]
    assert ada.get(f"changes/{change}").json()["moves"][0]["left"] == both[1].enterprise_id
    rehearsed = dee.post(f"changes/{change}:unmerge", {"dry_run": True}).json()["changes"]
    assert rehearsed[-1]["lives"] == [{"enterprise_id": both[1].enterprise_id, "before": "MERGED", "after": "LIVE"}]
    assert states.live() != before
    assert ada.post(f"changes/{change}:undo", {}).json()["undoes"] == change
    assert states.live() == before

    second = ada.post("merges", asked(*both)).json()["id"]
    assert dee.post(f"changes/{second}:unmerge", {"reason": "two firms"}).json()["changes"][0]["kind"] == "unmerge"
    assert states.live() == before
    assert ada.get("changes", kind="merge").json()["results"][0]["undone_by"] > second


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        ("merges", {}, 400),
        ("merges", {"enterprise_ids": ["CUS-4F7K2M9Q"], "versions": {}}, 400),
        ("merges", {"enterprise_ids": [1, 2], "versions": {}}, 400),
        ("merges", {"enterprise_ids": ["a", "b"], "versions": []}, 400),
        ("merges", {"enterprise_ids": ["a", "b"], "versions": {}, "choices": [1]}, 400),
        ("golden/customer/CUS-4F7K2M9Q:split", {"version": True, "parts": [["x"]]}, 400),
        ("golden/customer/CUS-4F7K2M9Q:split", {"version": 1, "parts": "x"}, 400),
        ("golden/customer/CUS-4F7K2M9Q:move", {"into": 1}, 400),
        ("changes/999999:undo", {}, 404),
        ("changes/999999:unmerge", {"chain": 1}, 400),
        ("overrides/999999:release", {}, 404),
    ],
)
def test_what_makes_no_sense_is_refused(api, people, path, body, status):
    assert api(people.zoe).post(path, body).status_code == status
