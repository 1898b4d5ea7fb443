"""Folding any text to comparable ASCII words, and knowing when a text says nothing."""

from __future__ import annotations

import re
import unicodedata
from functools import cache

from anyascii import anyascii

from matching.normalise import lists

# Longer cells are cut: no name, street or code is longer, and a 10 MB cell must not cost seconds.
LONGEST = 2000

_APOSTROPHES = re.compile(r"['’‘`´ʼ]")
_WORD = re.compile(r"[a-z0-9]+")
# "000" and "xxxx" are placeholders; "AAA" is a motoring club.
_REPEATED = re.compile(r"0{3,}|(.)\1{3,}")


def fold(text: str) -> str:
    """Lower-case ASCII: other scripts are transliterated letter by letter, accents are dropped."""
    text = text[:LONGEST]
    if not text.isascii():
        text = anyascii(unicodedata.normalize("NFKC", text))
    return text.lower()


def words(text: str) -> list[str]:
    """The folded words of a text, apostrophes closed up: O'Brien is one word."""
    return _WORD.findall(_APOSTROPHES.sub("", fold(text)))


@cache
def _placeholders() -> frozenset[str]:
    return frozenset(" ".join(words(value)) for value in lists.single("placeholders"))


def is_placeholder(text: str) -> bool:
    """True for "N/A", "-", "test", "xxxx", "0000" and their like: typed because a form insisted."""
    tokens = words(text[:40])
    if not tokens:
        return True
    joined = " ".join(tokens)
    return joined in _placeholders() or (len(tokens) == 1 and bool(_REPEATED.fullmatch(joined)))


def plain(value: str) -> tuple[str | None]:
    """The words of a free text in their order."""
    if is_placeholder(value):
        return (None,)
    return (" ".join(words(value)) or None,)


def code(value: str) -> tuple[str | None]:
    """A code without its punctuation: letters and digits, upper case."""
    if is_placeholder(value):
        return (None,)
    return ("".join(words(value)).upper() or None,)
