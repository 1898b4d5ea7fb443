"""`manage.py quality`: grades what time or a new release changed, and notes today's figures; the nightly job does the same."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from mdm import permissions
from mdm.actions.governance import quality
from mdm.readers.governance import quality as figures


class Command(BaseCommand):
    help = "Grade records by the quality rules of their domains where a grade is out of date, and note today's figures."

    def handle(self, *_args: Any, **_options: Any) -> None:
        machine = permissions.machine()
        quality.grade_all(actor=machine, at=timezone.now())
        for board in figures.boards(viewer=machine):
            said = f"{board.score:.1f}" if board.score is not None else "no records"
            self.stdout.write(f"{board.domain}: {said} ({board.failing} of {board.records} golden records have a fault)")
