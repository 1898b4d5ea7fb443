"""Writes each system's records about the real things, in the hub's words and in the vendor's shape."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta

from connectors.twins.sample import dirt, engagement_dirt
from connectors.twins.sample.firm import EPOCH, Row
from connectors.twins.sample.placements import Directory, Placement
from connectors.twins.sample.shapes import SHAPES
from connectors.twins.sample.world.chance import Chance
from connectors.twins.sample.world.truth import Party, Project, World

_THREE_YEARS = 3 * 365 * 24 * 3600
# Some systems know fewer states than others: what a state becomes there.
_COARSER = {
    ("netsuite", "customer"): {"prospect": "active"},
    ("netsuite", "legal_entity"): {"dissolved": "inactive"},
    ("dynamics365", "customer"): {"prospect": "active"},
    ("dynamics365", "legal_entity"): {"dissolved": "inactive"},
}
_ERP = ("netsuite", "workday", "dynamics365")
_HAS_REGISTRATION_NO = ("netsuite", "workday", "dynamics365", "salesforce")
_HAS_PARENTS = ("salesforce", "netsuite", "dynamics365")


class Writer:
    """Writes records; names given to customers are kept, because project records repeat them."""

    def __init__(self, chance: Chance, world: World, directory: Directory) -> None:
        self._chance = chance
        self._world = world
        self._directory = directory
        self._names: dict[tuple[str, str], str] = {}

    def row(self, placement: Placement) -> Row:
        """The record of one placement. Customers must be written before projects."""
        if placement.domain == "project":
            attributes = self._project(placement, self._world.projects[placement.thing_id])
        elif placement.domain == "customer":
            attributes = self._customer(placement, self._world.customers[placement.thing_id])
        else:
            attributes = self._entity(placement, self._world.legal_entities[placement.thing_id])
        coarser = _COARSER.get((placement.system, placement.domain), {})
        attributes["status"] = coarser.get(attributes["status"], attributes["status"])
        return shaped(placement.system, placement.domain, native_id=placement.native_id, at=self.moment(), attributes=attributes)

    def moment(self) -> datetime:
        """A time of last change in the three years before the epoch, recent ones likelier."""
        return EPOCH - timedelta(seconds=int(_THREE_YEARS * self._chance.share() ** 1.7))

    def _party(self, party: Party, system: str) -> dict[str, str]:
        chance, habits = self._chance, dirt.HABITS[system]
        place, country = dirt.place(chance, party, habits), dirt.country_code(chance, party)
        return {
            "name": dirt.name(chance, party, habits),
            "address": place.street,
            "city": place.city,
            "postcode": place.postcode,
            "country": country,
        }

    def _customer(self, placement: Placement, party: Party) -> dict[str, str]:
        chance, habits, system = self._chance, dirt.HABITS[placement.system], placement.system
        attributes = self._party(party, system)
        self._names[system, placement.native_id] = attributes["name"]
        if chance.coin(habits.tax_id):
            attributes["tax_id"] = dirt.tax_id(chance, party, country=attributes["country"])
        if chance.coin(habits.lei * 1.6):
            attributes["lei"] = party.lei
        if chance.coin(habits.host):
            attributes["domain"] = dirt.website(chance, party)
        if chance.coin(habits.phone):
            attributes["phone"] = dirt.phone(chance, party)
        if chance.coin(habits.email):
            attributes["email"] = dirt.email(chance, party)
        return attributes | self._commercial(party, system)

    def _commercial(self, party: Party, system: str) -> dict[str, str]:
        chance = self._chance
        extra = {"status": party.status if chance.coin(0.93) else "active"}
        if system == "delivery":
            return extra
        is_erp = system in _ERP
        extra["legal_entity"] = self._directory.native_id(chance, system, party.contracts_with)
        extra["duns"] = party.duns if chance.coin(0.12) else ""
        extra["registration_no"] = party.registration_no if chance.coin(0.18 if is_erp else 0.06) else ""
        extra["industry"] = party.industry if chance.coin(0.55) else ""
        extra["currency"] = party.currency if chance.coin(0.95 if is_erp else 0.6) else ""
        if system in _HAS_PARENTS:
            extra["parent"] = self._directory.first(system, party.parent)
        extra["payment_terms"] = party.payment_terms if chance.coin(0.9 if is_erp else 0.35) else ""
        return extra

    def _entity(self, placement: Placement, party: Party) -> dict[str, str]:
        chance, system = self._chance, placement.system
        attributes = self._party(party, system)
        if chance.coin(0.62) and system in _HAS_REGISTRATION_NO:
            attributes["registration_no"] = self._spelled(party.registration_no)
        if chance.coin(0.55):
            attributes["tax_id"] = dirt.tax_id(chance, party, country=attributes["country"])
        if chance.coin(0.6):
            attributes["lei"] = party.lei
        if chance.coin(0.65):
            attributes["incorporated_on"] = self._born(party.incorporated_on)
        attributes["parent"] = self._directory.native_id(chance, system, party.parent) if chance.coin(0.92) else ""
        return attributes | {"status": party.status if chance.coin(0.95) else "active"}

    def _spelled(self, number: str) -> str:
        kind = self._chance.share()
        return number.replace(" ", "").replace("-", "") if kind < 0.2 else number.lower() if kind < 0.25 else number

    def _born(self, day: date | None) -> str:
        if day is None:
            return ""
        # Registers and people disagree: the founding year only, or the day of entry in the register.
        kind = self._chance.share()
        return (date(day.year, 1, 1) if kind < 0.05 else day + timedelta(days=31) if kind < 0.08 else day).isoformat()

    def _project(self, placement: Placement, project: Project) -> dict[str, str]:
        chance, system = self._chance, placement.system
        customer = self._world.customers[project.customer]
        started = engagement_dirt.start_on(chance, project)
        ended = engagement_dirt.end_on(chance, project, started)
        reference, customer_name = self._customer_reference(system, customer)
        return {
            "code": engagement_dirt.code(chance, project, system),
            "name": engagement_dirt.name(chance, project, customer),
            "customer": reference,
            "customer_name": customer_name,
            "legal_entity": self._directory.native_id(chance, system, project.legal_entity) if system != "delivery" else "",
            "start_on": started.isoformat() if started else "",
            "end_on": ended.isoformat() if ended else "",
            "status": project.status if chance.coin(0.85) else "active",
            "manager": project.manager if chance.coin(0.8) else "",
            "budget": engagement_dirt.budget(chance, project),
            "currency": project.currency if chance.coin(0.97) else "EUR",
        }

    def _customer_reference(self, system: str, customer: Party) -> tuple[str, str]:
        reference = self._directory.native_id(self._chance, system, customer.id)
        if system not in {"salesforce", "netsuite"} and not self._chance.coin(0.85):
            reference = ""
        own_name = self._names.get((system, reference), "")
        return reference, own_name or dirt.name(self._chance, customer, dirt.HABITS[system])


def shaped(system: str, domain: str, *, native_id: str, at: datetime, attributes: Mapping[str, str]) -> Row:
    """The row of these attributes in the vendor's shape; empty attributes are left out."""
    known = {name: value for name, value in attributes.items() if value}
    if domain == "project" and system == "netsuite":
        # A job cannot be without a number, so NetSuite makes one up, and that is what others read.
        known.setdefault("code", f"JOB{native_id}")
    return Row(native_id=native_id, payload=SHAPES[system, domain](native_id, known, at), updated_at=at, attributes=known)
