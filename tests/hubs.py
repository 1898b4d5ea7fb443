"""Whole hubs as a person starts them: `manage.py up` in a process of its own, its log, its process tree."""

from __future__ import annotations

import http.client
import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from mdm import embedded

ROOT = Path(embedded.__file__).parents[2]
ADDRESS = re.compile(r"up: the hub is at http://localhost:(\d+)/")
OURS = ("CONCORD_", "DATABASE_URL", "CELERY_", "SALESFORCE_", "NETSUITE_", "TWIN_")


def free_port() -> int:
    """The first of three free ports in a row: the hub's and the twins'."""
    for port in range(20_000 + os.getpid() % 10_000, 40_000, 3):
        with socket.socket() as a, socket.socket() as b, socket.socket() as c:
            try:
                for number, probe in enumerate((a, b, c)):
                    probe.bind(("127.0.0.1", port + number))
            except OSError:
                continue
            return port
    raise AssertionError("no free ports")


def environment(data: Path, port: int, **more: str) -> dict[str, str]:
    """The caller's environment without any setting of ours, then a small hub's settings."""
    rest = {name: value for name, value in os.environ.items() if not name.startswith(OURS)}
    return {
        **rest,
        "CONCORD_DATA": str(data),
        "CONCORD_PORT": str(port),
        "CONCORD_WEB_WORKERS": "1",
        "CONCORD_WORKERS": "1",
        **more,
    }


@contextmanager
def data_folder() -> Iterator[Path]:
    """A data folder of its own, whose PostgreSQL is stopped at the end.

    Not pytest's tmp_path: pytest closes its root folder to other users, and as root PostgreSQL runs as another user.
    """
    folder = Path(tempfile.mkdtemp(prefix="concord-test-"))
    try:
        yield folder
    finally:
        embedded.stop(folder)
        shutil.rmtree(folder)


class Hub:
    """One `manage.py up` in its own process, and its log."""

    def __init__(self, data: Path, port: int, *arguments: str, **more: str) -> None:
        self.data, self.port, self.log = data, port, data / "log"
        command = [sys.executable, str(ROOT / "manage.py"), "up", *arguments]
        with self.log.open("w") as out:
            self.process = subprocess.Popen(command, stdout=out, stderr=subprocess.STDOUT, env=environment(data, port, **more))

    def has_said(self, pattern: str) -> bool:
        return re.search(pattern, self.log.read_text()) is not None

    def answers(self) -> bool:
        link = http.client.HTTPConnection("127.0.0.1", self.port, timeout=5)
        try:
            link.request("GET", "/healthz")
            return link.getresponse().status == 200
        except OSError:
            return False
        finally:
            link.close()

    def tree(self) -> list[int]:
        """Pids of the supervisor and all below it."""
        parents = {int(stat.split()[0]): int(stat.rpartition(")")[2].split()[1]) for stat in stats()}
        found = [self.process.pid]
        for pid in found:
            found += [child for child, parent in parents.items() if parent == pid]
        return found


def stats() -> Iterator[str]:
    """What the kernel says of each process."""
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            yield path.read_text()
        except OSError:
            continue


def running(pids: list[int]) -> list[int]:
    """Those of the processes that still run."""
    states = {int(stat.split()[0]): stat.rpartition(")")[2].split()[0] for stat in stats()}
    return [pid for pid in pids if states.get(pid, "Z") != "Z"]


def soon(true: Callable[[], object], seconds: float = 60) -> bool:
    """Whether it becomes true within so many seconds."""
    deadline = time.monotonic() + seconds
    while not true():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True
