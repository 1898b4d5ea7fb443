"""Small casts of records whose likeness is known: twins, a chain, two halves that only a person can tell apart."""

from __future__ import annotations

from typing import Any

from mdm.engine.preparing import Incoming
from tests.factories.records import customer

TWIN = {"country": "GB", "city": "Leeds", "postcode": "LS1 4AB"}


def alike(name: str, *systems: str, **more: Any) -> list[Incoming]:
    """The same customer in several systems, under native IDs `name-system`; joined by the machine."""
    said = {"name": f"{name} Marine Ltd", **TWIN, "address": f"{len(name)} Mill Lane", "domain": f"{name.lower()}.co.uk", **more}
    return [customer(f"{name}-{system}", said, system=system) for system in systems]


def doubtful(name: str) -> list[Incoming]:
    """Two records, `name-a` and `name-b`, that the machine does not dare to join: one phone, two names."""
    phone = f"+44 113 49{sum(map(ord, name)):05d}"
    return [
        customer(f"{name}-a", {"name": f"{name} Foods Ltd", "country": "GB", "phone": phone}, system="crm"),
        customer(f"{name}-b", {"name": f"{name} Holding", "country": "GB", "phone": phone}, system="erp"),
    ]


def become(native_id: str, like: Incoming, *, system: str) -> Incoming:
    """The record `native_id` saying what another one says."""
    return customer(native_id, dict(like.payload), system=system)
