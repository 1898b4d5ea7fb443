"""What the hub asks of a system outside: Protocols that connectors implement, and the register where they report for duty."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol


@dataclass(frozen=True, slots=True)
class RawRecord:
    """One row as a system has it. `payload` is the system's own JSON shape; mapping to attributes is the hub's business.

    `updated_at`, `sequence`: the system's own clock or counter for this row, None when it has none.
    """

    native_id: str
    payload: Mapping[str, Any]
    scope: str = ""
    updated_at: datetime | None = None
    sequence: int | None = None
    is_deleted: bool = False


@dataclass(frozen=True, slots=True)
class Page:
    """Some rows, and the cursor that is safe to store once exactly these rows are committed. Opaque text."""

    records: tuple[RawRecord, ...]
    cursor: str


@dataclass(frozen=True, slots=True)
class Change:
    """What one row of a target should become: only the remote fields to set, by remote path."""

    native_id: str
    fields: Mapping[str, Any]
    idempotency_key: str
    seen_version: str | None = None


@dataclass(frozen=True, slots=True)
class Written:
    """What the target answered for one Change. `permanent` None means accepted."""

    native_id: str
    permanent: bool | None = None
    code: str = ""
    message: str = ""
    retry_after_seconds: float | None = None
    request: Mapping[str, Any] = field(default_factory=dict)
    response: Mapping[str, Any] = field(default_factory=dict)

    @property
    def is_accepted(self) -> bool:
        return self.permanent is None


class Source(Protocol):
    """A system that can be read."""

    def changes(self, object: str, *, cursor: str | None) -> Iterator[Page]:
        """Pages of everything changed since `cursor`, deletions included; None means everything.

        May repeat rows (overlap windows); never leaves one out. Raises ConnectorError.
        """
        ...

    def scan(self, object: str) -> Iterator[Page]:
        """Pages of every live row, for a full comparison; memory does not grow with the system's size."""
        ...


class Target(Protocol):
    """A system that can be written."""

    batch_size: int

    def current(self, object: str, native_ids: Sequence[str]) -> Mapping[str, RawRecord]:
        """The rows as they are now, by native id; a row that is gone is left out."""
        ...

    def write(self, object: str, changes: Sequence[Change]) -> Sequence[Written]:
        """Apply the changes, one answer each, in order; raises ConnectorError when the target as a whole refuses."""
        ...


class Connector(Source, Target, Protocol):
    """A system that can be read and written."""

    system: str


_connectors: dict[str, Callable[[], Connector]] = {}


def register(system: str, factory: Callable[[], Connector]) -> None:
    """Report a connector for duty, called from an AppConfig.ready(); `factory` is called at each use and may cache."""
    _connectors[system] = factory


def connector(system: str) -> Connector | None:
    """The connector of a system, None when it has none (files and REST come by themselves)."""
    factory = _connectors.get(system)
    return factory() if factory else None


def systems() -> tuple[str, ...]:
    """Codes of all systems that have a connector, sorted."""
    return tuple(sorted(_connectors))


Work = Callable[[str], bool]
_work: dict[str, Work] = {}


def handle(kind: str, work: Work) -> None:
    """Say who does jobs of a kind; `work` takes the target, does some of its jobs and says whether more may wait."""
    _work[kind] = work


def handler(kind: str) -> Work | None:
    """Who does jobs of a kind, None when nobody reported."""
    return _work.get(kind)
