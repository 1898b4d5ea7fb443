"""Many writers at once, each with a connection of its own."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from threading import Barrier, Thread
from typing import Any

from django.db import connections


def together(acts: Iterable[Callable[[], Any]]) -> list[Exception]:
    """Run all acts at the same moment; returns what they raised."""
    listed = list(acts)
    gate, raised = Barrier(len(listed)), []

    def run(act: Callable[[], Any]) -> None:
        try:
            gate.wait()
            act()
        except Exception as error:  # the test looks at them
            raised.append(error)
        finally:
            connections.close_all()

    threads = [Thread(target=run, args=(act,)) for act in listed]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return raised
