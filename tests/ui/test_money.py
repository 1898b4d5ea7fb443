"""Contracts, invoices and resources on the desk, and the money behind a pair."""

from __future__ import annotations

from dataclasses import replace

import pytest

from mdm import permissions
from mdm.actions.golden import risk
from mdm.actions.governance import releases as releasing
from mdm.engine import releases
from mdm.models import MatchPair
from tests.factories import desk as work
from tests.factories.money import contract, invoice, project, to_customer
from tests.factories.records import home, send
from tests.factories.times import NOON, later
from tests.people import People
from tests.ui.conftest import Desk, text

pytestmark = pytest.mark.django_db


def test_the_queue_says_what_is_at_stake(known: People, desk: Desk):
    work.pair(1)
    assert "At stake" not in text(desk(known.ada).get("/review/"))
    send(contract("c", customer=to_customer("L-001")), invoice("i", customer=to_customer("L-001"), currency="GBP"))
    risk.weigh(actor=permissions.machine(), at=NOON)

    page = text(desk(known.ada).get("/review/"))

    assert "At stake" in page
    assert "contract value <strong>EUR 50,000</strong>" in page
    assert "open invoices <strong>GBP 1,000</strong>" in page


def test_the_focus_screen_says_what_hangs_on_both(known: People, desk: Desk):
    pair = work.pair(1)
    send(contract("c", customer=to_customer("L-001")), invoice("i", customer=to_customer("R-001", system="erp")))

    page = text(desk(known.ada).get(f"/review/{pair.pk}/"))

    assert "Behind these golden records: 1 contract, 1 invoice, in Crm, Erp." in page
    assert 'At stake: <span class="stake">contract value <strong>EUR 50,000</strong></span>' in page


def test_two_invoices_show_their_own_money(known: People, desk: Desk):
    said = {"number": "", "amount": "700", "issued_on": "2026-02-28", "customer_name": "Kestrel Marine Ltd"}
    send(invoice("a", **said), invoice("b", system="psa", **said))
    pair = MatchPair.objects.get(domain="invoice")

    page = text(desk(known.ada).get(f"/review/{pair.pk}/"))

    assert "Behind these golden records" not in page
    assert '<p>At stake: <span class="stake">open invoices <strong>EUR 1,400</strong></span>.</p>' in page


def test_invoices_and_contracts_are_found_and_shown_as_other_records(known: People, desk: Desk):
    send(contract("c", title="Harbour platform"), invoice("i", number="INV-2026-00417"))
    client = desk(known.ada)

    found = text(client.get("/records/", {"q": "INV-2026-00417"}))
    page = text(client.get(f"/records/{home('c').enterprise_id}/"))

    assert home("i", system="erp").enterprise_id in found
    assert "mistyped" not in found
    for words in ("Contracts", "Invoices", "Resources"):
        assert words in found
    assert "Harbour platform" in page
    assert '<bdi class="value">EUR 50,000</bdi>' in page


def test_an_amount_on_a_records_page_has_its_thousands_its_cents_and_its_currency(known: People, desk: Desk):
    said = {"number": "INV-2026-00417", "issued_on": "2026-01-05"}
    send(invoice("a", **said, amount="1250000.00"), invoice("b", system="psa", **said, amount="1250000.00"))
    send(invoice("a", **said, amount="1250000.50"), at=later(1))
    send(project("p", budget="98000.00"))
    client, golden = desk(known.ada), home("a", system="erp")

    page = text(client.get(f"/records/{golden.enterprise_id}/"))

    assert golden == home("b", system="psa")
    assert '<bdi class="value">EUR 1,250,000.50</bdi>' in page
    assert "<bdi>1,250,000</bdi>" in page, "what it won over, which may be in another currency"
    assert "1250000" not in page
    assert '<bdi class="value">98,000</bdi>' in text(client.get(f"/records/{home('p', system='psa').enterprise_id}/"))
    assert "<del><bdi>1,250,000</bdi></del>" in page
    past = text(client.get(f"/records/{golden.enterprise_id}/then/?known_at={NOON:%Y-%m-%dT%H:%M}"))
    assert '<bdi class="value">EUR 1,250,000</bdi>' in past
    compared = text(client.get(f"/records/{golden.enterprise_id}/compare/?from={NOON:%Y-%m-%dT%H:%M}"))
    assert '<td data-label="Before"><bdi>1,250,000</bdi></td><td data-label="After"><bdi>1,250,000.50</bdi></td>' in compared
    assert golden.values["amount"] == "1250000.5", "the hub itself keeps what was said"


def test_an_amount_that_a_role_may_not_see_stays_masked(known: People, desk: Desk):
    send(invoice("i"))
    spec = releases.current("invoice").spec
    rows = tuple(replace(row, sensitivity="restricted") if row.name in {"amount", "currency"} else row for row in spec.attributes)
    releasing.publish(spec=replace(spec, attributes=rows), actor=permissions.machine(), at=later(1))

    page = text(desk(known.ada).get(f"/records/{home('i', system='erp').enterprise_id}/"))

    assert '<th scope="row">Amount</th><td><bdi class="value">••••</bdi>' in page
    assert "EUR" not in page
    assert "1,000" not in page
