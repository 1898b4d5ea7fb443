"""The page of one golden record."""

from __future__ import annotations

import pytest

from mdm.actions.golden.ids import reservations
from mdm.engine.preparing import Incoming
from mdm.models import Delivery, Golden, Job
from tests.factories import desk as work
from tests.factories import records, systems
from tests.factories.ids import alias, reserve
from tests.factories.times import later
from tests.people import People
from tests.ui.conftest import Desk, text

pytestmark = pytest.mark.django_db

KESTREL = records.FIRM
TAX = {**KESTREL, "tax_id": "GB 980 7806 84", "phone": "+44 113 496 0000"}


def page_of(client, native_id: str, system: str = "crm"):
    return client.get(f"/records/{records.home(native_id, system=system).enterprise_id}/")


def test_every_value_says_where_it_is_from_and_why(known: People, desk: Desk):
    records.send(records.customer("A-1", {**KESTREL, "name": "Kestrel Marine"}), records.customer("A-2", KESTREL, system="erp"))
    assert records.home("A-1").pk == records.home("A-2", system="erp").pk

    response = page_of(desk(known.ada), "A-1")

    name = next(value for value in response.context["page"].values if value.name == "name")
    page = text(response)
    assert name.why in page.replace("&#x27;", "'")
    assert "It won over:" in page
    assert "A-1" in page
    assert "A-2" in page


def test_the_page_costs_the_same_however_much_it_holds(known: People, desk: Desk, django_assert_max_num_queries):
    systems.target("psa")
    records.send(records.customer("A-1"), records.customer("A-2", system="erp"))
    client = desk(known.ada)
    with django_assert_max_num_queries(60) as few:
        page_of(client, "A-1")
    for number in range(3, 9):
        records.send(
            records.customer(f"A-{number}", {**KESTREL, "phone": f"+44 113 496 000{number}"}, system="files"), at=later(number)
        )

    with django_assert_max_num_queries(len(few)) as many:
        response = page_of(client, "A-1")

    assert len(response.context["page"].members) == 8
    assert len(many) <= len(few) <= 42


def test_a_viewer_sees_masks_and_nothing_behind_them(known: People, desk: Desk):
    records.send(records.customer("A-1", TAX))
    records.send(records.customer("A-1", {**TAX, "tax_id": "GB 123 4567 82"}), at=later())

    page = text(page_of(desk(known.ben), "A-1"))

    for secret in ("980780684", "123456782", "1134960000"):
        assert secret not in page
    assert "masked for your role" in page
    assert "980780684" in text(page_of(desk(known.ada), "A-1"))


def test_a_merged_id_leads_to_its_survivor_by_a_redirect_nobody_keeps(known: People, desk: Desk):
    pair = work.pair()
    client = desk(known.ada)
    ids = {records.home("L-000").enterprise_id, records.home("R-000", system="erp").enterprise_id}
    client.post(f"/review/{pair.pk}/decision", {"verdict": "SAME", "version": pair.version})
    survivor = records.home("L-000").enterprise_id
    (gone,) = ids - {survivor}

    response = client.get(f"/records/{gone}/")

    assert (response.status_code, response["Cache-Control"]) == (302, "no-store")
    assert response["Location"] == f"/records/{survivor}/?from={gone}"
    assert f"{gone}</span> was merged into this record" in text(client.get(response["Location"]))


def test_a_retired_id_answers_for_ever(known: People, desk: Desk):
    records.send(records.customer("A-1"))
    url = f"/records/{records.home('A-1').enterprise_id}/"
    records.drop("A-1", at=later())

    page = text(desk(known.ada).get(url))

    assert "was retired on" in page
    assert "never given to anything else" in page


@pytest.mark.parametrize(
    ("typed", "status", "words"),
    [("CUS-00000000", 400, "mistyped"), ("nonsense", 400, "is no enterprise ID"), ("CUS-9999999", 400, "is no enterprise ID")],
    ids=["mistyped", "no ID at all", "too short"],
)
def test_an_id_that_is_none_says_so(known: People, desk: Desk, typed: str, status: int, words: str):
    response = desk(known.ada).get(f"/records/{typed}/")

    assert response.status_code == status
    assert words in text(response)


def test_small_letters_and_lookalikes_are_understood(known: People, desk: Desk):
    records.send(records.customer("A-1"))
    typed = records.home("A-1").enterprise_id.lower().replace("0", "o").replace("1", "l")

    assert desk(known.ada).get(f"/records/{typed}/").status_code == 200


def test_an_outsider_finds_nothing_there(known: People, desk: Desk):
    records.send(records.customer("A-1"))

    assert page_of(desk(known.cy), "A-1").status_code == 404


