"""Names of organisations: the words that name it, apart from its legal form and from remarks typed into the field."""

from __future__ import annotations

import re
from functools import cache

from matching.normalise import lists
from matching.normalise.texts import LONGEST, fold, is_placeholder

PARTS = ("core", "legal", "native")

_DOTTED = re.compile(r"\b([a-z])[./](?=[a-z]\b)")
_APOSTROPHES = re.compile(r"['’‘`´ʼ]")
_WORD = re.compile(r"[a-z0-9]+")
_SHORT_AND = re.compile(r"\b([a-z]{1,2})\s*&\s*([a-z]{1,2})\b")
_CODE_IN_BRACKETS = re.compile(r"[(\[][a-z]{2}[)\]]\s*$")
_NATIVE = re.compile(r"[^\W\d_]")
_TAIL = re.compile(r"\s[-–—/]+\s*([^-–—/]+)$|\s*\(([^()]+)\)$")
_CAMEL = re.compile(r"(?<=[a-zà-ÿ])(?=[A-Z][a-zà-ÿ]{2})")
_SCRIPTS = re.compile(
    r"(?<=[A-Za-z0-9])(?=[\u1100-\u11ff\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af])|(?<=[\u1100-\u11ff\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af])(?=[A-Za-z0-9])"
)

# A name is cut to this many words: longer ones are descriptions, and comparing looks at eight.
MOST_WORDS = 16


def organisation(value: str, city: str | None = None) -> tuple[str | None, str | None, str | None]:
    """Core words, legal forms, and the name in its own script when that is not Latin.

    `city`: the record's own town, folded; written behind the name ("Acme - Berlin") it adds nothing and is cut off.
    Example: "Müller & Söhne G.m.b.H. (DO NOT USE)" -> ("muller sohne", "gmbh", None).
    """
    if is_placeholder(value):
        return None, None, None
    value = _parted(_without_city(value[:LONGEST], city))
    native = None if value.isascii() else _native_script(value)
    bare, forms = (value, set()) if value.isascii() else _cut_attached(value)
    tokens = name_tokens(bare)
    core, found = split_legal(tokens)
    forms |= found
    named = canonical_words(core)
    return " ".join(named[:MOST_WORDS]) or None, " ".join(sorted(forms)) or None, native


def _without_city(value: str, city: str | None) -> str:
    found = _TAIL.search(value) if city else None
    if found and " ".join(_WORD.findall(fold(found[1] or found[2]))) == city:
        return value[: found.start()] or value
    return value


def _parted(value: str) -> str:
    """A name written without spaces, parted where capitals or scripts change: "RoweDistribution", "Blue物流"."""
    if not value.isascii():
        value = _SCRIPTS.sub(" ", value)
    parts = _CAMEL.split(value)
    return " ".join(parts) if " " not in value.strip() and all(len(part) >= 4 for part in parts) else value


def name_tokens(value: str) -> list[str]:
    """Folded words with remarks cut out and dotted abbreviations closed up: "S.A.R.L." is "sarl"."""
    folded = fold(value)
    folded = _CODE_IN_BRACKETS.sub(" ", _remarks().sub(" ", folded))
    folded = _DOTTED.sub(r"\1", _APOSTROPHES.sub("", folded))
    # AT&T, H&M and P&G are one word; Rowe & Sons are two.
    return _WORD.findall(_SHORT_AND.sub(r"\1\2", folded).replace("&", " and ").replace("+", " and "))


def split_legal(tokens: list[str]) -> tuple[list[str], set[str]]:
    """Take legal forms off the end, off the front where that is usual, and out of the middle when unmistakable.

    At least one word always stays.
    """
    forms: set[str] = set()
    suffixes, prefixes, middles = _forms()
    while len(tokens) > 1 and (hit := _longest(tokens, suffixes, at_end=True)):
        forms.add(hit[1])
        tokens = tokens[: -hit[0]]
    while len(tokens) > 1 and (hit := _longest(tokens, prefixes, at_end=False)):
        forms.add(hit[1])
        tokens = tokens[hit[0] :]
    kept = tokens[:1]
    for token in tokens[1:]:
        if token in middles:
            forms.add(middles[token])
        else:
            kept.append(token)
    return kept, forms


