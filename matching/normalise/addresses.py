"""Streets, cities and postcodes."""

from __future__ import annotations

import re
from functools import cache

from matching.normalise import lists
from matching.normalise.texts import fold, is_placeholder, without_digraphs, words

ADDRESS_PARTS = ("street", "house")

_BOX = re.compile(r"\b(?:p\s*\.?\s*o\s*\.?\s*box|postfach|apartado|boite postale|casella postale)\s*(\d+)")
_CITY_WORDS = {"st": "saint", "ste": "sainte", "mt": "mount", "ft": "fort"}
_HOUSE = re.compile(r"^\d+[a-z]?$")


def address(value: str) -> tuple[str | None, str | None]:
    """Street words without the kind of street, and the house number; unit and floor are left out."""
    if is_placeholder(value):
        return None, None
    if box := _BOX.search(fold(value)):
        return "pobox", box[1].lstrip("0") or "0"
    kinds, units, short, endings = _vocabulary()
    names: list[str] = []
    house = None
    tokens = iter(words(_spaced(value)))
    for token in tokens:
        if token in units:
            next(tokens, None)
        elif _HOUSE.match(token):
            house = house or (token.lstrip("0") or "0")
        elif token not in kinds:
            names.append(_without_ending(short.get(token, token), endings))
    return " ".join(names) or None, house


def _spaced(value: str) -> str:
    """Put a space where a number meets a word, as in "Hauptstr.12": but "12a" stays whole."""
    return re.sub(r"([^\W\d_])(\d)", r"\1 \2", value[:400])


def _without_ending(word: str, endings: tuple[str, ...]) -> str:
    for ending in endings:
        if word.endswith(ending) and len(word) >= len(ending) + 3:
            return word[: -len(ending)]
    return word


def city(value: str) -> tuple[str | None]:
    """The words of a place name, "St" spelled out, district numbers left out (Paris 08)."""
    if is_placeholder(value):
        return (None,)
    tokens = [_CITY_WORDS.get(token, token) for token in words(value[:200])]
    return (without_digraphs(" ".join(token for token in tokens if not token.isdigit())) or None,)


def postcode(value: str) -> tuple[str | None]:
    """Letters and digits, upper case; the four digits behind a US ZIP code are left out."""
    if is_placeholder(value):
        return (None,)
    tokens = words(value[:40])
    if len(tokens) == 2 and len(tokens[0]) == 5 and len(tokens[1]) == 4 and "".join(tokens).isdigit():
        tokens = tokens[:1]
    joined = "".join(tokens).upper()
    return (joined if 3 <= len(joined) <= 12 else None,)


@cache
def _vocabulary() -> tuple[frozenset[str], frozenset[str], dict[str, str], tuple[str, ...]]:
    """Kinds of street, words for units, abbreviations, and glued street endings (longest first)."""
    rows = lists.table("streets")
    kinds = frozenset(word for word, _, kind in rows if kind == "t")
    units = frozenset(word for word, _, kind in rows if kind == "u")
    short = {word: canonical for word, canonical, kind in rows if kind == "a"}
    endings = tuple(sorted((word for word, _, kind in rows if kind == "s"), key=len, reverse=True))
    return kinds, units, short, endings
