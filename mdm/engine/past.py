"""The past of golden records: what the hub knew, what its sources said of a date, and both computed again."""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING

from django.db import connection

from mdm.engine import members, releases
from mdm.engine.members import Row, Survivors
from mdm.engine.people import pinned
from mdm.models import GoldenVersion
from mdm.rules.golden.survivorship import Member, Override

if TYPE_CHECKING:
    from datetime import datetime

    from mdm.engine.releases import Release

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


def known(golden: int, at: datetime) -> GoldenVersion | None:
    """The version of a golden record that the hub knew at `at`, None before its birth; one query."""
    return GoldenVersion.objects.filter(golden=golden, recorded_at__lte=at).order_by("-version").first()


def rows_of(version: GoldenVersion) -> list[Row]:
    """The members of a version as they were then, by key; one query. Those that are no longer kept are left out."""
    made_of = list(zip(version.members, version.member_versions, strict=True))
    found = members.of_versions(made_of)
    return [found[each] for each in made_of if each in found]


def rows_as_of(records: Collection[int], *, as_of: datetime, known_at: datetime) -> list[Row]:
    """What records said of the date `as_of`, as far as the hub knew at `known_at`, by key; one query.

    Left out: a record that nobody had spoken of for that date, and one that was gone. Reads each record's versions by index.
    """
    with connection.cursor() as cursor:
        cursor.execute(AS_OF, [list(records), known_at, as_of])
        found = cursor.fetchall()
    return [
        Row(Member(record, key, system, {**json.loads(said), **json.loads(aims)}, since, frozenset(json.loads(invalid))), version)
        for record, version, key, system, said, aims, invalid, since in found
    ]


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
    wrong = []
    for one, pairs, pins in zip(versions, made_of, pinned_then, strict=True):
        rows = [found[each] for each in pairs if each in found]
        if len(rows) < len(pairs) or not is_same(one, again(one, rows, pins=pins, release=rules[one.release])):
            wrong.append(one)
    return wrong
