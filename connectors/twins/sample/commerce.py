"""Contracts and invoices of the sample firm's projects, as the two systems that bill write them down."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from connectors.twins.sample import dirt, engagement_dirt
from connectors.twins.sample.firm import EPOCH, Row
from connectors.twins.sample.placements import Directory, native_ids
from connectors.twins.sample.records import Writer, shaped
from connectors.twins.sample.world.chance import Chance
from connectors.twins.sample.world.truth import Project, World

SYSTEMS = ("workday", "dynamics365")
SIGNED_SHARE = 0.3
"""Projects whose contract is in a billing system, of all: the others are billed by hand, or are internal."""
_TODAY = EPOCH.date()
# What each system makes of a number of the firm's own.
_CONTRACT_NUMBERS = {"workday": "CT-{year}-{serial:05d}", "dynamics365": "CT{year}/{serial}"}
_INVOICE_NUMBERS = {"workday": "{year}-{serial:06d}", "dynamics365": "INV {year}-{serial:06d}"}


@dataclass(frozen=True, slots=True)
class Contract:
    """One real contract: the whole of a project, for its budget."""

    id: str
    project: Project
    serial: int
    type: str
    signed_on: date
    status: str


@dataclass(frozen=True, slots=True)
class Invoice:
    """One real invoice; those of one contract come to its amount."""

    id: str
    contract: Contract
    serial: int
    issued_on: date
    amount: Decimal
    status: str
    paid_on: date | None


Written = tuple[str, str, str, Row]
"""System, domain, the real thing, and its record."""


def written(seed: int, world: World, directory: Directory) -> Iterator[Written]:
    """All records of contracts, then all of invoices; each real thing has one record or two."""
    chance = Chance(seed, "commerce")
    scribe = _Scribe(chance, world, directory)
    contracts = list(_contracts(chance, world))
    for contract in contracts:
        yield from (scribe.contract(contract, system) for system in scribe.homes(contract.project))
    for invoice in _invoices(chance, contracts):
        yield from (scribe.invoice(invoice, system) for system in scribe.homes(invoice.contract.project))


def _contracts(chance: Chance, world: World) -> Iterator[Contract]:
    signed = [project for project in world.projects.values() if chance.coin(SIGNED_SHARE)]
    for number, project in enumerate(signed, start=1):
        signed_on = min(project.start_on - timedelta(days=chance.whole(5, 60)), _TODAY)
        kind = chance.weighted({"fixed_price": 0.4, "time_and_material": 0.35, "work_order": 0.15, "retainer": 0.1})
        yield Contract(f"CONTRACT-{number:05d}", project, project.number, kind, signed_on, _standing(project))


def _standing(project: Project) -> str:
    return {"planned": "in_approval", "active": "active", "on_hold": "on_hold", "cancelled": "terminated"}.get(
        project.status, "closed"
    )


def _invoices(chance: Chance, contracts: list[Contract]) -> Iterator[Invoice]:
    serial = 1_000
    for contract in contracts:
        started = [day for day in _billing_days(chance, contract.project) if day <= _TODAY]
        for day in started:
            serial += chance.whole(1, 4)
            status, paid_on = _payment(chance, day)
            amount = (contract.project.budget / 4).quantize(Decimal("0.01"))
            yield Invoice(f"INVOICE-{serial:06d}", contract, serial, day, amount, status, paid_on)


def _billing_days(chance: Chance, project: Project) -> list[date]:
    """Four times in the course of the work."""
    length = (project.end_on - project.start_on).days
    return [project.start_on + timedelta(days=length * quarter // 4 + chance.whole(0, 5)) for quarter in range(1, 5)]


def _payment(chance: Chance, issued_on: date) -> tuple[str, date | None]:
    paid_on = issued_on + timedelta(days=chance.whole(12, 70))
    if paid_on <= _TODAY and chance.coin(0.94):
        return "paid", paid_on
    return ("overdue" if issued_on + timedelta(days=30) < _TODAY else "open"), None


class _Scribe:
    """Writes the records of contracts and invoices; how a system numbered a contract is kept, because invoices repeat it."""

    def __init__(self, chance: Chance, world: World, directory: Directory) -> None:
        self._chance, self._world, self._directory = chance, world, directory
        self._moment = Writer(chance, world, directory).moment
        self._free = {
            (system, domain): iter(native_ids(system, domain)) for system in SYSTEMS for domain in ("contract", "invoice")
        }
        self._contracts: dict[tuple[str, str], tuple[str, str]] = {}

    def homes(self, project: Project) -> list[str]:
        """The systems that bill it: rarely one that does not know the customer."""
        known = [system for system in SYSTEMS if (system, project.customer) in self._directory.found]
        if len(known) == len(SYSTEMS):
            return known if self._chance.coin(0.7) else [self._chance.one(known)]
        return [*SYSTEMS] if self._chance.coin(0.35) else known or [self._chance.one(SYSTEMS)]

    def contract(self, contract: Contract, system: str) -> Written:
        """Its record in one system."""
        project, native_id = contract.project, next(self._free[system, "contract"])
        number = _number(self._chance, _CONTRACT_NUMBERS[system], project.year, contract.serial)
        self._contracts[system, contract.id] = native_id, number
        customer = self._world.customers[project.customer]
        attributes = self._parties(project, system) | {
            "number": number,
            "title": engagement_dirt.name(self._chance, project, customer),
            "type": contract.type,
            "status": contract.status,
            "signed_on": contract.signed_on.isoformat() if self._chance.coin(0.8) else "",
            "start_on": project.start_on.isoformat(),
            "end_on": project.end_on.isoformat(),
            "amount": f"{project.budget:f}",
            "currency": project.currency,
            "payment_terms": customer.payment_terms,
        }
        return self._written(system, "contract", (contract.id, native_id), attributes)

    def invoice(self, invoice: Invoice, system: str) -> Written:
        """Its record in one system."""
        contract, project = invoice.contract, invoice.contract.project
        reference, order_no = self._contracts.get((system, contract.id), ("", ""))
        attributes = self._parties(project, system) | {
            "number": _number(self._chance, _INVOICE_NUMBERS[system], invoice.issued_on.year, invoice.serial),
            "subject": engagement_dirt.name(self._chance, project, self._world.customers[project.customer]),
            "order_no": order_no,
            "contract": reference,
            "issued_on": invoice.issued_on.isoformat(),
            "due_on": (invoice.issued_on + timedelta(days=30)).isoformat(),
            "amount": f"{invoice.amount.normalize():f}",
            "currency": project.currency,
            "status": invoice.status,
            "paid_on": invoice.paid_on.isoformat() if invoice.paid_on else "",
        }
        return self._written(system, "invoice", (invoice.id, next(self._free[system, "invoice"])), attributes)

    def _parties(self, project: Project, system: str) -> dict[str, str]:
        """Who and what it is about, by the system's own keys where it has them."""
        known = {
            name: self._directory.native_id(self._chance, system, thing)
            for name, thing in (
                ("customer", project.customer),
                ("legal_entity", project.legal_entity),
                ("project", project.id),
            )
        }
        return known | {"customer_name": dirt.name(self._chance, self._world.customers[project.customer], dirt.HABITS[system])}

    def _written(self, system: str, domain: str, ids: tuple[str, str], attributes: Mapping[str, str]) -> Written:
        thing_id, native_id = ids
        row = shaped(system, domain, native_id=native_id, at=self._moment(), attributes=attributes)
        return system, domain, thing_id, row


def _number(chance: Chance, form: str, year: int, serial: int) -> str:
    """A number as a system writes it, left out in one record of sixteen."""
    return "" if chance.coin(0.06) else form.format(year=year, serial=serial)
