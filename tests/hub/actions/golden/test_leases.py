"""Leases: nobody is given what a colleague has open."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
from django.db import connection, transaction

from mdm.actions.golden import decisions, leases
from mdm.errors import Conflict, NotAllowed, NotFound
from mdm.models import Decision, MatchPair, User
from mdm.readers.golden.review.pairs import Wanted
from mdm.rules.golden.pair_states import PairStatus
from tests.factories import desk as work
from tests.factories import systems
from tests.factories.times import NOON, later
from tests.people import People

pytestmark = pytest.mark.django_db


@pytest.fixture
def crew(people: People) -> People:
    systems.declare()
    return people


def take(actor: User, *, at=NOON, **more) -> int | None:
    return leases.take_next(wanted=more.pop("wanted", Wanted()), actor=actor, at=at, **more)


def test_two_people_get_two_pairs_and_then_none(crew: People):
    first, second = work.pairs(2)

    assert (take(crew.ada), take(crew.dee), take(crew.zoe)) == (first.pk, second.pk, None)


def test_the_own_pair_comes_again(crew: People):
    pair = work.pairs(2)[0]

    assert take(crew.ada) == take(crew.ada, at=later()) == pair.pk


def test_a_lease_ends_after_ten_minutes(crew: People):
    pair = work.pair()
    take(crew.ada)

    assert take(crew.dee, at=NOON + leases.LENGTH - timedelta(seconds=1)) is None
    assert take(crew.dee, at=NOON + leases.LENGTH) == pair.pk


def test_holding_on_makes_it_longer_and_takes_it_from_nobody(crew: People):
    pair = work.pair()
    take(crew.ada)

    leases.take(pair_id=pair.pk, actor=crew.ada, at=later(9))

    assert take(crew.dee, at=later(15)) is None
    with pytest.raises(Conflict, match="ada has this pair open"):
        leases.take(pair_id=pair.pk, actor=crew.dee, at=later(15))
    with pytest.raises(NotFound):
        leases.take(pair_id=0, actor=crew.ada, at=NOON)


def test_a_skipped_pair_is_free_for_others_at_once(crew: People):
    first, second = work.pairs(2)
    take(crew.ada)

    assert leases.skip(pair_id=first.pk, wanted=Wanted(), actor=crew.ada, at=later()) == second.pk
    assert take(crew.dee, at=later()) == first.pk


def test_who_was_unsure_does_not_get_the_pair_again(crew: People):
    pair = work.pair()

    answered = leases.answer(
        pair_id=pair.pk, verdict=PairStatus.UNSURE, seen_version=pair.version, wanted=Wanted(), actor=crew.ada, at=NOON
    )

    assert (answered.verdict, answered.next_id) == ("UNSURE", None)
    assert take(crew.ada, wanted=Wanted(status="UNSURE"), at=later()) is None
    assert take(crew.dee, wanted=Wanted(status="UNSURE"), at=later()) == pair.pk


def test_the_verdict_stands_when_no_pair_is_left(crew: People):
    pair = work.pair()

    answered = leases.answer(
        pair_id=pair.pk, verdict=PairStatus.DIFFERENT, seen_version=pair.version, wanted=Wanted(), actor=crew.ada, at=NOON
    )

    assert answered.next_id is None
    assert Decision.objects.get(pk=answered.decision_id).verdict == "DIFFERENT"


def test_taking_back_gives_the_pair_to_whoever_took_it_back(crew: People):
    pair = work.pair()
    said = leases.answer(
        pair_id=pair.pk, verdict=PairStatus.SAME, seen_version=pair.version, wanted=Wanted(), actor=crew.ada, at=NOON
    )

    assert leases.take_back(decision_id=said.decision_id, actor=crew.ada, at=later()) == pair.pk
    assert take(crew.dee, at=later()) is None


def test_a_verdict_ends_the_lease(crew: People):
    pair = work.pair()
    take(crew.ada)
    pair.refresh_from_db()

    decisions.decide(pair_id=pair.pk, verdict=PairStatus.UNSURE, seen_version=pair.version, actor=crew.ada, at=later())

    pair.refresh_from_db()
    assert (pair.leased_by, pair.leased_until) == (None, None)


def test_only_who_decides_takes(crew: People):
    work.pair()

    for person in (crew.ben, crew.oli, crew.pia):
        with pytest.raises(NotAllowed):
            take(person)


def test_the_confined_are_given_nothing_from_elsewhere(crew: People):
    work.pair()
    crew.cy.domains = []
    crew.cy.save()

    assert take(crew.cy) is None


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_eight_at_once_get_eight_different_pairs(transactional_db: None):
    from tests import people as made

    crew = made.make()
    systems.declare()
    work.pairs(8)
    stewards = [made.person(f"steward {number}", made.Role.STEWARD) for number in range(8)]
    start = Barrier(8)

    def rush(steward: User) -> int | None:
        start.wait()
        try:
            return take(steward)
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        taken = list(pool.map(rush, stewards))

    assert sorted(taken, key=str) == sorted(MatchPair.objects.filter(status="OPEN").values_list("pk", flat=True), key=str)
    assert crew.hub.pk


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_a_row_that_somebody_holds_is_passed_over_not_waited_for(transactional_db: None):
    from tests import people as made

    crew = made.make()
    systems.declare()
    first, second = work.pairs(2)

    def other() -> int | None:
        try:
            return take(crew.dee)
        finally:
            connection.close()

    with transaction.atomic():
        MatchPair.objects.select_for_update().get(pk=first.pk)
        with ThreadPoolExecutor(1) as pool:
            assert pool.submit(other).result(timeout=10) == second.pk
