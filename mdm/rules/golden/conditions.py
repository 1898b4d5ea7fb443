"""Conditions on a value, for rules that count only where one holds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from mdm.rules.values import token


@dataclass(frozen=True, slots=True)
class When:
    """Holds where the value of `attribute` is one of `values`."""

    attribute: str
    values: tuple[Any, ...]

    def holds(self, value: Any) -> bool:
        """Whether that value, None where there is none, is listed; of a list of values one is enough."""
        said = {token(each) for each in (value if isinstance(value, list) else [value])}
        return not said.isdisjoint(token(each) for each in self.values)
