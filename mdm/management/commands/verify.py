"""`manage.py verify audit|all`: is the audit trail untouched, and do the tables keep their promises?"""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from mdm.readers.governance import audit_chain, invariants


class Command(BaseCommand):
    help = "Verify the audit chain; 'all' also checks every invariant of the tables. Exit code 1 names what is broken."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("what", choices=["audit", "all"])
        parser.add_argument("--anchor", default="", metavar="POSITION:HASH", help="a head that an earlier run printed")

    def handle(self, *_args: Any, what: str, anchor: str, **_options: Any) -> None:
        try:
            noted = audit_chain.head_of(anchor) if anchor else None
        except ValueError as error:
            raise CommandError(
                f"--anchor {anchor!r} is no head of a chain; write POSITION:HASH as an earlier run printed it."
            ) from error
        faults = self._audit(noted)
        faults += self._tables() if what == "all" else []
        if faults:
            raise CommandError("\n".join(faults))

    def _audit(self, anchor: audit_chain.Head | None) -> list[str]:
        verdict = audit_chain.verify(anchor=anchor)
        if verdict.fault:
            return [f"The audit trail is broken. {verdict.fault}"]
        self.stdout.write(f"audit: {verdict.entries} entries fit, {verdict.waiting} wait to be stamped; head {verdict.head}")
        return []

    def _tables(self) -> list[str]:
        found = invariants.broken()
        self.stdout.write(f"tables: {len(invariants.INVARIANTS) - len(found)} of {len(invariants.INVARIANTS)} invariants hold")
        return [f"Broken: {one.sentence} Rows: {', '.join(map(str, one.ids))}." for one in found]
