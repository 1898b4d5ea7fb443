"""What does not fit between golden records: circles of parents, parents that contradict each other, scopes without a record."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Any

from django.db import connection

from mdm.models import Golden
from mdm.readers.golden.kin.steps_now import Now
from mdm.readers.governance.sight import Sight
from mdm.rules.golden.kin import hierarchy
from mdm.rules.golden.kin.findings import FindingKind
from mdm.rules.governance.domains import Relation

# Members that name different parents on one day; what is the golden record itself, or nowhere yet, is no parent.
TOLD = """
    WITH said AS (
        SELECT home.golden_id AS golden, record.key, record.relations -> %(name)s AS aim
        FROM mdm_crosswalk home JOIN mdm_sourcerecord record ON record.id = home.record_id
        WHERE home.golden_id = ANY(%(ids)s) AND home.valid_to IS NULL AND record.relations ? %(name)s
    ), holding AS (
        SELECT * FROM said
        WHERE coalesce(aim ->> 'since', %(day)s) <= %(day)s AND coalesce(aim ->> 'until', %(day)s) >= %(day)s
    ), several AS (
        SELECT golden FROM holding GROUP BY golden HAVING count(DISTINCT aim - 'since' - 'until') > 1
    )
    SELECT holding.golden, up.enterprise_id, min(holding.key)
    FROM holding JOIN several ON several.golden = holding.golden
    JOIN mdm_golden up ON up.id = mdm_home(holding.aim) AND up.id <> holding.golden AND up.domain = %(domain)s
    GROUP BY 1, 2 ORDER BY 1, 3
"""
# Scopes of a system in which records of one domain name a golden record that has no record there; a record without a scope counts
# for all of them. Each key that is named is looked up once, however many name it.
UNSCOPED = """
    SELECT needed.golden, needed.system, needed.scope, sum(needed.count)::int AS count, min(needed.example) AS example
    FROM (
        SELECT mdm_home(said.aim) AS golden, said.system, said.scope, said.count, said.example FROM (
            SELECT record.relations -> %(name)s AS aim, source.system_id AS system, record.scope, count(*) AS count,
                   min(record.key) AS example
            FROM mdm_sourcerecord record JOIN mdm_sourceobject source ON source.id = record.source_id
            WHERE record.domain = %(domain)s AND record.is_live AND record.scope <> '' AND record.relations ? %(name)s
            GROUP BY 1, 2, 3
        ) AS said
    ) AS needed
    WHERE needed.golden IS NOT NULL AND NOT EXISTS (
        SELECT 1 FROM mdm_crosswalk home JOIN mdm_sourcerecord member ON member.id = home.record_id
        JOIN mdm_sourceobject source ON source.id = member.source_id
        WHERE home.golden_id = needed.golden AND home.valid_to IS NULL
          AND source.system_id = needed.system AND member.scope IN (needed.scope, ''))
    GROUP BY 1, 2, 3
"""


@dataclass(frozen=True, slots=True)
class Misfit:
    """One thing that does not fit, at the row ID of a golden record. `detail`: what was seen, as it is stored."""

    golden: int
    kind: FindingKind
    relation: str
    detail: dict[str, Any] = field(default_factory=dict)


def circles(domain: str, relation: Relation, ids: Collection[int], *, sight: Sight) -> list[Misfit]:
    """Circles whose step that gives way goes out from one of `ids`. Two queries; memory: the ways up from `ids`.

    `detail`: the enterprise IDs around, from the one that has lost its parent on, and who says so.
    """
    made = hierarchy.forest(Now(domain, relation, sight).above(ids), hierarchy.ranking(sight.spec(domain), relation.name))
    found = [(gone, circle) for gone, circle in zip(made.open, made.circles, strict=True) if gone.child in set(ids)]
    around = {step.child for _, circle in found for step in circle}
    names = dict(Golden.objects.filter(pk__in=around).values_list("pk", "enterprise_id")) if around else {}
    misfits = []
    for gone, circle in found:
        first = circle.index(gone)
        steps = (*circle[first:], *circle[:first])
        said = [{"enterprise_id": names[step.child], "said_by": step.said_by} for step in steps]
        misfits.append(Misfit(gone.child, FindingKind.CIRCLE, relation.name, {"around": said}))
    return misfits


def two_parents(domain: str, relation: Relation, ids: Collection[int], *, day: str) -> list[Misfit]:
    """Golden records among `ids` whose members name different parents on `day`, an ISO date. One query.

    `detail`: the parents by who says so.
    """
    parents: dict[int, list[dict[str, str]]] = {}
    with connection.cursor() as cursor:
        cursor.execute(TOLD, {"ids": list(ids), "name": relation.name, "day": day, "domain": domain})
        for golden, parent, key in cursor.fetchall():
            parents.setdefault(golden, []).append({"enterprise_id": parent, "said_by": key})
    return [
        Misfit(golden, FindingKind.TWO_PARENTS, relation.name, {"parents": said})
        for golden, said in parents.items()
        if len(said) > 1
    ]
