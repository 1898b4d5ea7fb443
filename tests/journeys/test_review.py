"""A steward clears the queue by keyboard."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from mdm.models import Decision
from tests.factories import desk as work
from tests.factories import records
from tests.journeys.conftest import PASSWORD, Enter

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.django_db(transaction=True)]

GUARD_MS = 250  # the page takes no verdict in the first 150 ms after a pair is painted

# Ten presses ten milliseconds apart, made inside the browser: from outside, a busy machine spreads them over seconds.
BURST = """async () => {
    for (let count = 0; count < 10; count += 1) {
        document.body.dispatchEvent(new KeyboardEvent("keydown", { key: "n", bubbles: true, cancelable: true }));
        await new Promise((resume) => setTimeout(resume, 10));
    }
}"""


def press(page: Page, key: str) -> None:
    page.wait_for_timeout(GUARD_MS)
    page.keyboard.press(key)


def shown(page: Page) -> str:
    heading = page.locator("#pair h1").text_content()
    assert heading is not None
    return heading


def test_logs_in_resolves_five_pairs_by_keyboard_undoes_one(enter: Enter):
    made = work.pairs(6)
    page = enter("ada")

    page.keyboard.press("g")
    page.keyboard.press("r")
    page.wait_for_url("**/review/")
    page.keyboard.press("Enter")
    for place, key in enumerate("mnumn"):
        expect(page).to_have_url(re.compile(f"/review/{made[place].pk}/"))
        press(page, key)
    expect(page).to_have_url(re.compile(f"/review/{made[5].pk}/"))
    expect(page.locator("#pair h1")).to_be_focused()
    expect(page.locator("#say")).to_contain_text("Said: Different. Undo with Z.")

    press(page, "z")

    expect(page).to_have_url(re.compile(f"/review/{made[4].pk}/"))
    expect(page.locator("#say")).to_contain_text("Undone")
    verdicts = [(said.verdict, said.undone_at is None) for said in Decision.objects.order_by("id")]
    assert verdicts == [("SAME", True), ("DIFFERENT", True), ("UNSURE", True), ("SAME", True), ("DIFFERENT", False)]
    assert records.home("L-000").pk == records.home("R-000", system="erp").pk


def test_a_bouncing_or_held_key_is_one_decision(enter: Enter):
    work.pairs(12)
    page = enter("ada")
    page.goto("/review/")
    page.keyboard.press("Enter")
    page.wait_for_url("**/review/*/")
    page.wait_for_timeout(GUARD_MS)

    page.evaluate(BURST)
    page.wait_for_timeout(800)
    assert Decision.objects.count() == 1

    page.keyboard.down("n")  # held: the browser repeats it
    for _ in range(8):
        page.keyboard.down("n")
        page.wait_for_timeout(30)
    page.keyboard.up("n")
    page.wait_for_timeout(800)
    assert Decision.objects.count() == 2


def test_a_late_verdict_on_a_changed_pair_says_so_and_decides_nothing(enter: Enter):
    pair = work.pair()
    page = enter("ada")
    page.expects_refusal = True
    page.goto(f"/review/{pair.pk}/")
    pair.version += 1
    pair.save()

    press(page, "m")

    expect(page.get_by_role("alert")).to_contain_text("changed while you were reading it")
    assert Decision.objects.count() == 0
    page.get_by_role("link", name="Show the page as it is now").click()
    press(page, "m")
    expect(page).to_have_url(re.compile("/review/done/"))
    assert Decision.objects.count() == 1


def test_two_stewards_never_get_the_same_pair(enter: Enter):
    work.pairs(4)
    ada, dee = enter("ada"), enter("dee")
    seen: dict[str, list[str]] = {"ada": [], "dee": []}
    for page in (ada, dee):
        page.goto("/review/")
        page.get_by_role("button", name="Start reviewing").click()
        page.wait_for_url("**/review/*/")

    for _ in range(2):
        for name, page in (("ada", ada), ("dee", dee)):
            before = shown(page)
            seen[name].append(before)
            press(page, "n")
            expect(page.locator("h1")).not_to_have_text(before)

    assert len({*seen["ada"], *seen["dee"]}) == 4
    assert Decision.objects.count() == 4


def test_letters_rest_in_fields_and_when_switched_off(enter: Enter):
    pair = work.pair()
    page = enter("ada")
    page.goto(f"/review/{pair.pk}/")
    page.keyboard.press("/")
    expect(page.locator("#find")).to_be_focused()
    page.keyboard.type("mnusz")
    expect(page.locator("#find")).to_have_value("mnusz")

    page.goto("/settings/")
    page.get_by_label("Single keys act on the page").uncheck()
    page.get_by_role("button", name="Save settings").click()
    page.goto(f"/review/{pair.pk}/")
    press(page, "n")
    page.wait_for_timeout(400)

    assert Decision.objects.count() == 0
    page.get_by_role("button", name="Different").click()
    expect(page).to_have_url(re.compile("/review/done/"))
    assert Decision.objects.get().verdict == "DIFFERENT"


def test_help_opens_and_closes_by_key(enter: Enter):
    page = enter("ada")
    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name="Keyboard shortcuts")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_be_hidden()


def test_everything_works_without_scripts(enter: Enter):
    first, second = work.pairs(2)
    page = enter("ada", java_script_enabled=False)
    page.get_by_role("button", name="Start reviewing").click()
    page.get_by_role("button", name="Same: merge").click()
    expect(page).to_have_url(re.compile(f"/review/{second.pk}/"))
    page.get_by_role("button", name="Skip").click()
    expect(page.get_by_role("heading", name="Nothing more to review here")).to_be_visible()
    page.get_by_role("button", name=re.compile("^Undo Same")).click()
    expect(page).to_have_url(re.compile(f"/review/{first.pk}/"))
    page.goto("/review/")
    page.get_by_label("Band").select_option("AUTO")
    page.get_by_role("button", name="Apply").click()
    expect(page.get_by_role("heading", name="No pair fits these filters")).to_be_visible()


def test_a_refused_record_is_mended_in_the_browser(enter: Enter):
    records.send(records.customer("A-1", {"country": "GB"}))
    page = enter("ada")
    page.goto("/quarantine/")
    page.get_by_role("link", name="A-1").click()
    page.get_by_label("The record as it was sent").fill('{"name": "Kestrel Marine Ltd", "country": "GB"}')
    page.get_by_role("button", name="Save and send in again").click()
    expect(page.get_by_role("heading", name="Kestrel Marine Ltd")).to_be_visible()


def test_when_the_hub_does_not_answer_the_page_says_so(enter: Enter):
    pair = work.pair()
    page = enter("ada")
    page.expects_refusal = True
    page.goto(f"/review/{pair.pk}/")
    page.route("**/decision", lambda route: route.abort())

    press(page, "m")

    expect(page.get_by_role("alert")).to_contain_text("The hub does not answer")
    expect(page.get_by_role("button", name="Same: merge")).to_be_enabled()
    page.unroute("**/decision")
    press(page, "m")
    expect(page).to_have_url(re.compile("/review/done/"))
    assert Decision.objects.get().verdict == "SAME"


def test_a_session_that_ended_leads_to_the_log_in_and_back(enter: Enter):
    pair = work.pair()
    page = enter("ada")
    page.expects_refusal = True
    page.goto(f"/review/{pair.pk}/")
    page.context.clear_cookies(name="sessionid")

    press(page, "m")

    expect(page.get_by_role("heading", name="Log in to Concord")).to_be_visible()
    page.get_by_label("Name").fill("ada")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Log in").click()
    expect(page).to_have_url(re.compile(f"/review/{pair.pk}/"))
    assert Decision.objects.count() == 0
