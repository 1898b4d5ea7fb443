"""A domain is a file: vendors, which nothing in the hub knows, come in from two systems, become one and go back out."""

from __future__ import annotations

import pytest
from django.core.management import call_command
from django.test import Client
from django.urls import reverse

from connectors import deliver, extract
from mdm.errors import BadConfiguration
from mdm.models import Decision, Job
from tests.factories import decided, states, systems
from tests.factories.records import home
from tests.fakes import FakeSystem

pytestmark = pytest.mark.django_db

VENDOR = """
name: vendor
title: Vendor
title_plural: Vendors
prefix: VEN
label: name
search: [name, vendor_no, tax_id]

attributes:
  - {name: name, title: Vendor name, kind: organisation_name, is_required: true}
  - {name: vendor_no, title: Vendor number, kind: code}
  - {name: tax_id, title: Tax ID, kind: tax_id, country_from: country, on_problem: warn, sensitivity: personal}
  - {name: address, title: Street, kind: address}
  - {name: postcode, title: Postcode, kind: postcode, country_from: country}
  - {name: city, title: City, kind: city}
  - {name: country, title: Country, kind: country}
  - {name: payment_terms, title: Payment terms, kind: code, values: [net_14, net_30, net_60]}

relations:
  - {name: bought_by, title: Bought by, domain: legal_entity}

match:
  model: legal_entity
  attributes: {name: name, tax_id: tax_id, address: address, postcode: postcode, city: city, country: country}

survivorship:
  - {attributes: [payment_terms], strategies: [owner, most_recent]}

ownership:
  payment_terms: {ledger: owner}
"""
ROWS = [
    ["name", "SupplierName"],
    ["tax_id", "Vat"],
    ["address", "Street"],
    ["postcode", "Zip"],
    ["city", "Town"],
    ["country", "Land"],
    ["payment_terms", "Terms"],
    ["bought_by", "Company", {"codec": "ref", "object": "company"}],
]
LEDGER = """id,name,vendor_no,tax_id,address,postcode,city,country,payment_terms
V-1,Rotherham Paper Supplies Ltd,100017,GB980780684,14 Canal Street,S60 1AA,Rotherham,GB,net_30
V-2,Elbtal Druckerei GmbH,100018,,Hafenweg 3,20095,Hamburg,DE,net_14
"""


@pytest.fixture
def folder(tmp_path):
    """A folder of its own with one file; what it refers to was released before."""
    (tmp_path / "vendor.yaml").write_text(VENDOR, encoding="utf-8")
    return tmp_path


@pytest.fixture
def buying(firm, folder):
    """Vendors released; a ledger that sends files, and a buying tool that is read and written."""
    call_command("domains", "release", "--folder", str(folder))
    systems.declare("ledger")
    systems.target("buying", object="supplier", domain="vendor", rows=ROWS)
    tool = FakeSystem("buying").report()
    row = {"SupplierName": "Rotherham Paper Supplies Limited", "Vat": "980 7806 84", "Zip": "S60 1AA", "Land": "GB"}
    tool.put("supplier", "S9", **row, Street="14 Canal St", Town="Rotherham", Company="1")
    return tool


def load(folder, text=LEDGER):
    file = folder / "vendors.csv"
    file.write_text(text, encoding="utf-8")
    call_command("load", str(file), "--system", "ledger", "--object", "vendor", "--domain", "vendor", "--id", "id")


def push():
    while deliver.work("buying"):
        pass


def test_a_domain_nobody_wrote_code_for_is_loaded_matched_and_read(buying, folder, api, people):
    load(folder)
    extract.pull("buying")

    golden = home("S9", system="buying")
    assert home("V-1", system="ledger") == golden != home("V-2", system="ledger")
    assert golden.enterprise_id.startswith("VEN-")

    caller = api(people.ada)
    answer = caller.get(f"golden/vendor/{golden.enterprise_id}", include="records,provenance").json()
    assert answer["values"]["payment_terms"] == "net_30"
    assert [row["system"] for row in answer["records"]] == ["buying", "ledger"]
    assert caller.get("crosswalk/buying/supplier/S9").json()["enterprise_id"] == golden.enterprise_id
    found = caller.post("match", {"domain": "vendor", "attributes": {"name": "Rotherham Paper Supplies", "postcode": "S60 1AA"}})
    assert [row["enterprise_id"] for row in found.json()["candidates"]] == [golden.enterprise_id]
    assert states.faults() == []


def test_two_vendors_a_person_calls_one_become_one_and_part_again(buying, folder, people):
    load(folder, LEDGER + "V-3,Rotherham Stationery,100019,,14 Canal Street,S60 1AA,Rotherham,GB,\n")
    extract.pull("buying")
    before = states.live()

    decided.say("SAME", "V-3", "S9", actor=people.ada)
    joined = {name: home(name, system=system) for name, system in (("V-1", "ledger"), ("V-3", "ledger"), ("S9", "buying"))}
    decided.take_back(Decision.objects.get(undone_at=None), actor=people.ada)

    assert len(set(joined.values())) == 1
    assert states.live() == before
    assert states.faults() == []


def test_what_survived_of_a_vendor_goes_to_the_tool_under_its_own_names(buying, folder):
    load(folder)
    extract.pull("buying")
    push()

    row = buying.row("S9", "supplier")
    assert (row["Terms"], row["HubId"]) == ("net_30", home("S9", system="buying").enterprise_id)
    assert [job.status for job in Job.objects.all()] == ["DONE"]

    writes = len(buying.journal)
    extract.pull("buying")
    push()
    assert len(buying.journal) == writes


def test_the_desk_finds_and_shows_vendors(buying, folder, people):
    load(folder)
    extract.pull("buying")
    desk, golden = Client(), home("S9", system="buying")
    desk.force_login(people.ada)

    found = desk.get(reverse("stewardship:search"), {"q": "rotherham paper", "type": "vendor"}).content.decode()
    page = desk.get(reverse("stewardship:record", args=[golden.enterprise_id])).content.decode()

    assert "Vendors" in found
    assert golden.enterprise_id in found
    assert "Payment terms" in page


def test_a_file_beside_the_released_domains_may_not_take_their_prefix_or_name_what_is_not_there(folder):
    wrong = VENDOR.replace("prefix: VEN", "prefix: CUS").replace("domain: legal_entity", "domain: warehouse")
    (folder / "vendor.yaml").write_text(wrong, encoding="utf-8")

    with pytest.raises(BadConfiguration) as refused:
        call_command("domains", "check", "--folder", str(folder))

    assert "is the prefix of customer too" in str(refused.value)
    assert "names 'warehouse'" in str(refused.value)
