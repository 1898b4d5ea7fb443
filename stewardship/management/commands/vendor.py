"""`manage.py vendor`: checks the vendored files, or fetches them again."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from stewardship import vendoring


class Command(BaseCommand):
    help = "Checks static/vendor against vendor.toml; --fetch packs every package with npm, copies it and writes THIRD_PARTY.md."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--fetch", action="store_true", help="pack and copy again (needs npm and its registry)")

    def handle(self, *_args: Any, fetch: bool, **_options: Any) -> None:
        if fetch:
            for package in vendoring.packages():
                vendoring.fetch(package)
            (Path(vendoring.HERE).parent / "THIRD_PARTY.md").write_text(vendoring.notices(), encoding="utf-8")
        if problems := vendoring.problems():
            raise CommandError("\n".join(problems))
        self.stdout.write("vendor: every file is the one that was listed")
