"""P5: undo is exact, as far as undoing a decision goes: IDs, members, values, and what arrived meanwhile on its right side."""

from __future__ import annotations

import random

import pytest

from mdm.errors import Conflict, NotAllowed, NotFound
from mdm.models import Decision, Event, Golden, MatchPair
from tests.factories import firms, organisations, states
from tests.factories.decided import pair, say, take_back
from tests.factories.histories import History
from tests.factories.pinned import pin
from tests.factories.records import customer, home, partition, send
from tests.factories.regrouped import merge, split, undo
from tests.factories.times import later

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("firm")]


def what_people_see():
    """Live golden records with members, values and reasons, and which pairs ask."""
    return states.live(), dict(MatchPair.objects.values_list("id", "status"))


@pytest.mark.parametrize("verdict", ["SAME", "DIFFERENT", "UNSURE"])
def test_p5_undoing_a_verdict_on_a_question_brings_back_ids_members_and_values(people, verdict):
    send(*firms.doubtful("Ulmqua"))
    before = what_people_see()
    decision = say(verdict, "Ulmqua-a", "Ulmqua-b", actor=people.ada, at=later(1))

    take_back(decision, actor=people.ada, at=later(2))

    assert what_people_see() == before
    assert states.faults() == []


def test_p5_undoing_a_separation_brings_the_old_id_and_all_members_back(people):
    send(*firms.alike("Quorl", "crm", "erp", "psa"))
    before = what_people_see()
    decision = say("DIFFERENT", "Quorl-crm", "Quorl-erp", actor=people.ada, at=later(1))
    assert what_people_see() != before

    take_back(decision, actor=people.ada, at=later(2))

    assert what_people_see() == before


def test_p5_the_id_goes_back_to_its_own_records_also_when_they_are_the_larger_side(people):
    small, large = firms.doubtful("Ulmqua")
    more = [firms.become(f"more-{n}", large, system="psa") for n in range(3)]
    send(small)
    send(large, *more)
    before = states.live()
    decision = say("SAME", "Ulmqua-a", "Ulmqua-b", actor=people.ada, at=later(1))

    take_back(decision, actor=people.ada, at=later(2))

    assert states.live() == before


def test_p5_what_arrived_after_the_merge_goes_to_its_right_side(people):
    left, right = firms.doubtful("Ulmqua")
    send(left, right)
    ids = home("Ulmqua-a").enterprise_id, home("Ulmqua-b", system="erp").enterprise_id
    decision = say("SAME", "Ulmqua-a", "Ulmqua-b", actor=people.ada, at=later(1))
    send(firms.become("late-a", left, system="psa"), firms.become("late-b", right, system="hr"), at=later(2))
    send(customer("Ulmqua-b", {**right.payload, "city": "York"}, system="erp"), at=later(3))
    assert len(partition()) == 1

    take_back(decision, actor=people.ada, at=later(4))

    assert (home("Ulmqua-a").enterprise_id, home("Ulmqua-b", system="erp").enterprise_id) == ids
    assert home("late-a", system="psa").enterprise_id == ids[0]
    assert home("late-b", system="hr").enterprise_id == ids[1]
    assert home("late-b", system="hr").values["city"] == "York"
    assert "city" not in home("Ulmqua-a").values
    assert states.faults() == []


def test_p5_undo_does_not_part_what_the_machine_joins_by_itself_meanwhile(people):
    left, right = firms.doubtful("Ulmqua")
    send(left, right)
    kept = home("Ulmqua-a").enterprise_id
    decision = say("SAME", "Ulmqua-a", "Ulmqua-b", actor=people.ada, at=later(1))
    send(firms.become("Ulmqua-b", left, system="erp"), at=later(2))

    take_back(decision, actor=people.ada, at=later(3))

    assert len(partition()) == 1
    assert home("Ulmqua-a").enterprise_id == kept


