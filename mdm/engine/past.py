"""The past of golden records: what the hub knew, what its sources said of a date, and both computed again."""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING, Any

from django.db import connection

from mdm.engine import members, releases
from mdm.engine.members import Asked, Row, Survivors
from mdm.engine.people import pinned
from mdm.models import GoldenVersion
from mdm.rules.golden.kin import claims
from mdm.rules.golden.survivorship import Member, Override

if TYPE_CHECKING:
    from datetime import datetime

    from mdm.engine.releases import Release
    from mdm.rules.governance.domains import Relation

# Of each record the version that held at a date, among those known by then. One that arrived out of date counts too: it is what
# was true before the version that it lost to.
AS_OF = """
    SELECT said.record_id, said.version, record.key, source.system_id,
           said.attributes, said.relations, said.invalid, said.valid_from
    FROM unnest(%s::bigint[]) AS wanted (record)
    CROSS JOIN LATERAL (
        SELECT * FROM mdm_sourceversion one
        WHERE one.record_id = wanted.record AND one.recorded_at <= %s AND one.valid_from <= %s
        ORDER BY one.valid_from DESC, one.is_superseded, one.version DESC, one.id DESC LIMIT 1
    ) AS said
    JOIN mdm_sourcerecord record ON record.id = said.record_id
    JOIN mdm_sourceobject source ON source.id = record.source_id
    WHERE said.is_live ORDER BY record.key
"""

# Of each record the version that speaks of a relation on a date: one that gives the day from which it holds speaks from that day,
# however late it came. What was said last counts.
SPOKEN = """
    SELECT said.record_id, said.relations -> %(name)s
    FROM unnest(%(records)s::bigint[]) AS wanted (record)
    CROSS JOIN LATERAL (
        SELECT * FROM mdm_sourceversion one
        WHERE one.record_id = wanted.record AND one.recorded_at <= %(known_at)s
          AND (one.valid_from <= %(as_of)s OR one.is_live AND one.relations -> %(name)s ->> 'since' <= %(day)s)
        ORDER BY one.valid_from DESC, one.is_superseded, one.version DESC, one.id DESC LIMIT 1
    ) AS said
"""


def known(golden: int, at: datetime) -> GoldenVersion | None:
    """The version of a golden record that the hub knew at `at`, None before its birth; one query."""
    return GoldenVersion.objects.filter(golden=golden, recorded_at__lte=at).order_by("-version").first()


def rows_of(version: GoldenVersion) -> list[Row]:
    """The members of a version as they were then, by key; one query. Those that are no longer kept are left out."""
    made_of = list(zip(version.members, version.member_versions, strict=True))
    found = members.of_versions(made_of)
    return [found[each] for each in made_of if each in found]


def rows_as_of(records: Collection[int], *, as_of: datetime, known_at: datetime, dated: Sequence[Relation] = ()) -> list[Row]:
    """What records said of the date `as_of`, as far as the hub knew at `known_at`, by key; one query, and one a dated relation.

    Left out: a record that nobody had spoken of for that date, and one that was gone. `dated`: relations that count by their own
    days. Reads each record's versions by index.
    """
    with connection.cursor() as cursor:
        cursor.execute(AS_OF, [list(records), known_at, as_of])
        found = cursor.fetchall()
    aims = {relation.name: _spoken(relation.name, records, as_of=as_of, known_at=known_at) for relation in dated}
    rows = []
    for record, version, key, system, attributes, relations, invalid, since in found:
        said = json.loads(relations) | {name: by_record.get(record) for name, by_record in aims.items()}
        values = {**json.loads(attributes), **{name: aim for name, aim in said.items() if aim}}
        rows.append(Row(Member(record, key, system, values, since, frozenset(json.loads(invalid))), version))
    return rows


def _spoken(name: str, records: Collection[int], *, as_of: datetime, known_at: datetime) -> dict[int, Any]:
    values: dict[str, Any] = {
        "name": name,
        "records": list(records),
        "known_at": known_at,
        "as_of": as_of,
        "day": claims.day_of(as_of),
    }
    with connection.cursor() as cursor:
        cursor.execute(SPOKEN, values)
        return {record: json.loads(aim) for record, aim in cursor.fetchall() if aim}


def again(version: GoldenVersion, rows: Sequence[Row], *, pins: Sequence[Override], release: Release) -> Survivors:
    """A stored version computed again, from its members, the pinned values and the rules of then and the time that it carries."""
    return members.survive(release, rows, at=version.recorded_at, overrides=pins)


def is_same(version: GoldenVersion, survivors: Survivors) -> bool:
    """Whether a version was stored as it is computed again, byte for byte."""
    stored = (version.values, version.provenance, version.relations)
    return json.dumps(stored, sort_keys=True) == json.dumps(
        (survivors.values, survivors.provenance, survivors.relations), sort_keys=True
    )


def unproven(versions: Sequence[GoldenVersion], *, domain: str) -> list[GoldenVersion]:
    """Those of many versions of one domain that cannot be computed again as they were stored; two queries and one a release."""
    made_of = [list(zip(one.members, one.member_versions, strict=True)) for one in versions]
    found = members.of_versions({each for pairs in made_of for each in pairs})
    rules = {number: releases.numbered(domain, number) for number in {one.release for one in versions}}
    pinned_then = pinned.of_versions([(one.golden_id, one.overrides) for one in versions])
    asked = [
        Asked(rules[one.release], [found[each] for each in pairs if each in found], one.recorded_at, pins)
        for one, pairs, pins in zip(versions, made_of, pinned_then, strict=True)
    ]
    return [
        one
        for one, question, made in zip(versions, asked, members.survive_each(asked), strict=True)
        if len(question.rows) < len(one.members) or not is_same(one, made)
    ]
