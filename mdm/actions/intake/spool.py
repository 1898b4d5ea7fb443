"""Keeps prepared records on disk until it is known which of them belong together."""

from __future__ import annotations

import pickle
import tempfile
from array import array
from collections.abc import Iterable
from types import TracebackType
from typing import Self

from mdm.engine.preparing import Prepared
from mdm.models import SourceObject


class Spool:
    """A file without a name, in the folder for temporary files: it is gone with the process, however that ends."""

    def __init__(self) -> None:
        # Source objects are kept once, not with each record.
        self.sources: dict[tuple[str, str], SourceObject] = {}
        self.file = tempfile.TemporaryFile(prefix="concord-")  # noqa: SIM115  closed by __exit__
        self.starts = array("q")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.file.close()

    def __len__(self) -> int:
        return len(self.starts)

    def add(self, items: Iterable[Prepared]) -> None:
        """Append records; they are numbered as they come, from 0."""
        for item in items:
            source, item.source = item.source, None
            assert source is not None
            self.sources.setdefault((source.system_id, source.object), source)
            self.starts.append(self.file.tell())
            pickle.dump(item, self.file, protocol=pickle.HIGHEST_PROTOCOL)
            item.source = source

    def read(self, places: Iterable[int]) -> list[Prepared]:
        """The records of these numbers, in the order asked for. May be mixed with `add` only after all is added."""
        items = []
        for place in places:
            self.file.seek(self.starts[place])
            item: Prepared = pickle.load(self.file)
            item.source = self.sources[item.incoming.system, item.incoming.object]
            items.append(item)
        return items
