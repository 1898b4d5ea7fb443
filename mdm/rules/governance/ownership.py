"""Owners own: whose word counts for an attribute, which changes ask first, and when two people have to agree."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from typing import Any

POLICIES = ("ranked", "ignored", "request")
"""What becomes of a change by a system that does not own the attribute, the strictest last."""


class Say(StrEnum):
    """What a system's value is worth. COUNTS: as any. BELOW: only under the owner's. WAITS: until a person approves it."""

    COUNTS = "counts"
    BELOW = "below"
    WAITS = "waits"
    IGNORED = "ignored"


COUNTED = frozenset({Say.COUNTS, Say.BELOW})
"""What takes part in survivorship."""

_UNOWNED: Mapping[str, Say] = {"ranked": Say.BELOW, "ignored": Say.IGNORED, "request": Say.WAITS}


def say(role: str, policy: str, *, owner_speaks: bool) -> Say:
    """What the value of a system is worth that is `role` (owner, contributor, reader) of an attribute under `policy`.

    `owner_speaks`: the owner has a value there. While it has none, whoever contributes is heard.
    """
    if role == "reader":
        return Say.IGNORED
    return Say.COUNTS if role == "owner" or not owner_speaks else _UNOWNED[policy]


def strictest(policies: Iterable[str]) -> str:
    """The policy of several attributes that survive as a whole."""
    return max(policies, key=POLICIES.index)


@dataclass(frozen=True, slots=True)
class SecondPerson:
    """Where a change takes two people: from `money` on, in the reporting currency, for values of one of `sensitivities`, in
    domains whose criticality is `criticality` or more critical. None and empty: never for that.
    """

    money: float | None = None
    sensitivities: tuple[str, ...] = ()
    criticality: int | None = None

    def why(self, *, money: Decimal, sensitivity: str, criticality: int) -> str:
        """The reason why one person is not enough, as a steward reads it; empty where one is."""
        if self.money is not None and money >= Decimal(str(self.money)):
            return f"Money of {self.money:,.0f} or more hangs on this record; a second person has to approve."
        if sensitivity in self.sensitivities:
            return f"The value is {sensitivity}; a second person has to approve."
        if self.criticality is not None and criticality <= self.criticality:
            return f"The domain is of criticality {criticality}; a second person has to approve."
        return ""


@dataclass(frozen=True, slots=True)
class Requests:
    """How a domain treats change requests: after how many days an unanswered one expires, and when two people must agree."""

    expire_days: int = 30
    second_person: SecondPerson = field(default_factory=SecondPerson)

    @classmethod
    def from_dict(cls, raw: Mapping[str, Any]) -> Requests:
        """Build from plain data that was checked before."""
        limits = dict(raw.get("second_person", {}))
        limits["sensitivities"] = tuple(limits.get("sensitivities", ()))
        return cls(raw.get("expire_days", 30), SecondPerson(**limits))

    def to_dict(self) -> dict[str, Any]:
        """Plain JSON data, the same shape as the file."""
        limits = self.second_person
        said = {"money": limits.money, "sensitivities": list(limits.sensitivities), "criticality": limits.criticality}
        plain: dict[str, Any] = {"expire_days": self.expire_days}
        if kept := {name: value for name, value in said.items() if value not in (None, [])}:
            plain["second_person"] = kept
        return plain


@dataclass(frozen=True, slots=True)
class PingPong:
    """From how many overwritings in turn, within how many days, two systems count as fighting over a value."""

    times: int = 3
    days: int = 30
