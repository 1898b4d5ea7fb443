"""`manage.py retention`: removes history that the domains no longer keep; `--dry-run` only says what would go."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from mdm import permissions
from mdm.actions.governance import retention


class Command(BaseCommand):
    help = "Remove versions and events older than the domains' declared retention. The nightly job does the same."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="only say what would be removed")

    def handle(self, *_args: Any, dry_run: bool, **_options: Any) -> None:
        removed = retention.purge(actor=permissions.machine(), at=timezone.now(), rehearsal=dry_run)
        verb = "would be removed" if dry_run else "removed"
        counts = f"{removed.golden_versions} golden versions, {removed.events} events, {removed.source_versions} source versions"
        self.stdout.write(f"{verb}: {counts}")
