"""Contracts, invoices and consultants of several systems, from the payload to the golden record."""

from __future__ import annotations

import pytest

from mdm.engine.preparing import Incoming
from mdm.models import Golden, MatchPair
from mdm.readers.golden.kin import related
from mdm.readers.governance.sight import Sight
from mdm.rules.governance import roles
from tests.factories import states, systems
from tests.factories.money import contract, invoice, to_customer
from tests.factories.records import FIRM, customer, home, record, send

pytestmark = pytest.mark.django_db

BILLED = {"customer_name": "Kestrel Marine Ltd", "amount": "12500.00", "currency": "EUR", "issued_on": "2026-02-28"}


def bill(native_id, system, **payload):
    return Incoming(system, "invoice", native_id, {"status": "open", **BILLED, **payload}, "invoice")


def person(native_id, system, **payload):
    said = {"full_name": "Katharina Müller", "country": "DE", "city": "Hamburg", "job_title": "Senior Consultant"}
    return Incoming(system, "worker", native_id, {**said, **payload}, "resource")


def of(native_id, system):
    return home(native_id, system=system)


def test_one_invoice_of_erp_and_psa_is_one_and_says_who_is_billed(firm, people):
    send(customer("k1", FIRM))
    send(
        bill("1", "erp", number="INV-2026-00417", customer=to_customer("k1"), status="paid", paid_on="2026-01-10"),
        bill("A", "psa", number="2026/00417", customer_name="KESTREL MARINE", status="approved"),
    )

    golden = of("1", "erp")
    assert of("A", "psa") == golden
    assert golden.enterprise_id.startswith("IVC-")
    assert golden.values["amount"] == "12500"
    (kin,) = related.outward(golden, sight=Sight(people.ada))
    assert (kin.title, kin.enterprise_id) == ("Customer", of("k1", "crm").enterprise_id)
    assert states.faults() == []


def test_equal_instalments_of_two_systems_stay_as_many_as_they_are(firm):
    days = ("2026-02-14", "2026-02-14", "2026-02-28")
    for system in ("erp", "psa"):
        send(
            *[
                bill(f"{place}", system, number=f"INV-2026-0{410 + place}", issued_on=day, subject="Instalment")
                for place, day in enumerate(days)
            ]
        )

    assert [of(f"{place}", "erp") == of(f"{place}", "psa") for place in range(3)] == [True] * 3
    assert Golden.objects.live().filter(domain="invoice").count() == 3


def test_invoices_without_a_number_are_asked_about_and_never_joined(firm):
    send(bill("1", "erp"), bill("A", "psa"))

    assert of("1", "erp") != of("A", "psa")
    assert MatchPair.objects.get(domain="invoice").status == "OPEN"


def test_an_invoice_needs_an_amount_and_a_currency_and_a_credit_note_is_below_zero(firm):
    short, credit = send(bill("1", "erp", currency=""), bill("2", "erp", number="CN-7", amount="-300"))

    assert (short.status, credit.status) == ("quarantined", "created")
    assert record("2", system="erp").attributes["amount"] == "-300"


def test_one_contract_of_crm_and_erp_is_one_and_the_erp_names_the_terms(firm):
    said = {"title": "Harbour platform implementation", "customer_name": "Kestrel Marine Ltd", "start_on": "2026-02-01"}
    send(
        contract("c1", number="C-2026-0815", **said),
        contract("77", system="erp", number="2026-0815", payment_terms="30 days", **said),
        contract("78", system="erp", number="2026-0816", **said),
    )

    assert of("c1", "crm") == of("77", "erp") != of("78", "erp")
    assert of("c1", "crm").values["payment_terms"] == "30 days"


def test_a_framework_and_its_work_orders_are_a_tree_without_circles(firm):
    frame = {"system": "crm", "object": "contract", "native_id": "f1"}
    send(contract("f1", title="Master services agreement", type="framework"), contract("w1", framework=frame))
    (refused,) = send(contract("f1", title="Master services agreement", framework={**frame, "native_id": "w1"}))

    assert refused.status == "quarantined"


def test_one_consultant_of_hr_and_psa_is_one_and_two_of_one_name_are_two(firm):
    send(
        person("100417", "hr", employee_no="100417", email="k.mueller@firm-advisers.com", hired_on="2021-04-01"),
        person("100982", "hr", employee_no="100982", email="katharina.mueller@firm-advisers.com", hired_on="2024-09-01"),
        person("r-1", "psa", full_name="Mueller, Katharina", email="K.Mueller@firm-advisers.com", job_title="Consultant"),
        person("r-2", "psa", full_name="Katarina Mueller", employee_no="100982"),
    )

    assert of("100417", "hr") == of("r-1", "psa")
    assert of("100982", "hr") == of("r-2", "psa")
    assert of("100417", "hr") != of("100982", "hr")
    assert states.faults() == []


def test_a_namesake_of_whom_nothing_else_is_known_is_asked_about(firm):
    send(person("100417", "hr", employee_no="100417"), person("r-1", "psa"))

    assert of("100417", "hr") != of("r-1", "psa")
    assert MatchPair.objects.get(domain="resource").status == "OPEN"


def test_people_are_masked_for_those_who_may_not_see_them(firm, people, api):
    send(person("100417", "hr", employee_no="100417", email="k.mueller@firm-advisers.com"))
    golden = of("100417", "hr")

    shown = {user.name: api(user).get(f"golden/resource/{golden.enterprise_id}").json() for user in (people.ben, people.ada)}

    assert shown["ada"]["values"]["full_name"] == "Katharina Müller"
    assert shown["ben"]["values"]["full_name"] == shown["ben"]["values"]["email"] == roles.MASK
    assert shown["ben"]["values"]["employee_no"] == "100417"
    assert golden.regions == ["EMEA"]


def test_what_hr_owns_a_push_from_elsewhere_does_not_change(firm):
    """HR is called workday in the shipped declaration."""
    systems.declare("workday")
    send(person("9", "workday", employee_no="100417", email="k.mueller@firm-advisers.com", status="on_leave"))
    send(person("r-1", "psa", employee_no="100417", email="k.mueller@firm-advisers.com", status="active"))

    assert of("r-1", "psa") == of("9", "workday")
    assert of("9", "workday").values["status"] == "on_leave"


def test_an_invoice_that_points_at_a_contract_is_read_with_it(firm, people, api):
    send(contract("c1"), invoice("i1", contract={"system": "crm", "object": "contract", "native_id": "c1"}))

    answer = api(people.ada).get(f"golden/invoice/{of('i1', 'erp').enterprise_id}", include="relations").json()

    assert of("c1", "crm").enterprise_id in str(answer["relations"])
