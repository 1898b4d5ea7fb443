"""Parents as one system tells them: a record that makes itself its own ancestor contradicts itself, and stays out."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from django.db import connection

from mdm.engine.preparing import Prepared
from mdm.engine.releases import Release
from mdm.errors import Problem
from mdm.rules.golden.kin.hierarchy import DEEPEST

STORED = """
    SELECT wanted.system, wanted.object, wanted.scope, wanted.native, record.relations -> %s
    FROM unnest(%s::text[], %s::text[], %s::text[], %s::text[]) AS wanted (system, object, scope, native)
    JOIN mdm_sourceobject source ON source.system_id = wanted.system AND source.object = wanted.object
    JOIN mdm_sourcerecord record
      ON record.source_id = source.id AND record.scope = wanted.scope AND record.native_id = wanted.native AND record.is_live
"""

Place = tuple[str, str, str, str]
"""(system, object, scope, native id)"""


def refuse(release: Release, items: Sequence[Prepared]) -> None:
    """Refuse records that would be their own ancestor, as their systems tell it. One query a level that is stored.

    Circles that only several systems together make are no fault of a record: the golden hierarchy leaves one step of them out.
    """
    for relation in release.spec.hierarchies.values():
        parents = {place_of(item): parent(item.relations, relation.name) for item in items if item.is_open}
        pointing = [item for item in items if item.is_open and parents[place_of(item)] is not None]
        _complete(parents, [place_of(item) for item in pointing], relation.name)
        for item in pointing:
            if _comes_back(place_of(item), parents):
                item.problems.append(_circle(item, relation.name))


def _complete(parents: dict[Place, Place | None], starts: Collection[Place], relation: str) -> None:
    """Add what is stored above `starts`, level by level."""
    for _ in range(DEEPEST):
        unknown = sorted({up for place in starts if (up := _top(place, parents)) is not None and up not in parents})
        if not unknown:
            return
        with connection.cursor() as cursor:
            cursor.execute(STORED, [relation, *(list(column) for column in zip(*unknown, strict=True))])
            found = {(row[0], row[1], row[2], row[3]): row[4] for row in cursor.fetchall()}
        for place in unknown:
            parents[place] = parent({relation: _plain(found.get(place))}, relation)


def _plain(said: Any) -> Any:
    return json.loads(said) if isinstance(said, str) else said


def _top(start: Place, parents: Mapping[Place, Place | None]) -> Place | None:
    """The first place above `start` whose own parent is not known yet, None where the way up is known or comes back."""
    seen, current = {start}, parents.get(start)
    while current is not None and current in parents and current not in seen:
        seen.add(current)
        current = parents[current]
    return None if current in seen else current


def _comes_back(start: Place, parents: Mapping[Place, Place | None]) -> bool:
    seen, current = {start}, parents.get(start)
    while current is not None and current not in seen:
        seen.add(current)
        current = parents.get(current)
    return current == start


def _circle(item: Prepared, relation: str) -> Problem:
    return Problem(
        code="circular_parent",
        field=relation,
        value=str(item.relations[relation].get("native_id", "")),
        message=f"{item.name} would be its own ancestor through {relation}.",
        remedy="name another one, or leave it empty",
    )


def place_of(item: Prepared) -> Place:
    """The key of a record on its way in."""
    return (item.incoming.system, item.incoming.object, item.incoming.scope, item.incoming.native_id)


def parent(relations: Mapping[str, Any], name: str) -> Place | None:
    """The record that is named as parent; None for one with dates, which the golden hierarchy judges by its days."""
    aim = relations.get(name)
    if not aim or "native_id" not in aim or "since" in aim or "until" in aim:
        return None
    return (aim["system"], aim["object"], aim.get("scope", ""), aim["native_id"])
