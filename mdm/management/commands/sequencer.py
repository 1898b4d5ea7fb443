"""Runs the event sequencer until it is stopped."""

from __future__ import annotations

import signal
import threading
from typing import Any

from django.core.management.base import BaseCommand

from mdm.actions.exchange import sequence


class Command(BaseCommand):
    help = "Stamp the positions of events and link the audit chain, as long as nobody else does."

    def handle(self, *args: Any, **options: Any) -> None:
        stop = threading.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: stop.set())
        sequence.run_forever(stop)
