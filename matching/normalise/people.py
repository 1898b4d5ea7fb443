"""Names of persons: titles off, short forms brought to one name, sound codes for keys."""

from __future__ import annotations

import re
from functools import cache

from matching.normalise import lists
from matching.normalise.texts import is_placeholder, words

GIVEN_PARTS = ("name", "root")
SURNAME_PARTS = ("name", "sound")

_TITLES = frozenset(
    [
        "mr",
        "mrs",
        "ms",
        "miss",
        "dr",
        "prof",
        "sir",
        "dame",
        "lady",
        "lord",
        "rev",
        "hon",
        "frau",
        "herr",
        "mme",
        "mlle",
        "monsieur",
        "madame",
        "jr",
        "sr",
        "ii",
        "iii",
        "iv",
        "esq",
        "phd",
        "md",
    ]
)
_SOUND_GROUPS = str.maketrans("bfpvcgjkqsxzdtlmnr", "111122222222334556")
_REPEATED = re.compile(r"(.)\1+")


def given_name(value: str) -> tuple[str | None, str | None]:
    """The name as written, and the name it is short for ("Bob" -> "robert")."""
    tokens = _name_words(value)
    if not tokens:
        return None, None
    return " ".join(tokens), _long_forms().get(tokens[0], tokens[0])


def surname(value: str) -> tuple[str | None, str | None]:
    """The name as written, and its sound code (Soundex of the last word, first letter included)."""
    tokens = _name_words(value)
    if not tokens:
        return None, None
    return " ".join(tokens), soundex(tokens[-1])


def full_name(value: str) -> tuple[str | None]:
    """All name words in their order, titles left out."""
    return (" ".join(_name_words(value)) or None,)


def soundex(word: str) -> str:
    """American Soundex, four characters. Source: US National Archives, "The Soundex Indexing System"."""
    first = word[0]
    letters = word.translate(_SOUND_GROUPS)
    kept = _REPEATED.sub(r"\1", re.sub("[hw]", "", letters))
    digits = [letter for letter in kept[1:] if letter.isdigit()] if kept else []
    return (first + "".join(digits) + "000")[:4]


def _name_words(value: str) -> list[str]:
    if is_placeholder(value):
        return []
    tokens = words(value[:200])
    return [token for token in tokens if token not in _TITLES] or tokens


@cache
def _long_forms() -> dict[str, str]:
    return {short: long for long, shorts in lists.table("nicknames") for short in shorts.split("|")}
