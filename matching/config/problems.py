"""Reading a model's plain data piece by piece while collecting everything that is wrong with it."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from typing import Any


class Reader:
    """Takes values out of nested mappings; a wrong one becomes a problem and a harmless default, so that reading can go on."""

    def __init__(self) -> None:
        self.problems: list[str] = []

    def wrong(self, where: str, what: str) -> None:
        self.problems.append(f"{where}: {what}")

    def mapping(self, value: Any, where: str) -> Mapping[str, Any]:
        if isinstance(value, Mapping):
            for key in [key for key in value if not isinstance(key, str)]:
                self.wrong(where, f"the key {key!r} must be text")
            return {key: item for key, item in value.items() if isinstance(key, str)}
        if value is not None:
            self.wrong(where, f"must be a mapping, not {type(value).__name__}")
        return {}

    def listed(self, value: Any, where: str) -> list[Any]:
        if isinstance(value, list | tuple):
            return list(value)
        if value is not None:
            self.wrong(where, f"must be a list, not {type(value).__name__}")
        return []

    def text(self, value: Any, where: str, default: str = "") -> str:
        if isinstance(value, str) and value:
            return value
        self.wrong(where, "must be a text that is not empty")
        return default

    def optional_text(self, value: Any, where: str) -> str | None:
        return None if value is None else self.text(value, where)

    def texts(self, value: Any, where: str) -> tuple[str, ...]:
        return tuple(self.text(item, where) for item in self.listed(value, where))

    def number(self, value: Any, where: str, default: float = 0.0) -> float:
        if isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value):
            return float(value)
        self.wrong(where, f"must be a number, not {value!r}"[:120])
        return default

    def numbers(self, value: Any, where: str) -> tuple[float, ...]:
        return tuple(self.number(item, where) for item in self.listed(value, where))

    def known(self, data: Mapping[str, Any], allowed: Iterable[str], where: str) -> None:
        """Keys that mean nothing are mistakes, mostly misspelt ones."""
        names = tuple(allowed)
        for key in data:
            if key not in names:
                self.wrong(where, f"does not know {key!r}; it knows {', '.join(names)}")
