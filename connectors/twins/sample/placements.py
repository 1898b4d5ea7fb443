"""Which systems hold which real things, under which native ids."""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from connectors.twins.sample.firm import CLEAN, OBJECTS
from connectors.twins.sample.world.chance import Chance
from connectors.twins.sample.world.truth import World

_RECORDS_EACH = {2: 0.45, 3: 0.35, 4: 0.20}
_SYSTEM_WEIGHTS = {"salesforce": 24.0, "netsuite": 18.0, "dynamics365": 13.0, "workday": 11.0, "delivery": 14.0}
_TWICE_IN_ONE_SYSTEM = 0.13
_BASE62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_SALESFORCE_PREFIX = {"customer": "001", "legal_entity": "a0L", "project": "a0P"}
_SUFFIX_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"
_WORKDAY_PREFIX = {"customer": "CUST", "legal_entity": "COMP", "project": "PROJ", "contract": "CONT", "invoice": "CINV"}
_DELIVERY_PREFIX = {"customer": "C", "project": "E"}
_NETSUITE_FIRST = {"customer": 1_000, "legal_entity": 1, "project": 50_000}


@dataclass(frozen=True, slots=True)
class Placement:
    """One record to be written: the thing `thing_id` in `system` under `native_id`."""

    system: str
    domain: str
    native_id: str
    thing_id: str


@dataclass(frozen=True, slots=True)
class Directory:
    """All placements, and where each thing is: (system, thing id) -> native ids."""

    placements: tuple[Placement, ...]
    found: Mapping[tuple[str, str], tuple[str, ...]]

    def native_id(self, chance: Chance, system: str, thing_id: str) -> str:
        """A native id of the thing in this system, empty when the system does not know it."""
        known = self.found.get((system, thing_id), ())
        return chance.one(known) if known else ""

    def first(self, system: str, thing_id: str) -> str:
        """The first native id of the thing in this system, empty when the system does not know it."""
        return self.found.get((system, thing_id), ("",))[0]


def spread(chance: Chance, world: World, *, in_erp: Collection[str]) -> Directory:
    """Give every thing two to four records; things in `in_erp` are surely in NetSuite, which customers need there."""
    wanted: dict[tuple[str, str], list[str]] = defaultdict(list)
    homes: dict[str, list[str]] = {}
    for entity_id in world.legal_entities:
        homes[entity_id] = _homes(chance, "legal_entity", must=("netsuite",) if entity_id in in_erp else ())
    for customer_id in world.customers:
        homes[customer_id] = _homes(chance, "customer")
    for project_id, project in world.projects.items():
        # A CRM or ERP cannot hold a project without its customer; elsewhere the customer is a mere text.
        closed = {"salesforce", "netsuite"} - set(homes[project.customer])
        homes[project_id] = _homes(chance, "project", never=closed, liked=homes[project.customer])
    for domain, things in (("legal_entity", world.legal_entities), ("customer", world.customers), ("project", world.projects)):
        for thing_id in things:
            for system in homes[thing_id]:
                wanted[system, domain].append(thing_id)
    return _numbered(chance, wanted)


def native_ids(system: str, domain: str, *, first: int = 1) -> Iterable[str]:
    """Native ids as the vendor makes them, without end."""
    number = first
    while True:
        yield _native_id(system, domain, number)
        number += 1


def _homes(
    chance: Chance, domain: str, *, must: Iterable[str] = (), never: Collection[str] = (), liked: Iterable[str] = ()
) -> list[str]:
    weights = {s: w * (4 if s in liked else 1) for s, w in _SYSTEM_WEIGHTS.items() if domain in OBJECTS[s] and s not in never}
    homes = list(must)
    for _ in range(chance.weighted(_RECORDS_EACH) - len(homes)):
        dirty = [s for s in homes if (s, OBJECTS[s][domain]) not in CLEAN]
        fresh = {s: w for s, w in weights.items() if s not in homes}
        if dirty and (not fresh or chance.coin(_TWICE_IN_ONE_SYSTEM)):
            homes.append(chance.one(dirty))
        elif fresh:
            homes.append(chance.weighted(fresh))
    return homes


def _numbered(chance: Chance, wanted: Mapping[tuple[str, str], list[str]]) -> Directory:
    placements: list[Placement] = []
    found: dict[tuple[str, str], tuple[str, ...]] = {}
    for (system, domain), thing_ids in wanted.items():
        # Shuffled, so that neither order nor numbers betray who is the same.
        for native_id, thing_id in zip(native_ids(system, domain), chance.shuffled(thing_ids), strict=False):
            placements.append(Placement(system, domain, native_id, thing_id))
            found[system, thing_id] = (*found.get((system, thing_id), ()), native_id)
    return Directory(tuple(placements), found)


def _native_id(system: str, domain: str, number: int) -> str:
    if system == "salesforce":
        return salesforce_id(_SALESFORCE_PREFIX[domain], number)
    if system == "dynamics365":
        return str(uuid.uuid5(uuid.NAMESPACE_URL, f"concord-sample/{domain}/{number}"))
    if system == "workday":
        return f"{_WORKDAY_PREFIX[domain]}-{number:06d}"
    if system == "delivery":
        return f"{_DELIVERY_PREFIX[domain]}{10_000 + number}"
    return str(_NETSUITE_FIRST[domain] + number)


def salesforce_id(prefix: str, number: int) -> str:
    """An 18-character id: 15 case-sensitive characters and three that spell out their case.

    Each suffix character encodes which of five characters are upper case, so that tools that fold case keep ids apart.
    """
    digits = ""
    while number:
        number, rest = divmod(number, 62)
        digits = _BASE62[rest] + digits
    short = prefix + "Tw0000" + digits.rjust(6, "0")
    chunks = (short[0:5], short[5:10], short[10:15])
    return short + "".join(_SUFFIX_LETTERS[sum(1 << i for i, c in enumerate(chunk) if c.isupper())] for chunk in chunks)
