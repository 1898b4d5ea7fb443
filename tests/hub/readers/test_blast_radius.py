"""What hangs on golden records, and the queue that is ordered by it."""

from __future__ import annotations

from decimal import Decimal

import pytest
import yaml
from django.conf import settings

from mdm import permissions
from mdm.actions.exchange import schedules
from mdm.actions.golden import decisions, risk
from mdm.actions.governance import releases
from mdm.actions.intake import bulk
from mdm.models import Job, MatchPair, ScheduleTick
from mdm.readers.golden import blast_radius, merge_preview
from mdm.readers.golden.review import pairs
from mdm.readers.golden.review.pairs import Wanted
from mdm.readers.governance.sight import Sight
from mdm.rules.golden.pair_states import PairStatus
from mdm.rules.governance.domains import DomainSpec
from mdm.rules.governance.roles import Role
from tests import people as persons
from tests.factories import desk as work
from tests.factories import firms
from tests.factories.money import contract, invoice, project, to_customer
from tests.factories.records import FIRM, OTHER, customer, drop, home, send
from tests.factories.times import NOON, later

pytestmark = pytest.mark.django_db


@pytest.fixture
def firm_with_money(firm):
    """Kestrel with a project, a contract and five invoices, two of them behind the project; Brightwater with one invoice."""
    kestrel = to_customer("k1")
    send(customer("k1", FIRM), customer("b1", OTHER))
    send(project("p1", customer=kestrel))
    aim = {"system": "psa", "object": "project", "native_id": "p1"}
    send(contract("c1", customer=kestrel), contract("c2", customer=kestrel, status="expired", amount="7"))
    send(invoice("i1", customer=kestrel), invoice("i2", customer=kestrel, currency="GBP", amount="250.50"))
    send(invoice("i3", customer=kestrel, status="paid"), invoice("i4", project=aim, amount="40"))
    send(invoice("i5", customer=kestrel, project=aim, amount="-15"), invoice("other", customer=to_customer("b1")))


def seen(*native_ids: str, viewer=None) -> blast_radius.Radius:
    viewer = viewer or permissions.machine()
    return blast_radius.radius({home(native_id).pk for native_id in native_ids}, sight=Sight(viewer))


def counts(radius) -> dict[str, int]:
    return {each.domain: each.count.number for each in radius.touched}


def sums(radius) -> dict[str, dict[str, Decimal]]:
    return {each.domain: dict(each.sums) for each in radius.money}


def release(name: str, **changes) -> None:
    """Release a shipped domain anew with other parts."""
    raw = yaml.safe_load((settings.DOMAINS_FOLDER / f"{name}.yaml").read_text(encoding="utf-8"))
    releases.publish(spec=DomainSpec.from_dict({**raw, **changes}), actor=permissions.machine(), at=NOON)


def money_of(name: str, **more) -> dict:
    raw = yaml.safe_load((settings.DOMAINS_FOLDER / f"{name}.yaml").read_text(encoding="utf-8"))
    return {**raw["money"], **more}


def test_records_systems_and_open_money_are_counted_through_two_relations(firm_with_money):
    radius = seen("k1")

    assert counts(radius) == {"contract": 2, "invoice": 5, "project": 1}
    assert radius.systems == ("Crm", "Erp", "Psa")
    assert sums(radius) == {"contract": {"EUR": 50000}, "invoice": {"EUR": 1025, "GBP": Decimal("250.50")}}
    assert radius.total is None


def test_two_golden_records_together_count_what_names_both_once(firm_with_money):
    send(invoice("both", system="erp", number="INV-777001", customer=to_customer("k1"), amount="9", issued_on="2026-01-05"))
    send(invoice("both", system="psa", number="INV-777001", customer=to_customer("b1"), amount="9", issued_on="2026-01-05"))
    assert home("both", system="erp") == home("both", system="psa")

    assert sums(seen("k1", "b1"))["invoice"]["EUR"] == 1025 + 9 + 1000
    assert sums(seen("b1"))["invoice"]["EUR"] == 1000 + 9


def test_a_reference_by_enterprise_id_counts_and_a_deleted_record_does_not(firm_with_money):
    send(invoice("by-id", customer={"enterprise_id": home("b1").enterprise_id}, amount="5"))
    drop("other", system="erp", object="invoice", at=later())

    assert sums(seen("b1")) == {"invoice": {"EUR": 5}}


