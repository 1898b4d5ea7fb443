"""Addresses: street, house number, postcode and town as one piece of evidence."""

from __future__ import annotations

import numpy as np
from rapidfuzz import fuzz
from rapidfuzz.distance import JaroWinkler

from matching.compare.pairs import Pairs, first_of, strings
from matching.compare.values import one_slip
from matching.types import FloatArray, IntArray, Levels, Mask, TextArray, texts

PLACE_LEVELS = (
    "same street, number and postcode or town",
    "same number and postcode",
    "same street and postcode",
    "same street and number, another postcode",
    "same postcode, street not known on both sides",
    "same postcode, different street",
    "same town, street not known on both sides",
    "same town, different street",
    "different places",
)


def place(pairs: Pairs) -> Levels:
    """Both records stand at the same address; agreeing on street and number says more than agreeing on the town.

    Roles: street, house, postcode, city. Returns (n,) int8, 0 where no part is known on both sides.
    """
    street, house = _streets(pairs), pairs.same("house")
    postcode = pairs.same("postcode")
    city = _towns(pairs)
    open_town = ~(pairs.both("postcode") | pairs.both("city"))
    open_street = ~(pairs.both("street") | pairs.both("house"))
    levels: Levels = first_of(
        len(pairs),
        street & house & (postcode | city | open_town),
        house & postcode,
        street & postcode,
        street & house,
        postcode & ~pairs.both("street"),
        postcode,
        city & open_street & ~pairs.differ("postcode"),
        city,
    )
    known = pairs.both("street") | pairs.both("postcode") | pairs.both("city")
    return np.where(known, levels, 0).astype(np.int8)


def _streets(pairs: Pairs) -> Mask:
    """Same street but for spelling, or one spelled in fuller words. Only looked at when something else agrees or is open."""
    similar: Mask = pairs.measured("street", _street_similarity) >= 0.85
    return similar


def _street_similarity(streets: TextArray, low: IntArray, high: IntArray) -> FloatArray:
    return strings(streets[low], streets[high], fuzz.token_set_ratio) / np.float32(100)


def _towns(pairs: Pairs) -> Mask:
    similar: Mask = pairs.similarity("city", JaroWinkler.normalized_similarity) >= 0.92
    return similar


AREA_LEVELS = ("same postcode", "postcodes differ in one character", "same beginning", "different postcodes")


def postcode(pairs: Pairs) -> Levels:
    """Both records have the same postcode, or one mistyped, or two of the same area.

    Roles: postcode. Returns (n,) int8, 0 where either is unknown.
    """
    slip = pairs.measured("postcode", one_slip) > 0
    area = pairs.measured("postcode", lambda codes, low, high: _heads(codes[low]) == _heads(codes[high])) > 0
    levels: Levels = first_of(len(pairs), pairs.same("postcode"), slip, area)
    return np.where(pairs.both("postcode"), levels, 0).astype(np.int8)


def _heads(values: TextArray) -> TextArray:
    return texts(value[:3] for value in values)
