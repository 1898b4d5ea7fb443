"""Trees: up to the ultimate parent, down level by level, whatever merged and in whatever order it came."""

from __future__ import annotations

import pytest

from mdm import permissions
from mdm.actions.exchange import schedules
from mdm.actions.golden import refreshing
from mdm.errors import BadInput
from mdm.models import Golden
from mdm.rules.governance.roles import Role
from tests import people as cast
from tests.factories import decided, firms, states
from tests.factories.groups import above, entity, firm, label, tell, tree, under
from tests.factories.records import customer, home, send
from tests.factories.times import NOON, later

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("firm")]


def test_a_tree_goes_up_to_the_ultimate_parent_and_down_level_by_level(people):
    tell("A", "B<A", "C<B", "D<C", "E<A")

    found = tree("C", viewer=people.ada, kind="legal")
    assert above(found) == [label("B"), label("A")]
    assert under(found) == [label("D")]
    top = tree("A", viewer=people.ada, depth=3)
    assert (above(top), top.ultimate) == ([], None)
    assert under(top) == [label("B"), "  " + label("C"), "    " + label("D"), label("E")]
    assert [place.label for place in tree("A", viewer=people.ada).below if place.more] == [label("B")]


def test_a_parent_is_found_when_it_arrives_later_than_its_child(people):
    tell("B<A")
    assert above(tree("B", viewer=people.ada)) == []

    tell("A")

    assert above(tree("B", viewer=people.ada)) == [label("A")]
    assert under(tree("A", viewer=people.ada)) == [label("B")]


CLAIMS = (("crm", "B<A"), ("crm", "C<B"), ("erp", "A<C"), ("erp", "C"), ("crm", "A"), ("psa", "D<A"), ("psa", "A"))
"""The CRM has A over B over C; the ERP, which is believed last, has C over A."""


@pytest.mark.parametrize("turn", range(len(CLAIMS)))
def test_p3_a_circle_of_several_systems_gives_way_at_the_same_step_whatever_came_last(people, turn):
    for system, line in (*CLAIMS[turn:], *CLAIMS[:turn]):
        tell(line, system=system)

    trees = {name: tree(name, viewer=people.ada, depth=3) for name in "ABC"}
    assert {name: above(found) for name, found in trees.items()} == {
        "A": [],
        "B": [label("A")],
        "C": [label("B"), label("A")],
    }
    assert under(trees["A"]) == [label("B"), "  " + label("C"), label("D")] or under(trees["A"]) == [
        label("D"), label("B"), "  " + label("C")
    ]  # fmt: skip
    for found in trees.values():
        assert found.circle is not None
        said = [(place.label, place.said_by.partition("/")[0]) for place in found.circle.around]
        assert said[found.circle.open] == (label("A"), "erp")
        assert len(said) == 3
    assert tree("D", viewer=people.ada, system="psa").circle is not None


def test_a_hierarchy_follows_a_merge_and_comes_back_with_its_undo(people):
    send(*firms.doubtful("Vexpol"), firm("B", {"system": "erp", "object": "account", "native_id": "Vexpol-b"}), at=NOON)
    tell("C<B")
    before = {name: above(tree(name, viewer=people.ada)) for name in "BC"}
    assert before == {"B": ["Vexpol Holding"], "C": [label("B"), "Vexpol Holding"]}

    decision = decided.say("SAME", "Vexpol-a", "Vexpol-b", actor=people.ada, at=later(1))

    merged = tree("Vexpol-a", viewer=people.ada, depth=2)
    assert under(merged) == [label("B"), "  " + label("C")]
    assert tree("C", viewer=people.ada).ultimate.enterprise_id == home("Vexpol-a").enterprise_id
    decided.take_back(decision, actor=people.ada, at=later(2))
    assert {name: above(tree(name, viewer=people.ada)) for name in "BC"} == before
    assert (under(tree("Vexpol-a", viewer=people.ada)), states.faults()) == ([], [])


