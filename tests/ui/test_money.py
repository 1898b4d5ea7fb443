"""Contracts, invoices and resources on the desk, and the money behind a pair."""

from __future__ import annotations

import pytest

from mdm import permissions
from mdm.actions.golden import risk
from mdm.models import MatchPair
from tests.factories import desk as work
from tests.factories.money import contract, invoice, to_customer
from tests.factories.records import home, send
from tests.factories.times import NOON
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
    assert "50000" in page