def test_an_id_that_was_merged_away_counts_for_its_heir(firm_with_money, people):
    send(*firms.doubtful("Vexpol"))
    pair = MatchPair.objects.get(left__native_id__startswith="Vexpol")
    said = [home("Vexpol-a").enterprise_id, home("Vexpol-b", system="erp").enterprise_id]
    send(*(invoice(f"to-{name}", customer={"enterprise_id": name}, amount="5") for name in said))

    decisions.decide(pair_id=pair.pk, verdict=PairStatus.SAME, seen_version=pair.version, actor=people.ada, at=later())

    assert sums(seen("Vexpol-a")) == {"invoice": {"EUR": 10}}


def test_the_same_number_in_another_scope_is_another_customer(firm_with_money):
    send(invoice("scoped", customer=to_customer("b1", scope="DE01"), amount="5"))

    assert counts(seen("b1")) == {"invoice": 1}


def test_children_are_touched_and_what_hangs_on_them_is_not(firm):
    def entity(native_id, **more):
        said = {"name": f"{native_id} Holdings Ltd", "country": "GB"}
        return customer(native_id, {**said, **more}, object="entity").__class__(
            "crm", "entity", native_id, {**said, **more}, "legal_entity"
        )

    up = {"system": "crm", "object": "entity", "native_id": "Aldgate"}
    send(entity("Aldgate"), entity("Bermondsey", parent=up))
    below = {**up, "native_id": "Bermondsey"}
    send(invoice("i1", legal_entity=up), invoice("i2", legal_entity=below), entity("Camberwell", parent=below))

    assert counts(seen("Aldgate")) == {"invoice": 1, "legal_entity": 1}


def test_an_invoice_carries_its_own_money(firm_with_money):
    radius = blast_radius.radius({home("i1", system="erp").pk}, sight=Sight(permissions.machine()))

    assert (counts(radius), sums(radius)) == ({}, {"invoice": {"EUR": 1000}})


def test_money_is_masked_and_domains_and_regions_are_kept(firm_with_money, people):
    hidden = [
        {**row, "sensitivity": "restricted"} if row["name"] == "amount" else row
        for row in yaml.safe_load((settings.DOMAINS_FOLDER / "invoice.yaml").read_text(encoding="utf-8"))["attributes"]
    ]
    release("invoice", attributes=hidden)
    narrow = persons.person("nora", Role.STEWARD, domains=["customer", "contract"])

    steward, lead, confined = (seen("k1", viewer=viewer) for viewer in (people.ada, people.dee, narrow))

    assert [(each.domain, each.is_masked, dict(each.sums)) for each in steward.money] == [
        ("contract", False, {"EUR": 50000}),
        ("invoice", True, {}),
    ]
    assert sums(lead)["invoice"]["EUR"] == 1025
    assert counts(confined) == {"contract": 2}
    assert not seen("k1", viewer=people.cy)


def test_rates_make_one_sum_when_both_domains_declare_the_same(firm_with_money):
    euros = {"currency": "EUR", "rates": {"GBP": "1.2"}}
    release("invoice", money=money_of("invoice", reporting=euros))
    assert seen("k1").total is None

    release("contract", money=money_of("contract", reporting=euros))
    assert seen("k1").total == {"EUR": 50000 + 1025 + Decimal("300.600")}


def test_it_costs_the_same_however_much_hangs_there(firm_with_money, django_assert_num_queries):
    sight = Sight(permissions.machine())
    found = home("k1").pk
    blast_radius.radius({found}, sight=sight)
    send(*[invoice(f"more-{number}", customer=to_customer("k1")) for number in range(30)])

    with django_assert_num_queries(2 + 4):  # a savepoint and how to plan, there and back
        assert counts(blast_radius.radius({found}, sight=sight))["invoice"] == 35


def test_the_preview_of_a_pair_shows_what_hangs_on_both_sides(firm_with_money, people):
    pair = work.pair(1)
    send(contract("left", customer=to_customer("L-001")), invoice("right", customer=to_customer("R-001", system="erp")))

    preview = merge_preview.of_same(pair, sight=Sight(people.ada), at=NOON)

    assert counts(preview.radius) == {"contract": 1, "invoice": 1}
    assert sums(preview.radius) == {"contract": {"EUR": 50000}, "invoice": {"EUR": 1000}}


