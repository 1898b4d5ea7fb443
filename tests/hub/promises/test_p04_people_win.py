"""P4: no machine step undoes a decision."""

from __future__ import annotations

import pytest

from mdm.models import Decision
from tests.factories import firms, states
from tests.factories.decided import pair, say
from tests.factories.records import customer, drop, home, partition, send
from tests.factories.times import later

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("firm")]

JOINED = frozenset({frozenset({"crm/account//Ulmqua-a", "erp/account//Ulmqua-b"})})


def apart(*names: str) -> frozenset[frozenset[str]]:
    return frozenset(frozenset({name}) for name in names)


@pytest.fixture
def asked(people):
    """Two records that a person called the same."""
    send(*firms.doubtful("Ulmqua"))
    return say("SAME", "Ulmqua-a", "Ulmqua-b", actor=people.ada)


@pytest.fixture
def parted(people):
    """Two records that the machine had joined and a person called different."""
    send(*firms.alike("Quorl", "crm", "erp"))
    return say("DIFFERENT", "Quorl-crm", "Quorl-erp", actor=people.ada)


QUORLS = apart("crm/account//Quorl-crm", "erp/account//Quorl-erp")


def test_p4_same_joins_what_the_machine_would_not(asked):
    assert partition() == JOINED
    assert pair("Ulmqua-a", "Ulmqua-b").status == "SAME"


def test_p4_different_parts_what_the_machine_had_joined(parted):
    assert partition() == QUORLS
    assert pair("Quorl-crm", "Quorl-erp").status == "DIFFERENT"


def test_p4_same_survives_a_change_that_takes_away_every_likeness(asked):
    send(customer("Ulmqua-b", {"name": "Something Else SAS", "country": "FR", "city": "Lyon"}, system="erp"), at=later(1))

    assert partition() == JOINED
    assert (pair("Ulmqua-a", "Ulmqua-b").status, pair("Ulmqua-a", "Ulmqua-b").band) == ("SAME", "ASKED")


def test_p4_different_survives_that_both_become_equal(parted):
    twin = {"name": "Quorl Marine Ltd", "country": "GB", "city": "Leeds", "postcode": "LS1 4AB", "phone": "+44 113 4960099"}
    send(customer("Quorl-crm", twin), customer("Quorl-erp", twin, system="erp"), at=later(1))

    assert partition() == QUORLS


def test_p4_decisions_survive_that_a_record_goes_and_comes_back(asked, parted):
    for native_id, system in (("Ulmqua-b", "erp"), ("Quorl-crm", "crm")):
        drop(native_id, system=system, at=later(1))
    send(*firms.doubtful("Ulmqua"), *firms.alike("Quorl", "crm", "erp"), at=later(2))

    assert partition() == JOINED | QUORLS
    assert states.faults() == []


def test_p4_decisions_survive_further_records_that_match_both_sides(parted):
    send(*firms.alike("Quorl", "psa", "hr", "files"), at=later(1))

    assert home("Quorl-crm") != home("Quorl-erp", system="erp")
    assert len(partition()) == 2


def test_p4_a_record_between_two_that_are_different_joins_one_of_them(people):
    send(*firms.alike("Quorl", "crm", "erp", "psa"))
    say("DIFFERENT", "Quorl-crm", "Quorl-erp", actor=people.ada)

    assert sorted(map(len, partition())) == [1, 2]
    assert states.faults() == []


def test_p4_a_new_verdict_replaces_the_doubt_before_it(people):
    send(*firms.doubtful("Ulmqua"))
    say("UNSURE", "Ulmqua-a", "Ulmqua-b", actor=people.ada)

    say("SAME", "Ulmqua-a", "Ulmqua-b", actor=people.dee)

    assert partition() == JOINED
    assert list(Decision.objects.filter(undone_at=None).values_list("verdict", flat=True)) == ["SAME"]


def test_p4_the_machine_asks_no_question_that_a_person_answered(asked, parted):
    send(*firms.doubtful("Ulmqua"), *firms.alike("Quorl", "crm", "erp"), at=later(5))

    assert {pair("Ulmqua-a", "Ulmqua-b").status, pair("Quorl-crm", "Quorl-erp").status} == {"SAME", "DIFFERENT"}
