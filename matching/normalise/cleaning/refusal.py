"""How a cleaning function says no."""

from __future__ import annotations

from matching.types import Cleaned

NOTHING = Cleaned(None)


class Refused(Exception):
    """A value that cannot be taken; carries what the caller is told. Never leaves `clean`."""

    def __init__(self, problem: str, message: str, remedy: str) -> None:
        super().__init__(message)
        self.cleaned = Cleaned(None, problem, message, remedy)
