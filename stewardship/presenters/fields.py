"""The two records of a pair side by side: a verdict for each field, in sign, word and colour."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rapidfuzz import fuzz

from mdm.readers.golden.review.pair_page import Field
from mdm.rules.governance.roles import MASK
from stewardship.presenters.marks import Piece, bare, marks
from stewardship.presenters.words import plain

CLOSE = 80.0  # of 100, rapidfuzz ratio on letters and digits


@dataclass(frozen=True, slots=True)
class FieldRow:
    """One line of the table. `look`: agree, near, differ or missing; it names a colour and never stands alone."""

    title: str
    look: str
    sign: str
    word: str
    left: tuple[Piece, ...]
    right: tuple[Piece, ...]
    is_masked: bool


@dataclass(frozen=True, slots=True)
class FieldTable:
    """`rows`: what matching weighs. `others`: the rest, folded, with `others_word` saying what is in there."""

    rows: tuple[FieldRow, ...]
    others: tuple[FieldRow, ...]
    others_word: str


def table(fields: Sequence[Field]) -> FieldTable:
    """All fields of a pair, ready to print."""
    rows = tuple(row(field) for field in fields if field.is_compared)
    others = tuple(row(field) for field in fields if not field.is_compared)
    return FieldTable(rows, others, _summary(others))


def row(field: Field) -> FieldRow:
    """One field: what the two values are to each other, and where they differ. Masked values are compared unseen."""
    left, right = plain(field.left), plain(field.right)
    look, sign, word = _verdict(left, right, agrees=field.agrees)
    if field.is_masked:
        return FieldRow(field.title, look, sign, word, _hidden(left), _hidden(right), is_masked=True)
    if look in {"near", "differ"} and left and right:
        return FieldRow(field.title, look, sign, word, *marks(left, right), is_masked=False)
    return FieldRow(field.title, look, sign, word, _whole(left), _whole(right), is_masked=False)


def _verdict(left: str, right: str, *, agrees: bool | None) -> tuple[str, str, str]:
    if not left or not right:
        return "missing", "∅", "Missing in A" if not left else "Missing in B"
    if left == right:
        return "agree", "=", "Same"
    if bare(left) == bare(right) or agrees:
        return "agree", "=", "Same after cleaning"
    likeness = fuzz.ratio(bare(left), bare(right))
    if likeness >= CLOSE:
        return "near", "≈", f"Close {min(likeness / 100, 0.99):.2f}"
    return "differ", "≠", "Differs"


def _whole(text: str) -> tuple[Piece, ...]:
    return (Piece(text, is_different=False),) if text else ()


def _hidden(text: str) -> tuple[Piece, ...]:
    return (Piece(MASK, is_different=False),) if text else ()


def _summary(rows: Sequence[FieldRow]) -> str:
    """What a folded part holds: "3 same, 1 differs"."""
    words = {"agree": "same", "near": "close", "differ": "different", "missing": "on one side only"}
    counts = {look: sum(row.look == look for row in rows) for look in words}
    return ", ".join(f"{counts[look]} {word}" for look, word in words.items() if counts[look])
