"""Match keys: 64-bit numbers; two records are compared if and only if they share one."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from itertools import product
from typing import Any

import numpy as np

from matching.blocking.forms import FORMS, Made
from matching.blocking.hashing import hashed, mixed
from matching.compare.vocabulary import WIDTH, letters, rarest
from matching.config.model import KeyFamily, KeyPart, Model
from matching.crew import ALONE, Crew
from matching.types import Column, Frequencies, HashArray, IntArray, Keys, Mask, Standardised

# Without a frequency table and without bits of its own, a part is taken to be as rare as it needs to be.
_RARE_ENOUGH = Frequencies({}, 64.0)


def keys(model: Model, std: Standardised, *, crew: Crew = ALONE) -> Keys:
    """All match keys of the records, family by family; a record has each key once.

    Whether a key exists depends on the record and the model's frequency tables alone.
    """
    names = tuple(family.name for family in model.keys)
    if crew.size > 1:
        _split_words(model, std)
    families = crew.share([partial(_family, model, family, std) for family in model.keys])
    found = [(row, key, np.full(len(row), number, np.int16)) for number, made in enumerate(families) for row, key in made]
    if not found:
        return Keys(np.zeros(0, np.int32), np.zeros(0, np.int64), np.zeros(0, np.int16), names)
    row, key, family = (np.concatenate(part) for part in zip(*found, strict=True))
    return Keys(row, key.view(np.int64), family, names)


def _split_words(model: Model, std: Standardised) -> None:
    """Split once what several families need the words of, before the work is shared; two processes would each do it."""
    for feature, table in {(part.feature, part.table) for family in model.keys for part in family.parts if part.form != "whole"}:
        if table:
            rarest(std.features[feature], model.frequencies[table], WIDTH)
            letters(std.features[feature])


def _family(model: Model, family: KeyFamily, std: Standardised) -> list[tuple[IntArray, HashArray]]:
    """Records and keys of one family, one entry for each combination of the texts that its parts give."""
    columns = [std.features[part.feature] for part in family.parts]
    there = np.flatnonzero(np.logical_and.reduce([column.codes >= 0 for column in columns])).astype(np.int32)
    parts = [(part_of(model, part, column), column.codes[there]) for part, column in zip(family.parts, columns, strict=True)]
    found = []
    for choice in product(*(range(made.hashes.shape[1]) for made, _ in parts)):
        chosen = list(zip(choice, parts, strict=True))
        bits = np.sum([made.bits[codes, place] for place, (made, codes) in chosen], axis=0, dtype=np.float64)
        present = [made.present[codes, place] for place, (made, codes) in chosen]
        kept = np.logical_and.reduce([bits >= family.least_bits, *present])
        rows, key = there[kept], key_of(family, [made.hashes[codes[kept], place] for place, (made, codes) in chosen])
        if family.common:
            is_rare = ~_listed(key, model.frequencies[family.common])
            rows, key = rows[is_rare], key[is_rare]
        found.append((rows, key))
    return found


def key_of(family: KeyFamily, numbers: Sequence[Any]) -> HashArray:
    """The key that a family makes of the numbers of its parts, one (n,) array or one number a part."""
    key = hashed([family.name])
    for number in numbers:
        key = mixed(key ^ np.asarray(number, np.uint64))
    return key


def common_bits(model: Model, family: KeyFamily, key: HashArray) -> float | None:
    """What sharing this key (1,) tells when it is listed as too common, None when it is not."""
    return model.frequencies[family.common].bits.get(spelled(key)[0]) if family.common else None


def spelled(keys: HashArray) -> list[str]:
    """Keys as a table of common keys lists them: 16 hexadecimal digits."""
    return [f"{key:016x}" for key in keys.tolist()]


def _listed(keys: HashArray, table: Frequencies) -> Mask:
    """Which of these keys (n,) the table lists."""
    if "keys" not in table.memo:
        table.memo["keys"] = np.sort(np.fromiter((int(key, 16) for key in table.bits), np.uint64, len(table.bits)))
    common: HashArray = table.memo["keys"]
    if not len(common):
        return np.zeros(len(keys), bool)
    found: Mask = common[np.minimum(np.searchsorted(common, keys), len(common) - 1)] == keys
    return found


def part_of(model: Model, part: KeyPart, column: Column) -> Made:
    """What the distinct values of a column give to one part; kept in the column's memo."""
    table = model.frequencies[part.table] if part.table else _RARE_ENOUGH
    memo = ("key", part, id(table))
    if memo not in column.memo:
        made = FORMS[part.form](column, table)
        if part.bits is not None:
            made = made._replace(bits=np.full(made.bits.shape, part.bits, np.float32))
        # The table is kept beside what was made with it so that its id cannot be reused.
        column.memo[memo] = (made, table)
    found: Made = column.memo[memo][0]
    return found
