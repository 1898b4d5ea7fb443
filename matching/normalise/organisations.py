"""Names of organisations: the words that name it, apart from its legal form and from remarks typed into the field."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache

from matching.normalise import lists
from matching.normalise.addresses import city as town
from matching.normalise.legal_forms import cut_attached, split_legal
from matching.normalise.texts import LONGEST, fold, is_placeholder, unescaped, without_digraphs

PARTS = ("core", "legal", "native")

# The sign comes first, so that one is looked for before anything else is.
_DOTTED = re.compile(r"[./](?<=\b[a-z].)(?=[a-z]\b)")
_APOSTROPHES = re.compile(r"['’‘`´ʼ]")
_WORD = re.compile(r"[a-z0-9]+")
_SHORT_AND = re.compile(r"\b([a-z]{1,2})\s*&\s*(?!co\b)([a-z]{1,2})\b")
_CODE_IN_BRACKETS = re.compile(r"[(\[][a-z]{2}[)\]]\s*$")
# Above the Latin blocks: anything but dashes and quotes, and letters.
_BEYOND = re.compile(r"[^\x00-\u024f\u2010-\u2027]")
_NATIVE = re.compile(r"(?=[^\W\d_])[^\x00-\u024f]")
_TAIL = re.compile(r"\s[-–—/]+\s*([^-–—/]+)$|\s*\(([^()]+)\)$")
_CAMEL = re.compile(r"(?<=[a-zà-ÿ])(?=[A-Z][a-zà-ÿ]{2})")
_EAST_ASIAN = "\u1100-\u11ff\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af"
_SCRIPTS = re.compile(rf"(?<=[A-Za-z0-9])(?=[{_EAST_ASIAN}])|(?<=[{_EAST_ASIAN}])(?=[A-Za-z0-9])")
# The Arabic article is written with its word: ال and three letters or more.
_ARTICLE = re.compile(r"\bال(?=\w{3})")
_PLAIN = re.compile(r"[a-z0-9 ]*")
_MARKS_OF_REMARKS = re.compile(r"[(\[{*|:,/-]")

_NO_FORMS: frozenset[str] = frozenset()

# A name is cut to this many words: longer ones are descriptions, and comparing looks at eight.
MOST_WORDS = 16


def organisation(value: str, city: str | None = None) -> tuple[str | None, str | None, str | None]:
    """Core words, legal forms, and the name in its own script when that is not Latin.

    `city`: the record's own town, folded; written behind the name ("Acme - Berlin") it adds nothing and is cut off.
    Example: "Müller & Söhne G.m.b.H. (DO NOT USE)" -> ("muller sons", "gmbh", None).
    """
    if is_placeholder(value):
        return None, None, None
    value = _parted(_without_city(unescaped(value[:LONGEST]), city))
    native, bare, forms = None, value, _NO_FORMS
    if not value.isascii() and _BEYOND.search(value):
        native, bare, forms = _beyond_latin(value)
    # What is left of a name that is nothing but a form and signs has no word.
    tokens = name_tokens(bare) or name_tokens(value)
    if not tokens:
        return None, " ".join(sorted(forms)) or None, native
    core, found = split_legal(tokens, is_native=native is not None)
    named = without_digraphs(" ".join(canonical_words(core)[:MOST_WORDS]))
    forms = forms | found
    return named or None, " ".join(sorted(forms)) if forms else None, native


def may_name_town(value: str) -> bool:
    """Whether the record's town can stand behind the name; most names have no sign for that."""
    return ")" in value or "-" in value or "/" in value or "–" in value or "—" in value


def _without_city(value: str, city: str | None) -> str:
    if not city or not may_name_town(value):
        return value
    found = _TAIL.search(value)
    if found and town(found[1] or found[2])[0] == city:
        return value[: found.start()] or value
    return value


def _parted(value: str) -> str:
    """A name written without spaces, parted where capitals or scripts change: "RoweDistribution", "Blue物流"."""
    if not value.isascii():
        value = _SCRIPTS.sub(" ", value)
    if " " in value.strip():
        return value
    parts = _CAMEL.split(value)
    return " ".join(parts) if all(len(part) >= 4 for part in parts) else value


