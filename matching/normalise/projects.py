"""Names and codes of projects: what is being done, apart from the numbers that tell one project of a series from the next."""

from __future__ import annotations

import re
from functools import cache

from matching.normalise import lists
from matching.normalise.texts import is_placeholder, words

PARTS = ("core", "series")
CODE_PARTS = ("code", "number", "tail")

_ROMAN = {"i": "1", "ii": "2", "iii": "3", "iv": "4", "v": "5", "vi": "6", "vii": "7", "viii": "8", "ix": "9", "x": "10"}
_NUMBER_WORDS = {"one": "1", "two": "2", "three": "3", "four": "4", "first": "1", "second": "2", "third": "3", "fourth": "4"}
_YEAR = re.compile(r"^(?:fy)?(?:19|20)\d\d$")
_SHORT_YEAR = re.compile(r"^fy(\d\d)$")
_GLUED = re.compile(r"^(phase|ph|stage|wave|rel|v|q|p|lot|y|year|part|sow)(\d{1,3})$")
_BRACKETS = re.compile(r"\[[^\]]*\]|\{[^}]*\}")


def project_name(value: str, customer: str | None = None) -> tuple[str | None, str | None]:
    """The words of the work, and the sorted numbers of its series: phase, year, wave ("Phase 2" -> "2", "FY26" -> "2026").

    `customer`: words of the project's own customer; in the name of the project they say nothing new and are left out.
    """
    if is_placeholder(value):
        return None, None
    short, stages, fillers = _vocabulary()
    core: list[str] = []
    series: list[str] = []
    bare = _BRACKETS.sub(" ", value[:300].lower().replace("roll-out", "rollout"))
    tokens = [part for token in words(bare) for part in _parted(token)]
    for place, token in enumerate(tokens):
        number = _series_number(token, tokens[place - 1] if place else "")
        if number:
            series.append(number)
        elif token not in stages:
            core += short.get(token, token).split()
    known = fillers | frozenset((customer or "").split())
    kept = [word for word in core if word not in known] or core
    return " ".join(kept) or None, " ".join(sorted(set(series))) or None


def _parted(token: str) -> list[str]:
    found = _GLUED.match(token)
    return [found[1], found[2]] if found else [token]


def _series_number(token: str, before: str) -> str | None:
    """The number a word stands for, when it is one that tells projects of a series apart."""
    if found := _SHORT_YEAR.match(token):
        return "20" + found[1]
    if _YEAR.match(token):
        return token[-4:]
    if before in _vocabulary()[1]:
        token = _ROMAN.get(token, _NUMBER_WORDS.get(token, token))
        return (token.lstrip("0") or "0") if token.isdigit() else None
    if token in _ROMAN and len(token) > 1:
        return _ROMAN[token]
    return (token.lstrip("0") or "0") if token.isdigit() and len(token) <= 3 else None


def project_code(value: str) -> tuple[str | None, str | None, str | None]:
    """The code without punctuation, its last run of digits, and the last four of them ("PRJ-2025-00417" -> "417")."""
    if is_placeholder(value):
        return None, None, None
    tokens = words(value[:80])
    runs = re.findall(r"\d+", " ".join(tokens))
    number = runs[-1].lstrip("0") if runs and len(runs[-1]) >= 3 else ""
    # The tail keeps leading zeros apart from none: 0417 and 417 are both written.
    tail = number[-4:].lstrip("0") if len(number) >= 3 else ""
    return "".join(tokens).upper() or None, number or None, tail or None


@cache
def _vocabulary() -> tuple[dict[str, str], frozenset[str], frozenset[str]]:
    """Abbreviations spelled out, words of stages, and fillers."""
    rows = lists.table("project_words")
    short = {word: canonical for word, canonical, kind in rows if kind == "a"}
    return short, *(frozenset(word for word, _, kind in rows if kind == wanted) for wanted in "sf")  # type: ignore[return-value]