def weigh(at=NOON) -> int:
    return risk.weigh(actor=permissions.machine(), at=at)


def test_the_queue_is_ordered_by_expected_cost_when_money_is_known(firm_with_money, people):
    poor, rich, none = work.pair(1, weight=6.0), work.pair(2, weight=1.0, probability=0.6), work.pair(3, weight=4.0)
    send(invoice("small", customer=to_customer("L-001"), amount="100"))
    send(contract("big", customer=to_customer("R-002", system="erp"), amount="900000", currency="USD"))
    assert [row.id for row in pairs.queue(Wanted(), viewer=people.ada, at=NOON).rows] == [poor.pk, none.pk, rich.pk]

    assert weigh() >= 3

    page = pairs.queue(Wanted(), viewer=people.ada, at=NOON)
    assert [row.id for row in page.rows] == [rich.pk, poor.pk, none.pk]
    assert [MatchPair.objects.get(pk=pair.pk).risk for pair in (rich, poor, none)] == [540_000.0, 88.0, 0.0]
    assert [(stake.title, dict(stake.sums)) for stake in page.rows[0].stakes] == [("contract value", {"USD": 900000})]
    assert page.has_stakes


def test_a_pair_is_weighed_anew_after_a_day_and_when_it_changes(firm_with_money):
    pair = work.pair(1)
    weigh()
    send(invoice("late", customer=to_customer("L-001"), amount="100"))

    assert weigh(later(60)) == 0
    assert weigh(later(60 * 25)) >= 1
    pair.refresh_from_db()
    assert pair.risk == 88.0


def test_pairs_of_a_bulk_load_wait_to_be_weighed(firm_with_money, people):
    weigh()
    list(bulk.load(incoming=firms.doubtful("Vexpol"), domain="customer", actor=permissions.machine(), at=NOON))
    pair = MatchPair.objects.get(left__native_id__startswith="Vexpol")
    assert (pair.weighed_at, pair.stake, pair.status) == (None, None, "OPEN")
    send(invoice("left", customer=to_customer("Vexpol-a"), amount="100"))

    assert weigh() == 1
    pair.refresh_from_db()
    assert pair.stake == {"invoice": {"EUR": "100"}}
    assert pair.risk == 64.6


def test_all_pairs_are_weighed_in_a_fixed_number_of_queries(firm_with_money, django_assert_max_num_queries):
    work.pairs(2)
    with django_assert_max_num_queries(30) as few:
        weigh()
    MatchPair.objects.update(weighed_at=None)
    work.pairs(12, start=10)

    with django_assert_max_num_queries(len(few)):
        assert weigh() >= 14


def test_the_clock_has_it_done_every_minute(firm_with_money):
    machine = permissions.machine()
    schedules.put_standing(actor=machine, at=NOON)
    schedules.put_standing(actor=machine, at=later())
    pair = work.pair(1)

    schedules.tick(actor=machine, at=later(2))
    assert risk.weigh_next(actor=machine, at=later(2))
    assert not risk.weigh_next(actor=machine, at=later(2))

    pair.refresh_from_db()
    assert pair.weighed_at == later(2)
    assert Job.objects.get(kind="risk").status == "DONE"
    assert ScheduleTick.objects.filter(schedule__kind="risk").count() == 1


def test_who_may_not_see_the_money_sees_neither_it_nor_its_size_in_an_address(firm_with_money, people):
    rows = work.pairs(3)
    send(invoice("small", customer=to_customer("L-000"), amount="123456"))
    weigh()
    hidden = [
        {**row, "sensitivity": "restricted"} if row["name"] == "amount" else row
        for row in yaml.safe_load((settings.DOMAINS_FOLDER / "invoice.yaml").read_text(encoding="utf-8"))["attributes"]
    ]
    release("invoice", attributes=hidden)

    page = pairs.queue(Wanted(), viewer=people.ada, at=NOON, limit=1)

    assert page.rows[0].id == rows[0].pk
    assert [(stake.is_masked, dict(stake.sums)) for stake in page.rows[0].stakes] == [(True, {})]
    assert page.next == str(rows[0].pk)
    assert len(pairs.queue(Wanted(), viewer=people.ada, at=NOON, after=page.next).rows) >= 2
