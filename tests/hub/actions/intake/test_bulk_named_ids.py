"""Bulk loads of records that come under an enterprise ID: claimed, refused and noted as when they come one by one."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest
from django.db import transaction

from mdm import permissions
from mdm.actions.intake import bulk
from mdm.models import Crosswalk, Drift, QuarantinedRecord, Reservation, SourceRecord
from mdm.rules.golden import enterprise_id
from tests.factories import firms, ids, organisations, states, systems
from tests.factories.records import customer, home, send
from tests.factories.times import NOON, later

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("firm")]


def load(*incoming):
    told = bulk.load(incoming=incoming, domain="customer", actor=permissions.machine(), at=later(1))
    return [outcome for _, outcome in sorted(told, key=lambda one: one[0])]


def carried():
    """Which record stands under which ID, who claimed what, and which names are open; IDs that nobody reserved left out."""
    reserved = set(Reservation.objects.values_list("enterprise_id", flat=True))
    homes = Crosswalk.objects.filter(valid_to=None, golden__enterprise_id__in=reserved)
    return (
        set(homes.values_list("record__native_id", "record__source__system", "golden__enterprise_id")),
        set(Reservation.objects.values_list("enterprise_id", "status", "record__native_id", "record__source__system")),
        set(Drift.objects.filter(status="OPEN").values_list("source__system", "native_id", "actual")),
        sorted(QuarantinedRecord.objects.values_list("native_id", "enterprise_id", "codes")),
    )


@pytest.mark.parametrize("seed", range(3))
def test_the_same_ids_are_claimed_and_refused_as_one_by_one(seed, monkeypatch):
    chance = random.Random(seed)
    names = ids.reserve(20)
    lapsed, wrong = ids.reserve(1, minutes=0.5)[0], enterprise_id.make("CUS", 9_999_999)
    said = [*names, lapsed, wrong, *[""] * 40]
    made = [replace(one, enterprise_id=chance.choice(said)) for one in organisations.mixed(seed, 120, common=0.3)]
    monkeypatch.setattr(bulk, "PORTION", 50_000)

    with transaction.atomic():
        outcomes = load(*made)
        bulky = carried()
        assert states.faults() == []
        transaction.set_rollback(True)
    assert not SourceRecord.objects.exists()

    live = send(*made, alone=True, at=later(1))
    assert carried() == bulky
    assert bulky[0]
    assert bulky[2]
    assert bulky[3]
    assert [(one.status, [note["code"] for note in one.notes]) for one in outcomes] == [
        (one.status, [note["code"] for note in one.notes]) for one in live
    ]


def test_portions_come_and_go_and_an_id_is_claimed_once(monkeypatch):
    monkeypatch.setattr(bulk, "PORTION", 2)
    name = ids.reserve()[0]
    filler = [customer(f"n{place}", {"name": f"Firm{place}quol Ltd", "country": "GB", "city": "Leeds"}) for place in range(5)]
    crm, erp, psa = firms.alike("Quorl", "crm", "erp", "psa")

    outcomes = load(crm, *filler, erp, replace(psa, enterprise_id=name))

    assert {outcome.status for outcome in outcomes} == {"created"}
    assert len({home("Quorl-crm"), home("Quorl-erp", system="erp"), home("Quorl-psa", system="psa")}) == 1
    row = Reservation.objects.get()
    assert (row.status, row.record.native_id) == ("CLAIMED", "Quorl-psa")
    assert states.faults() == []


def test_stamps_claim_what_was_reserved_here_and_are_noted_where_another_hub_left_them():
    systems.declare("old", objects=[systems.Declared("account", "customer", enterprise_id_field="HubId")])
    name, lapsed = ids.reserve()[0], ids.reserve(1, minutes=0.5)[0]
    stamps = [name, lapsed, enterprise_id.make("CUS", 9_999_999), enterprise_id.make("PRJ", 1), "junk", ""]
    batch = [
        customer(f"n{place}", {"name": f"Firm{place}quol Ltd", "country": "GB", "HubId": stamp}, system="old")
        for place, stamp in enumerate(stamps)
    ]

    outcomes = load(*batch)

    assert [outcome.status for outcome in outcomes] == ["created", "quarantined", *["created"] * 4]
    notes = [[note["code"] for note in outcome.notes] for outcome in outcomes]
    assert notes == [[], [], ["unknown_id"], ["wrong_domain_id"], ["bad_input"], []]
    assert home("n0", system="old").enterprise_id == name
    assert set(Drift.objects.values_list("native_id", "actual")) == {("n2", stamps[2]), ("n3", stamps[3])}
    assert load(*batch)[2].status == "unchanged"
    assert set(Drift.objects.values_list("native_id", "seen")) == {("n2", 2), ("n3", 2)}


def test_a_stamp_that_was_loaded_unchanged_claims_late():
    systems.declare("old", objects=[systems.Declared("account", "customer", enterprise_id_field="HubId")])
    name = ids.reserve()[0]
    send(customer("1", {"name": "Kestrel Marine Ltd", "country": "GB"}, system="old"), at=NOON)

    outcomes = load(customer("1", {"name": "Kestrel Marine Ltd", "country": "GB", "HubId": name}, system="old"))

    row = Reservation.objects.get(enterprise_id=name)
    assert ([outcome.status for outcome in outcomes], row.status, row.record.native_id) == (["unchanged"], "CLAIMED", "1")
