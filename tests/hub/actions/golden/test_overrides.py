"""Pinned values: they beat every rule until they end, follow merges, come back, and cost nobody else anything."""

from __future__ import annotations

from dataclasses import replace

import pytest

from connectors import deliver, extract
from mdm.actions.exchange import schedules
from mdm.actions.golden import overrides
from mdm.actions.governance import releases as releasing
from mdm.actions.intake import bulk
from mdm.engine import releases
from mdm.errors import BadInput, Conflict, NotAllowed, NotFound, StaleVersion
from mdm.models import Event, Golden, GoldenVersion, Job, Override
from mdm.tasks import expiry
from tests.factories import firms, states, systems
from tests.factories.decided import say, take_back
from tests.factories.pinned import pin
from tests.factories.records import FIRM, OTHER, customer, drop, home, send
from tests.factories.times import NOON, later
from tests.fakes import FakeSystem

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("firm")]


def test_a_pinned_value_beats_the_rules_and_says_who_pinned_it_and_why(people):
    send(customer("1"))

    pin(home("1"), "city", "York", actor=people.ada, at=later(1))

    golden = home("1")
    assert golden.values["city"] == "York"
    assert golden.provenance["city"]["why"] == "Pinned by ada: as the test says"
    assert [lost["value"] for lost in golden.provenance["city"]["beat"]] == ["Leeds"]
    assert Event.objects.latest("id").data["changed"] == ["city"]
    assert states.faults() == []


def test_no_record_changes_a_pinned_value_until_it_is_released(people):
    send(customer("1"))
    row = pin(home("1"), "city", "York", actor=people.ada, at=later(1))
    send(customer("1", {**FIRM, "city": "Bristol"}), at=later(2))
    assert home("1").values["city"] == "York"

    overrides.release(override_id=row.pk, actor=people.ada, at=later(3))

    assert home("1").values["city"] == "Bristol"
    assert states.faults() == []
    with pytest.raises(Conflict, match="ended already"):
        overrides.release(override_id=row.pk, actor=people.ada, at=later(4))


def test_a_value_is_cleaned_as_one_that_comes_in(people):
    send(customer("1"))

    pin(home("1"), "country", "Germany", actor=people.ada, at=later(1))

    assert home("1").values["country"] == "DE"


def test_nothing_may_be_pinned_but_not_of_what_is_required(people):
    send(customer("1"))

    pin(home("1"), "city", None, actor=people.ada, at=later(1))

    assert "city" not in home("1").values
    assert home("1").provenance["city"]["rule"] == "override"
    with pytest.raises(BadInput, match="required"):
        pin(home("1"), "name", "", actor=people.ada, at=later(2))
    assert states.faults() == []


def test_a_second_pin_takes_the_place_of_the_first(people):
    send(customer("1"))
    pin(home("1"), "city", "York", actor=people.ada, at=later(1))

    pin(home("1"), "city", "Hull", actor=people.dee, at=later(2))

    assert home("1").values["city"] == "Hull"
    assert Override.objects.filter(ended_at=None).count() == 1
    assert states.faults() == []


@pytest.mark.parametrize(
    ("attribute", "value", "more", "error"),
    [
        ("city", "York", {"reason": " "}, BadInput),
        ("city", "York", {"expires_at": NOON}, BadInput),
        ("city", "York", {"seen_version": 99}, StaleVersion),
        ("colour", "red", {}, NotFound),
        ("country", "Nowhereland", {}, BadInput),
        ("lei", "529900T8BM49AURSDO56", {}, BadInput),
        ("status", "sleeping", {}, BadInput),
        ("legal_entity", "LE-1", {}, NotFound),
    ],
)
def test_what_makes_no_sense_is_refused_and_changes_nothing(people, attribute, value, more, error):
    send(customer("1"))
    before = states.goldens()

    with pytest.raises(error):
        pin(home("1"), attribute, value, actor=people.ada, at=later(1), **more)

    assert states.goldens() == before
    assert not Override.objects.exists()


def test_only_those_who_may_pin_and_only_in_their_domains_and_regions(people):
    send(customer("1"))
    with pytest.raises(NotAllowed):
        pin(home("1"), "city", "York", actor=people.ben)
    with pytest.raises(NotFound):
        pin(home("1"), "city", "York", actor=people.cy)


def test_an_end_is_kept_by_the_nightly_job_with_one_version_and_one_event(people):
    send(customer("1"), customer("2", OTHER))
    pin(home("1"), "city", "York", actor=people.ada, at=later(1), expires_at=later(60))
    versions = GoldenVersion.objects.count()

    assert overrides.expire(actor=people.hub, at=later(30)) == 0
    assert overrides.expire(actor=people.hub, at=later(90)) == 1
    assert overrides.expire(actor=people.hub, at=later(91)) == 0

    assert home("1").values["city"] == "Leeds"
    assert GoldenVersion.objects.count() == versions + 1
    assert states.faults() == []


