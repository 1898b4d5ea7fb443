"""P11: a change by a system that does not own an attribute is never golden silently."""

from __future__ import annotations

import itertools

import pytest

from mdm.actions.golden import overrides
from mdm.actions.governance import change_requests
from mdm.models import ChangeRequest, Event, GoldenVersion
from mdm.readers.golden.history import then
from mdm.rules.governance.ownership import PingPong
from tests.factories import owned, regrouped, states
from tests.factories.owned import CRM, LEDGER, NEW, OLD, OTHER_NEW, fight, says
from tests.factories.records import FIRM, OTHER, customer, drop, home, send
from tests.factories.times import NOON, later

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("firm")]


def phone():
    return home(f"K-{LEDGER}", system=LEDGER).values.get("phone")


def asked():
    """What waits, as values."""
    return [(row.attribute, row.value, row.system, row.old_value) for row in owned.waiting()]


@pytest.mark.parametrize(
    ("policy", "waits"),
    [("ranked", []), ("ignored", []), ("request", [("phone", NEW, CRM, OLD)])],
)
def test_p11_what_another_system_changes_leaves_the_owners_value_where_it_is(policy, waits):
    owned.declare(policy, survivorship=owned.latest_wins("phone"))
    says(LEDGER, OLD)
    says(CRM, OLD, at=later(1))

    says(CRM, NEW, at=later(2))

    assert phone() == OLD
    assert asked() == waits
    assert states.faults() == []


@pytest.mark.parametrize("policy", ["ranked", "ignored", "request"])
def test_p11_while_the_owner_has_no_value_the_others_are_heard_and_nobody_is_asked(policy):
    owned.declare(policy)
    says(LEDGER, None)

    says(CRM, NEW, at=later(1))

    assert phone() == NEW
    assert asked() == []


def test_p11_a_value_of_the_owner_that_failed_a_check_gives_way_only_where_others_are_ranked():
    answers = {}
    for number, policy in enumerate(("ranked", "ignored", "request")):
        owned.declare(policy)
        says(
            LEDGER,
            "12",
            native_id=policy,
            name=f"Quorl{number} Foods Ltd",
            domain=f"q{number}.co.uk",
            address=f"{number} Elm Way",
        )
        says(CRM, NEW, native_id=policy, name=f"Quorl{number} Foods Ltd", domain=f"q{number}.co.uk", address=f"{number} Elm Way")
        answers[policy] = home(f"{policy}-{CRM}").values["phone"]

    assert answers["ranked"] == NEW
    assert NEW not in (answers["ignored"], answers["request"])


@pytest.mark.parametrize("policy", ["ranked", "ignored", "request"])
def test_p11_what_a_reader_says_never_counts_and_asks_nobody(policy):
    owned.declare(policy)
    says(LEDGER, None)

    says("hr", NEW, at=later(1))

    assert phone() is None
    assert asked() == []


@pytest.mark.parametrize("policy", ["ranked", "ignored", "request"])
def test_p11_the_order_of_arrival_changes_neither_the_values_nor_what_waits(policy):
    owned.declare(policy)
    seen = set()
    for number, order in enumerate(itertools.permutations([(LEDGER, OLD), (CRM, NEW), ("psa", OTHER_NEW)])):
        name = {"name": f"Quorl{number} Foods Ltd", "domain": f"q{number}.co.uk", "address": f"{number} Elm Way"}
        for system, value in order:
            says(system, value, native_id=f"N{number}", **name)
        golden = home(f"N{number}-{LEDGER}", system=LEDGER)
        rows = ChangeRequest.objects.filter(golden=golden, status="OPEN")
        seen.add((golden.values["phone"], golden.member_count, tuple(sorted((row.value, row.system) for row in rows))))

    wishes = ((NEW, CRM), (OTHER_NEW, "psa")) if policy == "request" else ()
    assert seen == {(OLD, 3, wishes)}
    assert states.faults() == []


def test_p11_the_same_value_sent_again_asks_once_and_makes_no_version():
    owned.declare()
    says(LEDGER, OLD)
    says(CRM, NEW)
    before = (GoldenVersion.objects.count(), Event.objects.count())

    says(CRM, NEW, at=later(1))
    says(CRM, NEW, at=later(2), city="Hull")
    says("psa", NEW, at=later(3))

    assert len(asked()) == 1
    assert phone() == OLD
    assert GoldenVersion.objects.count() - before[0] == Event.objects.count() - before[1]


def test_p11_what_the_owner_says_itself_later_closes_the_request_as_met():
    owned.declare()
    says(LEDGER, OLD)
    says(CRM, NEW)

    says(LEDGER, NEW, at=later(1))

    assert (phone(), owned.the_request().status) == (NEW, "MET")


def test_p11_what_nobody_says_any_more_is_withdrawn_and_may_come_back():
    owned.declare()
    says(LEDGER, OLD)
    says(CRM, NEW)

    says(CRM, OTHER_NEW, at=later(1))
    says(CRM, NEW, at=later(2))

    said = ChangeRequest.objects.order_by("id").values_list("value", "status")
    assert list(said) == [(NEW, "WITHDRAWN"), (OTHER_NEW, "WITHDRAWN"), (NEW, "OPEN")]


