"""P5: merges, splits and moves by ID are taken back exactly: IDs, members, values, overrides, relations; and stay taken back."""

from __future__ import annotations

import itertools

import pytest

from mdm.actions.golden import overrides, regrouping
from mdm.errors import BadInput, Conflict, NotAllowed, NotFound, StaleVersion
from mdm.models import Crosswalk, Decision, Golden, Job, MatchPair, Override, System
from mdm.rules.governance.roles import Role
from tests import people as cast
from tests.factories import firms, states, systems
from tests.factories.decided import say
from tests.factories.pinned import pin
from tests.factories.records import customer, drop, home, partition, send
from tests.factories.regrouped import merge, move, split, undo, unmerge, wanted
from tests.factories.times import later

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("firm")]

A, B, C = "Quorl", "Vexpol", "Ulmdor"
SOON, AFTER = 0.2, 60
"""Minutes: inside the undo window, and long after it."""


@pytest.fixture
def three():
    """Three customers that nothing takes for one another, of two records each."""
    send(*firms.alike(A, "crm", "erp"), *firms.alike(B, "crm", "psa"), *firms.alike(C, "erp", "hr"))
    return golden(A), golden(B), golden(C)


def golden(name):
    return home(f"{name}-{'erp' if name == C else 'crm'}", system="erp" if name == C else "crm")


def pairs():
    """What people are asked, by the records asked about."""
    return set(MatchPair.objects.values_list("left__key", "right__key", "status"))


def test_p5_a_merge_of_three_keeps_the_chosen_id_and_all_members_and_undo_leaves_no_trace(people, three):
    before, asked = states.live(), pairs()

    change = merge(*three, keep=three[1].enterprise_id, actor=people.ada, at=later(1))

    assert golden(A).pk == golden(B).pk == golden(C).pk == three[1].pk
    assert [life["to"] for life in change.lives] == ["MERGED", "MERGED"]
    assert states.faults() == []
    undo(change, actor=people.ada, at=later(1 + SOON))
    assert (states.live(), pairs()) == (before, asked)
    assert not Decision.objects.filter(undone_at=None).exists()
    assert states.faults() == []


def test_p5_unmerge_brings_back_ids_members_and_values_and_keeps_the_sides_apart(people, three):
    before = states.live()
    change = merge(*three, actor=people.ada, at=later(1))

    unmerge(change, actor=people.dee, at=later(AFTER))

    assert states.live() == before
    assert Decision.objects.filter(undone_at=None, verdict="DIFFERENT").count() == 12
    assert states.faults() == []


def test_p5_what_was_unmerged_does_not_merge_again_however_often_it_comes(people):
    left, right = firms.doubtful("Ulmqua")
    send(left, right)
    before = partition()
    change = merge(home("Ulmqua-a"), home("Ulmqua-b", system="erp"), actor=people.ada, at=later(1))
    unmerge(change, actor=people.dee, at=later(AFTER))

    for turn in range(20):
        send(left, customer("Ulmqua-b", {**left.payload, "city": f"Town {turn}"}, system="erp"), at=later(AFTER + turn + 1))

    assert partition() == before
    assert states.faults() == []


def test_p5_a_choice_becomes_a_pinned_value_and_leaves_with_the_merge(people, three):
    pin(three[0], "city", "Hull", actor=people.ada, at=later(1))
    before = states.live()
    choices = {"city": {"value": "York"}, "address": {"record": f"crm/account//{B}-crm"}}
    change = merge(*three, keep=three[0].enterprise_id, choices=choices, actor=people.ada, at=later(2))
    assert (golden(A).values["city"], golden(A).values["address"]) == ("York", "6 Mill Lane")
    assert golden(A).provenance["address"]["rule"] == "override"
    assert states.faults() == []

    unmerge(change, actor=people.dee, at=later(AFTER))

    assert states.live() == before
    assert Override.objects.get(ended_at=None).value == "Hull"


def test_p5_pins_and_relations_go_with_their_record_and_come_back(people):
    entity = customer("LE-1").__class__("crm", "entity", "LE-1", {"name": "Quorl Holding Ltd", "country": "GB"}, "legal_entity")
    send(entity, *firms.alike(A, "crm"), *firms.alike(B, "crm", legal_entity="LE-1"))
    pin(golden(B), "industry", "Mining", actor=people.ada, at=later(1))
    before = states.live()
    change = merge(golden(A), golden(B), keep=golden(A).enterprise_id, actor=people.ada, at=later(2))
    assert (golden(A).values["industry"], golden(A).relations["legal_entity"]["native_id"]) == ("Mining", "LE-1")
    pin(golden(A), "status", "active", actor=people.ada, at=later(3))

    unmerge(change, actor=people.dee, at=later(AFTER))

    now = states.live()
    a, b = golden(A).enterprise_id, golden(B).enterprise_id
    assert now[b] == before[b]
    assert golden(A).values == {**before[a][2], "status": "active"}, "what was pinned after the merge stays with the survivor"
    assert golden(A).relations == {}
    assert states.faults() == []


