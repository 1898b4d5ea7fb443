"""Amounts as people type them."""

from __future__ import annotations

import re
from decimal import Context, Decimal, InvalidOperation

from matching.normalise.texts import fold

_NUMBER = re.compile(r"[-+]?\d[\d.,'\s]*\d|[-+]?\d")
_CENT = Decimal("0.01")
# The widest number that `read` gives has thirty digits and a factor of nine.
_WIDE = Context(prec=48)
_FACTOR = {"k": 1_000, "m": 1_000_000, "mn": 1_000_000, "mio": 1_000_000, "bn": 1_000_000_000}
_TAIL = re.compile(r"^\s*(k|m|mn|mio|bn)\b")


def amount(value: str) -> tuple[str | None]:
    """The number in a text such as "EUR 1.200.000,00" or "1.2m", as plain digits with at most two decimals."""
    number = read(value)
    return (None,) if number is None else (format(number.quantize(_CENT, context=_WIDE).normalize(_WIDE), "f"),)


def read(value: str) -> Decimal | None:
    """The number in a text, whichever sign parts its thousands; None when there is none or it has over 30 digits."""
    text = fold(value[:80])
    found = _NUMBER.search(text)
    if not found or len(found[0]) > 30:
        return None
    digits = re.sub(r"[\s']", "", found[0])
    tail = _TAIL.match(text[found.end() :])
    try:
        return Decimal(_point(digits, scaled=bool(tail))) * (_FACTOR[tail[1]] if tail else 1)
    except InvalidOperation:
        return None


def _point(digits: str, *, scaled: bool) -> str:
    """Decide which of . and , is the decimal sign: the last one, unless exactly three digits follow a lone kind of sign."""
    last = max(digits.rfind("."), digits.rfind(","))
    if last < 0:
        return digits
    whole, decimals, sign = digits[:last], digits[last + 1 :], digits[last]
    other_sign = "," if sign == "." else "."
    is_thousands = len(decimals) == 3 and not scaled and other_sign not in whole
    if is_thousands or whole.count(sign):
        return re.sub("[.,]", "", digits)
    return re.sub("[.,]", "", whole) + "." + decimals
