"""Countries by code or by name in many languages."""

from __future__ import annotations

from functools import cache

from matching.normalise import lists
from matching.normalise.texts import words


def country(value: str) -> tuple[str | None]:
    """ISO 3166-1 alpha-2 code; None when the text names no country."""
    return (_codes().get("".join(words(value[:80]))),)


@cache
def _codes() -> dict[str, str]:
    rows = lists.table("countries")
    codes = {"".join(words(code)): row[0] for row in rows for code in row[:2]}
    # A code is never taken for a name: MSR is Montserrat, though Egypt's own name folds to it.
    for alpha2, _, _, names in rows:
        for name in names.split("|"):
            codes.setdefault("".join(words(name)), alpha2)
    return codes


@cache
def dial_codes() -> dict[str, str]:
    """Country calling code by alpha-2 code."""
    return {alpha2: dial for alpha2, _, dial, _ in lists.table("countries")}


@cache
def alpha2_codes() -> frozenset[str]:
    return frozenset(row[0] for row in lists.table("countries"))
