"""Imports the names that another hub gave: `ids import FILE --issuer NAME`."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.utils import timezone

from mdm import permissions
from mdm.actions.golden.ids import aliases
from mdm.errors import BadInput
from mdm.management.files import open_table
from mdm.rules.golden import alias_lines


class Command(BaseCommand):
    help = (
        "ids import FILE --issuer NAME: keep the names another hub gave. Columns: alias, and enterprise_id or system, object,"
        " scope and native_id of a record. All lines or none; safe to run again."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("act", choices=["import"])
        parser.add_argument("file", type=Path)
        parser.add_argument("--issuer", required=True, help="who gave the names, such as legacy-mdm")
        parser.add_argument("--system", default="", help="the system of native IDs, where the file does not say it")
        parser.add_argument("--object", default="", help="their object")
        parser.add_argument("--scope", default="", help="their scope")

    def handle(self, *args: Any, file: Path, issuer: str, **options: Any) -> None:
        table = open_table(file)
        self._check_columns(file, table.columns)
        place: Mapping[str, str] = {name: options[name] for name in ("system", "object", "scope")}
        lines = [alias_lines.read(number, row, **place) for number, row in table.rows]
        done = aliases.import_all(issuer=issuer, lines=lines, actor=permissions.machine(), at=timezone.now())
        self.stdout.write(f"{done.added:,} added, {done.unchanged:,} unchanged")

    def _check_columns(self, file: Path, columns: tuple[str, ...]) -> None:
        if columns and ("alias" not in columns or not {"enterprise_id", "native_id"} & set(columns)):
            raise BadInput(
                f"{file.name} needs a column alias, and enterprise_id or native_id; it has {', '.join(columns)[:200]}."
            )
        if unread := sorted(set(columns) - set(alias_lines.COLUMNS)):
            self.stderr.write(f"not read: {', '.join(unread)}")
