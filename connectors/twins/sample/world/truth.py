"""What is true in the sample firm's world: the organisations and projects behind the records."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from connectors.twins.sample.world.words import Country, countries


@dataclass(frozen=True, slots=True)
class Place:
    """One address; `street` is one line."""

    street: str
    city: str
    postcode: str


@dataclass(frozen=True, slots=True)
class Party:
    """One real organisation, a customer or a legal entity.

    `native`, `latin`: the words of its name in its own and in Latin script, without the legal form.
    `form`: the spellings of its legal form, the register's first. `old_place`: where it was before it moved, if it did.
    `group`: what its sisters share. `contracts_with`: for a customer the legal entity it does business with.
    """

    id: str
    country_code: str
    native: tuple[str, ...]
    latin: tuple[str, ...]
    form: tuple[str, ...]
    place: Place
    old_place: Place | None
    tax_id: str
    lei: str
    duns: str
    registration_no: str
    host: str
    phone: str
    person: str
    alias: tuple[str, ...]
    group: str
    status: str
    industry: str = ""
    currency: str = ""
    payment_terms: str = ""
    contracts_with: str = ""
    parent: str = ""
    incorporated_on: date | None = None

    @property
    def country(self) -> Country:
        """The table of its country."""
        return countries()[self.country_code]


@dataclass(frozen=True, slots=True)
class Project:
    """One real project. `number` is the firm's own; `family` is shared by phases and renewals of the same work."""

    id: str
    customer: str
    legal_entity: str
    number: int
    year: int
    name: str
    family: str
    start_on: date
    end_on: date
    status: str
    manager: str
    budget: Decimal
    currency: str


@dataclass(frozen=True, slots=True)
class World:
    """All that is true, by id; dictionaries keep the order of making."""

    customers: Mapping[str, Party]
    legal_entities: Mapping[str, Party]
    projects: Mapping[str, Project]
