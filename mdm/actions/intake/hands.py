"""Portions of a bulk load done by several processes, each with a database connection of its own."""

from __future__ import annotations

import ctypes
import gc
import itertools
import multiprocessing
import os
import signal
import sys
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from typing import Any, TypeVar

from django.db import connections

from mdm.errors import WorkerLost

T = TypeVar("T")
R = TypeVar("R")
PR_SET_PDEATHSIG = 1
"""Linux, prctl(2): which signal a process gets when its parent ends."""


def each(act: Callable[[T], R], tasks: Iterable[T], *, workers: int) -> Iterator[R]:
    """`act` of each task, in their order. One worker, or one task: this process does it all.

    Workers are forked from this process, so that `act`, a bound method perhaps, finds what was there before; what they change is
    lost, tasks and results are pickled. They end with this process, however that ends.

    Raises:
        WorkerLost: a worker was killed.
    """
    rest = iter(tasks)
    first = list(itertools.islice(rest, 2))
    rest = itertools.chain(first, rest)
    if workers < 2 or len(first) < 2 or sys.platform != "linux":
        yield from map(act, rest)
        return
    global _act
    _act = act
    fork, parent = multiprocessing.get_context("fork"), os.getpid()
    with ProcessPoolExecutor(workers, mp_context=fork, initializer=_begin, initargs=(parent,)) as pool:
        waiting: deque[Future[R]] = deque()
        try:
            for task in rest:
                waiting.append(pool.submit(_do, task))
                if len(waiting) >= 2 * workers:
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()
        except BrokenProcessPool:
            raise WorkerLost("A worker of the bulk load was killed, perhaps for want of memory; run the load again.") from None
        finally:
            pool.shutdown(cancel_futures=True)
            _act = None


_act: Callable[[Any], Any] | None = None


def _begin(parent: int) -> None:
    """In a new worker: end with the parent, and leave its connections alone."""
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        os._exit(1)
    for connection in connections.all(initialized_only=True):
        connection.connection = None
    gc.freeze()


def _do(task: Any) -> Any:
    assert _act is not None
    return _act(task)
