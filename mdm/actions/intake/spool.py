"""Keeps prepared records on disk until it is known which of them belong together."""

from __future__ import annotations

import os
import pickle
import tempfile
from array import array
from collections.abc import Iterable, Sequence
from types import TracebackType
from typing import Self

from mdm.engine.preparing import Prepared
from mdm.models import SourceObject


class Spool:
    """A file without a name, in the folder for temporary files: it is gone with the process, however that ends.

    One process writes; those forked from it afterwards may read. Records are numbered as they come, from 0.
    """

    def __init__(self) -> None:
        self.file = tempfile.TemporaryFile(prefix="concord-")  # noqa: SIM115  closed by __exit__
        self.starts = array("q", [0])

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.file.close()

    def __len__(self) -> int:
        return len(self.starts) - 1

    def add(self, packed: Iterable[bytes]) -> None:
        """Append records as `pack` made them."""
        for one in packed:
            self.file.write(one)
            self.starts.append(self.starts[-1] + len(one))
        self.file.flush()

    def forget(self, first: int) -> None:
        """Take the records from number `first` on out again."""
        del self.starts[first + 1 :]
        self.file.seek(self.starts[-1])
        self.file.truncate()

    def read(self, numbers: Iterable[int], sources: Sequence[SourceObject]) -> list[Prepared]:
        """The records of these numbers, in the order asked for. `sources`: all source objects that they may be of."""
        ends = ((self.starts[number], self.starts[number + 1]) for number in numbers)
        return unpack((os.pread(self.file.fileno(), end - start, start) for start, end in ends), sources)


def pack(items: Iterable[Prepared]) -> list[bytes]:
    """Records as bytes; source objects are known to all, and larger than most records."""
    packed = []
    for item in items:
        source, item.source = item.source, None
        packed.append(pickle.dumps(item, protocol=pickle.HIGHEST_PROTOCOL))
        item.source = source
    return packed


def unpack(packed: Iterable[bytes], sources: Sequence[SourceObject]) -> list[Prepared]:
    """The records again, each with its source object."""
    by_name = {(source.system_id, source.object): source for source in sources}
    items = []
    for one in packed:
        item: Prepared = pickle.loads(one)
        item.source = by_name[item.incoming.system, item.incoming.object]
        items.append(item)
    return items
