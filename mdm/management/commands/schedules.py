"""Puts the hub's own schedules in place."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from mdm.management import readiness


class Command(BaseCommand):
    help = "Put the hub's own work on its schedule, after migrate; `up` does it by itself. Safe to repeat."

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(f"{readiness.schedule()} schedules stand")
