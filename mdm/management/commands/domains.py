"""Checks the declared domains, and releases what changed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser
from django.utils import timezone

from mdm import permissions
from mdm.actions.governance import releases
from mdm.engine import releases as released
from mdm.engine.releases import model_of
from mdm.rules.governance import domains


class Command(BaseCommand):
    help = "domains check: report every problem of every file; domains release: release what changed."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("act", choices=["check", "release"])
        parser.add_argument("--folder", type=Path, default=settings.DOMAINS_FOLDER)

    def handle(self, *args: Any, **options: Any) -> None:
        specs = domains.read(options["folder"], known=_besides(options["folder"], options["act"]))
        for spec in specs:
            model_of(spec)
        if options["act"] == "check":
            self.stdout.write(f"{len(specs)} domains are well declared: {', '.join(spec.name for spec in specs)}.")
            return
        for spec in specs:
            released = releases.publish(spec=spec, actor=permissions.machine(), at=timezone.now())
            self.stdout.write(f"{spec.name}: " + (f"release {released.number}" if released else "unchanged"))


def _besides(folder: Path, act: str) -> dict[str, str]:
    """What else there is, with its prefixes: the files of a folder need not repeat the domains they refer to.

    To release, what was released; to check, which works without a database, what the hub declares itself.
    """
    if act == "release":
        return {name: released.current(name).spec.prefix for name in released.domains()}
    return {} if folder == settings.DOMAINS_FOLDER else {spec.name: spec.prefix for spec in domains.read(settings.DOMAINS_FOLDER)}
