"""Names and legal forms of organisations."""

from __future__ import annotations

import numpy as np
from rapidfuzz.distance import OSA

from matching.compare.pairs import Pairs, first_of, lengths, on_distinct, strings
from matching.compare.vocabulary import letters, remembered
from matching.compare.wordsets import Shared, meaning, shared_words, word_table
from matching.normalise.legal_forms import equivalents
from matching.normalise.organisations import meanings
from matching.types import Column, IntArray, Levels, Mask, TextArray

# Bits of shared words: a name with more than RARE is one in a million, below COMMON one in a few thousand.
RARE, COMMON = 20.0, 12.0
# A left-over word with fewer bits is a general word such as "Services".
GENERAL = 10.0

NAME_LEVELS = (
    "same words, a rare name",
    "same words",
    "same words, a common name",
    "same but for spelling, a rare name",
    "same but for spelling",
    "one has an extra general word, the rest rare",
    "one has an extra word that tells companies of a group apart",
    "one has an extra word",
    "one has an extra word, the rest common",
    "share rare words, differ in others",
    "share only common words",
    "one is the other's initials",
    "nothing in common",
)


def organisation_name(pairs: Pairs) -> Levels:
    """The two names are built from the same words, and words that few others use count for more.

    Roles: name. Returns (n,) int8, 0 where either name is unknown. Legal form, word order and spacing do not matter.
    """
    known = np.flatnonzero(pairs.both("name"))
    levels = np.zeros(len(pairs), np.int8)
    left, right = pairs.codes("name")
    column = pairs.columns["name"]
    if len(known):
        levels[known] = on_distinct(left[known], right[known], lambda low, high: _name_levels(column, pairs, (low, high)))
    return levels


def _name_levels(column: Column, pairs: Pairs, codes: tuple[IntArray, IntArray]) -> Levels:
    low, high = codes
    found = shared_words(word_table(column, pairs.words, meanings()), low, high)
    joined = letters(column)
    glued, misspelt = _alike(joined[low], joined[high])
    close = np.flatnonzero(misspelt)
    misspelt[close] &= ~_oppose(column, low[close], high[close])
    misspelt &= ~(found.has_special & (found.slips == 0) & (np.minimum(found.left_over, found.right_over) == 0))
    glued |= (found.left_over + found.right_over == 0) & (found.slips == 0)
    spelt = ((found.left_over + found.right_over == 0) | misspelt) & ~glued
    total = np.where(glued | spelt, np.maximum(found.shared, _own_bits(column, pairs, codes)), found.shared)
    levels: Levels = first_of(len(low), *_conditions(found, total, glued, spelt), _initials(column, low, high))
    return levels


def _conditions(found: Shared, total: IntArray, glued: Mask, spelt: Mask) -> tuple[Mask, ...]:
    """The levels but the last two, best first."""
    smaller, larger = np.minimum(found.left_over, found.right_over), np.maximum(found.left_over, found.right_over)
    rare, common = total >= RARE, total < COMMON
    one_side = (smaller == 0) & (found.shared > 0)
    return (
        glued & rare,
        glued & ~common,
        glued,
        spelt & rare,
        spelt,
        one_side & ~found.has_special & (larger < GENERAL) & ~common,
        one_side & found.has_special,
        one_side & ~common,
        one_side,
        (found.shared >= COMMON),
        (found.shared > 0),
    )


def _own_bits(column: Column, pairs: Pairs, codes: tuple[IntArray, IntArray]) -> IntArray:
    """Bits of all words of the commoner of two names."""
    totals = word_table(column, pairs.words, meanings()).bits.sum(1)
    smaller: IntArray = np.minimum(totals[codes[0]], totals[codes[1]])
    return smaller


def _alike(one: TextArray, other: TextArray) -> tuple[Mask, Mask]:
    """Equal when written without spaces; and nearly so (one slip in 6 letters, two in 12)."""
    distance = strings(one, other, OSA.distance)
    misspelt = (distance > 0) & (distance <= 2)
    close = np.flatnonzero(misspelt)
    longest = np.maximum(lengths(one[close]), lengths(other[close]))
    misspelt[close] = distance[close] <= longest // 6
    return distance == 0, misspelt


def _oppose(column: Column, low: IntArray, high: IntArray) -> Mask:
    """Each name has a number, a country or a word that tells companies apart where the other has another: Fund 2 and Fund 3."""
    told: dict[int, set[str | None]] = column.memo.setdefault("told", {})
    for code in {*low.tolist(), *high.tolist()} - told.keys():
        told[code] = {meaning(word, meanings()) for word in column.values[code].split()} - {None}
    pairs = [(told[one], told[other]) for one, other in zip(low.tolist(), high.tolist(), strict=True)]
    return np.array([bool(one - other and other - one) for one, other in pairs], bool)


def _initials(column: Column, low: IntArray, high: IntArray) -> Mask:
    """One name is a single short word made of the first letters of the other's three or more."""
    short, initials = remembered(column, abbreviations)
    forward = (short[low] == initials[high]) & (short[low] >= 0)
    found: Mask = forward | ((short[high] == initials[low]) & (short[high] >= 0))
    return found


def abbreviations(column: Column) -> tuple[IntArray, IntArray]:
    """Numbers of the short words that names are, and of the initials that they have, from one numbering; -1 = none."""
    both = Column.of([*map(_short, column.values), *map(_first_letters, column.values)]).codes
    return both[: len(column.values)], both[len(column.values) :]


def _short(name: str) -> str | None:
    return name if " " not in name and 2 < len(name) <= 6 else None


def _first_letters(name: str) -> str | None:
    tokens = name.split()
    return "".join(token[0] for token in tokens) if len(tokens) > 2 else None


LEGAL_LEVELS = ("same legal form", "legal forms that may stand for each other", "different legal forms")


def legal_form(pairs: Pairs) -> Levels:
    """Both names carry the same legal form, or forms that stand for each other in translation.

    Roles: forms. Returns (n,) int8, 0 where either name has no legal form.
    """
    column = pairs.columns["forms"]
    overlap = pairs.measured("forms", lambda texts, low, high: _overlap(column, low, high))
    levels: Levels = first_of(len(pairs), pairs.same("forms"), overlap > 0)
    return np.where(pairs.both("forms"), levels, 0).astype(np.int8)


def _overlap(column: Column, low: IntArray, high: IntArray) -> Mask:
    own = column.memo.setdefault("own", [frozenset(value.split()) for value in column.values])
    also = column.memo.setdefault("also", [frozenset().union(*(equivalents().get(form, ()) for form in forms)) for forms in own])
    pairs = zip(low.tolist(), high.tolist(), strict=True)
    return np.fromiter((not (own[a].isdisjoint(own[b]) and own[a].isdisjoint(also[b])) for a, b in pairs), bool, len(low))
