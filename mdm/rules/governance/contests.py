"""Ping-pong: two systems that overwrite one golden value in turn, each insisting on its own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from mdm.rules.values import token


@dataclass(frozen=True, slots=True)
class Turn:
    """A golden value and whose it was; `system` is empty where a person pinned it, or where there was none.

    `is_other`: it is that of other records than the turn before, which joined or left; that is no overwriting.
    """

    system: str
    value: Any
    is_other: bool = False


@dataclass(frozen=True, slots=True)
class Contest:
    """`agreed`: what stood before anybody overwrote it, said by `holder`. `challenge`: what `challenger` keeps putting there.

    `times`: how often one overwrote the other, up to now.
    """

    agreed: Any
    holder: str
    challenge: Any
    challenger: str
    times: int


def find(turns: Sequence[Turn], *, times: int) -> Contest | None:
    """The contest at the end of a value's history, oldest first; None for fewer than `times` overwritings in turn.

    A value that is new each time is work, no contest: each of the two must come back to its own. A person's word between them
    begins the count anew, and so does another membership.
    """
    said = [list(same) for _, same in groupby(turns, key=_same)]
    run = list[Turn]()
    for turn, *again in reversed(said):
        if not turn.system or (len(run) > 1 and _same(turn) != _same(run[-2])):
            break
        run.append(turn)
        if any(one.is_other for one in (turn, *again)):
            break
    if len(run) <= times or run[0].system == run[1].system or token(run[0].value) == token(run[1].value):
        return None
    first, second = run[-1], run[-2]
    return Contest(first.value, first.system, second.value, second.system, len(run) - 1)


def _same(turn: Turn) -> tuple[str, str]:
    return turn.system, token(turn.value)
