"""Invoices, contracts and consultants of two systems: what the shipped models join, ask, and keep apart."""

from __future__ import annotations

from typing import Any

import pytest

import matching

Record = dict[str, Any]
AUTO, REVIEW, BELOW = "auto", "review", "no"

INVOICE: Record = {
    "number": "INV-2026-00417",
    "customer_name": "Kestrel Marine Ltd",
    "subject": "Harbour platform, February",
    "issued_on": "2026-02-28",
    "amount": "12500.00",
    "currency": "EUR",
}
CONTRACT: Record = {
    "number": "C-2026-0815",
    "title": "Harbour platform implementation",
    "customer_name": "Kestrel Marine Ltd",
    "type": "fixed_price",
    "start_on": "2026-02-01",
    "end_on": "2027-01-31",
    "amount": "480000",
    "currency": "EUR",
}
PERSON: Record = {
    "full_name": "Katharina Müller",
    "employee_no": "100417",
    "email": "k.mueller@firm-advisers.com",
    "job_title": "Senior Consultant",
    "hired_on": "2021-04-01",
    "city": "Hamburg",
    "country": "DE",
}
BARE = {"employee_no": None, "email": None, "hired_on": None}


def band(model_name: str, one: Record, other: Record) -> str:
    """What becomes of a pair: joined by the machine, asked, or neither; the same for records that share no key."""
    model = matching.load_model(model_name)
    names = list(dict.fromkeys((*one, *other)))
    columns = {name: [one.get(name), other.get(name)] for name in names}
    explained = matching.explain(model, matching.standardise(model, columns), 0, 1)
    return explained.band if explained.shared_keys or explained.band == BELOW else f"{explained.band}, but they share no key"


@pytest.mark.parametrize(
    ("change", "wanted"),
    [
        ({"customer_name": "KESTREL MARINE LIMITED", "subject": "Harbour platform"}, AUTO),
        ({"number": "2026/00417", "customer_name": "Kestrel Marine"}, AUTO),
        ({"number": "INV-2026-00417", "amount": "14875.00", "subject": None}, AUTO),
        ({"number": "INV-2026-00417", "issued_on": "2026-03-02"}, AUTO),
        ({"number": None, "subject": None}, REVIEW),
        ({"number": "P-7731", "order_no": "PO-88120"}, REVIEW),
        ({"number": "INV-2026-00418"}, BELOW),
        ({"number": "INV-2026-00431", "issued_on": "2026-02-14"}, BELOW),
        ({"number": "INV-2026-00431", "subject": None}, BELOW),
        ({"number": "INV-2025-00417", "issued_on": "2025-02-28"}, BELOW),
        ({"number": "INV-2026-00445", "issued_on": "2026-03-28", "subject": "Harbour platform, March"}, BELOW),
        ({"amount": "-12500.00", "number": "CN-2026-00031"}, BELOW),
        ({"currency": "USD", "amount": "13600.00"}, REVIEW),
        ({"currency": "USD", "number": "INV-2026-00431"}, BELOW),
        ({"customer_name": "Brightwater Analytics GmbH", "amount": "990.00", "issued_on": "2026-01-09", "subject": None}, BELOW),
    ],
    ids=[
        "the same in ERP and PSA",
        "the same number with another prefix",
        "net there, gross here",
        "posted two days later",
        "a draft without number",
        "each system numbers by itself, one order",
        "the next number, all else equal",
        "equal amounts in one month",
        "equal amounts on one day",
        "the same number a year ago",
        "next month's retainer",
        "a credit note",
        "one number, two currencies",
        "another number and currency",
        "another issuer's number",
    ],
)
def test_invoices(change: Record, wanted: str):
    one = {**INVOICE, "order_no": change.get("order_no")}

    assert band("invoice", one, {**one, **change}) == wanted


