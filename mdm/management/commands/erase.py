"""`manage.py erase preview|request|confirm|work|show`: the erasure of a person's data from the command line, by two people."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from mdm import permissions
from mdm.actions.governance import erasures
from mdm.errors import HubError
from mdm.readers.governance import erasures as reader
from mdm.readers.governance import tokens


class Command(BaseCommand):
    help = (
        "Erase a person's data. preview ID says what would go; request ID --reason, then confirm NUMBER by somebody else; "
        "the workers do it, or `work` does it here; show NUMBER prints the certificate as JSON."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("what", choices=["preview", "request", "confirm", "cancel", "work", "show"])
        parser.add_argument("which", nargs="?", default="", metavar="ID", help="an enterprise ID; the number of an erasure")
        parser.add_argument("--as", dest="name", default="", metavar="NAME", help="who acts: a person known to the hub")
        parser.add_argument("--reason", default="", help="stays in the certificate; name nobody in it")

    def handle(self, *_args: Any, what: str, which: str, name: str, reason: str, **_options: Any) -> None:
        try:
            self._do(what, which, name, reason)
        except HubError as error:
            raise CommandError(error.message) from error

    def _do(self, what: str, which: str, name: str, reason: str) -> None:
        if what == "work":
            while erasures.erase_next(actor=permissions.machine(), at=timezone.now()):
                pass
            return
        actor = tokens.person(name) if name else permissions.machine()
        if what == "preview":
            found = reader.preview(which, viewer=actor)
            self.stdout.write(json.dumps({"enterprise_ids": found.enterprise_ids, "would remove": found.counts}, indent=2))
        elif what == "request":
            row = erasures.request(enterprise_id=which, reason=reason, actor=actor, at=timezone.now())
            self.stdout.write(f"asked for; somebody else confirms it: manage.py erase confirm {row.pk} --as NAME")
        else:
            self._go_on(what, which, actor)

    def _go_on(self, what: str, which: str, actor: Any) -> None:
        if not which.isascii() or not which.isdigit():
            raise CommandError(f"{which!r} is no number of an erasure.")
        if what == "show":
            row = reader.one(int(which), viewer=actor)
            said = {"certificate": row.certificate, "status": row.status, "enterprise_ids": row.enterprise_ids}
            self.stdout.write(json.dumps(said | {"removed": dict(reader.lines(row)), "systems": row.systems}, indent=2))
            return
        act = erasures.confirm if what == "confirm" else erasures.cancel
        row = act(erasure_id=int(which), actor=actor, at=timezone.now())
        self.stdout.write(f"{row.certificate} is {row.status.lower()}")
