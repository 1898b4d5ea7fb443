"""Work shared among processes forked from this one: what was there before the fork is not copied, and both cores are used."""

from __future__ import annotations

import gc
import os
import struct
import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

from matching.errors import WorkerLost

if TYPE_CHECKING:
    from multiprocessing.connection import Connection

T = TypeVar("T")
Done = list[tuple[int, Any]]

# A pipe holds this many numbers of tasks without anybody reading.
MOST_TASKS = 4096
_NUMBER = struct.Struct("<i")


@dataclass(frozen=True, slots=True)
class Crew:
    """How many processes work together, this one included. Where processes cannot be forked it works alone."""

    size: int = 1

    def share(self, tasks: Sequence[Callable[[], T]]) -> list[T]:
        """The results of `tasks`, in their order; each process takes the next task as it gets free, so put long ones first.

        Results of other processes are pickled; what a task changes elsewhere is lost there. Raises what a task raised, and
        WorkerLost when a process was killed.
        """
        helpers = min(self.size, len(tasks)) - 1
        if helpers < 1 or len(tasks) > MOST_TASKS or not hasattr(os, "fork"):
            return [task() for task in tasks]
        waiting, feed = os.pipe()
        try:
            os.write(feed, b"".join(map(_NUMBER.pack, range(len(tasks)))))
            os.close(feed)
            results = dict(_shared(tasks, waiting, helpers))
        finally:
            os.close(waiting)
        return [results[number] for number in range(len(tasks))]


ALONE = Crew()


def _shared(tasks: Sequence[Callable[[], Any]], waiting: int, helpers: int) -> Done:
    # Most who import the engine work alone, and need none of this.
    import multiprocessing

    context = multiprocessing.get_context("fork")
    started = []
    gc.freeze()  # a collection in a child would touch, and so copy, all that was there before
    try:
        for _ in range(helpers):
            ours, theirs = context.Pipe(duplex=False)
            process = context.Process(target=_help, args=(tasks, waiting, theirs), daemon=True)
            with warnings.catch_warnings():
                # Newer Pythons warn of forking beside threads; the children here touch no lock of a library's thread.
                warnings.simplefilter("ignore", DeprecationWarning)
                process.start()
            theirs.close()
            started.append((process, ours))
        done = _taken(tasks, waiting)
        for _, ours in started:
            done += _received(ours)
    except BaseException:
        for process, _ in started:
            process.kill()
            process.join()
        raise
    finally:
        gc.unfreeze()
        for _, ours in started:
            ours.close()
    # A child that has said all ends by itself, while this process goes on; the next one started reaps it.
    return done


def _help(tasks: Sequence[Callable[[], Any]], waiting: int, results: Connection) -> None:
    """What a child does."""
    gc.disable()
    try:
        said: tuple[Done, BaseException | None] = (_taken(tasks, waiting), None)
    except BaseException as error:
        said = ([], error)
    results.send(said)
    results.close()


def _taken(tasks: Sequence[Callable[[], Any]], waiting: int) -> Done:
    """Do what waits until nothing does."""
    done: Done = []
    while number := os.read(waiting, _NUMBER.size):
        place = _NUMBER.unpack(number)[0]
        done.append((place, tasks[place]()))
    return done


def _received(results: Connection) -> Done:
    try:
        done, error = results.recv()
    except EOFError:
        raise WorkerLost("a worker process was killed, perhaps for want of memory; try again with --threads 1") from None
    if error is not None:
        raise error
    found: Done = done
    return found
