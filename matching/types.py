"""The shapes that the rooms of the engine hand to each other: columns, keys, scores, clusters, cleaned values."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain
from typing import Any, NamedTuple, Protocol, TypeAlias

import numpy as np
from numpy.typing import NDArray

IntArray: TypeAlias = NDArray[np.int32]
LongArray: TypeAlias = NDArray[np.int64]
HashArray: TypeAlias = NDArray[np.uint64]
FloatArray: TypeAlias = NDArray[np.float32]
Levels: TypeAlias = NDArray[np.int8]
Mask: TypeAlias = NDArray[np.bool_]
TextArray: TypeAlias = NDArray[np.object_]
Cells: TypeAlias = Sequence[str | None]

MISSING = -1


@dataclass(frozen=True, slots=True, eq=False)
class Column:
    """One feature of all records, each distinct text held once.

    `codes`: (n,) int32 index into `values`, -1 = missing. `values`: (k,) objects of type str, no two equal.
    `memo` keeps what was derived from `values` (word tables, hashes); it is shared by all columns over the same values.
    """

    codes: IntArray
    values: TextArray
    memo: dict[Any, Any] = field(default_factory=dict, repr=False)

    @classmethod
    def of(cls, cells: Cells) -> Column:
        """Encode texts and None; an Arrow array is encoded by Arrow itself."""
        if hasattr(cells, "dictionary_encode"):
            return cls._of_arrow(cells)
        number = _numbers(cells)
        values = [text for text in number if text is not None]
        return cls(np.fromiter(map(number.__getitem__, cells), np.int32, len(cells)), texts(values))

    @classmethod
    def _of_arrow(cls, cells: Any) -> Column:
        encoded = cells.dictionary_encode()
        if hasattr(encoded, "combine_chunks"):
            encoded = encoded.combine_chunks()
        if hasattr(encoded, "chunks"):
            encoded = encoded.chunk(0)
        indices = encoded.indices.fill_null(MISSING)
        # Arrow's own way to NumPy imports pandas, for a tenth of a second.
        codes = np.frombuffer(indices.buffers()[1] or b"", np.int32)[indices.offset : indices.offset + len(indices)]
        return cls(codes, texts(encoded.dictionary.to_pylist()))

    def __len__(self) -> int:
        return len(self.codes)

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickled as one long text and without memo: a quarter of the time that half a million texts take one by one."""
        joined = "\0".join(self.values.tolist()) if all(isinstance(value, str) for value in self.values[:1]) else ""
        is_sound = len(self.values) > 1 and joined.count("\0") == len(self.values) - 1
        return (_unpickled, (self.codes, joined, None) if is_sound else (self.codes, "", self.values))

    def take(self, rows: NDArray[Any]) -> Column:
        """The same column for some of the rows; values and memo are shared."""
        return Column(self.codes[rows], self.values, self.memo)

    def mapped(self, cells: Cells) -> Column:
        """The column that has `cells[k]` (k,) wherever this one has its k-th value."""
        inner = Column.of(cells)
        # Code -1 reads the last entry of the table, which says "missing".
        return Column(np.append(inner.codes, np.int32(MISSING))[self.codes], inner.values)

    def cells(self) -> list[str | None]:
        """The texts record by record, None where missing."""
        table: TextArray = np.append(self.values, np.array([None], object))
        return list(table[self.codes].tolist())


def _unpickled(codes: IntArray, joined: str, values: TextArray | None) -> Column:
    return Column(codes, texts(joined.split("\0")) if values is None else values)


def texts(values: Any) -> TextArray:
    """An object array of texts; numpy would make a fixed-width one by itself."""
    listed = list(values)
    array = np.empty(len(listed), object)
    array[:] = listed
    return array


def distinct_numbers(numbers: LongArray) -> LongArray:
    """The different numbers (n,), sorted. NumPy's own `unique` hashes them first, which takes ten times as long for millions."""
    ordered = np.sort(numbers)
    return ordered[np.append(True, ordered[1:] != ordered[:-1])] if len(ordered) else ordered


@dataclass(frozen=True, slots=True)
class Frequencies:
    """How common values are: information in bits (-log2 of the share of records). Unlisted values count as rare.

    Released with a model and never changed by the records at hand. `memo` keeps what was derived from the table.
    """

    bits: Mapping[str, float]
    unlisted: float
    memo: dict[Any, Any] = field(default_factory=dict, repr=False, compare=False)

    def of(self, value: str) -> float:
        return self.bits.get(value, self.unlisted)


class Described(Protocol):
    """The part of a model that says which features its records have."""

    @property
    def features(self) -> tuple[str, ...]: ...


