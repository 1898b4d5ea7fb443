"""The true world behind the sample: who really exists, before anybody writes it down."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace

from connectors.twins.sample.world import entities, organisations, projects
from connectors.twins.sample.world.chance import Chance
from connectors.twins.sample.world.truth import Party, Project, World

__all__ = ["Chance", "Party", "Project", "World", "create"]

_CUSTOMERS, _ENTITIES, _PROJECTS = 2_000, 700, 1_500


def create(seed: int, scale: float) -> World:
    """All customers, legal entities and projects of one seed."""
    found = entities.legal_entities(Chance(seed, "entities"), max(12, round(_ENTITIES * scale)))
    customers = organisations.customers(Chance(seed, "customers"), max(20, round(_CUSTOMERS * scale)))
    customers = _contracted(Chance(seed, "contracts"), customers, entities.contracting(found))
    made = projects.projects(Chance(seed, "projects"), customers, max(15, round(_PROJECTS * scale)))
    return World(
        customers={party.id: party for party in customers},
        legal_entities={party.id: party for party in found},
        projects={project.id: project for project in made},
    )


def _contracted(chance: Chance, customers: Sequence[Party], network: Sequence[Party]) -> list[Party]:
    """Give every customer an entity of the firm to contract with, one at home where there is one."""
    at_home: dict[str, list[Party]] = defaultdict(list)
    for entity in network:
        at_home[entity.country_code].append(entity)
    return [replace(customer, contracts_with=chance.one(at_home[customer.country_code] or network).id) for customer in customers]
