"""In which order domains are read, so that what a record refers to is there before the record."""

from __future__ import annotations

from collections.abc import Iterable

from mdm.rules.governance.domains import DomainSpec


def reading_order(specs: Iterable[DomainSpec]) -> list[str]:
    """Names of the domains, each behind those its relations name; by name where nothing else decides, circles included."""
    aims = {spec.name: {relation.domain for relation in spec.relations} - {spec.name} for spec in specs}
    ordered: list[str] = []
    while waiting := sorted(aims.keys() - set(ordered)):
        free = [name for name in waiting if not (aims[name] & set(waiting))]
        ordered.append((free or waiting)[0])
    return ordered
