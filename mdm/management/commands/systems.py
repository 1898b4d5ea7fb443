"""Declares source systems that send files or call the REST interface."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.utils import timezone

from mdm import permissions
from mdm.actions.intake import sources


class Command(BaseCommand):
    help = "systems add CODE TITLE: make a system known. Systems with a connector declare themselves at start."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("act", choices=["add"])
        parser.add_argument("code")
        parser.add_argument("title")
        parser.add_argument("--chip", default="", help="short form on a source chip")

    def handle(self, *args: Any, code: str, title: str, chip: str, **options: Any) -> None:
        sources.declare(code=code, title=title, objects=(), chip=chip, actor=permissions.machine(), at=timezone.now())
        self.stdout.write(f"{code} is declared")
