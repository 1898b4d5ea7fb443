"""A released matching model: what is compared, how it is weighed, and when two records are the same."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from matching.types import Frequencies


@dataclass(frozen=True, slots=True)
class Attribute:
    """One input column. `hint`: the attribute that helps to read it (the country of a phone number), or None."""

    name: str
    kind: str
    aliases: tuple[str, ...] = ()
    hint: str | None = None


@dataclass(frozen=True, slots=True)
class Derived:
    """A feature made of others: the first of `first_of` that is known."""

    feature: str
    first_of: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class TermFrequency:
    """How much an agreement on a rare value adds: `scale` * (bits of the value - `mean`), at most `most` bits either way."""

    table: str
    mean: float
    scale: float = 1.0
    most: float = 6.0


@dataclass(frozen=True, slots=True)
class Given:
    """A comparison that this one depends on: its levels in groups, each group with weights of its own.

    Companies of one group share site and address although their names differ, so the same site says less where names differ.
    `groups`: levels of the other comparison; a level that stands in none counts as the last group. `labels`: one a group.
    """

    comparison: str
    groups: tuple[tuple[int, ...], ...]
    labels: tuple[str, ...]

    def group_of(self, level: int) -> int:
        return next((number for number, levels in enumerate(self.groups) if level in levels), len(self.groups) - 1)


@dataclass(frozen=True, slots=True)
class Comparison:
    """One comparator over the features of this model. `weights`: bits for each level, best first; missing weighs nothing.

    `m`, `u`: share of matches and of non-matches at each level, as trained. `words`: the frequency table of its words.
    With `given`, `weights`, `m` and `u` hold the levels of the first group, then those of the second, and so on.
    """

    name: str
    label: str
    comparator: str
    inputs: Mapping[str, str]
    weights: tuple[float, ...]
    m: tuple[float, ...] = ()
    u: tuple[float, ...] = ()
    words: str | None = None
    tf: TermFrequency | None = None
    given: Given | None = None

    @property
    def blocks(self) -> int:
        """How many times the levels occur in `weights`: once for each group of `given`."""
        return len(self.given.groups) if self.given else 1

    @property
    def size(self) -> int:
        """How many levels the comparator has."""
        return len(self.weights) // self.blocks


@dataclass(frozen=True, slots=True)
class KeyPart:
    """One ingredient of a key: a feature in a certain form. `bits`: what sharing it tells; None = from the frequency table."""

    feature: str
    form: str = "whole"
    bits: float | None = None
    table: str | None = None


@dataclass(frozen=True, slots=True)
class KeyFamily:
    """A recipe for keys. A key is only made where its parts together tell at least `least_bits`.

    `common`: a table of keys that too many records have, learned at release; they are not made either.
    """

    name: str
    parts: tuple[KeyPart, ...]
    least_bits: float = 0.0
    common: str | None = None


@dataclass(frozen=True, slots=True)
class Constraint:
    """No cluster holds two records that stand at one of `levels` of a comparison, unless another pair across agrees."""

    comparison: str
    levels: tuple[int, ...]
    reason: str


@dataclass(frozen=True, slots=True)
class Thresholds:
    """Probabilities from which a pair is shown to a steward (`review`) and joined without asking (`auto`)."""

    auto: float
    review: float

    @property
    def auto_weight(self) -> float:
        return bits_of(self.auto)

    @property
    def review_weight(self) -> float:
        return bits_of(self.review)


@dataclass(frozen=True, slots=True)
class Tie:
    """What a union needs besides one strong pair.

    The mean weight over all pairs between the two sides, each cut at `most` bits.
    """

    least_mean: float = 0.0
    most: float = 10.0


@dataclass(frozen=True, slots=True)
class Model:
    """A matching model, complete and checked; equal models give equal results for ever."""

    name: str
    version: str
    fields: tuple[Attribute, ...]
    derived: tuple[Derived, ...]
    keys: tuple[KeyFamily, ...]
    comparisons: tuple[Comparison, ...]
    constraints: tuple[Constraint, ...]
    prior: float
    thresholds: Thresholds
    tie: Tie
    features: tuple[str, ...]
    frequencies: Mapping[str, Frequencies] = field(default_factory=dict, repr=False)
    provenance: Mapping[str, Any] = field(default_factory=dict)

    @property
    def attributes(self) -> tuple[str, ...]:
        """Names of the input columns."""
        return tuple(attribute.name for attribute in self.fields)

    def with_thresholds(self, *, auto: float | None = None, review: float | None = None) -> Model:
        """The same model with other thresholds. Raises ValueError unless 0 < review <= auto < 1."""
        wanted = Thresholds(self.thresholds.auto if auto is None else auto, self.thresholds.review if review is None else review)
        if not 0 < wanted.review <= wanted.auto < 1:
            raise ValueError(f"thresholds must hold 0 < review <= auto < 1, not review {wanted.review} and auto {wanted.auto}")
        return replace(self, thresholds=wanted)

    def with_frequencies(self, frequencies: Mapping[str, Frequencies | Mapping[str, Any]]) -> Model:
        """The same model with these frequency tables in place of those of the same name."""
        tables = {
            name: t if isinstance(t, Frequencies) else Frequencies(dict(t["bits"]), float(t["unlisted"]))
            for name, t in frequencies.items()
        }
        return replace(self, frequencies={**self.frequencies, **tables})

    def to_dict(self) -> dict[str, Any]:
        """The model as plain data; `load_model` of it gives an equal model."""
        return {
            "name": self.name,
            "version": self.version,
            "attributes": {
                a.name: _without_empty({"kind": a.kind, "aliases": list(a.aliases), "hint": a.hint}) for a in self.fields
            },
            "derived": {d.feature: {"first_of": list(d.first_of)} for d in self.derived},
            "keys": {k.name: _key_family(k) for k in self.keys},
            "comparisons": {c.name: _comparison(c) for c in self.comparisons},
            "constraints": [{"comparison": c.comparison, "levels": list(c.levels), "reason": c.reason} for c in self.constraints],
            "prior": self.prior,
            "thresholds": {"auto": self.thresholds.auto, "review": self.thresholds.review},
            "tie": {"least_mean": self.tie.least_mean, "most": self.tie.most},
            "frequencies": {name: {"unlisted": t.unlisted, "bits": dict(t.bits)} for name, t in self.frequencies.items()},
            "provenance": dict(self.provenance),
        }


def _key_family(family: KeyFamily) -> dict[str, Any]:
    said = {"least_bits": family.least_bits, "common": family.common, "parts": [_key_part(part) for part in family.parts]}
    return _without_empty(said)


def _key_part(part: KeyPart) -> dict[str, Any]:
    return _without_empty({"feature": part.feature, "form": part.form, "bits": part.bits, "table": part.table})


def _comparison(comparison: Comparison) -> dict[str, Any]:
    tf, given = comparison.tf, comparison.given
    return _without_empty(
        {
            "label": comparison.label,
            "comparator": comparison.comparator,
            "inputs": dict(comparison.inputs),
            "words": comparison.words,
            "given": None
            if given is None
            else {"comparison": given.comparison, "groups": [list(g) for g in given.groups], "labels": list(given.labels)},
            "tf": None if tf is None else {"table": tf.table, "mean": tf.mean, "scale": tf.scale, "most": tf.most},
            "weights": list(comparison.weights),
            "m": list(comparison.m),
            "u": list(comparison.u),
        }
    )


def _without_empty(data: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in data.items() if value not in (None, [], "")}


def bits_of(probability: float) -> float:
    """Log2 odds of a probability strictly between 0 and 1."""
    return math.log2(probability / (1 - probability))


def probability_of(bits: float) -> float:
    """Probability of log2 odds; the inverse of `bits_of`."""
    return float(1 / (1 + 2.0**-bits))
