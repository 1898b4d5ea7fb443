"""What one record offers to one key family, in words: for explanations and reports, not for whole populations."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import product

import numpy as np

from matching.blocking.forms import FORMS
from matching.config.model import KeyFamily, KeyPart, Model
from matching.types import Frequencies

# As `keys` takes it: a part without a table and without bits of its own is as rare as it needs to be.
_RARE_ENOUGH = Frequencies({}, 64.0)


@dataclass(frozen=True, slots=True)
class Offer:
    """One combination of the texts of a family's parts. `bits`: what sharing it tells."""

    text: str
    bits: float


def offers(model: Model, family: KeyFamily, values: Mapping[str, str]) -> tuple[Offer, ...]:
    """What a record could be keyed by, the rarest first; empty when it lacks an ingredient. `values`: text by feature."""
    found = {}
    for choice in product(*(_texts(model, part, values) for part in family.parts)):
        # Summed in float32, as for whole populations: a combination must not be held back here and made there.
        bits = np.float32(0)
        for _, size in choice:
            bits += np.float32(size)
        found[" + ".join(text for text, _ in choice)] = float(bits)
    return tuple(Offer(text, bits) for text, bits in sorted(found.items(), key=lambda item: (-item[1], item[0])))


def lacking(model: Model, family: KeyFamily, values: Mapping[str, str]) -> tuple[KeyPart, ...]:
    """The parts of a family to which the record has nothing to give."""
    return tuple(part for part in family.parts if not _texts(model, part, values))


def enough(family: KeyFamily, found: tuple[Offer, ...]) -> tuple[Offer, ...]:
    """The offers that tell enough to be keys; the others are held back as too common."""
    return tuple(offer for offer in found if offer.bits >= family.least_bits)


def _texts(model: Model, part: KeyPart, values: Mapping[str, str]) -> list[tuple[str, float]]:
    value = values.get(part.feature)
    if value is None:
        return []
    found = FORMS[part.form](value, model.frequencies[part.table] if part.table else _RARE_ENOUGH)
    return found if part.bits is None else [(text, part.bits) for text, _ in found]
