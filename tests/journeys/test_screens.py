"""Every screen, full and empty, light and dark, wide and narrow: accessible, inside its window, without complaint."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from mdm import permissions
from mdm.actions.exchange import schedules
from mdm.actions.golden import risk
from mdm.actions.golden.kin import findings
from mdm.actions.governance import change_requests, quality, request_upkeep
from mdm.actions.governance.releasing import proposals
from mdm.actions.intake import resubmissions
from mdm.engine import releases
from mdm.engine.preparing import Incoming
from mdm.models import Load, QuarantinedRecord
from mdm.rules.governance.domains import Strategy, Survive
from tests.factories import desk as work
from tests.factories import erased, groups, ids, money, pinned, records, systems
from tests.factories.times import NOON, later
from tests.journeys.conftest import Enter, violations

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.django_db(transaction=True)]

LONG = "Gesellschaft für außerordentlich langnamige Unternehmensverwaltungsdienstleistungen mit beschränkter Haftung & Co. KG"


def filled() -> list[str]:
    """Something on every screen, long words included; their addresses."""
    systems.target("psa")
    left = {**records.FIRM, "name": LONG, "email": "einkauf.und.beschaffungswesen@unternehmensverwaltungsdienstleistungen.de"}
    pair = work.pair(left=left, right={**records.OTHER, "phone": "+49 40 1234567"}, weight=4.2)
    work.pair(1, weight=-1.5, band="AUTO")
    work.pair(2, status="UNSURE")
    records.send(records.customer("P-1", {"Name": "Kestrel Marine", "Country": "GB"}, system="psa"))
    work.dead_letter(records.home("P-1", system="psa"), target="psa")
    work.drift("L-000")
    hangs = money.to_customer("L-000")
    records.send(money.contract("c1", customer=hangs), money.invoice("i1", customer=hangs, currency="GBP", subject=LONG))
    risk.weigh(actor=permissions.machine(), at=NOON)
    records.send(records.customer("Q-1", {"country": "Atlantis", "tax_id": "GB 123"}))
    send_groups()
    run = resubmissions.start(actor=permissions.machine(), at=timezone.now(), reason=LONG, system="crm")
    for night in (8, 5, 1):
        quality.grade_all(actor=permissions.machine(), at=timezone.now() - timedelta(days=night))
    held = ids.reserve(3, at=timezone.now())
    records.send(records.customer("R-1", {"name": "Kestrel Marine Nord Ltd", "country": "GB"}, enterprise_id=held[0]))
    records.send(records.customer("E-1", {"name": "Xylandra Quorlvex", "country": "SE"}))
    gone = erased.erase(records.home("E-1").enterprise_id, at=timezone.now(), reason=LONG)
    to_erase = erased.ask(records.home("R-000", system="erp").enterprise_id, at=timezone.now(), reason=LONG)
    proposed = changed_release()
    golden, refused = records.home("L-000").enterprise_id, QuarantinedRecord.objects.get().pk
    asked = change_requests.ask(
        enterprise_id=golden,
        attribute="city",
        value=LONG[:90],
        reason=f"they moved: {LONG}",
        actor=permissions.machine(),
        at=NOON,
    )
    change_requests.comment(request_id=asked.pk, text=LONG, actor=permissions.machine(), at=NOON)
    request_upkeep.weigh(actor=permissions.machine(), at=NOON)
    billed, acted = records.home("i1", system="erp").enterprise_id, records.home("A")
    acting = f"/records/{acted.enterprise_id}"
    pin = pinned.pin(acted, "city", LONG[:90], actor=permissions.machine(), reason=LONG)
    return [
        "/", "/review/", f"/review/{pair.pk}/", "/requests/", f"/requests/{asked.pk}/",
        "/records/", "/records/?q=gesellschaft", f"/records/{golden}/",
        f"/records/{billed}/", "/quarantine/",
        f"/records/{golden}/then/?known_at=2026-01-20", f"/records/{golden}/compare/?from=2026-01-14&to=2026-01-20",
        f"/quarantine/{refused}/", "/loads/", f"/loads/{Load.objects.first().pk}/", "/sync/", "/sync/dead/", "/drift/",
        "/erasures/", f"/erasures/?id={golden}", f"/erasures/{gone.pk}/", f"/erasures/{to_erase.pk}/",
        f"/records/{gone.enterprise_ids[0]}/",
        "/findings/", f"/records/{records.home('C').enterprise_id}/hierarchy/", f"/records/{records.home('A').enterprise_id}/",
        f"/records/{records.home('C').enterprise_id}/hierarchy/?as_of=2026-01-15",
        "/quality/", "/quality/customer/", "/quality/customer/?system=crm", "/quality/customer/records/?failing=located",
        "/quarantine/?system=crm", "/quarantine/resubmit/?system=crm", f"/quarantine/resubmissions/{run.pk}/",
        "/reservations/", "/reservations/?status=CLAIMED", f"/records/{held[0]}/", "/releases/",
        f"/releases/{proposed}/",
        f"{acting}/merge/?q=linnet&with={golden}", f"{acting}/split/?record=erp/account//A",
        f"{acting}/pin/?field=parent&q=bittern",
        f"/changes/{pin.change_set_id}/",
    ]  # fmt: skip


def changed_release() -> int:
    """A release that waits for a second person, above the limits."""
    machine, spec = permissions.machine(), releases.current("customer").spec
    rules = tuple(rule for rule in spec.survivorship if rule.attributes != ("name",))
    wanted = replace(
        spec, match=replace(spec.match, auto=0.99), survivorship=(Survive(("name",), (Strategy("longest"),)), *rules)
    )
    row = proposals.propose(spec=wanted, reason=LONG, actor=machine, at=NOON)
    return proposals.plan(proposal_id=row.pk, actor=machine, at=NOON).pk


def send_groups() -> None:
    """A group of five levels, two of its parents in a circle, one record with two parents, a customer that a project misses."""
    groups.tell("A", "B<A", "C<B", "D<C", "E<D", "F<C", "G<A", "H<G")
    groups.tell("A<B", "B", "C<A", system="erp", at=later(1))
    aim = {"native_id": "K", "scope": "uk", "object": "account", "system": "hr"}
    records.send(records.customer("K", system="hr", scope="uk"))
    records.send(Incoming("hr", "job", "P", {"name": LONG, "customer": aim}, "project", scope="de"))
    machine = permissions.machine()
    schedules.put_standing(actor=machine, at=NOON)
    schedules.tick(actor=machine, at=later(24 * 60))
    while findings.look_next(actor=machine, at=later(24 * 60)):
        pass


EMPTY = [
    "/", "/review/", "/review/?status=UNSURE", "/review/?band=AUTO", "/review/done/", "/records/?q=zzz", "/records/CUS-00000000/",
    "/quality/", "/quality/customer/", "/quality/customer/records/", "/quarantine/resubmit/", "/erasures/",
    "/quarantine/", "/loads/", "/sync/", "/sync/dead/", "/sync/stuck/", "/drift/", "/findings/", "/settings/", "/help/shortcuts/",
    "/requests/", "/requests/?kind=CONTEST",
    "/reservations/", "/reservations/?status=LAPSED&mine=1",
    "/nowhere/",
]  # fmt: skip


LOOKS = [("desk", "light"), ("desk", "dark"), ("phone", "light")]  # the colours of a phone are those of the desk


def check(page: Page, urls: list[str]) -> list[str]:
    found = []
    page.expects_refusal = True  # two of the screens are refusals
    for url in urls:
        page.goto(url)
        for details in page.locator("details").all():
            details.evaluate("element => { element.open = true }")
        found += violations(page)
        found += [f"{url}: scrolls sideways"] if is_too_wide(page) else []
    return found


def is_too_wide(page: Page) -> bool:
    width: Any = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    return bool(width > 0)


@pytest.mark.parametrize(("size", "scheme"), LOOKS)
def test_full_screens(enter: Enter, size: str, scheme: str):
    urls = filled()

    assert check(enter("zoe", scheme=scheme, size=size), urls) == []


@pytest.mark.parametrize(("size", "scheme"), LOOKS)
def test_empty_screens_and_refusals(enter: Enter, size: str, scheme: str):
    assert check(enter("zoe", scheme=scheme, size=size), EMPTY) == []


def test_the_dialog_and_the_notice(enter: Enter):
    pair = work.pair()
    page = enter("ada")
    page.expects_refusal = True
    page.goto(f"/review/{pair.pk}/")
    page.get_by_role("link", name="Keyboard shortcuts").click()
    assert violations(page) == []
    page.keyboard.press("Escape")
    pair.version += 1
    pair.save()
    page.get_by_role("button", name="Different").click()
    expect(page.get_by_role("alert")).to_contain_text("Nothing was changed")
    assert violations(page) == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_gallery_and_the_log_in(enter: Enter, settings: Any, scheme: str):
    settings.DEBUG = True
    page = enter("ada", scheme=scheme)
    page.goto("/ui-components/")
    assert violations(page) == []

    page.get_by_role("button", name="Log out").click()
    page.get_by_label("Name").fill("ada")
    page.get_by_label("Password").fill("wrong")
    page.get_by_role("button", name="Log in").click()
    expect(page.get_by_role("alert").last).to_contain_text("do not fit")
    assert violations(page) == []


def test_a_chosen_theme_beats_the_systems(enter: Enter):
    page = enter("ada", scheme="light")
    page.goto("/settings/")
    page.get_by_label("Dark").check()
    page.get_by_role("button", name="Save settings").click()

    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(18, 22, 29)"


def test_two_hundred_percent_text_still_fits(enter: Enter):
    urls = filled()
    page = enter("zoe", size="phone")
    page.set_viewport_size({"width": 640, "height": 800})
    for url in urls:
        page.goto(url)
        page.evaluate("document.body.style.fontSize = '28px'; document.body.style.lineHeight = '40px'")
        assert not is_too_wide(page), url


def test_on_paper_the_record_keeps_its_provenance(enter: Enter):
    filled()
    page = enter("ada")
    page.goto(f"/records/{records.home('L-000').enterprise_id}/")
    page.emulate_media(media="print")

    expect(page.locator(".top")).to_be_hidden()
    expect(page.locator("details.why .panel").first).to_be_visible()
