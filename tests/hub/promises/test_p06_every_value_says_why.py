"""P6: each golden value names its record, its rule, the rule's release and the values it beat; a rebuild gives the same."""

from __future__ import annotations

import random

import pytest

from mdm.models import Golden, GoldenVersion, SourceRecord
from tests.factories import firms, organisations, states
from tests.factories.histories import History
from tests.factories.records import customer, drop, home, in_batches, record, send
from tests.factories.times import NOON, later

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("firm")]


def test_p6_a_value_names_its_record_its_rule_its_release_and_what_it_beat():
    send(*firms.alike("Quorl", "crm"), at=NOON)
    send(
        *firms.alike("Quorl", "erp", phone="+44 113 496 0002"),
        *firms.alike("Quorl", "psa", phone="+44 113 496 0003"),
        at=later(1),
    )
    send(
        customer("Quorl-psa", {**firms.alike("Quorl", "psa")[0].payload, "phone": "+44 113 496 0004"}, system="psa"), at=later(2)
    )

    golden = home("Quorl-crm")
    why = golden.provenance["phone"]

    assert golden.values["phone"] == "+441134960004"
    assert why["record"] == record("Quorl-psa", system="psa").pk
    assert why["key"] == "psa/account//Quorl-psa"
    assert (why["system"], why["rule"], why["release"]) == ("psa", "most_recent", golden.release)
    assert why["why"] == "Changed last, on 2026-01-15."
    assert why["beat"] == [{"value": "+441134960002", "system": "erp", "key": "erp/account//Quorl-erp"}]
    assert set(golden.values) <= set(golden.provenance)


def test_p6_a_relation_names_its_record_too():
    send(customer("1", {**firms.alike("Quorl", "crm")[0].payload, "legal_entity": {"native_id": "LE-1", "object": "entity"}}))

    golden = home("1")

    assert golden.relations["legal_entity"] == {
        "system": "crm", "object": "entity", "scope": "", "native_id": "LE-1", "said_by": "crm/account//1",
    }  # fmt: skip
    assert golden.provenance["legal_entity"]["record"] == record("1").pk


@pytest.mark.slow
def test_p6_a_rebuild_gives_the_same_golden_records_bit_for_bit():
    in_batches(organisations.mixed(5, 250, common=0.2), 40)

    assert Golden.objects.live().filter(member_count__gt=2).exists()
    assert states.unlike_their_rebuild() == []


def test_p6_values_and_reasons_do_not_depend_on_the_order_of_arrival(people):
    made = organisations.mixed(6, 60, common=0.2)
    stamped = [
        said.__class__(said.system, said.object, said.native_id, said.payload, said.domain, updated_at=later(-n))
        for n, said in enumerate(made)
    ]

    def seen(order):
        send(*order)
        rows = {frozenset(state[1]): (state[2], _without_row_ids(state[4])) for state in states.live().values()}
        for said in stamped:
            drop(said.native_id, system=said.system, at=NOON)
        return rows

    first = seen(stamped)
    for said in stamped:
        SourceRecord.objects.filter(native_id=said.native_id).update(source_updated_at=None, confirmed_at=None)
    second = seen(random.Random(1).sample(stamped, len(stamped)))

    assert first == second


def _without_row_ids(provenance):
    return {name: {part: value for part, value in why.items() if part != "record"} for name, why in provenance.items()}


def test_p6_every_version_keeps_what_was_true_then():
    send(customer("1"), at=NOON)
    first = home("1")
    send(customer("1", {**firms.TWIN, "name": "Kestrel Marine Ltd", "city": "York"}), at=later(1))

    kept = GoldenVersion.objects.get(golden=first, version=1)

    assert (kept.values, kept.provenance, kept.members) == (first.values, first.provenance, [record("1").pk])
    assert kept.recorded_at == NOON
    assert home("1").values["city"] == "York"


def test_p6_a_member_that_changes_no_value_still_makes_a_version_that_names_it():
    send(*firms.alike("Quorl", "crm"))
    send(*firms.alike("Quorl", "erp"), at=later(1))
    golden = home("Quorl-crm")

    assert golden.version == 2
    assert len(GoldenVersion.objects.get(golden=golden, version=2).members) == 2
    assert golden.member_count == 2


def test_p6_every_past_version_is_computed_again_bit_for_bit():
    entity = {"native_id": "LE-1", "object": "entity"}
    send(*firms.alike("Quorl", "crm", "erp", phone="ring twice"), at=NOON)
    send(customer("Quorl-crm", {**firms.alike("Quorl", "crm")[0].payload, "legal_entity": entity}), at=NOON)  # the same moment
    send(*firms.alike("Quorl", "psa", phone="+44 113 496 0002"), at=later(-5))  # a clock that is behind
    send(customer("Quorl-crm", {**firms.TWIN, "name": "Quorl Marine Ltd", "city": "Hull"}, updated_at=later(-9)), at=later(2))
    drop("Quorl-erp", system="erp", at=later(3))

    golden = home("Quorl-crm")

    kept = GoldenVersion.objects.filter(golden=golden).order_by("version")
    assert len(kept) == golden.version >= 4
    assert [bool(version.relations) for version in kept].count(True) >= 2
    assert kept[0].member_versions == [1, 1]
    assert kept[0].values["phone"] == "ring twice"
    assert states.unlike_their_past() == []


def test_p6_the_past_of_a_random_history_is_computed_again_too(people):
    history = History(random.Random(11), people.dee, organisations.organisations(random.Random(11), 10, common=0.4))

    history.run(40)

    assert GoldenVersion.objects.filter(status__in=["MERGED", "SPLIT"]).exists()
    assert states.faults() == []
