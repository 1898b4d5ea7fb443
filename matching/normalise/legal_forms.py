"""Legal forms of organisations: taken off a name, brought to one spelling, and which of them stand for each other."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from typing import NamedTuple

from matching.normalise import lists
from matching.normalise.texts import fold

# Phrases that begin or end with a word, longest first, each with the canonical name of its form.
Phrases = dict[str, list[tuple[list[str], str]]]

_WORD = re.compile(r"[a-z0-9]+")
_DOTTED = re.compile(r"\b([a-z])[./](?=[a-z]\b)")
_APOSTROPHES = re.compile(r"['’‘`´ʼ]")


class Forms(NamedTuple):
    """Forms by their last word, by their first word, and single words that are a form wherever they stand."""

    suffixes: Phrases
    prefixes: Phrases
    middles: dict[str, str]


def split_legal(tokens: list[str], *, is_native: bool = False) -> tuple[list[str], set[str]]:
    """Take legal forms off the end, off the front where that is usual, and out of the middle when unmistakable.

    `is_native`: the name is not in Latin letters, so that forms count which are words elsewhere (ИП, АО).
    At least one word always stays.
    """
    found: set[str] = set()
    suffixes, prefixes, middles = forms(is_native)
    while tokens[-1] in suffixes and (hit := _longest(tokens, suffixes[tokens[-1]], at_end=True)):
        found.add(hit[1])
        tokens = tokens[: -hit[0]]
    while tokens[0] in prefixes and (hit := _longest(tokens, prefixes[tokens[0]], at_end=False)):
        found.add(hit[1])
        tokens = tokens[hit[0] :]
    if middles.keys().isdisjoint(tokens[1:]):
        return tokens, found
    found |= {middles[token] for token in tokens[1:] if token in middles}
    return tokens[:1] + [token for token in tokens[1:] if token not in middles], found


def _longest(tokens: list[str], phrases: list[tuple[list[str], str]], *, at_end: bool) -> tuple[int, str] | None:
    """The longest form at that end that leaves a word over: its length in words and its canonical name."""
    for phrase, canonical in phrases:
        size = len(phrase)
        if size < len(tokens) and (tokens[-size:] if at_end else tokens[:size]) == phrase:
            return size, canonical
    return None


def rows() -> Iterator[tuple[str, str, str]]:
    """Every known spelling of a form: as written, canonical name, flags."""
    yield from lists.table("legal_forms")  # type: ignore[misc]
    for _, canonical, flags, spellings in lists.table("legal_forms_by_country"):
        for form in spellings.split("|"):
            yield form, canonical, flags


def spelled(form: str) -> set[tuple[str, ...]]:
    """The folded words of a form, with its dots closed up ("S.r.o." is "sro") and without."""
    folded = _APOSTROPHES.sub("", fold(form)).replace("&", " and ")
    return {tuple(_WORD.findall(text)) for text in (folded, _DOTTED.sub(r"\1", folded))} - {()}


@cache
def forms(is_native: bool) -> Forms:
    found = Forms({}, {}, {})
    known = {(phrase, canonical, flags) for form, canonical, flags in rows() if "j" not in flags for phrase in spelled(form)}
    for phrase, canonical, flags in sorted(known):
        if "n" in flags and not is_native:
            continue
        found.suffixes.setdefault(phrase[-1], []).append(([*phrase], canonical))
        if "p" in flags:
            found.prefixes.setdefault(phrase[0], []).append(([*phrase], canonical))
        if "a" in flags and len(phrase) == 1:
            found.middles[phrase[0]] = canonical
    for group in (*found.suffixes.values(), *found.prefixes.values()):
        group.sort(key=lambda entry: -len(entry[0]))
    return found


@cache
def _attached() -> tuple[re.Pattern[str], dict[str, tuple[str, str]]]:
    """What is written without a space: legal forms (株式会社), and words of business (銀行) with what stands for them."""
    known = {form: ("", canonical) for form, canonical, flags in rows() if "j" in flags}
    known |= {word: (canonical, "") for word, canonical, kind, _ in lists.table("words") if kind == "n"}
    return re.compile("|".join(map(re.escape, sorted(known, key=lambda form: (-len(form), form))))), known


def cut_attached(value: str) -> tuple[str, frozenset[str]]:
    """Cut forms that are written without a space, put spaces around words of business; the forms' canonical names."""
    pattern, known = _attached()
    found = {known[form] for form in pattern.findall(value)}
    if not found:
        return value, frozenset()
    bare = pattern.sub(lambda hit: f" {known[hit[0]][0]} ", value)
    # A name that is nothing but a form keeps it.
    return (bare, frozenset(form for _, form in found if form)) if bare.strip() else (value, frozenset())


@cache
def equivalents() -> dict[str, frozenset[str]]:
    """For each legal form those that stand for it in translation; the relation goes both ways."""
    found: dict[str, set[str]] = {}
    for one, other in lists.table("legal_equivalents"):
        found.setdefault(one, set()).add(other)
        found.setdefault(other, set()).add(one)
    return {form: frozenset(others) for form, others in found.items()}


@cache
def jurisdictions() -> dict[str, frozenset[str]]:
    """Country (ISO 3166-1 alpha-2) to the canonical names of its legal forms."""
    found: dict[str, set[str]] = {}
    for where, canonical, _, _ in lists.table("legal_forms_by_country"):
        for country in where.split():
            found.setdefault(country, set()).add(canonical)
    return {country: frozenset(names) for country, names in found.items()}
