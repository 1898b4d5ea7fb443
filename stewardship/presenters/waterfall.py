"""The weights of a pair as a drawing: signed bars from the prior to the total."""

from __future__ import annotations

from dataclasses import dataclass

from mdm.readers.golden.review.pair_page import Evidence
from stewardship.presenters.words import odds, percent, signed

WIDTH, LABEL, NUMBER = 400, 148, 52  # the whole drawing, the words at its left, the numbers at its right
ROW, BAR, TOP = 26, 16, 6


@dataclass(frozen=True, slots=True)
class Bar:
    """One row of the drawing, in its own units. `look`: agree, differ or total."""

    label: str
    number: str
    look: str
    x: float
    width: float
    y: int
    text_y: int


@dataclass(frozen=True, slots=True)
class Waterfall:
    """`zero`: where nothing speaks for or against. `summary` says the drawing in one sentence."""

    bars: tuple[Bar, ...]
    width: int
    height: int
    bar_height: int
    zero: float
    number_x: int
    summary: str


def waterfall(evidence: Evidence) -> Waterfall:
    """The drawing of all comparisons that could compare; the table beside it has the others too."""
    steps = [("Before comparing", evidence.prior), *((step.label, step.weight) for step in evidence.steps if not step.is_missing)]
    ends = _running([weight for _, weight in steps])
    low, high = min(0.0, *ends), max(0.0, *ends)
    scale = (WIDTH - LABEL - NUMBER) / max(high - low, 0.1)
    bars = [
        _bar(label, weight, (ends[place] - weight, ends[place]), place, (low, scale), look="agree" if weight >= 0 else "differ")
        for place, (label, weight) in enumerate(steps)
    ]
    bars.append(_bar("Total", evidence.total, (0.0, evidence.total), len(steps), (low, scale), look="total"))
    return Waterfall(
        bars=tuple(bars),
        width=WIDTH,
        height=TOP * 2 + ROW * len(bars),
        bar_height=BAR,
        zero=round(LABEL - low * scale, 1),
        number_x=WIDTH,
        summary=f"Total {signed(evidence.total)} bits, {odds(evidence.total)}, {percent(evidence.probability)}.",
    )


def _running(weights: list[float]) -> list[float]:
    """Where each bar ends: the sum so far."""
    ends: list[float] = []
    for weight in weights:
        ends.append((ends[-1] if ends else 0.0) + weight)
    return ends


def _bar(label: str, weight: float, ends: tuple[float, float], place: int, frame: tuple[float, float], *, look: str) -> Bar:  # noqa: PLR0917 (all of one drawing)
    low, scale = frame
    left, right = min(ends), max(ends)
    y = TOP + place * ROW + (ROW - BAR) // 2
    return Bar(
        label=label,
        number=signed(weight),
        look=look,
        x=round(LABEL + (left - low) * scale, 1),
        width=round(max((right - left) * scale, 1.5), 1),
        y=y,
        text_y=y + BAR - 4,
    )
