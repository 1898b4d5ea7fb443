"""`manage.py verify audit|tables|golden|events|all`: do trail, tables, golden records and feed keep their promises?"""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from mdm.readers.governance import audit_chain, invariants
from mdm.readers.governance.audit_chain import Head
from mdm.readers.governance.rebuilding import feed, goldens, partition
from mdm.readers.governance.rebuilding.verdict import Verdict

PARTS = ("audit", "tables", "golden", "events")


class Command(BaseCommand):
    help = (
        "Verify the audit chain; the invariants of the tables; that all golden records are what their source records, decisions "
        "and released models give; that the event feed tells them whole. Exit code 1 names the first of each that is broken."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("what", choices=[*PARTS, "all"])
        parser.add_argument("--anchor", default="", metavar="POSITION:HASH", help="a head that an earlier run printed")

    def handle(self, *_args: Any, what: str, anchor: str, **_options: Any) -> None:
        try:
            noted = audit_chain.head_of(anchor) if anchor else None
        except ValueError as error:
            raise CommandError(
                f"--anchor {anchor!r} is no head of a chain; write POSITION:HASH as an earlier run printed it."
            ) from error
        faults = [fault for part in PARTS if what in (part, "all") for fault in self._verify(part, noted)]
        if faults:
            raise CommandError("\n".join(faults))

    def _verify(self, part: str, anchor: Head | None) -> list[str]:
        if part == "audit":
            return self._audit(anchor)
        if part == "tables":
            return self._tables()
        if part == "events":
            return self._told("events: {} fit their golden records", feed.check())
        return [
            *self._told("grouping: {} records are grouped as model and decisions give it", partition.check()),
            *self._told("golden: {} golden records are what their members give", goldens.present()),
            *self._told("golden: {} kept versions are what they were made of", goldens.kept()),
        ]

    def _audit(self, anchor: Head | None) -> list[str]:
        verdict = audit_chain.verify(anchor=anchor)
        if verdict.fault:
            return [f"The audit trail is broken. {verdict.fault}"]
        self.stdout.write(f"audit: {verdict.entries} entries fit, {verdict.waiting} wait to be stamped; head {verdict.head}")
        return []

    def _tables(self) -> list[str]:
        found = invariants.broken()
        self.stdout.write(f"tables: {len(invariants.INVARIANTS) - len(found)} of {len(invariants.INVARIANTS)} invariants hold")
        return [f"Broken: {one.sentence} Rows: {', '.join(map(str, one.ids))}." for one in found]

    def _told(self, sentence: str, verdict: Verdict) -> list[str]:
        if verdict.fault:
            return [f"Broken: {verdict.fault}"]
        self.stdout.write(sentence.format(verdict.counted))
        return []