def test_p5_undoing_the_first_of_two_merges_leaves_the_second(people):
    send(*firms.doubtful("Ulmqua"))
    phone = firms.doubtful("Ulmqua")[0].payload["phone"]
    third = customer("third", {"name": "Ulmqua Pharma", "country": "GB", "phone": phone}, system="hr")
    send(third)
    asked = [other for other in ("Ulmqua-a", "Ulmqua-b") if _is_asked("third", other)]
    assert asked, "the third record must ask about one of the two"
    first = say("SAME", "Ulmqua-a", "Ulmqua-b", actor=people.ada, at=later(1))
    say("SAME", "third", asked[0], actor=people.ada, at=later(2))

    take_back(first, actor=people.ada, at=later(3))

    assert frozenset({"hr/account//third", f"{'crm' if asked[0].endswith('a') else 'erp'}/account//{asked[0]}"}) in partition()
    assert len(partition()) == 2
    assert states.faults() == []


def _is_asked(one, other):
    try:
        return pair(one, other).status != "JOINED"
    except MatchPair.DoesNotExist:
        return False


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(3))
def test_p5_a_decision_undone_at_once_leaves_no_trace_in_any_situation(people, seed):
    history = History(random.Random(seed), people.dee, organisations.organisations(random.Random(seed), 10, common=0.4))
    history.run(40)
    for _ in range(6):
        before = states.live()
        if history.decide():
            take_back(Decision.objects.latest("id"), actor=people.dee, at=later(10_000))

            assert states.live() == before


def test_p5_undo_tells_the_world(people):
    send(*firms.doubtful("Ulmqua"))
    decision = say("SAME", "Ulmqua-a", "Ulmqua-b", actor=people.ada)

    take_back(decision, actor=people.ada)

    told = set(Event.objects.values_list("type", flat=True))
    assert {"concord.customer.merged.v1", "concord.customer.restored.v1"} <= told


def test_p5_nobody_undoes_twice_nor_what_is_not_theirs(people):
    send(*firms.doubtful("Ulmqua"))
    decision = say("SAME", "Ulmqua-a", "Ulmqua-b", actor=people.dee)

    with pytest.raises(NotAllowed, match="your own"):
        take_back(decision, actor=people.ada)
    take_back(decision, actor=people.dee)
    with pytest.raises(Conflict, match="undone already"):
        take_back(decision, actor=people.dee)
    decision.pk = 10**9
    with pytest.raises(NotFound):
        take_back(decision, actor=people.dee)


def test_p5_an_id_that_a_split_brought_back_ends_again_as_it_had_ended(people):
    """With its pinned value: not where its records stood last, but where the ID led."""
    send(
        *(
            one
            for name in ("Quorl", "Vexpol", "Ulmdor")
            for one in firms.alike(name, "crm", "erp", "psa")[: 3 - (name == "Vexpol")]
        )
    )
    large, small, heir = home("Quorl-crm"), home("Vexpol-crm"), home("Ulmdor-crm")
    pin(small, "city", "York", actor=people.zoe, at=later(1))
    merge(heir, small, actor=people.zoe, at=later(2))
    merge(heir, large, actor=people.zoe, at=later(3))
    theirs = [f"{system}/account//{name}-{system}" for name, systems in
              (("Quorl", ("crm", "erp", "psa")), ("Vexpol", ("crm", "erp"))) for system in systems]  # fmt: skip
    split(heir, tuple(theirs), actor=people.zoe, at=later(4), set_aside=True)
    assert home("Vexpol-crm") == large
    before, ended = states.live(), Golden.objects.get(pk=small.pk).successors
    change = split(large, tuple(theirs[3:]), actor=people.zoe, at=later(5), set_aside=True)
    assert home("Vexpol-crm") == small

    undo(change, actor=people.zoe, at=later(5))

    assert states.live() == before
    assert Golden.objects.get(pk=small.pk).successors == ended == [heir.enterprise_id]
