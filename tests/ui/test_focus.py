"""One pair on the screen: what is shown, what a verdict does, what is refused."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from mdm.models import AuditEntry, Crosswalk, Decision, MatchPair
from tests.factories import desk as work
from tests.factories import records
from tests.people import People
from tests.ui.conftest import HTMX, Desk, text

pytestmark = pytest.mark.django_db


def say(client, pair: MatchPair, verdict: str, *, version: int | None = None, headers: dict[str, str] | None = None):
    said = {"verdict": verdict, "version": version or pair.version}
    return client.post(f"/review/{pair.pk}/decision", said, headers=headers or {})


def test_fields_have_a_verdict_in_words_and_signs(known: People, desk: Desk):
    pair = work.pair(
        left={"name": "Acme Consulting GmbH", "country": "DE", "city": "Leeds", "industry": "Energy"},
        right={"name": "ACME Consulting G.m.b.H.", "country": "DE", "city": "Turin", "phone": "+49 40 1234567"},
    )

    page = text(desk(known.ada).get(f"/review/{pair.pk}/"))

    for words in ("= Same", "Same after cleaning", "≠ Differs", "∅ Missing in A"):
        assert words.replace("= ", "=</span> ").replace("≠ ", "≠</span> ").replace("∅ ", "∅</span> ") in page


def test_next_takes_a_lease_and_a_get_does_not(known: People, desk: Desk):
    pair = work.pair()
    client = desk(known.ada)

    client.get(f"/review/{pair.pk}/")
    pair.refresh_from_db()
    assert pair.leased_by is None
    response = client.post("/review/next")

    pair.refresh_from_db()
    assert response.status_code == 303
    assert response["Location"] == f"/review/{pair.pk}/"
    assert pair.leased_by == known.ada


def test_same_without_scripts_merges_and_leads_to_the_next_pair(known: People, desk: Desk):
    first, second = work.pairs(2)
    client = desk(known.ada)

    response = say(client, first, "SAME")

    assert (response.status_code, response["Location"]) == (303, f"/review/{second.pk}/")
    assert records.home("L-000").pk == records.home("R-000", system="erp").pk
    assert Decision.objects.get().verdict == "SAME"


def test_with_htmx_the_next_pair_is_in_the_answer(known: People, desk: Desk):
    first, second = work.pairs(2)

    response = say(desk(known.ada), first, "DIFFERENT", headers=HTMX)

    page = text(response)
    assert response["HX-Push-Url"] == f"/review/{second.pk}/"
    assert f'action="/review/{second.pk}/decision"' in page
    assert "<html" not in page
    assert "Said: Different." in page


def test_the_filter_is_carried_from_pair_to_pair(known: People, desk: Desk):
    first = work.pair(0, weight=5.0, systems=("psa", "erp"))
    work.pair(1, weight=4.0)
    third = work.pair(2, weight=3.0, systems=("psa", "erp"))

    response = desk(known.ada).post(
        f"/review/{first.pk}/decision", {"verdict": "DIFFERENT", "version": first.version, "q": "source=psa"}
    )

    assert response["Location"] == f"/review/{third.pk}/?q=source%3Dpsa"


def test_the_end_of_the_queue_says_so(known: People, desk: Desk):
    client = desk(known.ada)

    response = say(client, work.pair(), "DIFFERENT")

    assert response["Location"] == "/review/done/"
    assert "Nothing more to review here" in text(client.get("/review/done/"))


def test_a_second_press_of_the_key_decides_nothing(known: People, desk: Desk):
    pair = work.pair()
    client = desk(known.ada)
    say(client, pair, "DIFFERENT", headers=HTMX)

    response = say(client, pair, "SAME", headers=HTMX)

    assert response.status_code == 409
    assert response["HX-Retarget"] == "#notice"
    assert "changed while you were reading it" in text(response)
    assert Decision.objects.count() == 1


def test_a_verdict_that_is_none_is_refused(known: People, desk: Desk):
    pair = work.pair()

    response = say(desk(known.ada), pair, "MAYBE")

    assert response.status_code == 422
    assert Decision.objects.count() == 0


def test_undo_brings_the_golden_records_back_and_shows_the_pair(known: People, desk: Desk):
    pair = work.pair()
    before = dict(Crosswalk.objects.filter(valid_to=None).values_list("record_id", "golden_id"))
    client = desk(known.ada)
    say(client, pair, "SAME")

    response = client.post(f"/review/decisions/{Decision.objects.get().pk}/undo")

    assert response["Location"] == f"/review/{pair.pk}/"
    assert dict(Crosswalk.objects.filter(valid_to=None).values_list("record_id", "golden_id")) == before


def test_somebody_elses_decision_is_not_a_stewards_to_undo(known: People, desk: Desk):
    say(desk(known.dee), work.pair(), "DIFFERENT")

    response = desk(known.ada).post(f"/review/decisions/{Decision.objects.get().pk}/undo")

    assert response.status_code == 403
    assert Decision.objects.get().undone_at is None


def test_skipping_leaves_the_pair_for_others(known: People, desk: Desk):
    first, second = work.pairs(2)
    client = desk(known.ada)

    response = client.post(f"/review/{first.pk}/skip")
    assert response["Location"] == f"/review/{second.pk}/"
    say(client, second, "DIFFERENT")

    assert client.post("/review/next")["Location"] == "/review/done/"
    assert desk(known.dee).post("/review/next")["Location"] == f"/review/{first.pk}/"
    assert client.post("/review/next", {"again": "1"})["Location"] == "/review/done/"  # Dee has it open now


def test_skipped_ones_come_again_when_asked(known: People, desk: Desk):
    pair = work.pair()
    client = desk(known.ada)
    client.post(f"/review/{pair.pk}/skip")

    assert client.post("/review/next", {"again": "1"})["Location"] == f"/review/{pair.pk}/"


def test_a_colleague_with_the_pair_open_is_named_and_the_buttons_rest(known: People, desk: Desk):
    pair = work.pair()
    MatchPair.objects.filter(pk=pair.pk).update(leased_by=known.dee, leased_until=timezone.now() + timedelta(minutes=5))

    page = text(desk(known.ada).get(f"/review/{pair.pk}/"))

    assert "dee has this pair open" in page
    assert 'value="SAME" data-key="m" data-guard aria-keyshortcuts="m" disabled' in page


def test_an_auditor_reads_and_cannot_decide(known: People, desk: Desk):
    pair = work.pair()
    client = desk(known.pia)

    assert "Deciding takes a steward" in text(client.get(f"/review/{pair.pk}/"))
    assert say(client, pair, "SAME").status_code == 403


def test_an_outsider_learns_nothing(known: People, desk: Desk):
    pair = work.pair()
    client = desk(known.cy)

    assert client.get(f"/review/{pair.pk}/").status_code == 404
    assert say(client, pair, "SAME").status_code == 403
    assert client.post(f"/review/{pair.pk}/hold").status_code == 403


def test_the_preview_says_what_then_happens(known: People, desk: Desk):
    pair = work.pair(
        left={"name": "Acme Consulting", "country": "DE", "city": "Hamburg"},
        right={
            "name": "Brook Advisers",
            "country": "DE",
            "domain": "brook.de",
            "city": "Hamburg",
        },
    )
    client = desk(known.ada)
    preview = client.get(f"/review/{pair.pk}/").context["page"].preview
    before = records.home("L-000").values

    say(client, pair, "SAME")

    after = records.home("L-000")
    assert (after.enterprise_id, after.member_count) == (preview.survivor, preview.record_count)
    foretold = {change.title: change.after for change in preview.changes}
    titles = {"name": "Name", "domain": "Web domain", "city": "City", "country": "Country"}
    happened = {titles[name]: value for name, value in after.values.items() if before.get(name) != value}
    assert foretold == happened != {}


def test_the_preview_writes_nothing(known: People, desk: Desk):
    pair = work.pair()
    audited = AuditEntry.objects.count()

    desk(known.ada).get(f"/review/{pair.pk}/")

    pair.refresh_from_db()
    assert (pair.status, AuditEntry.objects.count()) == ("OPEN", audited)


def test_masked_values_stay_masked_in_fields_evidence_and_preview(known: People, desk: Desk, restricted_tax_id):
    pair = work.pair(
        left={"name": "Acme Consulting", "country": "GB", "tax_id": "GB 980 7806 84"},
        right={"name": "Brook Advisers", "country": "GB", "tax_id": "GB 980 7806 84"},
    )

    page = text(desk(known.ada).get(f"/review/{pair.pk}/"))
    assert "980780684" not in page
    assert "••••" in page
    assert "Masked" in page

    assert "980780684" in text(desk(known.dee).get(f"/review/{pair.pk}/"))


def test_the_preview_tells_of_records_that_would_move_from_a_golden_record_that_stays(known: People, desk: Desk):
    records.send(records.customer("A-1"), records.customer("A-2", system="erp"), records.customer("A-3", system="psa"))
    pair = work.pair(7)
    outer, inner = records.record("L-007"), records.record("A-1")
    MatchPair.objects.filter(pk=pair.pk).delete()
    said = {"weight": 1.0, "probability": 0.6, "band": "REVIEW", "release": 1, "found_at": pair.found_at}
    asked = MatchPair.objects.create(domain="customer", left_id=inner.pk, right_id=outer.pk, **said)
    client = desk(known.ada)
    preview = client.get(f"/review/{asked.pk}/").context["page"].preview
    before = dict(Crosswalk.objects.filter(valid_to=None).values_list("record_id", "golden__enterprise_id"))

    say(client, asked, "SAME")

    after = dict(Crosswalk.objects.filter(valid_to=None).values_list("record_id", "golden__enterprise_id"))
    assert after[inner.pk] == after[outer.pk] == preview.survivor
    moved = {(before[record], after[record]) for record in after if before[record] != after[record]}
    foretold = {(name, preview.survivor) for name in preview.ending} | {(move.old, move.new) for move in preview.moves}
    assert moved == foretold


def test_a_decided_pair_says_who_decided_and_offers_to_undo_just_that(known: People, desk: Desk):
    first, second = work.pairs(2)
    client = desk(known.ada)
    say(client, first, "DIFFERENT")
    say(client, second, "DIFFERENT")

    mine, theirs = client.get(f"/review/{first.pk}/"), desk(known.dee).get(f"/review/{first.pk}/")

    assert "ada said “Different”" in text(mine)
    assert mine.context["last"].pair_id == theirs.context["last"].pair_id == first.pk
    assert desk(known.pia).get(f"/review/{first.pk}/").context["last"] is None


def test_the_preview_keeps_what_lies_outside_ones_regions_to_itself(known: People, desk: Desk):
    kea, tui = {"name": "Kea Surf", "country": "NZ"}, {"name": "Tui Boards", "country": "NZ"}
    pair = work.pair(left=kea, right=tui)
    foreign = records.send(records.customer("F-1", {"name": "Wren Mills", "country": "GB"}))[0].enterprise_id
    first, third = records.record("L-000"), records.record("F-1")
    said = {"weight": 1.0, "probability": 0.6, "band": "REVIEW", "release": 1, "found_at": pair.found_at}
    MatchPair.objects.create(domain="customer", left_id=first.pk, right_id=third.pk, **said)
    known.cy.domains = ["customer"]
    known.cy.save()

    page = text(desk(known.cy).get(f"/review/{pair.pk}/"))

    assert "outside your regions" in page
    assert foreign not in page
