"""Verdicts and leases: what is allowed, what is stale, who holds which pair."""

from __future__ import annotations

from functools import partial

import pytest

from mdm.actions.golden import decisions, leases
from mdm.errors import Conflict, IllegalTransition, NotAllowed, NotFound, StaleVersion
from mdm.models import ChangeSet, Decision, Job, MatchPair
from mdm.readers.golden.review.pairs import Wanted
from mdm.rules.golden.pair_states import PairStatus
from mdm.rules.governance.roles import Role
from tests import people as cast
from tests.factories import firms, systems
from tests.factories.decided import pair, say, take_back
from tests.factories.records import customer, drop, home, partition, send
from tests.factories.threads import together
from tests.factories.times import NOON, later

pytestmark = [pytest.mark.django_db]


@pytest.fixture
def asked(firm):
    send(*firms.doubtful("Ulmqua"), *firms.doubtful("Vexpol"))
    return pair("Ulmqua-a", "Ulmqua-b")


def decide(one, actor, *, verdict=PairStatus.SAME, version=None, at=NOON):
    return decisions.decide(pair_id=one.pk, verdict=verdict, seen_version=version or one.version, actor=actor, at=at)


def test_decide_refuses_a_stale_page_and_changes_nothing(asked, people):
    with pytest.raises(StaleVersion, match="changed while you were reading"):
        decide(asked, people.ada, version=asked.version + 1)

    assert not Decision.objects.exists()
    assert not ChangeSet.objects.exists()
    assert pair("Ulmqua-a", "Ulmqua-b").status == "OPEN"


def test_decide_refuses_who_may_not_and_what_is_not_there(asked, people):
    with pytest.raises(NotAllowed):
        decide(asked, people.ben)
    with pytest.raises(NotAllowed, match="customer is not among them"):
        decide(asked, people.cy)
    with pytest.raises(NotFound):
        decisions.decide(pair_id=0, verdict=PairStatus.SAME, seen_version=1, actor=people.ada, at=NOON)


def test_decide_refuses_a_second_word_until_the_first_is_undone(asked, people):
    decision = say("SAME", "Ulmqua-a", "Ulmqua-b", actor=people.ada)

    with pytest.raises(IllegalTransition, match="SAME cannot become DIFFERENT"):
        decide(pair("Ulmqua-a", "Ulmqua-b"), people.ada, verdict=PairStatus.DIFFERENT)
    take_back(decision, actor=people.ada)
    assert decide(pair("Ulmqua-a", "Ulmqua-b"), people.ada, verdict=PairStatus.DIFFERENT).status == "DIFFERENT"


def test_a_decision_names_what_it_moved_and_ended(asked, people):
    kept, ended = home("Ulmqua-a"), home("Ulmqua-b", system="erp")

    say("SAME", "Ulmqua-a", "Ulmqua-b", actor=people.ada)

    change = ChangeSet.objects.get()
    assert (change.kind, change.actor, change.reason) == ("decision", people.ada, "as the test says")
    assert [(move["from"], move["to"]) for move in change.moves] == [(ended.pk, kept.pk)]
    assert change.lives == [{"golden": ended.pk, "from": "LIVE", "to": "MERGED"}]


def test_an_undo_names_the_change_it_undoes(asked, people):
    decision = say("SAME", "Ulmqua-a", "Ulmqua-b", actor=people.ada)

    take_back(decision, actor=people.ada)

    assert ChangeSet.objects.get(kind="undo").undoes == decision.change_set


def test_two_stewards_at_once_give_one_decision(transactional_db):
    systems.declare()
    people = cast.make()
    send(*firms.doubtful("Ulmqua"))
    one = pair("Ulmqua-a", "Ulmqua-b")

    raised = together([partial(decide, one, people.ada), partial(decide, one, people.dee, verdict=PairStatus.DIFFERENT)])

    assert [type(error) for error in raised] == [StaleVersion]
    assert Decision.objects.count() == 1


def test_a_pair_whose_record_is_gone_is_gone_too(asked, people):
    drop("Ulmqua-a")

    with pytest.raises(NotFound, match="its records changed"):
        decide(asked, people.ada)


def test_a_decision_with_a_target_waits_and_its_undo_costs_the_target_nothing(firm, people):
    systems.target("sfa")
    send(*firms.doubtful("Ulmqua"))
    one = firms.doubtful("Ulmqua")[0].payload
    send(customer("t", {"Name": one["name"], "Country": "GB", "Phone": one["phone"]}, system="sfa"))
    Job.objects.update(status="DONE", done=99)

    say("SAME", "t", "Ulmqua-b", actor=people.ada, at=later(5))

    waiting = Job.objects.filter(status="QUEUED")
    assert {job.due_at for job in waiting} <= {later(5.5)}


# Leases


def take_next(actor, *, at=NOON, **more):
    return leases.take_next(wanted=Wanted(**more.pop("wanted", {})), actor=actor, at=at, **more)


def test_two_stewards_never_get_the_same_pair(asked, people):
    first, second = take_next(people.ada), take_next(people.dee)

    assert {first, second} == {asked.pk, pair("Vexpol-a", "Vexpol-b").pk}
    assert take_next(people.zoe) is None


def test_asking_again_gives_the_same_pair_to_the_same_steward(asked, people):
    assert take_next(people.ada) == take_next(people.ada)


def test_a_lease_ends_by_itself(asked, people):
    first = take_next(people.ada)
    others = set(MatchPair.objects.exclude(pk=first).values_list("id", flat=True))

    assert take_next(people.dee, without=others) is None
    assert take_next(people.dee, without=others, at=NOON + leases.LENGTH) == first


def test_a_skipped_pair_is_free_for_others_and_not_given_back(asked, people):
    first = take_next(people.ada)

    second = leases.skip(pair_id=first, wanted=Wanted(), actor=people.ada, at=NOON)

    assert second != first
    assert take_next(people.dee) == first


def test_taking_a_pair_that_a_colleague_has_open_says_who(asked, people):
    leases.take(pair_id=asked.pk, actor=people.ada, at=NOON)

    with pytest.raises(Conflict, match="ada has this pair open until 12:10 UTC"):
        leases.take(pair_id=asked.pk, actor=people.dee, at=later(1))
    leases.take(pair_id=asked.pk, actor=people.ada, at=later(1))


def test_answering_decides_and_gives_the_next(asked, people):
    answered = leases.answer(
        pair_id=asked.pk, verdict=PairStatus.SAME, seen_version=asked.version, wanted=Wanted(), actor=people.ada, at=NOON
    )

    assert answered.next_id == pair("Vexpol-a", "Vexpol-b").pk
    assert len(partition()) == 3


def test_taking_back_leases_the_pair_again(asked, people):
    decision = say("SAME", "Ulmqua-a", "Ulmqua-b", actor=people.ada)

    assert leases.take_back(decision_id=decision.pk, actor=people.ada, at=later(1)) == asked.pk
    assert MatchPair.objects.get(pk=asked.pk).leased_by == people.ada


def test_who_is_confined_gets_only_pairs_that_are_near(asked, people):
    far = cast.person("far", Role.STEWARD, regions=["APAC"])

    assert take_next(far) is None
    with pytest.raises(NotFound):
        leases.take(pair_id=asked.pk, actor=far, at=NOON)
