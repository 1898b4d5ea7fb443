"""Countries by code or by name in many languages."""

from __future__ import annotations

from functools import cache

from matching.normalise import lists
from matching.normalise.texts import words


def country(value: str) -> tuple[str | None]:
    """ISO 3166-1 alpha-2 code; None when the text names no country."""
    key = "".join(words(value[:80]))
    # A code is in Latin letters: MSR is Montserrat, though Egypt's own name folds to it.
    if value.isascii() and key in _codes():
        return (_codes()[key],)
    return (_names().get(key) or _codes().get(key),)


@cache
def _codes() -> dict[str, str]:
    return {code.lower(): row[0] for row in lists.table("countries") for code in row[:2]}


@cache
def _names() -> dict[str, str]:
    found: dict[str, str] = {}
    for alpha2, _, _, names in lists.table("countries"):
        for name in names.split("|"):
            found.setdefault("".join(words(name)), alpha2)
    return found


@cache
def dial_codes() -> dict[str, str]:
    """Country calling code by alpha-2 code."""
    return {alpha2: dial for alpha2, _, dial, _ in lists.table("countries")}


@cache
def alpha2_codes() -> frozenset[str]:
    return frozenset(row[0] for row in lists.table("countries"))
