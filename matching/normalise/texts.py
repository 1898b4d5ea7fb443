"""Folding any text to comparable ASCII words, ways to write one word, and knowing when a text says nothing."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Sequence
from functools import cache
from html import unescape

from anyascii import anyascii

from matching.normalise import lists

# Longer cells are cut: no name, street or code is longer, and a 10 MB cell must not cost seconds.
LONGEST = 2000

_APOSTROPHES = re.compile(r"['’‘`´ʼ]")
_WORD = re.compile(r"[a-z0-9]+")
_GREEK = re.compile(r"[\u0370-\u03ff]")
# "000" and "xxxx" are placeholders; "AAA" is a motoring club.
_REPEATED = re.compile(r"0{3,}|(.)\1{3,}")
_ENTITY = re.compile(r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z]{2,8}\d{0,2});")
# Each letter that an export could not write became a question mark, or several.
_LOST = re.compile(r"(?<=[a-z])\?+(?=[a-z])")


class _Letters(dict[int, str]):
    """ASCII for each letter, looked up once: the customary spelling of `letters.csv` where there is one, else anyascii's."""

    def __missing__(self, code: int) -> str:
        letter = anyascii(chr(code))
        # Beyond the basic plane letters are too many to be kept, and too rare to be worth it.
        return self.setdefault(code, letter) if code < 0x10000 else letter


@cache
def _letters() -> _Letters:
    found = _Letters()
    for letter, latin in lists.table("letters"):
        if len(letter) > 1:
            continue
        found[ord(letter)] = latin
        if letter.upper() != letter and len(letter.upper()) == 1:
            found[ord(letter.upper())] = latin.upper()
    return found


@cache
def _together() -> tuple[re.Pattern[str], dict[str, str]]:
    """Letters that are spelled together (Greek ου is "ou")."""
    known = {letters: latin for letters, latin in lists.table("letters") if len(letters) > 1}
    return re.compile("|".join(known), re.IGNORECASE), known


def unescaped(text: str) -> str:
    """Letters for the codes that web forms and pages write: "M&uuml;ller &amp; Co" is "Müller & Co", though escaped twice."""
    while "&" in text and ";" in text:
        plainer = _ENTITY.sub(lambda hit: unescape(hit[0]), text)
        if plainer == text:
            break
        text = plainer
    return text


def fold(text: str) -> str:
    """Lower-case ASCII: other scripts are transliterated letter by letter, accents are dropped.

    Codes of web pages become the letters that they stand for. A letter lost in an export ("Ni?o") is left out, so that the word
    stays one and compares as misspelt.
    """
    text = text[:LONGEST]
    if "&" in text:
        text = unescaped(text)
    if not text.isascii():
        text = unicodedata.normalize("NFKC", text)
        pattern, known = _together()
        if _GREEK.search(text):
            text = pattern.sub(lambda hit: known.get(hit[0].lower(), hit[0]), text)
        text = text.translate(_letters())
    text = text.lower()
    return _LOST.sub("", text) if "?" in text else text


def words(text: str) -> list[str]:
    """The folded words of a text, apostrophes closed up: O'Brien is one word."""
    return _WORD.findall(_APOSTROPHES.sub("", fold(text)))


@cache
def _placeholders() -> tuple[frozenset[str], frozenset[str]]:
    """The placeholders, and their first three characters."""
    found = frozenset(" ".join(words(value)) for value in lists.single("placeholders"))
    return found, frozenset(value[:3] for value in found)


def is_placeholder(text: str) -> bool:
    """True for "N/A", "-", "test", "xxxx", "0000" and their like: typed because a form insisted."""
    known, beginnings = _placeholders()
    # Most texts are told by their first three characters; the rest costs ten times as much.
    beginning = text[:3].lower()
    is_plain = beginning.isalnum() and beginning.isascii() and len(beginning) == 3
    if is_plain and beginning not in beginnings and beginning != 3 * beginning[0]:
        return False
    text = text[:40]
    tokens = words(text)
    if not tokens:
        return True
    joined = " ".join(tokens)
    return joined in known or (len(tokens) == 1 and bool(_REPEATED.fullmatch(joined)))


def plain(value: str) -> tuple[str | None]:
    """The words of a free text in their order."""
    if is_placeholder(value):
        return (None,)
    return (" ".join(words(value)) or None,)


CODED_PARTS = ("words", "codes")
_RUN = re.compile(r"[a-z0-9]+(?:[-/._][a-z0-9]+)*")
_BREAKS = str.maketrans("", "", "-/._")


def coded(value: str) -> tuple[str | None, str | None]:
    """The words of a text, and the codes in it in the order of the alphabet, without punctuation: "KX-TG6700B" is kxtg6700b.

    A code has four characters or more, a digit among them; five where all are digits, for a year is none.
    """
    text = plain(value)[0]
    if text is None:
        return None, None
    runs = {run.translate(_BREAKS) for run in _RUN.findall(_APOSTROPHES.sub("", fold(value)))}
    codes = [run for run in runs if len(run) >= 4 + run.isdigit() and any(map(str.isdigit, run))]
    return text, " ".join(sorted(codes)) or None