def test_p11_a_deleted_record_asks_for_nothing():
    owned.declare()
    says(LEDGER, OLD)
    says(CRM, NEW)

    drop(f"K-{CRM}", at=later(1))

    assert owned.the_request().status == "WITHDRAWN"


def test_p11_a_refused_value_does_not_ask_again_not_even_after_it_was_gone(people):
    owned.declare()
    says(LEDGER, OLD)
    says(CRM, NEW)
    change_requests.refuse(
        request_id=owned.the_request().pk, seen_version=1, actor=people.ada, at=later(1), reason="the ledger is right"
    )

    says(CRM, NEW, at=later(2), city="Hull")
    says(CRM, OLD, at=later(3))
    says(CRM, NEW, at=later(4))
    says(LEDGER, OTHER_NEW, at=later(5))

    assert phone() == OTHER_NEW
    assert asked() == []


def test_p11_an_approved_value_is_golden_says_why_and_stays_in_the_past(people):
    owned.declare()
    says(LEDGER, OLD)
    says(CRM, NEW)
    row = owned.the_request()

    change_requests.approve(request_id=row.pk, seen_version=1, actor=people.ada, at=later(60), reason="called them")
    says(LEDGER, OTHER_NEW, at=later(90))

    golden = home(f"K-{LEDGER}", system=LEDGER)
    assert golden.values["phone"] == NEW
    assert golden.provenance["phone"]["why"] == f"Pinned by ada: Change request {row.pk}: called them"
    assert owned.the_request().status == "APPLIED"
    assert states.faults() == []
    told = [then.find(golden.enterprise_id, viewer=people.ada, now=later(99), known_at=later(one)) for one in (30, 75)]
    assert [one.values["phone"] for one in told] == [OLD, NEW]


def test_p11_requests_go_with_their_records_through_merge_and_unmerge_and_so_do_refusals(people):
    owned.declare()
    says(LEDGER, OLD)
    says(CRM, NEW)
    says("psa", OTHER_NEW)
    refused = ChangeRequest.objects.get(value=OTHER_NEW)
    change_requests.refuse(request_id=refused.pk, seen_version=1, actor=people.ada, at=later(1), reason="no")
    send(customer("far", {**OTHER, "phone": OLD}, system=LEDGER), at=later(2))
    near, far = home(f"K-{LEDGER}", system=LEDGER), home("far", system=LEDGER)

    change = regrouped.merge(far, near, keep=far.enterprise_id, actor=people.ada, at=later(3))

    (row,) = owned.waiting()
    assert (row.golden_id, row.value, row.record.native_id) == (far.pk, NEW, f"K-{CRM}")
    assert states.faults() == []

    regrouped.unmerge(change, actor=people.dee, at=later(60))

    assert [(one.pk, one.golden_id) for one in owned.waiting()] == [(row.pk, near.pk)]
    assert states.faults() == []


def test_p11_a_persons_request_follows_a_merge_and_is_met_when_the_value_arrives(people):
    owned.declare("ranked")
    says(CRM, OLD)
    send(customer("far", OTHER, system=LEDGER))
    near, far = home(f"K-{CRM}"), home("far", system=LEDGER)
    row = change_requests.ask(
        enterprise_id=near.enterprise_id, attribute="phone", value=NEW, reason="new switchboard", actor=people.eve, at=NOON
    )

    regrouped.merge(far, near, keep=far.enterprise_id, actor=people.ada, at=later(3))
    assert [(one.pk, one.golden_id) for one in owned.waiting()] == [(row.pk, far.pk)]
    says(CRM, NEW, at=later(4))

    assert owned.the_request().status == "MET"
    assert states.faults() == []


def test_p11_two_systems_that_overwrite_each_other_in_turn_are_frozen_at_what_stood_before(people):
    owned.ownerless()

    fight(3)
    assert (phone(), owned.waiting()) == (OLD, [])
    fight(4, since=3)

    (row,) = owned.waiting()
    assert (phone(), row.kind, row.old_value, row.value, row.system) == (OLD, "CONTEST", OLD, NEW, CRM)
    assert "erp and crm overwrote each other 3 times in turn" in row.reason
    before = GoldenVersion.objects.count()
    says(LEDGER, OTHER_NEW, at=later(200))
    says(CRM, NEW, at=later(201), industry="trade")
    assert phone() == OLD
    assert len(owned.waiting()) == 1
    assert states.faults() == []
    assert GoldenVersion.objects.count() > before


def test_p11_work_that_takes_turns_is_no_fight():
    owned.ownerless()

    for number in range(6):
        says((LEDGER, CRM)[number % 2], f"+44113496000{number}", at=later(number))

    assert owned.waiting() == []
    assert phone() == "+441134960005"