def canonical_words(tokens: list[str]) -> list[str]:
    """Spelled-out words: abbreviations expanded, connectives dropped, single letters joined ("i b m" is "ibm")."""
    synonyms, connectives = _vocabulary()
    tokens = _join_letters(tokens)
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


def _longest(tokens: list[str], forms: dict[str, list[tuple[tuple[str, ...], str]]], *, at_end: bool) -> tuple[int, str] | None:
    """The longest form at that end that leaves a word over: its length in words and its canonical name."""
    for phrase, canonical in forms.get(tokens[-1] if at_end else tokens[0], ()):
        size = len(phrase)
        if size < len(tokens) and tuple(tokens[-size:] if at_end else tokens[:size]) == phrase:
            return size, canonical
    return None


@cache
def _forms() -> tuple[dict[str, list[tuple[tuple[str, ...], str]]], dict[str, list[tuple[tuple[str, ...], str]]], dict[str, str]]:
    """Forms by their last word, forms by their first word, and single words that are a form wherever they stand."""
    suffixes: dict[str, list[tuple[tuple[str, ...], str]]] = {}
    prefixes: dict[str, list[tuple[tuple[str, ...], str]]] = {}
    middles: dict[str, str] = {}
    for form, canonical, flags in lists.table("legal_forms"):
        phrase = tuple(_WORD.findall(fold(form)))
        if "j" in flags or not phrase:
            continue
        suffixes.setdefault(phrase[-1], []).append((phrase, canonical))
        if "p" in flags:
            prefixes.setdefault(phrase[0], []).append((phrase, canonical))
        if "a" in flags and len(phrase) == 1:
            middles[form] = canonical
    for group in (*suffixes.values(), *prefixes.values()):
        group.sort(key=lambda entry: -len(entry[0]))
    return suffixes, prefixes, middles


@cache
def _attached() -> tuple[tuple[str, str], ...]:
    found = [(form, canonical) for form, canonical, flags in lists.table("legal_forms") if "j" in flags]
    return tuple(sorted(found, key=lambda entry: -len(entry[0])))


def _cut_attached(value: str) -> tuple[str, set[str]]:
    """Cut forms that are written without a space, as 株式会社 is."""
    forms = set()
    for form, canonical in _attached():
        if form in value and value.strip() != form:
            value = value.replace(form, " ")
            forms.add(canonical)
    return value, forms


def _native_script(value: str) -> str | None:
    """The name as written, when it has letters above the Latin blocks (U+024F)."""
    if any(ord(letter) > 0x24F and _NATIVE.match(letter) for letter in value):
        return " ".join(value.split())
    return None


@cache
def _remarks() -> re.Pattern[str]:
    """Remarks count in brackets, between asterisks, or behind a dash, slash or comma at the end."""
    notes = "|".join(sorted((re.escape(note).replace(r"\ ", r"\s+") for note in lists.single("notes")), key=len, reverse=True))
    return re.compile(rf"[(\[{{*]+\s*(?:{notes})\s*[)\]}}*]+|(?:\s[-–—/]+|\s*[,|:])\s*(?:{notes})\s*$")


@cache
def _vocabulary() -> tuple[dict[str, str], frozenset[str]]:
    synonyms = {word: canonical for word, canonical, kind, _ in lists.table("words") if kind == "a"}
    connectives = frozenset(word for word, _, kind, _ in lists.table("words") if kind == "c")
    return synonyms, connectives


@cache
def equivalents() -> dict[str, frozenset[str]]:
    """For each legal form those that stand for it in translation; the relation goes both ways."""
    found: dict[str, set[str]] = {}
    for one, other in lists.table("legal_equivalents"):
        found.setdefault(one, set()).add(other)
        found.setdefault(other, set()).add(one)
    return {form: frozenset(others) for form, others in found.items()}


@cache
def separators() -> frozenset[str]:
    """Words that tell companies of one group apart: holding, services, regions, countries."""
    regions = {
        "".join(_WORD.findall(fold(name))) for row in lists.table("countries") for name in row[3].split("|") if " " not in name
    }
    return frozenset(word for word, _, kind, _ in lists.table("words") if kind == "s") | frozenset(regions)


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
