"""Invents the legal entities: networks of companies with a parent hierarchy up to five levels deep."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta

from connectors.twins.sample.world import identifiers
from connectors.twins.sample.world.chance import Chance
from connectors.twins.sample.world.organisations import Inventor, Stem
from connectors.twins.sample.world.truth import Party
from connectors.twins.sample.world.words import Country, countries, engagements, lists

DEEPEST = 5
_BRAND = Stem(("Tarnwell",), ("Tarnwell",), True)


def legal_entities(chance: Chance, count: int) -> list[Party]:
    """`count` legal entities, parents before children: the firm's own network, and the groups it bought."""
    inventor, made = Inventor(chance, "ENTITY-"), list[Party]()
    made += _network(inventor, _BRAND, countries()["GB"], max(1, count // 5))
    while len(made) < count:
        country = inventor.country()
        size = chance.weighted({2: 3.0, 4: 4.0, 6: 3.0, 9: 2.0, 14: 1.0, 22: 0.6})
        made += _network(inventor, inventor.stem(country), country, min(size, count - len(made)))
    return made


def contracting(entities: Sequence[Party]) -> list[Party]:
    """The entities of the firm's own network, the ones that customers contract with."""
    return [entity for entity in entities if entity.group == "network-Tarnwell"]


def _network(inventor: Inventor, stem: Stem, home: Country, size: int) -> list[Party]:
    chance, made, taken = inventor.chance, list[Party](), set[tuple[str, str]]()
    depth: dict[str, int] = {}
    while len(made) < size:
        country = home if not made or chance.coin(0.45) else inventor.country()
        qualifier = "" if not made and chance.coin(0.5) else _qualifier(chance, country, is_root=not made)
        if (qualifier, country.code) in taken:
            continue
        taken.add((qualifier, country.code))
        words = stem if country.code == home.code else Stem(stem.latin, stem.latin, stem.is_coined)
        party = inventor.party(
            country, words, qualifier=qualifier, group="network-" + " ".join(stem.latin), like=made[0] if made else None
        )
        parents = [p for p in made if depth[p.id] < DEEPEST]
        parent = chance.one(parents) if parents else None
        depth[party.id] = depth[parent.id] + 1 if parent else 1
        made.append(_registered(chance, party, parent))
    return made


def _qualifier(chance: Chance, country: Country, *, is_root: bool) -> str:
    if is_root:
        return chance.one(("Holdings", "Group", "International"))
    line = chance.early(engagements()["service_lines"])
    kind = chance.share()
    if kind < 0.3:
        return str(lists()["country_qualifiers"].get(country.code, country.name))
    if kind < 0.45:
        return f"{line} {chance.one(country.cities)}"
    return str(line)


def _registered(chance: Chance, party: Party, parent: Party | None) -> Party:
    born = date(1955, 1, 1) + timedelta(days=chance.whole(0, 25_000))
    return replace(
        party,
        lei=identifiers.lei(chance) if chance.coin(0.6) else "",
        status=chance.weighted({"active": 9.0, "inactive": 0.7, "dissolved": 0.3}),
        parent=parent.id if parent else "",
        incorporated_on=born,
    )
