"""`manage.py postgres start|stop|status|keep`: the PostgreSQL that comes with the hub."""

from __future__ import annotations

import signal
import sys
from argparse import ArgumentParser
from pathlib import Path
from threading import Event
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from mdm import embedded
from mdm.errors import BadConfiguration


class Command(BaseCommand):
    help = "Starts, stops or shows the embedded PostgreSQL; 'keep' starts it and shows its log until told to stop."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("verb", choices=["start", "stop", "status", "keep"])

    def handle(self, *_args: Any, verb: str, **_options: Any) -> None:
        data = settings.DATA_FOLDER
        if not settings.EMBEDDED_POSTGRES:
            raise BadConfiguration("DATABASE_URL is set, so the hub uses that PostgreSQL and brings none of its own.")
        if verb == "keep":
            sys.exit(keep(data))
        if verb == "start":
            embedded.ensure_running(data)
        if verb == "stop":
            embedded.stop(data)
        number = embedded.pid(data)
        self.stdout.write(f"running, process {number}" if number else "not running")


def keep(data: Path) -> int:
    """Start the server and show its log; stop it on SIGTERM (0), or return 1 when it ended by itself."""
    stop = Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    log = embedded.log_file(data)
    seen = log.stat().st_size if log.exists() else 0
    embedded.ensure_running(data)
    process = embedded.pid(data)
    print(f"PostgreSQL is ready, process {process}", flush=True)
    while not stop.wait(0.5):
        seen = _show(log, seen)
        if embedded.pid(data) != process:
            print("PostgreSQL ended", flush=True)
            return 1
    embedded.stop(data)
    _show(log, seen)
    return 0


def _show(log: Path, seen: int) -> int:
    """Print what the log grew by; a rotated log is read from its beginning. Returns the new size in bytes."""
    if not log.exists():
        return 0
    with log.open("rb") as lines:
        size = lines.seek(0, 2)
        lines.seek(seen if seen <= size else 0)
        for line in lines.read(size).decode(errors="replace").splitlines():
            print(line, flush=True)
    return size
