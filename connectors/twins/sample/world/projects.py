"""Invents projects: single engagements, phases of one programme, and renewals that are new projects each year."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from connectors.twins.sample.world.chance import Chance
from connectors.twins.sample.world.truth import Party, Project
from connectors.twins.sample.world.words import engagements

_FIRST_DAY = date(2021, 1, 4)
_LAST_DAY = 2_000
_TODAY = date(2026, 6, 30)


@dataclass(frozen=True, slots=True)
class _Work:
    """What all projects of one family share."""

    customer: Party
    name: str
    family: str
    manager: str
    start_on: date
    days: int
    budget: Decimal


def projects(chance: Chance, customers: Sequence[Party], count: int) -> list[Project]:
    """`count` projects; a quarter of the families has phases, a fifth is renewed."""
    made: list[Project] = []
    serial = 100
    while len(made) < count:
        work = _work(chance, chance.early(customers, 0.5), family=f"family-{len(made)}")
        for name, start_on, days in _members(chance, work):
            # Numbers leave gaps, so that two of one family are rarely neighbours.
            serial += chance.whole(1, 9)
            made.append(_project(chance, work, name=name, start_on=start_on, days=days, serial=serial, place=len(made) + 1))
    return made[:count]


def _work(chance: Chance, customer: Party, *, family: str) -> _Work:
    words = engagements()
    name = f"{chance.one(words['topics'])} {chance.early(words['kinds'])}"
    start_on = _FIRST_DAY + timedelta(days=chance.whole(0, _LAST_DAY))
    budget = Decimal(chance.whole(8, 900)) * 1000 + Decimal(chance.one((0, 0, 0, 500, 250)))
    return _Work(customer, name, family, chance.one(words["managers"]), start_on, chance.whole(40, 500), budget)


def _members(chance: Chance, work: _Work) -> Iterator[tuple[str, date, int]]:
    kind = chance.share()
    if kind < 0.25:
        label = chance.one(engagements()["phases"])
        for phase in range(chance.whole(2, 4)):
            yield f"{work.name} {label.format(phase + 1)}", work.start_on + timedelta(days=phase * work.days), work.days
    elif kind < 0.45:
        for year in range(chance.whole(2, 4)):
            start_on = date(work.start_on.year + year, work.start_on.month, min(work.start_on.day, 28))
            yield f"{work.name} {start_on.year}", start_on, 364
    else:
        yield work.name, work.start_on, work.days


def _project(chance: Chance, work: _Work, *, name: str, start_on: date, days: int, serial: int, place: int) -> Project:
    end_on = start_on + timedelta(days=days)
    return Project(
        id=f"PROJECT-{place:05d}",
        customer=work.customer.id,
        legal_entity=work.customer.contracts_with,
        number=serial,
        year=start_on.year,
        name=name,
        family=work.family,
        start_on=start_on,
        end_on=end_on,
        status=_status(chance, start_on, end_on),
        manager=work.manager if chance.coin(0.8) else chance.one(engagements()["managers"]),
        budget=work.budget if chance.coin(0.4) else work.budget + Decimal(chance.whole(1, 60)) * 1000,
        currency=work.customer.currency,
    )


def _status(chance: Chance, start_on: date, end_on: date) -> str:
    if start_on > _TODAY:
        return "planned"
    if end_on < _TODAY:
        return "closed" if chance.coin(0.93) else "cancelled"
    return "active" if chance.coin(0.92) else "on_hold"
