"""The sample firm as data: records of five systems, and what is true about them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

# The day on which the sample stands still. All timestamps lie in the three years before it, so that the same seed gives
# the same bytes for ever.
EPOCH = datetime(2026, 6, 30, 18, 0, 0, tzinfo=UTC)

OBJECTS: Mapping[str, Mapping[str, str]] = {
    "salesforce": {"customer": "Account", "legal_entity": "Legal_Entity__c", "project": "Project__c"},
    "netsuite": {"customer": "customer", "legal_entity": "subsidiary", "project": "job"},
    "dynamics365": {
        "customer": "accounts",
        "legal_entity": "cdm_companies",
        "project": "msdyn_projects",
        "contract": "salesorders",
        "invoice": "invoices",
    },
    "workday": {
        "customer": "customers",
        "legal_entity": "organisations",
        "project": "projects",
        "contract": "customer_contracts",
        "invoice": "customer_invoices",
    },
    "delivery": {"customer": "clients", "project": "engagements"},
}

# Whoever is pointed at comes first.
LOADING_ORDER = ("legal_entity", "customer", "project", "contract", "invoice")

# Objects that hold one record per real thing; everywhere else a few real things are there twice.
CLEAN = frozenset(
    {
        ("netsuite", "subsidiary"),
        ("netsuite", "job"),
        ("workday", "customers"),
        ("workday", "organisations"),
        ("workday", "projects"),
        ("workday", "customer_contracts"),
        ("workday", "customer_invoices"),
        ("dynamics365", "salesorders"),
        ("dynamics365", "invoices"),
    }
)

Key = tuple[str, str, str, str]


@dataclass(frozen=True, slots=True)
class Row:
    """One record. `payload` is the vendor's shape; `attributes` the same facts in the hub's words, empty ones left out."""

    native_id: str
    payload: Mapping[str, Any]
    updated_at: datetime
    attributes: Mapping[str, str]
    scope: str = ""


@dataclass(frozen=True, slots=True)
class Firm:
    """All records, and the truth.

    `rows`: by (system, object), in the order in which the system lists them.
    `truth`: (system, object, scope, native id) -> (domain, id of the real thing), for every record that can be taken.
    `must_quarantine`: key -> cause, for records that must not be taken. A key with cause `duplicate_key` is there twice in
    one batch; its first row is good, so that key is in `truth` too.
    `placeholders`: keys of records that stand for nothing ("Test", "N/A"). In `truth` each is a thing of its own: a hub may
    take them or not, but must merge none.
    """

    seed: int
    rows: Mapping[tuple[str, str], tuple[Row, ...]]
    truth: Mapping[Key, tuple[str, str]]
    must_quarantine: Mapping[Key, str]
    placeholders: frozenset[Key]

    @property
    def domains(self) -> tuple[str, ...]:
        """The domains that the firm has records of, by name."""
        return tuple(sorted({domain_of(system, object_name) for system, object_name in self.rows}))


def domain_of(system: str, object_name: str) -> str:
    """The domain that an object of a system belongs to."""
    return next(domain for domain, name in OBJECTS[system].items() if name == object_name)