def name_tokens(value: str) -> list[str]:
    """Folded words with remarks cut out and dotted abbreviations closed up: "S.A.R.L." is "sarl"."""
    folded = fold(value)
    if _PLAIN.fullmatch(folded):
        return folded.split()
    if _MARKS_OF_REMARKS.search(folded):
        bare = _CODE_IN_BRACKETS.sub(" ", _remarks().sub(" ", folded))
        # A name that is nothing but a remark keeps it.
        folded = bare if _WORD.search(bare) else folded
    if "'" in folded or "`" in folded or not folded.isascii():
        folded = _APOSTROPHES.sub("", folded)
    if "." in folded or "/" in folded:
        folded = _DOTTED.sub("", folded)
    if "&" in folded or "+" in folded:
        # AT&T, H&M and P&G are one word; Rowe & Sons are two.
        folded = _SHORT_AND.sub(r"\1\2", folded).replace("&", " and ").replace("+", " and ")
    return _WORD.findall(folded)


def canonical_words(tokens: list[str]) -> list[str]:
    """Spelled-out words: abbreviations expanded, connectives dropped, single letters joined ("i b m" is "ibm")."""
    synonyms, connectives, changed = _vocabulary()
    if 1 in map(len, tokens):
        tokens = _join_letters(tokens)
    if changed.isdisjoint(tokens):
        return tokens
    kept = [synonyms.get(token, token) for token in tokens if token not in connectives]
    return kept or tokens


def _join_letters(tokens: list[str]) -> list[str]:
    joined: list[str] = []
    run: list[str] = []
    for token in [*tokens, ""]:
        if len(token) == 1 and token.isalpha():
            run.append(token)
            continue
        if run:
            joined.append("".join(run))
            run = []
        joined.append(token)
    return joined[:-1]


def _beyond_latin(value: str) -> tuple[str | None, str, frozenset[str]]:
    """The name as written when it has letters above U+024F, the name without attached forms, and those forms."""
    bare, forms = cut_attached(value)
    if not _NATIVE.search(value):
        return None, bare, forms
    return " ".join(value.split()), _ARTICLE.sub("al ", bare), forms


@cache
def _remarks() -> re.Pattern[str]:
    """Remarks count in brackets, between asterisks, or behind a dash, slash or comma at the end."""
    notes = "|".join(sorted((re.escape(note).replace(r"\ ", r"\s+") for note in lists.single("notes")), key=len, reverse=True))
    return re.compile(rf"[(\[{{*]+\s*(?:{notes})\s*[)\]}}*]+|(?:\s[-–—/]+|\s*[,|:])\s*(?:{notes})\s*$")


@cache
def _vocabulary() -> tuple[dict[str, str], frozenset[str], frozenset[str]]:
    """Words and what stands for them, connectives, and all that is in either."""
    synonyms = {word: canonical for word, canonical, kind, _ in lists.table("words") if kind == "a"}
    connectives = frozenset(word for word, _, kind, _ in lists.table("words") if kind == "c")
    return synonyms, connectives, connectives | synonyms.keys()


@cache
def meanings() -> Mapping[str, str]:
    """What the words stand for that tell companies of one group apart: a country, a number, or the word itself."""
    countries = {
        "".join(_WORD.findall(fold(name))): row[0]
        for row in lists.table("countries")
        for name in row[3].split("|")
        if " " not in name
    }
    return countries | {word: word for word, _, kind, _ in lists.table("words") if kind == "s"}


@cache
def separators() -> frozenset[str]:
    """Words that tell companies of one group apart: holding, services, regions, countries."""
    return frozenset(meanings())


@cache
def default_bits() -> dict[str, float]:
    """Words that are common in any population of organisations, with their least information in bits."""
    bits = {word: float(size) for word, _, _, size in lists.table("words") if size}
    for alpha2, _, _, names in lists.table("countries"):
        for name in names.split("|"):
            tokens = _WORD.findall(fold(name))
            if len(tokens) == 1 and tokens[0] != alpha2.lower():
                bits.setdefault(tokens[0], 8.0)
    return bits