def test_a_record_that_comes_after_the_end_does_not_wait_for_the_night(people):
    send(customer("1"))
    pin(home("1"), "city", "York", actor=people.ada, at=later(1), expires_at=later(60))

    send(customer("1", {**FIRM, "postcode": "LS2 8AA"}), at=later(90))
    assert home("1").values["city"] == "Leeds"
    overrides.expire(actor=people.hub, at=later(100))

    assert states.faults() == []


def test_the_nightly_job_is_on_the_schedule_and_done_by_the_worker(people):
    schedules.put_standing(actor=people.hub, at=NOON)
    schedules.tick(actor=people.hub, at=later(60 * 24))

    assert Job.objects.get(kind="expire").status == "QUEUED"
    assert expiry.work("")
    assert not expiry.work("")


def test_a_pinned_value_follows_its_record_into_a_merge_and_comes_back(people):
    send(*firms.doubtful("Ulmqua"))
    pin(home("Ulmqua-b", system="erp"), "industry", "Food", actor=people.ada, at=later(1))
    before = states.live()
    decision = say("SAME", "Ulmqua-a", "Ulmqua-b", actor=people.ada, at=later(2))
    assert home("Ulmqua-a").values["industry"] == "Food"
    assert states.faults() == []

    take_back(decision, actor=people.ada, at=later(3))

    assert states.live() == before
    assert states.faults() == []


def test_the_survivors_own_pin_beats_one_that_came_with_a_merge_and_both_stand_after_it(people):
    send(*firms.doubtful("Ulmqua"))
    pin(home("Ulmqua-a"), "industry", "Drinks", actor=people.ada, at=later(1))
    pin(home("Ulmqua-b", system="erp"), "industry", "Food", actor=people.ada, at=later(2))
    decision = say("SAME", "Ulmqua-a", "Ulmqua-b", actor=people.ada, at=later(3))
    assert home("Ulmqua-a").values["industry"] == "Drinks"

    take_back(decision, actor=people.ada, at=later(4))

    assert home("Ulmqua-a").values["industry"] == "Drinks"
    assert home("Ulmqua-b", system="erp").values["industry"] == "Food"


def test_a_pinned_value_outlives_the_deletion_and_return_of_all_records(people):
    send(customer("1"))
    pin(home("1"), "city", "York", actor=people.ada, at=later(1))
    number = home("1").pk

    drop("1", at=later(2))
    assert Golden.objects.get(pk=number).values == {}
    send(customer("1"), at=later(3))

    assert (home("1").pk, home("1").values["city"]) == (number, "York")
    assert states.faults() == []


def test_a_target_hears_of_it_after_its_own_undo_window(people):
    source = systems.target("sfa")
    type(source.system).objects.filter(pk="sfa").update(undo_seconds=90)
    FakeSystem("sfa").report().put("account", "1", Name="Quolvex Ltd", Country="GB")
    extract.pull("sfa")
    while deliver.work("sfa"):
        pass
    golden = home("1", system="sfa")

    pin(golden, "city", "York", actor=people.ada, at=later(60 * 24 * 365 * 50))

    assert Job.objects.get(kind="sync").due_at == later(60 * 24 * 365 * 50 + 1.5)


def test_a_bulk_load_again_and_a_changed_record_in_it_leave_what_is_pinned(people):
    said = [customer("1"), customer("2", OTHER)]
    list(bulk.load(incoming=said, domain="customer", actor=people.hub, at=NOON))
    pin(home("1"), "city", "York", actor=people.ada, at=later(1))

    list(bulk.load(incoming=said, domain="customer", actor=people.hub, at=later(2)))
    assert (home("1").version, home("1").values["city"]) == (2, "York")
    changed = [customer("1", {**FIRM, "postcode": "LS2 8AA"}), customer("3", FIRM, system="erp")]
    list(bulk.load(incoming=changed, domain="customer", actor=people.hub, at=later(3)))

    assert home("3", system="erp").pk == home("1").pk
    assert (home("1").values["city"], home("1").provenance["city"]["rule"]) == ("York", "override")
    assert states.faults() == []


def test_a_value_of_an_attribute_that_is_no_longer_declared_is_left_out(people):
    send(customer("1"))
    pin(home("1"), "industry", "Mining", actor=people.ada, at=later(1))
    spec = releases.current("customer").spec
    rest = tuple(one for one in spec.attributes if one.name != "industry")
    rules = tuple(rule for rule in spec.survivorship if "industry" not in rule.attributes)
    owners = {name: said for name, said in spec.ownership.items() if name != "industry"}
    releasing.publish(
        spec=replace(spec, attributes=rest, survivorship=rules, ownership=owners, quality=()), actor=people.hub, at=later(2)
    )

    send(customer("1", {**FIRM, "city": "York"}), at=later(3))

    assert "industry" not in {*home("1").values, *home("1").provenance}
    assert states.faults() == []