def test_history_tells_who_changed_what(known: People, desk: Desk):
    pair = work.pair()
    client = desk(known.ada)
    client.post(f"/review/{pair.pk}/decision", {"verdict": "SAME", "version": pair.version, "reason": "Same register entry"})
    records.send(records.customer("L-000", {**work.firm(0), "city": "York"}), at=later())

    response = page_of(client, "L-000")

    causes = [(version.cause, version.who) for version in response.context["page"].versions]
    assert causes[0][0] == "data"
    assert ("decision", "ada") in causes
    assert "Same register entry" in text(response)


def test_where_it_lives_says_how_each_system_stands(known: People, desk: Desk):
    systems.target("psa")
    rows = {"Name": "Kestrel Marine Ltd", "Country": "GB", "City": "Leeds"}
    records.send(records.customer("P-1", rows, system="psa"))
    golden = records.home("P-1", system="psa")
    client = desk(known.ada)
    assert page_of(client, "P-1", "psa").context["page"].members[0].state == "waiting"

    Job.objects.filter(subject=golden.pk).update(status="DONE", done=1)
    Delivery.objects.create(
        record=records.record("P-1", system="psa"),
        golden=golden,
        golden_version=1,
        sent={},
        held={},
        echo_hash="x",
        outcome="accepted",
        at=later(),
    )
    assert page_of(client, "P-1", "psa").context["page"].members[0].state == "sent"

    Job.objects.filter(subject=golden.pk).update(status="DEAD", error="Field unknown")
    assert "Field unknown" in text(page_of(client, "P-1", "psa"))
    assert "Field unknown" not in text(page_of(desk(known.ben), "P-1", "psa"))


def test_possible_duplicates_lead_to_their_review(known: People, desk: Desk):
    pair = work.pair()

    response = page_of(desk(known.ada), "L-000")

    assert [other.pair_id for other in response.context["page"].likenesses] == [pair.pk]
    assert f'href="/review/{pair.pk}/"' in text(response)
    assert f'href="/review/{pair.pk}/"' not in text(page_of(desk(known.ben), "L-000"))


def test_a_split_id_lists_its_branches(known: People, desk: Desk):
    records.send(*(records.customer(f"S-{number}", work.firm(number)) for number in range(3)))
    gone, first, second = (records.home(f"S-{number}") for number in range(3))
    heirs = [first.enterprise_id, second.enterprise_id]
    Golden.objects.filter(pk=gone.pk).update(status="SPLIT", successors=heirs, member_count=0)

    response = desk(known.ada).get(f"/records/{gone.enterprise_id}/")

    assert response.status_code == 200
    assert [heir.enterprise_id for heir in response.context["ended"].heirs] == heirs
    assert "was split on" in text(response)


def test_relations_are_shown_from_both_ends(known: People, desk: Desk):
    parent = {"name": "Kestrel Holdings plc", "country": "GB", "city": "Leeds"}
    child = {"name": "Brightwater Maritime Ltd", "country": "GB", "city": "Hull", "parent": "E-1"}
    entity = {"system": "erp", "object": "subsidiary", "domain": "legal_entity"}
    records.send(Incoming(native_id="E-1", payload=parent, **entity), Incoming(native_id="E-2", payload=child, **entity))
    owner = {"native_id": "E-1", "system": "erp", "object": "subsidiary"}
    records.send(records.customer("A-1", {**KESTREL, "legal_entity": owner}))
    client = desk(known.ada)

    above, below = page_of(client, "E-1", "erp").context["page"], page_of(client, "E-2", "erp").context["page"]

    assert [(kin.title, kin.label) for kin in below.kin] == [("Parent entity", "Kestrel Holdings plc")]
    shown = {group.title: [kin.label for kin in group.rows] for group in above.groups}
    assert shown == {"Customers": ["Kestrel Marine Ltd"], "Children": ["Brightwater Maritime Ltd"]}
    assert page_of(client, "A-1").context["page"].kin[0].label == "Kestrel Holdings plc"
    assert page_of(desk(known.ben), "E-1", "erp").status_code == 200


def test_the_page_shows_the_life_of_its_id_and_its_aliases(known: People, desk: Desk):
    name = reserve(actor=known.ada)[0]
    records.send(records.customer("A-1", enterprise_id=name), at=later())
    alias("Old-4711", system="crm", native_id="A-1")

    page = text(page_of(desk(known.ben), "A-1"))

    for said in ("Life of the ID", "Reserved", "Claimed", "a fair", "legacy:Old-4711"):
        assert said in page


def test_a_lapsed_id_and_a_second_name_have_their_pages(known: People, desk: Desk):
    lapsed, second = reserve(2, minutes=5)
    records.send(records.customer("A-1"))
    records.send(records.customer("A-1", enterprise_id=second), at=later())
    reservations.lapse(actor=known.hub, at=later(6))
    client = desk(known.ada)

    page, led = text(client.get(f"/records/{lapsed}/")), client.get(f"/records/{second}/")

    assert "was reserved and lapsed" in page
    assert "Life of the ID" in page
    assert (led.status_code, records.home("A-1").enterprise_id in led["Location"]) == (302, True)
