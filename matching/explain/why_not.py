"""Why two records were never put side by side, key family by key family."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from matching.blocking.ingredients import Offer, enough, lacking, offers
from matching.config.model import KeyFamily, KeyPart, Model
from matching.types import Standardised

LACKING = "lacking"
TOO_COMMON = "too_common"
DIFFERENT = "different"
# Texts of one record shown at most.
SHOWN = 3


@dataclass(frozen=True, slots=True)
class Miss:
    """Why one key family does not bring two records together. `reason`: lacking, too_common or different.

    `left`, `right`: what each record offers, the rarest first. `bits`: what the rarest text held back tells, None unless too
    common; `needed`: what a key of the family must tell.
    """

    family: str
    reason: str
    left: tuple[str, ...]
    right: tuple[str, ...]
    bits: float | None
    needed: float
    sentence: str


def misses(model: Model, two: Standardised) -> tuple[Miss, ...]:
    """One entry for each key family, in the order of the model. `two`: a pair of records that share no key."""
    rows = two.rows()
    return tuple(_miss(model, family, rows) for family in model.keys)


def _miss(model: Model, family: KeyFamily, rows: list[dict[str, str]]) -> Miss:
    found = [offers(model, family, row) for row in rows]
    left, right = (tuple(offer.text for offer in side[:SHOWN]) for side in found)
    name = family.name.replace("_", " ")
    if not all(found):
        said = [_lacking(row, lacking(model, family, row)) for row in rows]
        sentence = f"{name}: {_told(said)}."
        return Miss(family.name, LACKING, left, right, None, family.least_bits, sentence)
    held = _held_back(family, found)
    if held:
        bits = round(max(offer.bits for offer, _ in held), 1)
        said = [f'{whose} "{offer.text}", which tells {offer.bits:.1f} bits' for offer, whose in held]
        sentence = f"{name}: {' and '.join(said)}; too common, {family.least_bits:g} are needed."
        return Miss(family.name, TOO_COMMON, left, right, bits, family.least_bits, sentence)
    sentence = f"{name}: {_quoted(left)} on the one side, {_quoted(right)} on the other."
    return Miss(family.name, DIFFERENT, left, right, None, family.least_bits, sentence)


def _held_back(family: KeyFamily, found: list[tuple[Offer, ...]]) -> list[tuple[Offer, str]]:
    """What is too common, and whose it is: a text that both have, or else the rarest of a record that has nothing rarer."""
    common = {offer.text for offer in found[0]} & {offer.text for offer in found[1]}
    shared = [offer for offer in found[0] if offer.text in common and offer.is_common]
    if shared:
        return [(shared[0], "both have")]
    names = ("the first record has", "the second record has")
    return [(side[0], name) for side, name in zip(found, names, strict=True) if not enough(side)]


def _lacking(row: Mapping[str, str], parts: tuple[KeyPart, ...]) -> str:
    """What a record cannot give to a key, as the end of a sentence; empty when it gives all."""
    absent = [_word(part.feature) for part in parts if part.feature not in row]
    short = [f'{_word(part.feature)} "{row[part.feature]}"' for part in parts if part.feature in row]
    said = [f"no {' and no '.join(dict.fromkeys(absent))}"] if absent else []
    said += [f"the {' and the '.join(dict.fromkeys(short))}, which is too short for it or has too few words"] if short else []
    return " and ".join(said)


def _told(said: list[str]) -> str:
    if said[0] == said[1] and said[0].startswith("no "):
        return f"neither record has {said[0].removeprefix('no ')}".replace(" and no ", " or ")
    names = ("the first record has", "the second record has")
    return " and ".join(f"{name} {what}" for name, what in zip(names, said, strict=True) if what)


def _word(feature: str) -> str:
    """A feature as a steward calls it: its attribute."""
    return feature.partition(".")[0].replace("_", " ")


def _quoted(values: tuple[str, ...]) -> str:
    return ", ".join(f'"{value}"' for value in values)