def test_p5_what_arrived_or_changed_after_the_merge_goes_to_its_right_side(people, three):
    change = merge(*three[:2], actor=people.ada, at=later(1))
    late = firms.alike(A, "files")[0], firms.alike(B, "files")[0]
    send(*late, at=later(2))
    send(customer(f"{B}-psa", {**firms.alike(B, "psa")[0].payload, "city": "York"}, system="psa"), at=later(3))
    drop(f"{A}-erp", system="erp", at=later(4))

    unmerge(change, actor=people.dee, at=later(AFTER))

    assert home(f"{A}-files", system="files").pk == golden(A).pk == three[0].pk
    assert home(f"{B}-files", system="files").pk == golden(B).pk == three[1].pk
    assert home(f"{B}-psa", system="psa").pk == three[1].pk
    assert "York" in str(golden(B).values) + str(golden(B).provenance)
    assert states.faults() == []
    send(*firms.alike(A, "erp"), at=later(AFTER + 1))
    assert home(f"{A}-erp", system="erp").pk == three[0].pk


def test_p5_a_later_merge_that_depends_on_it_is_named_or_taken_back_with_it(people, three):
    before = states.live()
    first = merge(three[0], three[1], keep=three[0].enterprise_id, actor=people.ada, at=later(1))
    second = merge(golden(A), three[2], keep=three[2].enterprise_id, actor=people.ada, at=later(2))

    with pytest.raises(Conflict, match=rf"Change {second.pk} \(merge of .* by ada") as refused:
        unmerge(first, actor=people.dee, at=later(AFTER))
    assert "chain" in refused.value.message

    done = unmerge(first, actor=people.dee, at=later(AFTER), chain=True)

    assert [one.undoes_id for one in done] == [second.pk, first.pk]
    assert states.live() == before
    assert states.faults() == []


@pytest.mark.parametrize("order", list(itertools.permutations((A, B, C))))
def test_p5_a_later_merge_into_the_survivor_stands_when_the_first_goes_with_all_that_belongs_to_it(people, order):
    systems_of = {A: ("crm", "erp"), B: ("crm", "psa"), C: ("erp", "hr")}
    for name in order:
        send(*firms.alike(name, *systems_of[name]))
    three = golden(A), golden(B), golden(C)
    first = merge(three[0], three[1], keep=three[0].enterprise_id, actor=people.ada, at=later(1))
    send(*firms.alike(B, "files"), at=later(1))
    merge(golden(A), three[2], keep=three[0].enterprise_id, actor=people.ada, at=later(2))

    unmerge(first, actor=people.dee, at=later(AFTER))

    members = {pk: {f"{name}-{system}" for name in names for system in systems_of[name]} for pk, names in (
        (three[0].pk, (A, C)), (three[1].pk, (B,)))}  # fmt: skip
    members[three[1].pk] |= {f"{B}-files"}
    assert native_ids() == members
    assert states.faults() == []


def native_ids():
    """The native IDs of the members of each golden record."""
    found = {}
    for home_of, native_id in Crosswalk.objects.filter(valid_to=None).values_list("golden_id", "record__native_id"):
        found.setdefault(home_of, set()).add(native_id)
    return found


def test_p5_what_was_merged_before_comes_along_as_a_tree(people, three):
    merge(three[1], three[2], keep=three[1].enterprise_id, actor=people.ada, at=later(1))
    before = states.live()
    second = merge(three[0], golden(B), keep=three[0].enterprise_id, actor=people.ada, at=later(2))

    unmerge(second, actor=people.dee, at=later(AFTER))

    assert states.live() == before
    assert golden(C).pk == golden(B).pk == three[1].pk


def test_p5_members_that_were_deleted_come_back_to_their_own_side(people, three):
    change = merge(*three[:2], keep=three[0].enterprise_id, actor=people.ada, at=later(1))
    for native, system in ((f"{B}-crm", "crm"), (f"{B}-psa", "psa")):
        drop(native, system=system, at=later(2))

    unmerge(change, actor=people.dee, at=later(AFTER))
    send(*firms.alike(B, "crm", "psa"), at=later(AFTER + 1))

    assert home(f"{B}-psa", system="psa").pk == golden(B).pk
    assert golden(B).pk != golden(A).pk == three[0].pk
    assert states.faults() == []


