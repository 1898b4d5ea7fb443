"""State machines as tables: which state may follow which."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import TypeVar

from mdm.errors import IllegalTransition

State = TypeVar("State", bound=StrEnum)


def check(arrows: Mapping[State, frozenset[State]], old: State, new: State, *, thing: str) -> None:
    """Raise IllegalTransition unless the table has an arrow from `old` to `new`; `thing` names the subject in the message."""
    if new not in arrows[old]:
        allowed = ", ".join(sorted(arrows[old])) or "nothing: that is its end"
        raise IllegalTransition(f"A {thing} that is {old} cannot become {new}; it can become {allowed}.")
