"""Enterprise IDs: `CUS-4F7K2M9Q`, a prefix, seven symbols, and a check symbol over prefix and body.

The check is that of Damm (2004): a running value is combined with each symbol by a totally anti-symmetric operation
on 32 symbols, here x∘y = 2x + y in the field GF(32). Any single wrong symbol and any swap of two neighbours changes
the result, in the prefix and across the hyphen too.
"""

from __future__ import annotations

import re
import unicodedata

from mdm.errors import BadCheckCharacter, BadInput

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # Crockford's base32: no I, L, O, U
BODY_LENGTH = 7
CAPACITY: int = 32**BODY_LENGTH  # 34,359,738,368 IDs a prefix

_BITS = 5 * BODY_LENGTH
_MASK: int = CAPACITY - 1
_SYMBOLS = {symbol: value for value, symbol in enumerate(ALPHABET)}
# A prefix may use all letters. Those outside the alphabet take values of digits, which no prefix has.
_LETTERS = {**_SYMBOLS, "I": 1, "L": 2, "O": 0, "U": 3}
_PREFIX = re.compile(r"[A-Z]{2,5}")
_COMPACT = re.compile(r"([A-Z]{2,5})([0-9A-Z]{8})")
_LOOKALIKES = str.maketrans("ILO", "110")
# What people and spreadsheets put between the parts: spaces of any kind, hyphens, dashes, the minus sign, underscores.
_SEPARATORS = re.compile(r"[\s_\-\u2010-\u2015\u2212]+")
# Starting at 1 lets the check see a lost or added prefix letter whose value is 0.
_START = 1


def make(prefix: str, number: int) -> str:
    """The ID of the `number`-th record of a prefix; different numbers always give different IDs.

    Neighbouring numbers give bodies that look unrelated, so that nobody counts our customers by eye. That is no
    secrecy: whoever knows this function can turn it round.
    """
    if not _PREFIX.fullmatch(prefix):
        raise BadInput(f"“{prefix}” is no prefix of enterprise IDs: two to five capital letters are needed.")
    if not 0 <= number < CAPACITY:
        raise BadInput(f"Number {number} has no enterprise ID: the numbers go from 0 to {CAPACITY - 1}.")
    scrambled = _scramble(number, seed=_number_of(prefix))
    body = "".join(ALPHABET[scrambled >> shift & 31] for shift in range(_BITS - 5, -1, -5))
    return f"{prefix}-{body}{check_symbol(prefix, body)}"


def parse(text: str) -> str:
    """The ID as it is stored, from what somebody typed: small letters, I and L for 1, O for 0, other separators.

    Raises BadInput when it has not the form of an ID, BadCheckCharacter when it was mistyped.
    """
    head, *rest = _SEPARATORS.split(unicodedata.normalize("NFKC", text).strip())
    compact = "".join((head, *rest))
    found = _COMPACT.fullmatch(compact.upper()) if compact.isascii() else None
    # Where the prefix stands by itself it is taken as such: a lost or added symbol must not shift it.
    is_shifted = found is not None and bool(rest) and bool(_PREFIX.fullmatch(head.upper())) and found[1] != head.upper()
    if found is None or is_shifted:
        raise BadInput(f"“{text[:40]}” is no enterprise ID; one looks like CUS-4F7K2M9Q.")
    prefix, symbols = found[1], found[2].translate(_LOOKALIKES)
    body, check = symbols[:-1], symbols[-1]
    if "U" in symbols or check_symbol(prefix, body) != check:
        raise BadCheckCharacter(f"“{text[:40]}” is mistyped: its check character does not fit; compare it with the original.")
    return f"{prefix}-{body}{check}"


def prefix_of(enterprise_id: str) -> str:
    """The prefix of an ID, which names its domain; raises as `parse`."""
    return parse(enterprise_id).partition("-")[0]


def check_symbol(prefix: str, body: str) -> str:
    """The symbol that brings the running value of prefix and body to 0."""
    value = _START
    for letter in prefix:
        value = _double(value) ^ _LETTERS[letter]
    for symbol in body:
        value = _double(value) ^ _SYMBOLS[symbol]
    return ALPHABET[_double(value)]


def _double(value: int) -> int:
    """2x in GF(32) with x^5 + x^2 + 1, a primitive polynomial."""
    return value << 1 ^ (0b100101 if value & 16 else 0)


def _scramble(number: int, *, seed: int) -> int:
    """A permutation of 35-bit numbers: odd multipliers, additions and shifted exclusive-ors can all be turned round."""
    value = (number + seed * 0x2545F4915) & _MASK
    for multiplier in (0x5851F42D5, 0x27BB2EE69, 0x369DEA0F3):
        value = (value * multiplier + seed) & _MASK
        value ^= value >> 17
    return value


def _number_of(prefix: str) -> int:
    return int.from_bytes(prefix.encode("ascii"), "big")