def test_p5_a_merge_outlives_the_deletion_of_the_record_it_hangs_on(people, three):
    merge(*three, keep=three[0].enterprise_id, actor=people.ada, at=later(1))

    drop(f"{A}-crm", at=later(2))
    send(*firms.alike(A, "erp", city="York"), at=later(3))

    assert len(partition()) == 1
    assert states.faults() == []


def test_p5_a_split_is_undone_and_what_it_parts_stays_parted(people, three):
    before = states.live()
    change = split(three[0], (f"erp/account//{A}-erp",), actor=people.dee, at=later(1))
    born = home(f"{A}-erp", system="erp")
    assert (golden(A).pk, born.pk == three[0].pk, born.status) == (three[0].pk, False, "LIVE")
    send(*firms.alike(A, "crm", "erp", city="York"), at=later(2))
    assert home(f"{A}-erp", system="erp").pk == born.pk
    send(*firms.alike(A, "crm", "erp"), at=later(3))

    unmerge(change, actor=people.dee, at=later(AFTER))

    assert {name: state[:3] for name, state in states.live().items()} == {name: state[:3] for name, state in before.items()}
    assert Golden.objects.get(pk=born.pk).successors == [three[0].enterprise_id]
    assert states.faults() == []


def test_p5_the_larger_part_of_a_split_leaves_the_id_with_the_smaller(people):
    send(*firms.alike(A, "crm", "erp", "psa", "hr"))
    before = golden(A).pk

    split(golden(A), tuple(f"{system}/account//{A}-{system}" for system in ("erp", "psa", "hr")), actor=people.dee, at=later(1))

    assert golden(A).pk == before
    assert home(f"{A}-hr", system="hr").pk == home(f"{A}-erp", system="erp").pk != before
    assert states.faults() == []


def test_p5_a_move_takes_a_record_to_another_id_and_back(people, three):
    before = states.live()
    change = move(three[0], three[1], f"erp/account//{A}-erp", actor=people.dee, at=later(1))
    assert home(f"{A}-erp", system="erp").pk == three[1].pk
    send(*firms.alike(A, "crm", "erp", city="York"), at=later(2))
    assert (golden(A).pk, home(f"{A}-erp", system="erp").pk) == (three[0].pk, three[1].pk)
    send(*firms.alike(A, "crm", "erp"), at=later(3))

    unmerge(change, actor=people.dee, at=later(AFTER))

    assert {name: state[:2] for name, state in states.live().items()} == {name: state[:2] for name, state in before.items()}
    assert states.faults() == []


def test_p5_a_decision_that_says_otherwise_is_named_or_set_aside_until_the_undo(people):
    send(*firms.doubtful("Ulmqua"))
    word = say("DIFFERENT", "Ulmqua-a", "Ulmqua-b", actor=people.ada, at=later(1))
    before = states.live(), pairs()
    both = home("Ulmqua-a"), home("Ulmqua-b", system="erp")
    with pytest.raises(Conflict, match=rf"ada said .* are different \(decision {word.pk}\)"):
        merge(*both, actor=people.dee, at=later(2))

    change = merge(*both, actor=people.dee, at=later(2), set_aside=True)
    assert len(partition()) == 1
    undo(change, actor=people.dee, at=later(2 + SOON))

    assert (states.live(), pairs()) == before
    assert Decision.objects.get(undone_at=None).pk == word.pk
    assert states.faults() == []


def test_p5_two_people_at_once_the_second_is_told(people, three):
    asked = wanted("merge", three[0], three[1])
    merge(three[1], three[2], actor=people.ada, at=later(1))

    with pytest.raises(Conflict):
        regrouping.repartition(wanted=asked, actor=people.dee, at=later(2))
    assert states.faults() == []


def test_p5_targets_hear_of_a_merge_after_their_window_and_never_of_one_that_was_undone_in_it(people):
    systems.target("sfa")
    System.objects.filter(pk="sfa").update(undo_seconds=90)
    send(*firms.doubtful("Ulmqua"))
    phone = firms.doubtful("Ulmqua")[0].payload["phone"]
    send(customer("t", {"Name": "Ulmqua Foods Ltd", "Country": "GB", "Phone": phone}, system="sfa"))
    Job.objects.update(status="DONE", done=99)
    change = merge(home("t", system="sfa"), home("Ulmqua-b", system="erp"), actor=people.ada, at=later(5))

    assert {job.due_at for job in Job.objects.filter(status="QUEUED")} <= {later(6.5)}
    undo(change, actor=people.ada, at=later(6.4))
    with pytest.raises(Conflict, match="undone already"):
        unmerge(change, actor=people.dee, at=later(7))


