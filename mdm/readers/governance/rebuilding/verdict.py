"""What a rebuild found."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Verdict:
    """`counted`: how many were made again. `fault`: the first difference as a sentence, empty when there is none."""

    counted: int
    fault: str = ""


def said(value: Any) -> str:
    """A value of the tables as text that is equal for equal bytes."""
    return json.dumps(value, sort_keys=True, ensure_ascii=False, default=str)


def differing(stored: dict[str, Any], made: dict[str, Any]) -> list[str]:
    """The names whose values differ; the values stay out of what a command prints."""
    return sorted(name for name in stored.keys() | made.keys() if said(stored.get(name)) != said(made.get(name)))
