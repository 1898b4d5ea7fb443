"""Work shared among processes: the same results as alone, errors that arrive, helpers that may die."""

from __future__ import annotations

import os
import pickle
import signal
import time
from functools import partial

import pytest

import matching
from matching.crew import Crew
from matching.errors import WorkerLost
from matching.pipeline import resolve as resolving
from matching.types import Column

PARENT = os.getpid()


def squared(number):
    return number * number


def fails():
    raise matching.BadInput("this one fails")


@pytest.mark.timed
@pytest.mark.parametrize("size", [1, 2, 3, 50])
@pytest.mark.parametrize("count", [0, 1, 2, 20])
def test_results_come_in_the_order_of_the_tasks(size, count):
    assert Crew(size).share([partial(squared, number) for number in range(count)]) == [n * n for n in range(count)]


@pytest.mark.timed
def test_what_a_task_raises_is_raised():
    with pytest.raises(matching.BadInput, match="this one fails"):
        Crew(2).share([fails] * 4)


def dies_in_a_helper():
    time.sleep(0.02)  # time for the helper to come and take one too
    if os.getpid() != PARENT:
        os.kill(os.getpid(), signal.SIGKILL)


@pytest.mark.timed
def test_a_killed_helper_is_told_in_one_line():
    with pytest.raises(WorkerLost, match="try again with --threads 1"):
        Crew(2).share([dies_in_a_helper] * 50)


@pytest.mark.timed
def test_any_number_of_processes_gives_the_same_resolution(monkeypatch):
    monkeypatch.setattr(resolving, "WORTH_SHARING", 2)
    model = matching.load_model("customer")
    names = [f"Zyntho{n % 40} Pharmix{n % 7} GmbH" for n in range(200)]
    columns = {"name": names, "country": ["DE"] * 200, "city": [("Berlin", "Bonn")[n % 2] for n in range(200)]}
    ids = [f"r{n:03}" for n in range(200)]

    alone, shared = (matching.resolve(model, columns, ids=ids, threads=threads) for threads in (1, 3))

    assert alone.pairs_compared == shared.pairs_compared > 0
    assert alone.clusters.labels.tolist() == shared.clusters.labels.tolist()
    assert alone.clusters.strength.tolist() == shared.clusters.strength.tolist()
    assert sorted(zip(alone.left, alone.right, alone.weight, strict=True)) == sorted(
        zip(shared.left, shared.right, shared.weight, strict=True)
    )


@pytest.mark.parametrize("cells", [[], [None], ["a"], ["a", None, "b", "a"], ["a\0b", "c"], ["", "\0"], ["", "x"]])
def test_a_column_survives_the_way_between_processes(cells):
    column = pickle.loads(pickle.dumps(Column.of(cells)))

    assert column.cells() == cells
    assert column.values.tolist() == Column.of(cells).values.tolist()
