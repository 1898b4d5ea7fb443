"""Match keys: 64-bit numbers; two records are compared if and only if they share one."""

from __future__ import annotations

from hashlib import blake2b
from itertools import product

import numpy as np

from matching.blocking.forms import FORMS
from matching.config.model import KeyFamily, KeyPart, Model
from matching.types import FloatArray, Frequencies, HashArray, IntArray, Keys, Mask, Standardised

# Without a frequency table and without bits of its own, a part is taken to be as rare as it needs to be.
_RARE_ENOUGH = Frequencies({}, 64.0)
_GOLDEN = np.uint64(0x9E3779B97F4A7C15)
_MIX_1 = np.uint64(0xBF58476D1CE4E5B9)
_MIX_2 = np.uint64(0x94D049BB133111EB)


def keys(model: Model, std: Standardised) -> Keys:
    """All match keys of the records, sorted by record; a record has each key once.

    Whether a key exists depends on the record and the model's frequency tables alone.
    """
    rows, numbers, families = [], [], []
    for number, family in enumerate(model.keys):
        for row, key in _family(model, family, std):
            rows.append(row)
            numbers.append(key)
            families.append(np.full(len(row), number, np.int16))
    names = tuple(family.name for family in model.keys)
    if not rows:
        return Keys(np.zeros(0, np.int32), np.zeros(0, np.int64), np.zeros(0, np.int16), names)
    row, key, kind = np.concatenate(rows), np.concatenate(numbers), np.concatenate(families)
    order = np.lexsort((kind, key, row))
    row, key, kind = row[order], key[order], kind[order]
    first = np.ones(len(row), bool)
    first[1:] = (row[1:] != row[:-1]) | (key[1:] != key[:-1])
    return Keys(row[first], key[first].view(np.int64), kind[first], names)


def _family(model: Model, family: KeyFamily, std: Standardised) -> list[tuple[IntArray, HashArray]]:
    """Records and keys of one family, one entry for each combination of the texts that its parts give."""
    parts = [_part(model, part, std) for part in family.parts]
    start = _hash(family.name)
    found = []
    for choice in product(*(range(hashes.shape[1]) for hashes, _, _ in parts)):
        key = np.full(len(std), start, np.uint64)
        bits = np.zeros(len(std), np.float32)
        made = np.ones(len(std), bool)
        for place, (hashes, sizes, present) in zip(choice, parts, strict=True):
            key = _mixed(key ^ hashes[:, place])
            bits += sizes[:, place]
            made &= present[:, place]
        rows = np.flatnonzero(made & (bits >= family.least_bits)).astype(np.int32)
        found.append((rows, key[rows]))
    return found


def _part(model: Model, part: KeyPart, std: Standardised) -> tuple[HashArray, FloatArray, Mask]:
    """Hashes, bits and presence of one part, each (records, most texts of one value)."""
    column = std.features[part.feature]
    table = model.frequencies[part.table] if part.table else _RARE_ENOUGH
    memo = ("key", part, id(table))
    if memo not in column.memo:
        form = FORMS[part.form]
        # The table is kept beside what was made with it so that its id cannot be reused.
        column.memo[memo] = (*_padded([form(value, table) for value in column.values], part.bits), table)
    hashes, sizes, present, _ = column.memo[memo]
    codes = column.codes
    # Code -1 reads the padding row at the end: nothing there.
    return hashes[codes], sizes[codes], present[codes]


def _padded(found: list[list[tuple[str, float]]], bits: float | None) -> tuple[HashArray, FloatArray, Mask]:
    width = max((len(entries) for entries in found), default=0) or 1
    hashes = np.zeros((len(found) + 1, width), np.uint64)
    sizes = np.zeros((len(found) + 1, width), np.float32)
    present = np.zeros((len(found) + 1, width), bool)
    for row, entries in enumerate(found):
        for place, (text, size) in enumerate(entries):
            hashes[row, place], sizes[row, place], present[row, place] = _hash(text), size if bits is None else bits, True
    return hashes, sizes, present


def _hash(text: str) -> int:
    """The same number for the same text on every machine, for ever: BLAKE2b, 8 bytes, little-endian."""
    return int.from_bytes(blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).digest(), "little")


def _mixed(numbers: HashArray) -> HashArray:
    """SplitMix64 finaliser. Source: Steele, Lea, Flood, "Fast splittable pseudorandom number generators", OOPSLA 2014."""
    numbers = numbers + _GOLDEN
    numbers = (numbers ^ (numbers >> np.uint64(30))) * _MIX_1
    numbers = (numbers ^ (numbers >> np.uint64(27))) * _MIX_2
    return numbers ^ (numbers >> np.uint64(31))
