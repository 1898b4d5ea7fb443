"""A steward merges two golden records by keyboard and takes it back."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from mdm.models import ChangeSet
from tests.factories import desk as work
from tests.factories import records, states
from tests.journeys.conftest import Enter

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.django_db(transaction=True)]

GUARD_MS = 250  # the page takes no act in the first 150 ms after it is painted


def find_and_look(page: Page, name: str) -> None:
    """Find the other one, choose it and look; who then chooses otherwise looks again before they act."""
    page.keyboard.press("m")
    expect(page.get_by_label("Find others")).to_be_focused()
    page.keyboard.type(name)
    page.keyboard.press("Enter")
    page.get_by_label(f"Choose {name}").focus()
    page.keyboard.press("Space")
    page.keyboard.press("t")
    expect(page.get_by_role("heading", name="What follows")).to_be_visible()
    page.get_by_label(f"Take {name} in").uncheck()
    expect(page.get_by_role("button", name="Merge 2 into one")).to_be_disabled()
    page.get_by_label(f"Take {name} in").check()
    page.keyboard.press("t")
    expect(page.get_by_role("button", name="Merge 2 into one")).to_be_enabled()


def test_two_are_found_merged_with_a_chosen_value_and_undone_without_a_mouse(enter: Enter):
    records.send(*(records.customer(f"S-{number}", work.firm(number)) for number in range(2)))
    before, one, other = states.live(), records.home("S-0"), records.home("S-1")
    page = enter("ada")
    page.goto(f"/records/{one.enterprise_id}/")
    find_and_look(page, work.firm(1)["name"])

    city = page.get_by_role("combobox", name="City")
    city.focus()
    city.select_option("crm/account//S-1")
    expect(page.get_by_role("region", name="What follows").get_by_role("listitem")).to_contain_text("Hamburg")
    expect(city).to_be_focused()
    page.locator("h1").click()
    page.wait_for_timeout(GUARD_MS)
    page.keyboard.press("m")

    expect(page.get_by_text("2 golden records are one now")).to_be_visible()
    assert records.home("S-1").pk == one.pk
    assert records.home("S-1").values["city"] == "Hamburg"
    page.wait_for_timeout(GUARD_MS)
    page.keyboard.press("z")
    expect(page.get_by_text("Undone: everything stands as before.")).to_be_visible()
    expect(page).to_have_url(re.compile(f"/records/{one.enterprise_id}/"))
    assert states.live() == before
    assert records.home("S-1").pk == other.pk
    assert [row.kind for row in ChangeSet.objects.exclude(kind="resolve").order_by("id")] == ["merge", "undo"]
