"""What the engine refuses.

MatchingError
├── BadConfig    a model is wrong; says all its problems at once
├── BadInput     a file or argument is wrong; says all its problems at once
└── WorkerLost   a process that helped was killed
"""

from __future__ import annotations

from collections.abc import Iterable


class MatchingError(Exception):
    """The engine cannot go on; `problems` holds one sentence for each reason."""

    def __init__(self, problems: Iterable[str] | str) -> None:
        self.problems = (problems,) if isinstance(problems, str) else tuple(problems)
        super().__init__("; ".join(self.problems))


class BadConfig(MatchingError):
    """A model file or mapping is wrong."""


class BadInput(MatchingError):
    """An input file, column or argument is wrong."""


class WorkerLost(MatchingError):
    """A process that shared the work was killed; nothing was written."""
