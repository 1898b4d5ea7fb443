"""The states of a pair: what a person may say about it, and which question the machine asks."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from enum import StrEnum
from typing import NamedTuple

from mdm.rules import arrows


class PairStatus(StrEnum):
    """OPEN asks a person. UNSURE, SAME, DIFFERENT: a person's words. JOINED: the records share a golden record.

    COVERED: a stronger pair asks the same question. BARRED: a decision elsewhere keeps the two apart.
    """

    OPEN = "OPEN"
    UNSURE = "UNSURE"
    SAME = "SAME"
    DIFFERENT = "DIFFERENT"
    JOINED = "JOINED"
    COVERED = "COVERED"
    BARRED = "BARRED"


_VERDICTS = frozenset({PairStatus.SAME, PairStatus.DIFFERENT})

# What a person may do. Undo leads back to OPEN, from where the machine finds the pair's state anew.
ARROWS: Mapping[PairStatus, frozenset[PairStatus]] = {
    PairStatus.OPEN: _VERDICTS | {PairStatus.UNSURE},
    PairStatus.UNSURE: _VERDICTS | {PairStatus.OPEN},
    PairStatus.SAME: frozenset({PairStatus.OPEN}),
    PairStatus.DIFFERENT: frozenset({PairStatus.OPEN}),
    PairStatus.JOINED: _VERDICTS,
    PairStatus.COVERED: _VERDICTS | {PairStatus.UNSURE},
    PairStatus.BARRED: frozenset({PairStatus.DIFFERENT}),
}

_MACHINE = frozenset({PairStatus.OPEN, PairStatus.JOINED, PairStatus.COVERED, PairStatus.BARRED})

# What the machine may do: never touch a verdict; settle a doubt, and let it stand again when what settled it is undone.
MACHINE_ARROWS: Mapping[PairStatus, frozenset[PairStatus]] = {
    **{status: _MACHINE - {status} for status in _MACHINE},
    PairStatus.JOINED: _MACHINE - {PairStatus.JOINED} | {PairStatus.UNSURE},
    PairStatus.BARRED: _MACHINE - {PairStatus.BARRED} | {PairStatus.UNSURE},
    PairStatus.UNSURE: frozenset({PairStatus.JOINED, PairStatus.BARRED}),
    PairStatus.SAME: frozenset(),
    PairStatus.DIFFERENT: frozenset(),
}


class Pair(NamedTuple):
    """Two records of a component: `weight` in bits, `left` and `right` record ids."""

    id: int
    left: int
    right: int
    weight: float


def check_arrow(old: PairStatus, new: PairStatus) -> None:
    """Raise IllegalTransition unless a person may take a pair from `old` to `new`."""
    arrows.check(ARROWS, old, new, thing="pair")


def check_machine_arrow(old: PairStatus, new: PairStatus) -> None:
    """Raise IllegalTransition unless the machine may take a pair from `old` to `new`."""
    arrows.check(MACHINE_ARROWS, old, new, thing="pair")


def question_states(
    pairs: Iterable[tuple[int, int, int, float]],
    golden_of: Mapping[int, int],
    cannot: Collection[tuple[int, int]],
    decided: Mapping[int, PairStatus],
) -> dict[int, PairStatus]:
    """The state of every pair that no verdict settles, by pair id.

    `pairs`: (id, left, right, weight) of a component. `golden_of`: record -> golden record. `cannot`: record pairs
    that a person said are different; one with a record that is no longer live counts for nothing. `decided`: pair id
    -> what a person said; pairs with SAME or DIFFERENT get no state here, and an UNSURE one keeps asking, so that it
    covers the weaker pairs between the same golden records.
    Two golden records give one question at most: the strongest pair, at equal weight the one with the smallest ids.
    """
    apart = {_between(golden_of, left, right) for left, right in cannot if left in golden_of and right in golden_of}
    states: dict[int, PairStatus] = {}
    asked: set[frozenset[int]] = set()
    undecided = [Pair(*pair) for pair in pairs if decided.get(pair[0]) not in _VERDICTS]
    for pair in sorted(undecided, key=lambda pair: _order(pair, is_unsure=pair.id in decided)):
        goldens = _between(golden_of, pair.left, pair.right)
        states[pair.id] = _state(goldens, is_apart=goldens in apart, is_asked=goldens in asked, is_unsure=pair.id in decided)
        asked.add(goldens)
    return states


def _between(golden_of: Mapping[int, int], left: int, right: int) -> frozenset[int]:
    return frozenset({golden_of[left], golden_of[right]})


def _order(pair: Pair, *, is_unsure: bool) -> tuple[bool, float, int, int, int]:
    low, high = sorted((pair.left, pair.right))
    return (not is_unsure, -pair.weight, low, high, pair.id)


def _state(goldens: frozenset[int], *, is_apart: bool, is_asked: bool, is_unsure: bool) -> PairStatus:
    if len(goldens) == 1:
        return PairStatus.JOINED
    if is_apart:
        return PairStatus.BARRED
    if is_unsure:
        return PairStatus.UNSURE
    return PairStatus.COVERED if is_asked else PairStatus.OPEN
