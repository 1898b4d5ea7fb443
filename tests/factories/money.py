"""Contracts, invoices and projects that hang on a customer."""

from __future__ import annotations

from typing import Any

from mdm.engine.preparing import Incoming


def to_customer(native_id: str, *, system: str = "crm", scope: str = "") -> dict[str, str]:
    """A reference to a customer as `tests.factories.records.customer` makes them."""
    return {"system": system, "object": "account", "scope": scope, "native_id": native_id}


def invoice(native_id: str, *, system: str = "erp", **payload: Any) -> Incoming:
    """An open invoice over EUR 1,000, unlike any other by its number and day."""
    number = sum(ord(letter) * 31**place for place, letter in enumerate(native_id)) % 900_000
    said = {"number": f"INV-{number:06}", "amount": "1000.00", "currency": "EUR", "status": "open"}
    return Incoming(system, "invoice", native_id, {**said, "issued_on": f"2026-01-{number % 28 + 1:02}", **payload}, "invoice")


def contract(native_id: str, *, system: str = "crm", **payload: Any) -> Incoming:
    """An active contract over EUR 50,000."""
    said = {"number": f"C-{native_id}", "title": f"Work {native_id}", "amount": "50000", "currency": "EUR", "status": "active"}
    return Incoming(system, "contract", native_id, {**said, **payload}, "contract")


def project(native_id: str, *, system: str = "psa", **payload: Any) -> Incoming:
    return Incoming(system, "project", native_id, {"name": f"Project {native_id}", **payload}, "project")
