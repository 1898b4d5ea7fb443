"""What holds on every screen: who gets in, the policy, the correlation ID, the words of refusals."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from mdm.actions.governance import quality
from mdm.models import AuditEntry, Load, QuarantinedRecord
from tests.factories import desk as work
from tests.factories import records
from tests.factories.times import NOON
from tests.people import People
from tests.ui.conftest import HTMX, Desk, text

pytestmark = pytest.mark.django_db

# Whoever is not logged in gets an answer here and nowhere else.
PUBLIC = {"healthz", "login/"}
SAMPLES = {"int": "1", "str": "x", "path": "x", "slug": "x"}
INLINE = re.compile(r"<script(?![^>]*\bsrc=)|<style|\sstyle=|\son[a-z]+=|javascript:", re.I)


def addresses(patterns, before: str = "") -> Iterator[str]:
    for pattern in patterns:
        path = before + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            if path != "admin/":
                yield from addresses(pattern.url_patterns, path)
        elif isinstance(pattern, URLPattern):
            yield re.sub(r"<(\w+):\w+>", lambda found: SAMPLES[found[1]], path)


def test_every_address_is_private_or_on_the_list(db):
    opened = []
    for path in addresses(get_resolver().url_patterns):
        response = Client().get(f"/{path}")
        is_shut = response.status_code in {401, 403} or (
            response.status_code == 302 and response["Location"].startswith("/login/")
        )
        opened += [] if is_shut else [path]

    assert set(opened) - {"api/docs/", "api/v1/openapi.json"} == PUBLIC


@pytest.fixture
def screens(known: People) -> list[str]:
    """One address of every screen, with something on it."""
    pair = work.pair()
    work.dead_letter(records.home("L-000"))
    work.drift("L-000")
    records.send(records.customer("Q-1", {}))
    quality.grade_all(actor=known.hub, at=NOON)
    golden, load, refused = records.home("L-000").enterprise_id, Load.objects.first().pk, QuarantinedRecord.objects.get().pk
    return [
        "/", "/review/", "/review/?status=UNSURE", f"/review/{pair.pk}/", "/review/done/", "/records/", "/records/?q=avocet",
        f"/records/{golden}/", f"/records/{golden}/then/?known_at=2026-01-20",
        f"/records/{golden}/compare/?from=2026-01-01", "/quarantine/", f"/quarantine/{refused}/", "/loads/", f"/loads/{load}/",
        "/erasures/", f"/erasures/?id={golden}",
        "/quality/", "/quality/customer/", "/quality/customer/?system=crm", "/quality/customer/records/?failing=located",
        "/quarantine/resubmit/?code=missing",
        "/sync/", "/sync/dead/",
        "/sync/stuck/", "/reservations/",
        "/drift/", "/settings/", "/help/shortcuts/", "/records/nonsense/", "/review/999999/", "/nowhere/",
    ]  # fmt: skip


def test_no_screen_has_inline_scripts_or_styles(screens: list[str], known: People, desk: Desk):
    client = desk(known.zoe)

    found = {url: INLINE.findall(client.get(url).content.decode()) for url in [*screens, "/login/"]}

    assert {url: inline for url, inline in found.items() if inline} == {}


def test_every_screen_has_one_heading_a_title_and_a_language(screens: list[str], known: People, desk: Desk):
    client = desk(known.zoe)

    for url in screens:
        page = client.get(url).content.decode()
        assert len(re.findall("<h1", page)) == 1, url
        assert "<title>" in page, url
        assert '<html lang="en"' in page, url


def test_the_policy_allows_nothing_but_our_own_files(known: People, desk: Desk):
    policy = desk(known.ada).get("/")["Content-Security-Policy"]

    assert "default-src 'none'" in policy
    assert "script-src 'self'" in policy
    assert "unsafe" not in policy
    assert "http" not in policy


def test_the_correlation_id_is_in_the_answer_and_in_the_audit(known: People, desk: Desk):
    pair = work.pair()

    response = desk(known.ada).post(
        f"/review/{pair.pk}/decision", {"verdict": "DIFFERENT", "version": pair.version}, headers={"X-Request-ID": "abc-123"}
    )

    assert response["X-Request-ID"] == "abc-123"
    assert AuditEntry.objects.get(verb="pair.decide").correlation == "abc-123"


@pytest.mark.parametrize("given", ["", "x" * 200, "a b", "<script>"])
def test_a_strange_correlation_id_is_replaced(known: People, desk: Desk, given: str):
    assert re.fullmatch(r"[0-9a-f]{32}", desk(known.ada).get("/", headers={"X-Request-ID": given})["X-Request-ID"])


def test_a_refusal_is_a_page_or_a_notice(known: People, desk: Desk):
    client = desk(known.ben)

    page, notice = client.get("/review/"), client.get("/review/", headers=HTMX)

    assert (page.status_code, notice.status_code) == (403, 403)
    assert "<html" in text(page)
    assert "<html" not in text(notice)
    assert notice["HX-Retarget"] == "#notice"
    assert "Not allowed" in text(notice)


def test_nobody_is_sent_elsewhere_after_a_refusal(known: People, desk: Desk):
    page = text(desk(known.ben).get("/review/", headers={"Referer": "https://evil.example/"}))

    assert "evil.example" not in page


def test_areas_out_of_reach_are_not_offered(known: People, desk: Desk):
    areas = {area["key"] for area in desk(known.ben).get("/records/").context["areas"]}

    assert areas == {"requests", "records", "loads", "quality"}


def test_log_in_and_out(known: People):
    known.ada.set_password("a long password")
    known.ada.save()
    client = Client()

    assert "do not fit" in text(client.post("/login/", {"username": "ada", "password": "wrong"}))
    response = client.post("/login/?next=/review/", {"username": "ada", "password": "a long password", "next": "/review/"})
    assert response["Location"] == "/review/"
    assert client.post("/logout/")["Location"] == "/login/"
    assert client.get("/")["Location"] == "/login/?next=/"


def test_somebody_switched_off_does_not_get_in(known: People, desk: Desk):
    client = desk(known.ada)
    known.ada.is_active = False
    known.ada.save()

    assert client.get("/").status_code == 302


def test_health_says_whether_the_database_answers(db, monkeypatch):
    assert Client().get("/healthz").json() == {"status": "ok"}

    monkeypatch.setattr("mdm.readers.governance.health.database_answers", lambda: False)
    assert Client().get("/healthz").status_code == 503


def test_settings_are_kept_and_obeyed(known: People, desk: Desk):
    client = desk(known.ada)
    assert 'data-shortcuts="on"' in text(client.get("/"))

    client.post("/settings/", {"theme": "dark"})

    page = text(client.get("/"))
    assert 'data-shortcuts="off"' in page
    assert 'data-theme="dark"' in page
    assert client.post("/settings/", {"theme": "purple"}).status_code == 422


def test_a_form_without_its_token_is_refused(known: People):
    client = Client(enforce_csrf_checks=True)
    client.force_login(known.ada)

    response = client.post("/review/next")

    assert response.status_code == 403
    assert "The form is too old" in text(response)


def test_the_gallery_is_for_whoever_builds(known: People, desk: Desk, settings):
    client = desk(known.ada)
    assert client.get("/ui-components/").status_code == 404

    settings.DEBUG = True
    page = client.get("/ui-components/").content.decode()
    assert "Same after cleaning" in page
    assert INLINE.findall(page) == []


def test_home_counts_are_the_lists_they_lead_to(screens: list[str], known: People, desk: Desk):
    client = desk(known.zoe)
    home = client.get("/").context["home"]

    assert home.open_pairs.number == len(client.get("/review/").context["page"].rows) == 1
    assert home.dead.number == len(client.get("/sync/dead/").context["page"].rows) == 1
    assert home.drifts.number == len(client.get("/drift/").context["page"].rows) == 1
    assert home.quarantined.number == len(client.get("/quarantine/").context["page"].rows) == 1


def test_the_admin_site_only_looks(screens: list[str], known: People, desk: Desk):
    client = desk(known.zoe)

    assert client.get("/admin/").status_code == 200
    assert client.get("/admin/mdm/golden/").status_code == 200
    assert client.get("/admin/mdm/golden/add/").status_code == 403
    assert "password" not in text(client.get(f"/admin/mdm/user/{known.ada.pk}/change/"))
    assert desk(known.ada).get("/admin/").status_code == 302


def test_a_session_that_ended_leads_to_the_log_in_as_a_whole(known: People):
    response = Client().post("/review/1/decision", headers={**HTMX, "HX-Current-URL": "http://testserver/review/1/"})

    assert response.status_code == 401
    assert response["HX-Redirect"] == "/login/?next=http%3A%2F%2Ftestserver%2Freview%2F1%2F"


def test_an_error_page_is_a_notice_for_htmx(known: People):
    client = Client(enforce_csrf_checks=True)
    client.force_login(known.ada)

    response = client.post("/review/next", headers=HTMX)

    assert (response.status_code, response["HX-Retarget"]) == (403, "#notice")
    assert "<html" not in text(response)
    assert "open for too long" in text(response)


def test_a_crash_is_told_with_its_reference(known: People, desk: Desk, monkeypatch):
    client = desk(known.ada)
    client.raise_request_exception = False
    monkeypatch.setattr("mdm.readers.governance.home.home", lambda **_: 1 / 0)

    page, notice = client.get("/"), client.get("/", headers=HTMX)

    assert page.status_code == notice.status_code == 500
    assert "Something broke" in text(page)
    assert notice["X-Request-ID"] in text(notice)
    assert "ZeroDivisionError" not in text(page) + text(notice)
