"""What one record offers to one key family, in words: for explanations and reports, not for whole populations."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import product

import numpy as np

from matching.blocking.keys import common_bits, key_of, part_of
from matching.config.model import KeyFamily, KeyPart, Model
from matching.types import Column


@dataclass(frozen=True, slots=True)
class Offer:
    """One combination of the texts of a family's parts. `bits`: what sharing it tells; `is_common`: too little to be a key."""

    text: str
    bits: float
    is_common: bool = False


def offers(model: Model, family: KeyFamily, values: Mapping[str, str]) -> tuple[Offer, ...]:
    """What a record could be keyed by, the rarest first; empty when it lacks an ingredient. `values`: text by feature."""
    found = {}
    for choice in product(*(_texts(model, part, values) for part in family.parts)):
        bits = float(sum(size for _, size, _ in choice))
        listed = common_bits(model, family, key_of(family, [number for _, _, number in choice]))
        text = " + ".join(text for text, _, _ in choice)
        found[text] = Offer(text, bits if listed is None else listed, bits < family.least_bits or listed is not None)
    return tuple(sorted(found.values(), key=lambda offer: (-offer.bits, offer.text)))


def lacking(model: Model, family: KeyFamily, values: Mapping[str, str]) -> tuple[KeyPart, ...]:
    """The parts of a family to which the record has nothing to give."""
    return tuple(part for part in family.parts if not _texts(model, part, values))


def enough(found: tuple[Offer, ...]) -> tuple[Offer, ...]:
    """The offers that tell enough to be keys; the others are held back as too common."""
    return tuple(offer for offer in found if not offer.is_common)


def _texts(model: Model, part: KeyPart, values: Mapping[str, str]) -> list[tuple[str, float, int]]:
    """Text, bits and number of each thing that the record gives to a part."""
    value = values.get(part.feature)
    if value is None:
        return []
    made = part_of(model, part, Column.of([value]))
    return [
        (made.spell(0, place), float(made.bits[0, place]), int(made.hashes[0, place]))
        for place in np.flatnonzero(made.present[0]).tolist()
    ]