@dataclass(frozen=True, slots=True, eq=False)
class Standardised:
    """Records ready to be keyed and compared: one `Column` a feature, all of length `size`."""

    size: int
    features: Mapping[str, Column]

    def __len__(self) -> int:
        return self.size

    def take(self, indices: Any) -> Standardised:
        """The records at `indices`, in that order."""
        rows = np.asarray(indices, np.int64)
        return Standardised(len(rows), {name: column.take(rows) for name, column in self.features.items()})

    def rows(self) -> list[dict[str, str]]:
        """One small mapping of feature to text a record, missing ones left out; fits JSON."""
        rows: list[dict[str, str]] = [{} for _ in range(self.size)]
        for name, column in self.features.items():
            values, codes = column.values, column.codes
            for row in np.flatnonzero(codes >= 0).tolist():
                rows[row][name] = values[codes[row]]
        return rows

    @classmethod
    def from_rows(cls, model: Described, rows: Sequence[Mapping[str, Any]]) -> Standardised:
        """Records from what `rows()` gave; features the model does not know are left out."""
        return cls(len(rows), {name: Column.of([row.get(name) for row in rows]) for name in model.features})

    @classmethod
    def concat(cls, parts: Sequence[Standardised]) -> Standardised:
        """Records of several parts of the same model, one after the other."""
        if not parts:
            return cls(0, {})
        names = parts[0].features
        return cls(sum(map(len, parts)), {name: _stacked([part.features[name] for part in parts]) for name in names})


def _stacked(columns: Sequence[Column]) -> Column:
    """One column over the union of the values. Cost: the distinct values, not the records."""
    number = _numbers(chain.from_iterable(column.values for column in columns))
    codes = []
    for column in columns:
        table = np.fromiter(map(number.__getitem__, column.values), np.int32, len(column.values))
        codes.append(np.append(table, np.int32(MISSING))[column.codes])
    return Column(np.concatenate(codes).astype(np.int32), texts(number))


def _numbers(cells: Iterable[str | None]) -> dict[str | None, int]:
    """A number for each different text, in the order in which they come; MISSING for None."""
    known = dict.fromkeys(cells)
    has_none = None in known
    known.pop(None, None)
    return dict(zip(known, range(len(known)), strict=True)) | ({None: MISSING} if has_none else {})


class Keys(NamedTuple):
    """Match keys, one entry each: `row` (m,) int32 record, `key` (m,) int64, `family` (m,) int16 index of `families`.

    Two records are compared if and only if they share a key. Keys are the same for ever, on every machine.
    """

    row: IntArray
    key: LongArray
    family: NDArray[np.int16]
    families: tuple[str, ...]

    def only(self, chosen: Mask) -> Keys:
        """Some of the entries."""
        return Keys(self.row[chosen], self.key[chosen], self.family[chosen], self.families)


class Scores(NamedTuple):
    """Scored pairs. `weight`: (n,) float32 bits, prior included. `probability`: (n,) float32.

    `levels`: (n, comparisons) int8, 0 = could not compare. `parts`: (n, comparisons) float32 bits, frequency part included.
    `band`: (n,) int8, 0 = below review, 1 = review, 2 = auto.
    """

    weight: FloatArray
    probability: FloatArray
    levels: Levels
    parts: FloatArray
    band: Levels

    def only(self, chosen: Mask | NDArray[np.integer[Any]]) -> Scores:
        """Some of the pairs: those that a mask marks, or those of these numbers, in their order."""
        return Scores(self.weight[chosen], self.probability[chosen], self.levels[chosen], self.parts[chosen], self.band[chosen])


BAND_NAMES = ("no", "review", "auto")
AUTO = 2


@dataclass(frozen=True, slots=True)
class Refusal:
    """A union that was strong enough by its best pair and was refused all the same. Records are row numbers."""

    left: int
    right: int
    weight: float
    reason: str
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Union:
    """Two groups of records become one over the pair `left`, `right` (row numbers), the strongest between them that was accepted.

    `left_size`, `right_size`: records of the two groups. `mean`: mean weight over all pairs between them, each cut as the model
    says. `is_decided`: a steward's decision joined them; `weight` is then 0 and `probability` 1.
    """

    left: int
    right: int
    weight: float
    probability: float
    left_size: int
    right_size: int
    mean: float
    is_decided: bool = False


class Clusters(NamedTuple):
    """`labels`: (n,) int32 numbered by smallest id. `strength`: (n,) float32 probability of the weakest accepted union."""

    labels: IntArray
    strength: FloatArray
    refused: tuple[Refusal, ...]


@dataclass(frozen=True, slots=True)
class Cleaned:
    """A canonical value, or the reason why there is none. `value` None without `problem` means "nothing was said"."""

    value: str | None
    problem: str | None = None
    message: str = ""
    remedy: str = ""
