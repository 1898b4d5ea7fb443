"""Makes a token for a system; it is shown this once."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.utils import timezone

from mdm import permissions
from mdm.actions.governance import access
from mdm.rules.governance.roles import Role


class Command(BaseCommand):
    help = "Make a REST token: token NAME --role steward [--domain customer] [--region EMEA]"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("name")
        parser.add_argument("--role", required=True, type=str.upper, choices=[role.value for role in Role])
        parser.add_argument("--domain", action="append", default=[])
        parser.add_argument("--region", action="append", default=[])

    def handle(self, *args: Any, **options: Any) -> None:
        machine, now = permissions.machine(), timezone.now()
        confines = {"domains": options["domain"], "regions": options["region"]}
        user = access.put_user(name=options["name"], role=Role(options["role"]), kind="system", actor=machine, at=now, **confines)
        self.stdout.write(access.issue_token(user=user, actor=machine, at=now))
