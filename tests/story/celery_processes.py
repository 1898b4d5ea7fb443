"""The stock Celery commands of the README, as processes that a test can kill."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from django.conf import settings

from tests.factories import processes

LEASE_SECONDS = "4"
"""Short, so that a killed worker's jobs are soon free; still longer than a batch takes on a busy machine."""


class Celery:
    """The stock commands on this test's database; each process leads a group of its own, so that all of it can be killed."""

    WORKER = ("worker", "-Q", "critical,sync,bulk,reconcile,default")
    """As the README starts it."""

    def __init__(self, environment: Mapping[str, str], log: IO[bytes]) -> None:
        self._environment, self._log = environment, log
        self.alive: list[subprocess.Popen[bytes]] = []

    def start(self, *arguments: str) -> subprocess.Popen[bytes]:
        """`celery -A mdm …` in the background."""
        process = subprocess.Popen(
            self._command(*arguments), env=self._environment, stdout=self._log, stderr=self._log, start_new_session=True
        )
        self.alive.append(process)
        return process

    def worker(self) -> subprocess.Popen[bytes]:
        """A worker for all queues with two processes."""
        return self.start(*self.WORKER, "--concurrency=2", "--loglevel=WARNING")

    def kill(self, process: subprocess.Popen[bytes]) -> int:
        """`kill -9` of the whole process group; gives how it ended."""
        os.killpg(process.pid, signal.SIGKILL)
        self.alive.remove(process)
        return process.wait()

    def run(self, *arguments: str) -> str:
        """`celery -A mdm …` to its end; gives what it said."""
        done = subprocess.run(self._command(*arguments), env=self._environment, capture_output=True, text=True, check=True)
        return done.stdout

    def _command(self, *arguments: str) -> list[str]:
        return [str(Path(sys.executable).with_name("celery")), "-A", "mdm", *arguments]


@contextmanager
def running(known: Mapping[str, str], log: Path) -> Iterator[Celery]:
    """The commands with these settings; whatever still runs at the end is killed."""
    environment = {
        **processes.environment(),
        **known,
        "CELERY_BROKER_URL": os.environ.get("CELERY_BROKER_URL", "pgmq://"),
        "CONCORD_LEASE_SECONDS": LEASE_SECONDS,
        "PYTHONPATH": str(settings.BASE_DIR),
    }
    with log.open("wb") as out:
        celery = Celery(environment, out)
        try:
            yield celery
        finally:
            for process in list(celery.alive):
                celery.kill(process)