def test_p11_a_fight_that_takes_longer_than_the_window_is_none():
    owned.ownerless(ping_pong=PingPong(times=3, days=10))

    fight(6, every=5 * 1440)

    assert owned.waiting() == []


def test_p11_the_declared_number_of_turns_counts():
    owned.ownerless(ping_pong=PingPong(times=2, days=10))

    fight(3)

    assert [row.kind for row in owned.waiting()] == ["CONTEST"]


@pytest.mark.parametrize(
    ("answer", "expected", "status"),
    [("approve", NEW, "APPLIED"), ("refuse", OLD, "REFUSED"), ("withdraw", OTHER_NEW, "WITHDRAWN")],
)
def test_p11_a_person_ends_a_fight_with_either_value_or_lets_the_rules_decide(people, answer, expected, status):
    owned.ownerless()
    fight(4)
    says("psa", OTHER_NEW, at=later(100))

    getattr(change_requests, answer)(
        request_id=owned.the_request().pk, seen_version=1, actor=people.ada, at=later(200), reason="asked both"
    )

    assert (phone(), owned.the_request().status) == (expected, status)
    assert states.faults() == []


def test_p11_after_a_release_the_count_begins_anew(people):
    owned.ownerless()
    fight(4)
    change_requests.withdraw(request_id=owned.the_request().pk, seen_version=1, actor=people.ada, at=later(50), reason="mended")
    assert phone() == NEW

    says(LEDGER, OLD, at=later(60), industry="a")
    says(CRM, NEW, at=later(70), industry="b")
    assert owned.waiting() == []
    says(LEDGER, OLD, at=later(80), industry="c")

    assert [row.kind for row in owned.waiting()] == ["CONTEST"]


def test_p11_releasing_the_pinned_value_itself_closes_the_contest(people):
    owned.ownerless()
    fight(4)

    overrides.release(override_id=owned.the_request().override_id, actor=people.ada, at=later(50), reason="mended")

    assert (phone(), owned.the_request().status) == (NEW, "WITHDRAWN")


def test_p11_a_freeze_goes_with_its_record_through_a_merge(people):
    owned.ownerless()
    fight(4)
    send(customer("far", OTHER, system="psa"))
    near, far = home(f"K-{CRM}"), home("far", system="psa")

    regrouped.merge(far, near, keep=far.enterprise_id, actor=people.ada, at=later(100))

    assert (home("far", system="psa").values["phone"], owned.the_request().golden_id) == (OLD, far.pk)
    assert states.faults() == []


def test_p11_when_the_record_that_asked_leaves_another_that_says_the_same_asks_on(people):
    owned.declare()
    says(LEDGER, OLD)
    says(CRM, NEW)
    says("psa", NEW)
    row = owned.the_request()
    assert row.record.native_id == f"K-{CRM}"

    regrouped.split(home(f"K-{LEDGER}", system=LEDGER), (f"{CRM}/account//K-{CRM}",), actor=people.dee, at=later(1))

    (still,) = owned.waiting()
    assert (still.pk, still.record.native_id, still.system) == (row.pk, "K-psa", "psa")
    assert states.faults() == []


def test_p11_merging_and_unmerging_again_and_again_is_no_fight(people):
    owned.ownerless()
    send(customer("near", {**FIRM, "phone": OLD}), at=NOON)
    send(customer("far", {**OTHER, "phone": NEW}, system=LEDGER), at=later(1))

    for round_ in range(3):
        change = regrouped.merge(
            home("near"), home("far", system=LEDGER), keep=home("near").enterprise_id, actor=people.ada, at=later(9 + round_)
        )
        assert home("near").values["phone"] == NEW
        regrouped.undo(change, actor=people.ada, at=later(9.1 + round_))

    assert owned.waiting() == []
    assert home("near").values["phone"] == OLD


def test_p11_records_that_join_one_after_the_other_are_no_fight():
    owned.ownerless()

    for number in range(6):
        says((LEDGER, CRM)[number % 2], (OLD, NEW)[number % 2], native_id=f"N{number}", at=later(number))

    assert home(f"N5-{CRM}").member_count == 6
    assert (home(f"N5-{CRM}").values["phone"], owned.waiting()) == (NEW, [])


def test_p11_two_fights_over_one_field_meet_in_a_merge_and_each_waits_for_its_answer(people):
    owned.ownerless()
    fight(4)
    for number in range(-1, 4):
        for system, value in ((LEDGER, OLD), (CRM, NEW)) if number < 0 else (((LEDGER, OLD), (CRM, NEW))[number % 2],):
            phone_ = OLD if number < 0 else value
            said = {**OTHER, "phone": phone_, "industry": f"craft {number}"}
            send(customer(f"F-{system}", said, system=system), at=later(number * 10))
    near, far = home(f"K-{CRM}"), home(f"F-{CRM}")
    assert [row.golden_id for row in owned.waiting()] == [near.pk, far.pk]

    regrouped.merge(far, near, keep=far.enterprise_id, actor=people.ada, at=later(100))

    assert [row.golden_id for row in owned.waiting()] == [far.pk, far.pk]
    assert states.faults() == []