def test_a_parent_that_is_the_same_thing_hands_on_to_its_own_parent(people):
    tell("A")
    send(*firms.doubtful("Vexpol"))
    send(customer("Vexpol-a", {**firms.doubtful("Vexpol")[0].payload, "parent": {"system": "erp", "native_id": "Vexpol-b"}}))
    send(
        customer("Vexpol-b", {**firms.doubtful("Vexpol")[1].payload, "parent": {"system": "crm", "native_id": "A"}}, system="erp")
    )
    assert above(tree("Vexpol-a", viewer=people.ada)) == ["Vexpol Holding", label("A")]

    decided.say("SAME", "Vexpol-a", "Vexpol-b", actor=people.ada, at=later(1))

    found = tree("Vexpol-a", viewer=people.ada)
    assert (above(found), found.circle) == ([label("A")], None)
    assert states.faults() == []


def test_two_parents_are_decided_by_survivorship_and_the_provenance_tells_the_other(people):
    tell("A", "B", "C<A")
    tell("C<B", "A", "B", system="erp", at=later(1))

    assert above(tree("C", viewer=people.ada)) == [label("B")]  # nobody ranks the two systems: the later word
    why = home("C").provenance["parent"]
    assert (why["key"], [(lost["key"], lost["value"]["native_id"]) for lost in why["beat"]]) == (
        "erp/account//C",
        [("crm/account//C", "A")],
    )
    assert under(tree("A", viewer=people.ada)) == []


def test_a_parent_by_enterprise_id_stands_in_the_tree_and_follows_who_came_after(people):
    send(*firms.doubtful("Vexpol"))
    gone = home("Vexpol-b", system="erp").enterprise_id
    send(firm("B", {"enterprise_id": gone}))
    assert above(tree("B", viewer=people.ada)) == ["Vexpol Holding"]

    decided.say("SAME", "Vexpol-a", "Vexpol-b", actor=people.ada, at=later(1))

    assert tree("B", viewer=people.ada).ultimate.enterprise_id == home("Vexpol-a").enterprise_id
    assert under(tree("Vexpol-a", viewer=people.ada)) == [label("B")]


def test_children_come_in_pages_and_the_levels_below_say_where_more_are(people):
    tell("A", *(f"{name}<A" for name in "BCDEF"), "G<C", "H<C")

    first = tree("A", viewer=people.ada, limit=2)
    second = tree("A", viewer=people.ada, limit=2, after=first.next)
    last = tree("A", viewer=people.ada, limit=2, after=second.next, depth=2)

    assert [under(page) for page in (first, second, last)] == [
        [label("B"), label("C")],
        [label("D"), label("E")],
        [label("F")],
    ]
    assert ([place.label for place in first.below if place.more], last.next) == ([label("C")], 0)


def test_a_tree_costs_the_same_however_many_children_there_are(people, django_assert_max_num_queries):
    tell("A", *(f"{name}<A" for name in "BCDEFGHIJKLMNOP"))

    with django_assert_max_num_queries(16):
        assert len(under(tree("A", viewer=people.ada, depth=2))) == 15


def test_who_is_confined_sees_neither_parents_nor_children_elsewhere(people):
    cy = cast.person("cyrus", Role.STEWARD, domains=["customer"], regions=["AMER"])
    send(firm("A", country="US"), firm("B", "A", country="DE"), firm("C", "B", country="US"), firm("D", "A", country="US"))

    found = tree("C", viewer=cy)
    assert [(place.enterprise_id, place.label) for place in found.upward] == [
        ("", ""),
        (home("A").enterprise_id, label("A")),
    ]
    assert under(tree("A", viewer=cy, depth=3)) == [label("D")]
    assert under(tree("A", viewer=people.ada, depth=3)) == [label("B"), "  " + label("C"), label("D")]


def test_a_kind_that_is_not_declared_is_refused_with_those_that_are(people):
    tell("A")

    with pytest.raises(BadInput, match="kind='tax' is no hierarchy of customers; there are legal, billing"):
        tree("A", viewer=people.ada, kind="tax")


