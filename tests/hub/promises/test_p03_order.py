"""P3: the partition depends on the records, the decisions and the released model, not on how they arrived."""

from __future__ import annotations

import random

import pytest
from django.db import connection

from tests.factories import oracle, organisations, states
from tests.factories.histories import History
from tests.factories.records import in_batches, partition, send

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("firm"), pytest.mark.slow]

COUNT = 3_000


@pytest.fixture(scope="module")
def many():
    """3,000 records, two thirds of them of organisations named like hundreds of others ("Germany Services GmbH")."""
    return organisations.mixed(7, COUNT, common=0.7)


def shuffled(records, seed):
    return random.Random(seed).sample(records, len(records))


def test_p3_bulk_gives_the_partition_of_the_engine_alone(many):
    in_batches(many, COUNT, alone=True)

    assert partition() == oracle.partition(many)
    assert states.faults() == []


@pytest.mark.parametrize(("seed", "size"), [(1, 500), (2, 500), (3, 170), (4, 333), (5, 61)])
def test_p3_five_shuffles_in_batches_give_the_same_partition(many, seed, size):
    in_batches(shuffled(many, seed), size)

    assert partition() == oracle.partition(many)


@pytest.mark.django_db(transaction=True)
def test_p3_one_by_one_gives_the_same_partition(many):
    """Each record in a transaction of its own, as from a system that sends what it has at once."""
    with connection.cursor() as cursor:
        cursor.execute("SET synchronous_commit TO off")  # three thousand commits need not wait for the disk

    in_batches(shuffled(many, 6), 1)

    assert partition() == oracle.partition(many)
    assert states.faults() == []


@pytest.mark.parametrize("seed", range(2))
def test_p3_updates_and_deletes_leave_the_partition_of_what_is_left(people, seed):
    made = organisations.organisations(random.Random(seed), 25, common=0.4)
    history = History(random.Random(seed), people.dee, made)

    history.run(150, people=False)

    assert {"change", "leave", "return_"} <= set(history.steps)
    assert partition() == oracle.partition(list(history.live.values()))


def test_p3_decisions_and_records_in_any_order_give_the_same_partition(people):
    """Two histories end with the same records and the same standing decisions, one by another way."""
    records = organisations.mixed(11, 120, common=0.4)
    in_batches(records, 17)
    history = History(random.Random(3), people.dee, [])
    for _ in range(25):
        history.decide()
    wanted = partition()

    for said in shuffled(records, 2)[:60]:
        send(said.__class__(said.system, said.object, said.native_id, {}, is_deleted=True))
    in_batches(shuffled(records, 5), 7)

    assert partition() == wanted
    assert states.faults() == []