def code(value: str) -> tuple[str | None]:
    """A code without its punctuation: letters and digits, upper case."""
    if is_placeholder(value):
        return (None,)
    return ("".join(words(value)).upper() or None,)


# Between consonants, so that blue, true, Bauer, aero and Boeing stay.
_UMLAUT = re.compile(
    r"(?<=[b-df-hj-npr-tv-xz])([aou])e(?=[b-df-hj-npr-tv-xz])|^([ou])e(?=[b-df-hj-npr-tv-xz])|(?<=[b-df-hj-npr-tv-xz])(a)e(?=u)"
)

_RING = re.compile("aa+")

# Romanisations of one letter, longest first. Sources: ISO 9, BGN/PCGN, ELOT 743, and German and French habits.
_ROMAN = {
    **dict.fromkeys(("shch", "schtsch", "shh", "sch", "sh", "sz"), "s"),
    **dict.fromkeys(("tsch", "tch", "ch", "ck", "cz", "q", "c"), "k"),
    **dict.fromkeys(("kh", "gh"), "h"),
    **dict.fromkeys(("zh", "dzh", "dj", "dz"), "z"),
    **dict.fromkeys(("iy", "ij", "yi", "yj", "y", "j"), "i"),
    "tz": "ts",
    "x": "ks",
    "ph": "f",
    "th": "t",
    "dh": "d",
    "w": "v",
    "ou": "u",
}
_ROMAN_PATTERN = re.compile("|".join(sorted(_ROMAN, key=lambda letters: -len(letters))))
_DOUBLED = re.compile(r"(.)\1+")
# Whole texts are brought to their consonants by a few passes in C: that is done for every name.
_BONES = str.maketrans("pbcqz", "fvkks", "aeiouywj ")
_NO_VOWELS = dict.fromkeys(map(ord, "aeiou"))
# In this order, after c has become k: shch, sch, sh; tch; ch and kh; and so on.
_ASPIRATED = (
    ("shkh", "s"),
    ("skh", "s"),
    ("sh", "s"),
    ("tkh", "h"),
    ("kh", "h"),
    ("gh", "g"),
    ("th", "t"),
    ("dh", "d"),
    ("fh", "f"),
)


@cache
def _kept() -> frozenset[str]:
    """Words that are spelled so in their own right: listed ones, words of business, names of countries."""
    named = {word for row in lists.table("words") for word in row[:2]}
    countries = {name.lower() for row in lists.table("countries") for name in row[3].split("|")}
    return lists.single("digraphs") | frozenset(named) | frozenset(countries)


def without_digraphs(text: str) -> str:
    """Folded words with the digraphs of umlauts and rings as one letter: "mueller" is "muller", "aalborg" is "alborg"."""
    if "ue" not in text and "oe" not in text and "ae" not in text and "aa" not in text:
        return text
    return " ".join(word if word in _kept() else _one_letter(word) for word in text.split(" "))


def _one_letter(word: str) -> str:
    if len(word) >= 5:
        word = _RING.sub("a", word)
    return _UMLAUT.sub(lambda hit: hit[1] or hit[2] or hit[3], word)


def spellings(words: Sequence[str]) -> list[str]:
    """Folded words in one romanisation: yandeks is yandex, tchaikovsky is chaykovskiy."""
    return _together_in_c(words, lambda text: _DOUBLED.sub(_first, _ROMAN_PATTERN.sub(lambda hit: _ROMAN[hit[0]], text)))


def consonants(texts: Sequence[str]) -> list[str]:
    """The consonants of folded texts, whatever romanisation wrote them: what Arabic and Hebrew write.

    p is f, b is v and z is s, as scripts and languages confuse them; w and y are vowels; an h counts only where it stands
    alone.
    """
    return _together_in_c(texts, _bones)


def _bones(text: str) -> str:
    bones = text.replace("x", "ks").translate(_BONES)
    for letters, letter in _ASPIRATED:
        bones = bones.replace(letters, letter)
    return _DOUBLED.sub(_first, bones)


def _first(hit: re.Match[str]) -> str:
    return hit[1]


def _together_in_c(texts: Sequence[str], change: Callable[[str], str]) -> list[str]:
    """`change` of each text, made of all at once, one a line: it must leave line ends alone and not look across them."""
    return change("\n".join([text.replace("\n", " ") for text in texts])).split("\n") if len(texts) else []


def is_bare(word: str) -> bool:
    """True for a word with hardly a vowel, as transliterated Arabic and Hebrew are."""
    return len(word) >= 3 and 4 * (len(word) - len(word.translate(_NO_VOWELS))) <= len(word)
