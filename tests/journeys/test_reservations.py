"""Reserving enterprise IDs by keyboard, in a real browser."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from mdm.models import Reservation
from tests.journeys.conftest import Enter

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.django_db(transaction=True)]


def test_ids_are_reserved_held_for_longer_and_given_back_without_a_mouse(enter: Enter):
    page = enter("ada")
    page.goto("/reservations/")
    page.keyboard.press("a")
    page.get_by_label("Domain").select_option("customer")
    page.get_by_label("What for").focus()
    page.keyboard.type("the Leeds fair")
    page.keyboard.press("Enter")
    expect(page.get_by_text("Reserved CUS-")).to_be_visible()
    row = Reservation.objects.get()

    page.get_by_label(f"Choose {row.enterprise_id}").focus()
    page.keyboard.press("Space")
    page.get_by_label("For days, from now").fill("30")
    page.keyboard.press("Enter")
    expect(page.get_by_text("held for 30 days from now")).to_be_visible()

    page.get_by_label(f"Choose {row.enterprise_id}").check()
    page.get_by_label("Reason").fill("called off")
    page.get_by_role("button", name="Give the chosen ones back").click()
    expect(page.get_by_text("given back; never used again")).to_be_visible()
    expect(page.get_by_role("heading", name="No ID is held")).to_be_visible()
    row.refresh_from_db()
    assert (row.status, row.reason) == ("RELEASED", "called off")
