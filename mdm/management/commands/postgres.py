"""`manage.py postgres start|stop|status`: the PostgreSQL that comes with the hub."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from mdm import embedded
from mdm.errors import BadConfiguration


class Command(BaseCommand):
    help = "Starts, stops or shows the embedded PostgreSQL."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("verb", choices=["start", "stop", "status"])

    def handle(self, *_args: Any, verb: str, **_options: Any) -> None:
        if not settings.EMBEDDED_POSTGRES:
            raise BadConfiguration("DATABASE_URL is set, so the hub uses that PostgreSQL and brings none of its own.")
        if verb == "start":
            embedded.ensure_running(settings.DATA_FOLDER)
        if verb == "stop":
            embedded.stop(settings.DATA_FOLDER)
        number = embedded.pid(settings.DATA_FOLDER)
        self.stdout.write(f"running, process {number}" if number else "not running")
