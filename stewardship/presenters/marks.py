"""Marks the words in which two texts differ."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from rapidfuzz import fuzz
from rapidfuzz.distance import Levenshtein

LEAST_ALIKE = 50.0  # of 100; below it, letters in common are chance
WORDS = re.compile(r"\w+\s*|[^\w\s]\s*|\s+")


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of a text; `is_different`: the other text does not have it."""

    text: str
    is_different: bool


def marks(left: str, right: str) -> tuple[tuple[Piece, ...], tuple[Piece, ...]]:
    """Both texts in pieces, compared without case and accents: word by word, two single words letter by letter."""
    mine, theirs = WORDS.findall(left), WORDS.findall(right)
    if len(mine) == len(theirs) == 1 and fuzz.ratio(left, right) >= LEAST_ALIKE:
        mine, theirs = list(left), list(right)
    different: tuple[set[int], set[int]] = (set(), set())
    for step in Levenshtein.opcodes([folded(word) for word in mine], [folded(word) for word in theirs]):
        if step.tag != "equal":
            different[0].update(range(step.src_start, step.src_end))
            different[1].update(range(step.dest_start, step.dest_end))
    return _pieces(mine, different[0]), _pieces(theirs, different[1])


def folded(text: str) -> str:
    """A text without case, accents and spaces at its ends."""
    plain = unicodedata.normalize("NFKD", text.casefold())
    return "".join(letter for letter in plain if not unicodedata.combining(letter)).strip()


def bare(text: str) -> str:
    """Only letters and digits: what stays when two spellings are cleaned."""
    return "".join(letter for letter in folded(text) if letter.isalnum())


def _pieces(words: Sequence[str], different: set[int]) -> tuple[Piece, ...]:
    """Neighbouring words of a kind make one piece."""
    pieces: list[Piece] = []
    for place, word in enumerate(words):
        is_different = place in different
        if pieces and pieces[-1].is_different == is_different:
            pieces[-1] = Piece(pieces[-1].text + word, is_different)
        else:
            pieces.append(Piece(word, is_different))
    return tuple(pieces)
