"""Arrays and columns of records that grow at their end."""

from __future__ import annotations

from typing import Any, Generic, TypeVar

import numpy as np
from numpy.typing import NDArray

from matching.types import MISSING, Column, LongArray, Standardised, texts

Number = TypeVar("Number", bound=np.generic)


class Growing(Generic[Number]):
    """An array that doubles when it is full, so that many small batches cost no more than one large one."""

    def __init__(self, kind: type[Number]) -> None:
        self._held: NDArray[Number] = np.zeros(64, kind)
        self._size = 0

    @property
    def items(self) -> NDArray[Number]:
        """What is in it; may be written to, and is good until the next `extend`."""
        return self._held[: self._size]

    def extend(self, more: Any) -> None:
        size = self._size + len(more)
        if size > len(self._held):
            larger = np.zeros(max(size, 2 * len(self._held)), self._held.dtype)
            larger[: self._size] = self.items
            self._held = larger
        self._held[self._size : size] = more
        self._size = size

    def keep(self, chosen: NDArray[Any]) -> None:
        """Only the entries of a mask or of an index."""
        left = self.items[chosen]
        self._held[: len(left)] = left
        self._size = len(left)


class Feature:
    """One feature of all records, each distinct text held once."""

    def __init__(self) -> None:
        self._codes = Growing(np.int32)
        self._index: dict[str, int] = {}
        self._values: list[str] = []

    def extend(self, column: Column) -> None:
        table = np.fromiter((self._index.setdefault(v, len(self._index)) for v in column.values), np.int32, len(column.values))
        self._values += list(self._index)[len(self._values) :] if len(self._index) > len(self._values) else []
        self._codes.extend(np.append(table, np.int32(MISSING))[column.codes])

    def take(self, slots: LongArray) -> Column:
        """The feature of some records, with the texts of these only: the cost is theirs, not that of all."""
        distinct, codes = np.unique(self._codes.items[slots], return_inverse=True)
        missing = int(len(distinct) > 0 and distinct[0] < 0)
        values = texts(self._values[code] for code in distinct[missing:].tolist())
        return Column((codes.ravel() - missing).astype(np.int32), values)


class Store:
    """The standardised records by slot; a slot is given once and never changes."""

    def __init__(self, features: tuple[str, ...]) -> None:
        self._features = {name: Feature() for name in features}

    def extend(self, std: Standardised) -> None:
        for name, feature in self._features.items():
            feature.extend(std.features[name])

    def take(self, slots: LongArray) -> Standardised:
        return Standardised(len(slots), {name: feature.take(slots) for name, feature in self._features.items()})

    def kept(self, slots: LongArray) -> Store:
        """A store of some of the records, in that order, and of their texts."""
        smaller = Store(tuple(self._features))
        smaller.extend(self.take(slots))
        return smaller
