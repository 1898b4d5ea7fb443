"""What a domain says about money: which attribute is an amount, in which currency, and when it is still at stake."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

Sums = Mapping[str, Decimal]
"""Amounts by currency."""


@dataclass(frozen=True, slots=True)
class OpenWhen:
    """An amount counts while `attribute` has one of `values`."""

    attribute: str
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Reporting:
    """One currency to add up in. `rates`: what one unit of another currency is worth in it, as text."""

    currency: str
    rates: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Money:
    """The money of a domain. `open_when` None: an amount always counts. `reporting` None: currencies stay apart."""

    title: str
    amount: str
    currency: str
    open_when: OpenWhen | None = None
    reporting: Reporting | None = None

    @classmethod
    def from_dict(cls, raw: Mapping[str, Any]) -> Money:
        """Build from plain data that was checked before."""
        when, reporting = raw.get("open_when"), raw.get("reporting")
        return cls(
            title=raw["title"],
            amount=raw["amount"],
            currency=raw["currency"],
            open_when=OpenWhen(when["attribute"], tuple(when["values"])) if when else None,
            reporting=Reporting(reporting["currency"], {code: str(rate) for code, rate in reporting["rates"].items()})
            if reporting
            else None,
        )

    def to_dict(self) -> dict[str, Any]:
        """Plain JSON data, the same shape as the file."""
        plain: dict[str, Any] = {"title": self.title, "amount": self.amount, "currency": self.currency}
        if self.open_when:
            plain["open_when"] = {"attribute": self.open_when.attribute, "values": list(self.open_when.values)}
        if self.reporting:
            plain["reporting"] = {"currency": self.reporting.currency, "rates": dict(self.reporting.rates)}
        return plain

    @property
    def attributes(self) -> frozenset[str]:
        """What one has to see to know the money."""
        return frozenset({self.amount, self.currency, *((self.open_when.attribute,) if self.open_when else ())})


def converted(sums: Sums, reporting: Reporting | None) -> Sums:
    """`sums` in the reporting currency, where a rate for every one of them is declared; else as they are."""
    if reporting is None:
        return sums
    rates = {reporting.currency: Decimal(1)} | {code: Decimal(rate) for code, rate in reporting.rates.items()}
    if not sums or set(sums) - rates.keys():
        return sums
    return {reporting.currency: sum((amount * rates[code] for code, amount in sums.items()), Decimal(0))}


def largest(sums: Sums) -> Decimal:
    """The largest of the amounts, whatever their sign and currency: what a queue is ordered by."""
    return max((abs(amount) for amount in sums.values()), default=Decimal(0))


def expected_cost(probability_wrong: float, sums: Sums) -> float:
    """What being wrong costs on average: its probability times the largest amount."""
    return round(probability_wrong * float(largest(sums)), 2)


def added(*parts: Sums) -> dict[str, Decimal]:
    """Sums of several kinds of money together, by currency in alphabetical order."""
    total: dict[str, Decimal] = {}
    for part in parts:
        for code, amount in part.items():
            total[code] = total.get(code, Decimal(0)) + amount
    return dict(sorted(total.items()))
