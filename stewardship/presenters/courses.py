"""The course of a figure as a small line, drawn by the server: no script, and the numbers stand beside it as text."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from mdm.readers.governance.quality import Day

WIDTH, HEIGHT = 160, 36
LEAST_SPAN = 4.0
"""Points of score between bottom and top at the least, so that a calm course looks calm."""


@dataclass(frozen=True, slots=True)
class Course:
    """`points`: of a polyline in a box of WIDTH by HEIGHT. `said`: the course in words."""

    points: str
    said: str


def course(days: Sequence[Day]) -> Course | None:
    """The line through the scores of `days`, the oldest first; None for fewer than two."""
    if len(days) < 2:
        return None
    scores = [day.score for day in days]
    low, high = min(scores), max(scores)
    middle, span = (low + high) / 2, max(high - low, LEAST_SPAN)
    first, whole = days[0].day, max(1, (days[-1].day - days[0].day).days)
    points = [
        f"{2 + (WIDTH - 4) * (day.day - first).days / whole:.1f},{HEIGHT / 2 - (HEIGHT - 6) * (day.score - middle) / span:.1f}"
        for day in days
    ]
    change = scores[-1] - scores[0]
    word = "unchanged" if abs(change) < 0.05 else f"{'up' if change > 0 else 'down'} {abs(change):.1f}"
    return Course(" ".join(points), f"{word} since {first:%d %b}")
