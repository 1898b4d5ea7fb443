"""Drift: kinds of difference between the hub and a system, their states, and how two rows are compared."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Any

from mdm.rules import arrows
from mdm.rules.values import is_empty, token


class DriftKind(StrEnum):
    """What a full comparison can find; NAMES_ANOTHER_ID is found when a record comes in."""

    MISSING_IN_HUB = "MISSING_IN_HUB"
    MISSING_IN_TARGET = "MISSING_IN_TARGET"
    DRIFTED = "DRIFTED"
    ORPHAN = "ORPHAN"
    ID_NOT_STAMPED = "ID_NOT_STAMPED"
    WRONG_ID = "WRONG_ID"
    DUPLICATE_IN_TARGET = "DUPLICATE_IN_TARGET"
    PING_PONG = "PING_PONG"
    NAMES_ANOTHER_ID = "NAMES_ANOTHER_ID"


# One line each, as the drift page says it.
MEANINGS: Mapping[DriftKind, str] = {
    DriftKind.MISSING_IN_HUB: "The system has a row that the hub does not know.",
    DriftKind.MISSING_IN_TARGET: "The hub knows a row that the system no longer has.",
    DriftKind.DRIFTED: "The system holds another value than the hub gave it.",
    DriftKind.ORPHAN: "The hub's record has no golden record.",
    DriftKind.ID_NOT_STAMPED: "The row does not carry its enterprise ID.",
    DriftKind.WRONG_ID: "The row carries the enterprise ID of something else.",
    DriftKind.DUPLICATE_IN_TARGET: "The system has two rows of one real thing, though it should keep one.",
    DriftKind.PING_PONG: "Two systems overwrite each other in turn.",
    DriftKind.NAMES_ANOTHER_ID: "The record came with the enterprise ID of something that it does not match.",
}


class DriftStatus(StrEnum):
    """HEALING: a repair is on its way. IGNORED: a person accepts the difference. A difference that comes back is OPEN again."""

    OPEN = "OPEN"
    HEALING = "HEALING"
    HEALED = "HEALED"
    IGNORED = "IGNORED"


ARROWS: Mapping[DriftStatus, frozenset[DriftStatus]] = {
    DriftStatus.OPEN: frozenset({DriftStatus.HEALING, DriftStatus.HEALED, DriftStatus.IGNORED}),
    DriftStatus.HEALING: frozenset({DriftStatus.OPEN, DriftStatus.HEALED, DriftStatus.IGNORED}),
    DriftStatus.HEALED: frozenset({DriftStatus.OPEN}),
    DriftStatus.IGNORED: frozenset({DriftStatus.OPEN}),
}


def check_arrow(old: DriftStatus, new: DriftStatus) -> None:
    """Raise IllegalTransition unless a drift may go from `old` to `new`."""
    arrows.check(ARROWS, old, new, thing="drift")


def differences(expected: Mapping[str, Any], actual: Mapping[str, Any]) -> list[tuple[str, Any, Any]]:
    """(attribute, expected, actual) for each expected attribute that differs, in the order of `expected`.

    Every way of being empty is the same; attributes that nobody expects are not compared.
    """
    return [
        (name, value, actual.get(name))
        for name, value in expected.items()
        if token(value) != token(actual.get(name)) and not (is_empty(value) and is_empty(actual.get(name)))
    ]
