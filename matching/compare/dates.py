"""Days that should be the same, and periods that should overlap."""

from __future__ import annotations

from datetime import date

import numpy as np
from numpy.typing import NDArray

from matching.compare.pairs import Pairs, first_of
from matching.types import Column, IntArray, Levels, LongArray, Mask, TextArray

BIRTH_LEVELS = (
    "same day",
    "day and month swapped",
    "one digit wrong",
    "same month and year",
    "same year",
    "within ten years",
    "different",
)


def birth_day(pairs: Pairs) -> Levels:
    """Both records name the same day; a swapped day and month or one wrong digit counts for less.

    Roles: day (yyyymmdd). Returns (n,) int8, 0 where either side is unknown.
    """
    numbers = _numbers(pairs.columns["day"])
    left, right = pairs.codes("day")
    known = pairs.both("day")
    if not known.any():
        return np.zeros(len(pairs), np.int8)
    one, other = numbers[left], numbers[right]
    digit = pairs.measured("day", _one_digit) > 0
    levels: Levels = first_of(
        len(pairs),
        one == other,
        _swapped(one) == other,
        digit,
        one // 100 == other // 100,
        one // 10000 == other // 10000,
        np.abs(one // 10000 - other // 10000) <= 10,
    )
    return np.where(known, levels, 0).astype(np.int8)


def _numbers(column: Column) -> LongArray:
    return np.array([int(value) for value in column.values], np.int64)


def _swapped(days: LongArray) -> LongArray:
    return days // 10000 * 10000 + days % 100 * 100 + days // 100 % 100


def _one_digit(texts: TextArray, low: IntArray, high: IntArray) -> Mask:
    """One digit differs, or two neighbours have changed places."""
    width = 8
    digits = np.array([[ord(letter) for letter in text.rjust(width, "0")[-width:]] for text in texts], np.int16).reshape(
        -1, width
    )
    wrong = digits[low] != digits[high]
    count = wrong.sum(1)
    first = np.minimum(wrong.argmax(1), width - 2)
    rows = np.arange(len(low))
    crossed = (digits[low][rows, first] == digits[high][rows, first + 1]) & (
        digits[low][rows, first + 1] == digits[high][rows, first]
    )
    found: Mask = (count == 1) | ((count == 2) & crossed & wrong[rows, first + 1])
    return found


PERIOD_LEVELS = ("same start or end", "within 45 days", "within half a year", "within a year", "other times")


def period(pairs: Pairs) -> Levels:
    """Both run at the same time: the nearer of the distances between starts and between ends.

    Roles: start, end (yyyymmdd). Returns (n,) int8, 0 where neither start nor end is known on both sides.
    """
    start, end = _days_apart(pairs, "start"), _days_apart(pairs, "end")
    apart = np.fmin(start, end)
    known = ~np.isnan(apart)
    near = np.where(known, apart, np.inf)
    levels: Levels = first_of(len(pairs), near == 0, near <= 45, near <= 183, near <= 366)
    return np.where(known, levels, 0).astype(np.int8)


def _days_apart(pairs: Pairs, role: str) -> NDArray[np.float64]:
    column = pairs.columns[role]
    if not len(column.values):
        return np.full(len(pairs), np.nan)
    days = np.array([_ordinal(value) for value in column.values], np.float64)
    left, right = pairs.codes(role)
    apart: NDArray[np.float64] = np.where(pairs.both(role), np.abs(days[left] - days[right]), np.nan)
    return apart


def _ordinal(value: str) -> float:
    try:
        return float(date(int(value[:4]), int(value[4:6]), int(value[6:])).toordinal())
    except ValueError:
        return float("nan")
