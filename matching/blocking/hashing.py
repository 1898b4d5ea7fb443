"""64-bit numbers for texts and for what is made of several texts: the same on every machine, for ever."""

from __future__ import annotations

from collections.abc import Iterable
from hashlib import blake2b
from typing import cast

import numpy as np

from matching.types import HashArray

_GOLDEN = np.uint64(0x9E3779B97F4A7C15)
_MIX_1 = np.uint64(0xBF58476D1CE4E5B9)
_MIX_2 = np.uint64(0x94D049BB133111EB)


def hashed(values: Iterable[str]) -> HashArray:
    """One number a text: BLAKE2b, 8 bytes, little-endian."""
    digests = b"".join([blake2b(value.encode("utf-8", "surrogatepass"), digest_size=8).digest() for value in values])
    return np.frombuffer(digests, "<u8").astype(np.uint64)


def mixed(numbers: HashArray) -> HashArray:
    """SplitMix64 finaliser. Source: Steele, Lea, Flood, "Fast splittable pseudorandom number generators", OOPSLA 2014."""
    numbers = numbers + _GOLDEN
    numbers = (numbers ^ (numbers >> np.uint64(30))) * _MIX_1
    numbers = (numbers ^ (numbers >> np.uint64(27))) * _MIX_2
    return cast("HashArray", numbers ^ (numbers >> np.uint64(31)))