def test_p5_after_the_window_only_those_who_may_unmerge_take_it_back(people, three):
    change = merge(*three, actor=people.ada, at=later(1))

    with pytest.raises(Conflict, match=r"window .* is over"):
        undo(change, actor=people.ada, at=later(AFTER))
    with pytest.raises(NotAllowed):
        unmerge(change, actor=people.ada, at=later(AFTER))
    with pytest.raises(NotFound):
        unmerge(change, actor=cast.person("lea", Role.LEAD, domains=["project"]), at=later(AFTER))
    unmerge(change, actor=people.dee, at=later(AFTER))


@pytest.mark.parametrize(
    ("kind", "count", "more", "error"),
    [
        ("merge", 1, {}, BadInput),
        ("merge", 2, {"keep": "CUS-4F7K2M9Q"}, BadInput),
        ("merge", 2, {"seen": {}}, BadInput),
        ("merge", 2, {"choices": {"city": {}}}, BadInput),
        ("merge", 2, {"choices": {"city": {"record": "crm/account//nobody"}}}, BadInput),
        ("merge", 2, {"choices": {"colour": {"value": "red"}}}, NotFound),
        ("split", 1, {"parts": ()}, BadInput),
        ("split", 1, {"parts": (("crm/account//Quorl-crm", "erp/account//Quorl-erp"),)}, BadInput),
        ("split", 1, {"parts": (("crm/account//Vexpol-crm",),)}, BadInput),
        ("move", 1, {"parts": (("crm/account//Quorl-crm",),)}, BadInput),
    ],
)
def test_p5_what_makes_no_sense_is_refused_and_changes_nothing(people, three, kind, count, more, error):
    before = states.goldens()

    with pytest.raises(error):
        regrouping.repartition(wanted=wanted(kind, *three[:count], **more), actor=people.zoe, at=later(1))

    assert states.goldens() == before
    assert not Decision.objects.exists()


def test_p5_a_page_that_is_out_of_date_is_refused(people, three):
    asked = wanted("merge", *three)
    pin(three[0], "city", "Hull", actor=people.ada, at=later(1))

    with pytest.raises(StaleVersion):
        regrouping.repartition(wanted=asked, actor=people.ada, at=later(2))


def test_p5_a_pinned_value_is_undone_too(people, three):
    before = states.live()
    row = pin(three[0], "city", "Hull", actor=people.ada, at=later(1))
    undo(row.change_set, actor=people.ada, at=later(AFTER))
    assert states.live() == before

    again = pin(three[0], "city", "Hull", actor=people.ada, at=later(AFTER + 1))
    pinned = states.live()
    released = overrides.release(override_id=again.pk, actor=people.ada, at=later(AFTER + 2)).ended_by_change
    undo(released, actor=people.ada, at=later(AFTER + 3))

    assert states.live() == pinned
    assert states.faults() == []


def test_p5_a_pair_that_is_found_after_the_word_on_it_takes_that_word(people, three):
    change = merge(three[0], three[1], keep=three[0].enterprise_id, actor=people.ada, at=later(1))
    assert not MatchPair.objects.filter(left__key__contains=A, right__key__contains=B).exists()

    send(customer(f"{B}-crm", dict(firms.alike(A, "crm")[0].payload)), at=later(2))

    found = MatchPair.objects.filter(left__key__contains=A, right__key=f"crm/account//{B}-crm")
    said = set(Decision.objects.filter(undone_at=None, verdict="SAME").values_list("left", "right"))
    assert {(pair.left_id, pair.right_id): pair.status == "SAME" for pair in found} == {
        (pair.left_id, pair.right_id): (pair.left_id, pair.right_id) in said for pair in found
    }
    assert "SAME" in {pair.status for pair in found}
    assert states.faults() == []
    unmerge(change, actor=people.dee, at=later(AFTER))
    assert states.faults() == []


def test_p5_an_id_that_ends_again_never_leads_in_a_circle(people, three):
    """The ID that it led to before leads to it by now: then it leads where its records stand."""
    one, other, third = three
    theirs = (f"crm/account//{B}-crm", f"psa/account//{B}-psa")
    merge(one, other, keep=one.enterprise_id, actor=people.zoe, at=later(1))
    move(one, third, *theirs, actor=people.zoe, at=later(2), set_aside=True)
    change = split(third, theirs, actor=people.zoe, at=later(3), set_aside=True)
    assert golden(B) == other
    merge(other, one, keep=other.enterprise_id, actor=people.zoe, at=later(4), set_aside=True)
    drop(f"{A}-crm", at=later(5))
    drop(f"{A}-erp", system="erp", at=later(5))

    unmerge(change, actor=people.zoe, at=later(AFTER))

    assert golden(B) == third
    assert Golden.objects.get(pk=other.pk).successors == [third.enterprise_id]
    assert states.faults() == []
