"""The forms in which a value may enter a key: whole, its rarest word, its first letters, …"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from matching.normalise.people import soundex
from matching.normalise.texts import consonants
from matching.types import Frequencies

# One value may give several texts, each with the bits that sharing it tells.
Form = Callable[[str, Frequencies], list[tuple[str, float]]]


def _whole(value: str, table: Frequencies) -> list[tuple[str, float]]:
    return [(value, table.of(value))]


def _all_bits(value: str, table: Frequencies) -> float:
    """Bits of all words. Summed in the order of the alphabet: that of a set changes between processes, and rounding with it."""
    bits, unlisted = table.bits.get, table.unlisted
    return sum(bits(word, unlisted) for word in sorted(set(value.split())))


def _sorted(value: str, table: Frequencies) -> list[tuple[str, float]]:
    return [(" ".join(sorted(set(value.split()))), _all_bits(value, table))]


def _by_rarity(value: str, table: Frequencies) -> list[tuple[float, str]]:
    """(-bits, word), rarest first, ties by the alphabet."""
    bits, unlisted = table.bits.get, table.unlisted
    return sorted({(-bits(word, unlisted), word) for word in value.split()})


def _rarest(value: str, table: Frequencies) -> list[tuple[str, float]]:
    return [(word, -minus) for minus, word in _by_rarity(value, table)[:1]]


def _second(value: str, table: Frequencies) -> list[tuple[str, float]]:
    return [(word, -minus) for minus, word in _by_rarity(value, table)[:2]]


def _pair(value: str, table: Frequencies) -> list[tuple[str, float]]:
    found = _by_rarity(value, table)[:2]
    if len(found) < 2:
        return []
    return [(" ".join(sorted(word for _, word in found)), -found[0][0] - found[1][0])]


def _joined(value: str, table: Frequencies) -> list[tuple[str, float]]:
    letters = value.replace(" ", "").replace("-", "")
    return [(letters, _all_bits(value, table))] if len(letters) >= 4 else []


def _head(size: int) -> Form:
    def head(value: str, table: Frequencies) -> list[tuple[str, float]]:
        letters = value.replace(" ", "")[:size]
        # The beginning of a name tells less than its words: two and a half bits a letter, measured on organisation names.
        return [(letters, min(2.5 * size, _all_bits(value, table)))] if len(letters) == size else []

    return head


def _initials(value: str, table: Frequencies) -> list[tuple[str, float]]:
    """First letters of three to five words; a lone short word stands for itself.

    Three letters tell ten bits, each further one 3.25.
    """
    words = value.split()
    if 2 < len(words) <= 5:
        letters = "".join(word[0] for word in words)
        return [(letters, 3.25 * len(letters) + 0.25)]
    return [(value, 3.25 * len(value) + 0.25)] if len(words) == 1 and 2 < len(value) <= 5 else []


def _consonants(value: str, table: Frequencies) -> list[tuple[str, float]]:
    """The consonants of all words, so that romanisations of a name meet. Two and a half bits each, as for beginnings."""
    letters = consonants(value)
    return [(letters, min(2.5 * len(letters), _all_bits(value, table)))] if len(letters) >= 4 else []


def _words(value: str, table: Frequencies) -> list[tuple[str, float]]:
    return [(word, -minus) for minus, word in _by_rarity(value, table)[:6]]


def _halves(value: str, table: Frequencies) -> list[tuple[str, float]]:
    """First half, last half, and both ends of the rarest word: a typing error leaves one of the three whole."""
    word = (_by_rarity(value, table) or [(0.0, "")])[0][1]
    half = (len(word) + 1) // 2
    bits = min(2.5 * half, table.of(word))
    if len(word) < 6:
        return []
    return [("<" + word[:half], bits), (">" + word[-half:], bits), (word[:3] + word[-3:], min(14.0, table.of(word)))]


def _sound(value: str, table: Frequencies) -> list[tuple[str, float]]:
    word = (_by_rarity(value, table) or [(0.0, "")])[0][1]
    return [(soundex(word), 8.0)] if word.isalpha() and len(word) >= 3 else []


def _year(value: str, table: Frequencies) -> list[tuple[str, float]]:
    return [(value[:4], 6.0)] if len(value) >= 4 else []


FORMS: Mapping[str, Form] = {
    "whole": _whole,
    "sorted": _sorted,
    "rarest": _rarest,
    "second": _second,
    "pair": _pair,
    "joined": _joined,
    "head4": _head(4),
    "head5": _head(5),
    "head6": _head(6),
    "initials": _initials,
    "consonants": _consonants,
    "words": _words,
    "halves": _halves,
    "sound": _sound,
    "year": _year,
}
