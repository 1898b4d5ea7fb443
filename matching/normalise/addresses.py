"""Streets, cities and postcodes."""

from __future__ import annotations

import re
from functools import cache

from matching.normalise import lists
from matching.normalise.texts import fold, is_placeholder, without_digraphs, words

ADDRESS_PARTS = ("street", "house")

_BOX = re.compile(
    r"\b(?:p ?o ?box|pob|postfach|apartado(?: de correos| postal| aereo)?|apdo(?: correos| postal)?|boite postale|b ?p"
    r"|casella postale|caixa postal|casilla(?: de correo)?|postbus|postboks|postbox|skrytka pocztowa|abonentskiy yashchik"
    r"|posta kutusu|(?:private|locked) bag|box) (?:n[or]? )?(\d+)"
)
_CITY_WORDS = {"st": "saint", "ste": "sainte", "mt": "mount", "ft": "fort"}
_HOUSE = re.compile(r"\d+[a-z]?$")
# What may stand beside a word for a unit: 400, 3a, b, 3rd, 2e.
_UNIT_NUMBER = re.compile(r"(?:\d+[a-z]{0,2}|[a-z]\d*)$")
_ORDINAL = re.compile(r"\d+(?:st|nd|rd|th|er|eme)$")
_SIDES = frozenset(["n", "s", "e", "w", "ne", "nw", "se", "sw", "north", "south", "east", "west"])
# A number that meets a word is another word, as in "Hauptstr.12": but "12a" stays whole.
_WORD = re.compile(r"\d+[a-z]*|[a-z]+")
_APOSTROPHES = re.compile(r"['’‘`´ʼ]")


def address(value: str) -> tuple[str | None, str | None]:
    """Street words without the kind of street, and the house number; unit and floor are left out."""
    if is_placeholder(value):
        return None, None
    folded = fold(value[:400])
    if "'" in folded or "`" in folded or not folded.isascii():
        folded = _APOSTROPHES.sub("", folded)
    tokens = _WORD.findall(folded)
    # Only an address with a word of post-office boxes is looked at closer.
    if not _box_words().isdisjoint(tokens) and (box := _BOX.search(" ".join(tokens))):
        return "pobox", box[1].lstrip("0") or "0"
    _, units, short, endings = _vocabulary()
    if not units.isdisjoint(tokens):
        tokens = _without_units(tokens)
    names, house = _parted(tokens)
    return without_digraphs(" ".join([_without_ending(short.get(name, name), endings) for name in names])) or None, house


def _parted(tokens: list[str]) -> tuple[list[str], str | None]:
    """The words that name the street, and the first number."""
    kinds = _vocabulary()[0]
    # Digits come before letters: most tokens are told by their first character.
    numbers = [token for token in tokens if token < ":" and _HOUSE.match(token)]
    names = [token for token in tokens if token not in kinds and token not in numbers]
    return names, (numbers[0].lstrip("0") or "0") if numbers else None


def _without_units(tokens: list[str]) -> list[str]:
    """Leave out suites and floors with their numbers, which stand behind ("Suite 400") or before ("3rd floor")."""
    units = _vocabulary()[1]
    kept: list[str] = []
    at = 0
    while at < len(tokens):
        if tokens[at] not in units:
            kept.append(tokens[at])
        elif kept and _ORDINAL.match(kept[-1]) and not _names_street(tokens, at):
            kept.pop()
        elif at + 1 < len(tokens) and (_UNIT_NUMBER.match(tokens[at + 1]) or tokens[at + 1] in units):
            # A word for a unit before another is part of it ("Building Suite 4").
            at += tokens[at + 1] not in units
        elif kept and _UNIT_NUMBER.match(kept[-1]) and (len(kept) > 1 or any(map(str.isdigit, tokens[at + 1 :]))):
            kept.pop()
        at += 1
    return kept


def _names_street(tokens: list[str], at: int) -> bool:
    """Whether the ordinal before the unit at `at` is the street: so in "350 W 42nd Apt 5B", not in "12 Main St 3rd floor"."""
    kinds, units, _, _ = _vocabulary()
    before = [token for token in tokens[: at - 1] if token not in kinds]
    is_numbered = at + 1 < len(tokens) and bool(_UNIT_NUMBER.match(tokens[at + 1]))
    is_last = all(token in units or token[0].isdigit() for token in tokens[at + 2 :])
    return is_numbered and is_last and bool(before) and bool(_HOUSE.match(before[0])) and _SIDES.issuperset(before[1:])


def _without_ending(word: str, endings: tuple[str, ...]) -> str:
    if not word.endswith(endings):
        return word
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


@cache
def _box_words() -> frozenset[str]:
    return frozenset(word for word, _, kind in lists.table("streets") if kind == "b")
