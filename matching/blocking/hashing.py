"""64-bit numbers for texts and for what is made of several texts: the same on every machine, for ever."""

from __future__ import annotations

from collections.abc import Iterable
from typing import cast

import numpy as np
from xxhash import xxh3_64_intdigest

from matching.types import HashArray

_GOLDEN = np.uint64(0x9E3779B97F4A7C15)
_MIX_1 = np.uint64(0xBF58476D1CE4E5B9)
_MIX_2 = np.uint64(0x94D049BB133111EB)


def hashed(values: Iterable[str]) -> HashArray:
    """One number a text: XXH3, 64 bits, of its UTF-8 bytes. Source: Yann Collet, the XXH3 specification of xxHash 0.8."""
    return np.array([xxh3_64_intdigest(value.encode("utf-8", "surrogatepass")) for value in values], np.uint64)


def mixed(numbers: HashArray) -> HashArray:
    """SplitMix64 finaliser. Source: Steele, Lea, Flood, "Fast splittable pseudorandom number generators", OOPSLA 2014."""
    numbers = numbers + _GOLDEN
    numbers = (numbers ^ (numbers >> np.uint64(30))) * _MIX_1
    numbers = (numbers ^ (numbers >> np.uint64(27))) * _MIX_2
    return cast("HashArray", numbers ^ (numbers >> np.uint64(31)))
