"""P1: every live source record belongs to exactly one live golden record."""

from __future__ import annotations

import random

import pytest
from django.db import IntegrityError, transaction

from mdm.models import Crosswalk, SourceRecord
from tests.factories import organisations, states
from tests.factories.histories import History
from tests.factories.records import OTHER, customer, home, record, send
from tests.factories.times import NOON

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("firm")]


def few(seed: int) -> list[organisations.Organisation]:
    return organisations.organisations(random.Random(seed), 12, common=0.3)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(3))
def test_p1_every_live_record_has_exactly_one_live_home_through_any_history(people, seed):
    history = History(random.Random(seed), people.dee, few(seed))

    for _ in range(4):
        history.run(15)

        assert states.faults() == []

    assert {"arrive", "change", "leave", "decide"} <= set(history.steps), history.steps
    assert SourceRecord.objects.filter(is_live=True).count() == len(history.live)


@pytest.mark.soak
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("seed", range(100, 110))
def test_p1_holds_through_long_histories(people, seed):
    history = History(random.Random(seed), people.dee, few(seed))

    for _ in range(10):
        history.run(25)

        assert states.faults() == []


def test_p1_the_database_itself_refuses_a_second_home():
    send(customer("1"), customer("2", OTHER))

    with pytest.raises(IntegrityError, match="crosswalk_one_home_a_record"), transaction.atomic():
        Crosswalk.objects.create(record=record("1"), golden=home("2"), valid_from=NOON)
