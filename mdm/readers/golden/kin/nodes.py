"""One golden record in a tree, as a viewer may see it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Node:
    """`aim`: what it says of its parent, with who says it (`said_by`) and the days that were given (`since`, `until`)."""

    enterprise_id: str
    label: str
    aim: Mapping[str, Any] = field(default_factory=dict)