DAY = 24 * 60


def test_a_tree_of_a_past_date_is_what_was_true_and_what_was_known(people):
    tell("A", "B", "C<A", "D<C")
    tell("C<B", at=later(10 * DAY))
    send(firm("E", "C", updated_at=NOON), at=later(20 * DAY))  # told late

    def at(name, **asked):
        found = tree(name, viewer=people.ada, depth=2, **asked)
        return above(found), under(found)

    fifth, fifteenth = later(5 * DAY), later(15 * DAY)
    assert at("C", as_of=fifth) == ([label("A")], [label("D"), label("E")])
    assert at("C", known_at=fifth) == ([label("A")], [label("D")])
    assert at("C", as_of=fifth, known_at=fifteenth) == ([label("A")], [label("D")])
    assert at("D", as_of=fifth) == ([label("C"), label("A")], [])
    assert at("D", as_of=fifteenth) == ([label("C"), label("B")], [])
    assert at("A", as_of=fifth)[1] == [label("C"), "  " + label("D"), "  " + label("E")]
    assert (at("A", as_of=fifteenth)[1], at("B", as_of=fifteenth)[1][0]) == ([], label("C"))
    assert at("C") == ([label("B")], [label("D"), label("E")])


def test_a_past_tree_knows_who_was_merged_only_later(people):
    send(*firms.doubtful("Vexpol"), firm("B", {"system": "erp", "object": "account", "native_id": "Vexpol-b"}), at=NOON)
    decided.say("SAME", "Vexpol-a", "Vexpol-b", actor=people.ada, at=later(10 * DAY))

    before = tree("B", viewer=people.ada, known_at=later(5 * DAY))
    after = tree("B", viewer=people.ada, known_at=later(15 * DAY))

    kept = home("Vexpol-a").enterprise_id
    assert [place.label for place in before.upward] == ["Vexpol Holding"]
    assert after.ultimate.enterprise_id == kept
    assert {before.ultimate.enterprise_id, kept} == set(
        Golden.objects.exclude(label=label("B")).values_list("enterprise_id", flat=True)
    )


def test_a_relation_with_days_of_its_own_counts_by_them(people):
    send(entity("A"), entity("B"), entity("C", "A", owned_since="2026-01-01"))
    send(entity("C", "B", owned_since="2026-01-20"), at=later(30 * DAY))  # said on 14 February

    def parent(**asked):
        return above(tree("C", viewer=people.ada, system="erp", **asked))

    assert home("C", system="erp").relations["parent"]["since"] == "2026-01-20"
    assert parent() == [label("B")]
    assert parent(as_of=later(2 * DAY)) == [label("A")]
    assert parent(as_of=later(10 * DAY)) == [label("B")]  # the 25th: true already, told later
    assert parent(as_of=later(10 * DAY), known_at=later(20 * DAY)) == [label("A")]
    assert under(tree("B", viewer=people.ada, system="erp", as_of=later(10 * DAY))) == [label("C")]
    assert under(tree("A", viewer=people.ada, system="erp", as_of=later(10 * DAY))) == []


def test_a_parent_that_has_ended_or_not_begun_is_none_until_the_night_that_brings_it(people):
    send(entity("A"), entity("B", "A", owned_until="2026-01-20"), entity("C", "A", owned_since="2026-01-20"))
    assert under(tree("A", viewer=people.ada, system="erp")) == [label("B")]

    refresh(later(10 * DAY))

    assert under(tree("A", viewer=people.ada, system="erp")) == [label("C")]
    assert home("C", system="erp").version == 2
    assert states.faults() == []


def refresh(at):
    schedules.put_standing(actor=permissions.machine(), at=NOON)
    schedules.tick(actor=permissions.machine(), at=at)
    while refreshing.refresh_next(actor=permissions.machine(), at=at):
        pass
