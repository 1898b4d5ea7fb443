"""The parts of a manifest as frozen values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from connectors.errors import ErrorClass


@dataclass(frozen=True, slots=True)
class Setting:
    """One connection setting and the environment variable it comes from; a secret may also stand in a file, named by ENV_FILE."""

    env: str
    required: bool = False
    secret: bool = False
    default: str = ""


@dataclass(frozen=True, slots=True)
class Limits:
    """`concurrency`: calls at once. `attempts`: tries of one call. `longest_wait_seconds`: longer ones are the hub's business."""

    concurrency: int = 4
    attempts: int = 6
    longest_wait_seconds: float = 30
    timeout_seconds: float = 60


@dataclass(frozen=True, slots=True)
class ErrorRule:
    """What an answer means: it fits when status and code fit, an empty set fits everything.

    `wait_seconds`: the first wait, doubled with each try. `is_row`: about one row, which the hub tries again later by itself.
    """

    error_class: ErrorClass
    statuses: frozenset[int] = frozenset()
    codes: frozenset[str] = frozenset()
    wait_header: str = ""
    wait_seconds: float = 1.0
    is_row: bool = False

    def fits(self, status: int, code: str) -> bool:
        """Whether this rule speaks about such an answer."""
        return (not self.statuses or status in self.statuses) and (not self.codes or code in self.codes)


@dataclass(frozen=True, slots=True)
class Read:
    """How changes are found: `field` is the time of change. `overlap_seconds`: how far each read looks back behind the last."""

    kind: str
    field: str
    overlap_seconds: int
    page_rows: int


@dataclass(frozen=True, slots=True)
class Deletes:
    """How deletions are found; `none` gives its reason."""

    kind: str
    field: str = ""
    type: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Write:
    """How rows are written, how many at once, and what guards against a change between reading and writing."""

    kind: str
    size: int
    guard: str


@dataclass(frozen=True)
class ObjectSpec:
    """One object of a system. `fields`: rows of the hub's mapping language."""

    name: str
    domain: str
    id: str
    updated_at: str
    is_unique: bool
    enterprise_id: str
    fields: tuple[Any, ...]
    deletes: Deletes
    read: Read | None = None
    write: Write | None = None

    @cached_property
    def paths(self) -> tuple[str, ...]:
        """Every remote path that is read: id, time of change, enterprise ID, mapped fields; each once, in this order."""
        mapped = [row[1] for row in self.fields if not (len(row) == 3 and row[2].get("codec") == "const")]
        known = [self.id, self.updated_at, self.enterprise_id, *mapped]
        return tuple(dict.fromkeys(path for path in known if path))

    @cached_property
    def day_paths(self) -> frozenset[str]:
        """Remote paths that hold dates without a time."""
        return frozenset(row[1] for row in self.fields if len(row) == 3 and row[2].get("codec") == "date")


@dataclass(frozen=True, slots=True)
class Manifest:
    """One system. `protocol`: the room in connectors/systems that speaks to it; empty for files and REST."""

    system: str
    title: str
    criticality: str
    chip: str
    direction: str
    protocol: str
    objects: Mapping[str, ObjectSpec]
    settings: Mapping[str, Setting] = field(default_factory=dict)
    auth: Mapping[str, Any] = field(default_factory=dict)
    limits: Limits = field(default_factory=Limits)
    errors: tuple[ErrorRule, ...] = ()