@pytest.mark.parametrize(
    ("change", "wanted"),
    [
        ({"customer_name": "Kestrel Marine Limited", "title": "Harbor Platform - Implementation"}, AUTO),
        ({"number": None}, AUTO),
        ({"number": "SO-99417"}, REVIEW),
        ({"number": "C-2025-0633", "start_on": "2025-02-01", "end_on": "2026-01-31"}, BELOW),
        ({"number": "C-2026-0816", "title": "Crew training", "amount": "90000"}, BELOW),
        ({"number": None, "title": "Harbour platform implementation, phase 2"}, REVIEW),
        ({"number": None, "title": "Harbour platform implementation, phase 2", "start_on": "2027-02-01", "end_on": None}, BELOW),
        ({"type": "framework", "number": "C-2025-0101", "title": "Master services agreement", "amount": None}, BELOW),
        ({"customer_name": "Brightwater Analytics GmbH", "number": None}, BELOW),
    ],
    ids=[
        "the same in CRM and ERP",
        "no number there",
        "each system numbers by itself",
        "last year's contract",
        "another work order of the same day",
        "a phase there, none here",
        "the phase after it",
        "the framework above it",
        "another customer",
    ],
)
def test_contracts(change: Record, wanted: str):
    assert band("contract", CONTRACT, {**CONTRACT, **change}) == wanted


@pytest.mark.parametrize(
    ("one", "other", "wanted"),
    [
        ({}, {"full_name": "Mueller, Katharina", "hired_on": None}, AUTO),
        ({}, {"full_name": "Katarina Mueller", "employee_no": None, "job_title": "Sr. Consultant"}, AUTO),
        ({}, {"full_name": "Kathi Müller", "email": None, "hired_on": None}, REVIEW),
        ({}, {"employee_no": "E-100417", "email": None}, AUTO),
        ({}, {"employee_no": "E-100417", "email": "katharina.mueller@old-firm.de", "hired_on": None}, REVIEW),
        ({}, {"full_name": "Katharina Schneider", "email": "k.schneider@firm-advisers.com"}, REVIEW),
        ({}, {"employee_no": "C-5531", "email": "k.mueller@contractors.example", "hired_on": None}, BELOW),
        ({}, {"employee_no": "100982", "email": "katharina.mueller2@firm-advisers.com", "hired_on": "2024-09-01"}, BELOW),
        ({}, {"employee_no": "100982", "email": None, "hired_on": None}, BELOW),
        (BARE, BARE, REVIEW),
        (BARE, {**BARE, "city": "Munich", "job_title": "Accountant"}, BELOW),
        ({}, {"full_name": "Jonas Weber", "email": None, "hired_on": None, "city": "Munich"}, BELOW),
        ({"phone": "+49 40 1234560"}, {**BARE, "phone": "+49 40 1234560", "full_name": "Jonas Weber"}, BELOW),
    ],
    ids=[
        "HR and PSA, family name first",
        "another spelling, the same mailbox",
        "a pet name, the same number",
        "the number with a prefix",
        "the number with a prefix, a mailbox of old",
        "a new family name and mailbox, number and first day the same",
        "came back as a contractor",
        "two people of one name",
        "two people of one name, little known of one",
        "nothing but name, office and title",
        "one name, two offices",
        "one number in two companies",
        "one switchboard",
    ],
)
def test_consultants(one: Record, other: Record, wanted: str):
    assert band("resource", {**PERSON, **one}, {**PERSON, **other}) == wanted


def test_two_systems_with_four_equal_invoices_each_make_four():
    """Instalments of one amount to one customer, two on each of two days; the numbers tell them apart."""
    days = ["2026-02-14", "2026-02-14", "2026-02-28", "2026-02-28"]
    erp = [{**INVOICE, "number": f"INV-{7 + 10 * place:05}", "issued_on": day} for place, day in enumerate(days)]
    psa = [{**row, "number": row["number"].replace("INV-", "2026-"), "customer_name": "Kestrel Marine"} for row in erp]
    model, rows = matching.load_model("invoice"), [*erp, *psa]
    ids, columns = [f"r{place}" for place in range(8)], {name: [row[name] for row in rows] for name in INVOICE}

    found = matching.resolve(model, columns, ids=ids)

    groups: dict[Any, list[str]] = {}
    for name, cluster in zip(ids, found.clusters.labels, strict=True):
        groups.setdefault(cluster, []).append(name)
    assert sorted(groups.values()) == [["r0", "r4"], ["r1", "r5"], ["r2", "r6"], ["r3", "r7"]]
