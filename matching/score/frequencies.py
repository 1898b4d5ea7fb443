"""Learning how common values are, once, at release."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping

import numpy as np

from matching.config.model import Model
from matching.normalise.organisations import default_bits
from matching.types import Column, Frequencies, HashArray, Standardised

# A value is listed when more than this share of records, and at least so many records, have it.
LEAST_SHARE = 1e-4
LEAST_COUNT = 5
# A key that more records than this would share brings too many pairs for what it tells.
LARGEST_BLOCK = 100
# Bits of a value that is not listed: as if one record in 16,000 had it.
UNLISTED = 14.0


def learnt(model: Model, std: Standardised) -> dict[str, Frequencies]:
    """New tables for those that the model uses, learned from these records."""
    tables: dict[str, Frequencies] = {}
    for comparison in model.comparisons:
        # The first comparison that reads a table is what the table is about; others borrow it.
        if comparison.words and comparison.words not in tables:
            column = std.features[next(iter(comparison.inputs.values()))]
            tables[comparison.words] = of_words(column, defaults=_defaults(comparison.comparator))
        if comparison.tf is not None and comparison.tf.table not in tables:
            tables[comparison.tf.table] = of_values(std.features[next(iter(comparison.inputs.values()))])
    for part in (part for family in model.keys for part in family.parts):
        # A table that only keys read holds whole values.
        if part.table and part.table not in tables:
            tables[part.table] = of_values(std.features[part.feature])
    return tables


def _defaults(comparator: str) -> Mapping[str, float]:
    """Words of organisation names that are common anywhere count as common even where these records do not show it."""
    return default_bits() if comparator == "organisation_name" else {}


def of_values(column: Column) -> Frequencies:
    """Bits of whole values."""
    counts = np.bincount(column.codes[column.codes >= 0], minlength=len(column.values))
    return _table({value: int(count) for value, count in zip(column.values, counts, strict=True)}, len(column), {})


def of_words(column: Column, *, defaults: Mapping[str, float]) -> Frequencies:
    """Bits of the words of a text: a word counts once a record."""
    counts = np.bincount(column.codes[column.codes >= 0], minlength=len(column.values))
    found: dict[str, int] = {}
    for value, count in zip(column.values, counts.tolist(), strict=True):
        for word in set(value.split()):
            found[word] = found.get(word, 0) + count
    return _table(found, len(column), defaults)


def _table(counts: Mapping[str, int], records: int, defaults: Mapping[str, float]) -> Frequencies:
    least = max(LEAST_COUNT, LEAST_SHARE * records)
    bits = dict(defaults)
    for value, count in counts.items():
        if count >= least:
            bits[value] = round(min(-math.log2(count / records), defaults.get(value, UNLISTED)), 2)
    return Frequencies(dict(sorted(bits.items())), UNLISTED)


def of_keys(keys: HashArray, names: Callable[[HashArray], list[str]], records: int, population: int) -> Frequencies:
    """The keys that would bring too many together, with their bits.

    `keys`: (m,) those of `records` records. `population`: how many records the model is for. A key that more than LARGEST_BLOCK
    of them would share is listed.
    """
    distinct, counts = np.unique(keys, return_counts=True)
    common = counts.astype(np.float64) * max(population / max(records, 1), 1.0) > LARGEST_BLOCK
    bits = np.round(-np.log2(counts[common] / records), 2)
    return Frequencies(dict(zip(names(distinct[common]), bits.tolist(), strict=True)), UNLISTED)


def mean_bits(column: Column, table: Frequencies) -> float:
    """Bits that an agreement by chance tells on average: -log2 of the chance that two records have the same value."""
    codes = column.codes[column.codes >= 0]
    if not len(codes):
        return table.unlisted
    shares = np.bincount(codes, minlength=len(column.values)) / len(codes)
    return round(min(-math.log2(float((shares**2).sum())), table.unlisted), 2)
